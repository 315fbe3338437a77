// The lists of disposable mail domains: public ones from npm packages, and presend's own in data/.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readData, rows } from './tsv.ts';

export interface DisposableSource {
  /** The letter that stands for the source in data/disposable.tsv. */
  readonly letter: string;
  readonly name: string;
  readonly licence: string;
  /**
   * `decides`: maintained by hand, or read from the services' own pages; one such source is enough to accept a domain.
   * `suggests`: a large collection; also enough, except for names that are too valuable for a throw-away service.
   * `confirms`: contains many honest domains, so it accepts no domain. It only adds its letter to domains that another
   * source accepts.
   */
  readonly vote: 'decides' | 'suggests' | 'confirms';
  /** Returns the entries as the source has them. */
  read(): string[];
}

const require = createRequire(import.meta.url);
const json = (file: string): unknown => JSON.parse(readFileSync(require.resolve(file), 'utf8'));
const installed = (name: string): string =>
  `${name}@${(json(`${name}/package.json`) as { version: string }).version}`;

export const disposableSources: readonly DisposableSource[] = [
  {
    letter: 'd',
    name: installed('disposable-email-domains'),
    licence: 'MIT',
    vote: 'suggests',
    read: () => json('disposable-email-domains/index.json') as string[],
  },
  {
    letter: 'w',
    name: `${installed('disposable-email-domains')} (wildcards)`,
    licence: 'MIT',
    vote: 'decides',
    read: () => json('disposable-email-domains/wildcard.json') as string[],
  },
  {
    letter: 't',
    name: installed('disposable-domains'),
    licence: 'MIT',
    vote: 'suggests',
    read: () => json('disposable-domains/index.json') as string[],
  },
  {
    letter: 'c',
    name: installed('disposable-email-domains-js'),
    licence: 'CC0-1.0',
    vote: 'decides',
    read: () => json('disposable-email-domains-js/dist/dict/disposable_email_blocklist.json') as string[],
  },
  {
    letter: 'f',
    name: installed('fakefilter'),
    licence: 'BSD-3-Clause',
    vote: 'decides',
    read: () => {
      const { domains } = json('fakefilter/json/data_version2.json') as {
        domains: Record<string, { hosts: Record<string, unknown> }>;
      };
      return Object.entries(domains).flatMap(([domain, { hosts }]) => [domain, ...Object.keys(hosts)]);
    },
  },
  {
    letter: 'o',
    name: 'data/disposable-extra.tsv',
    licence: 'MIT',
    vote: 'decides',
    read: () => rows(readData('disposable-extra.tsv')).map(([domain]) => domain!),
  },
  {
    letter: 'h',
    name: 'data/mail-hosts.tsv (disposable)',
    licence: 'MIT',
    vote: 'decides',
    read: () =>
      rows(readData('mail-hosts.tsv'))
        .filter(([, kind]) => kind === 'disposable')
        .map(([host]) => host!),
  },
  {
    letter: 'm',
    name: installed('mailchecker'),
    licence: 'MIT',
    vote: 'confirms',
    read: () => (require('mailchecker') as { blacklist(): Iterable<string> }).blacklist() as string[],
  },
  {
    letter: 'b',
    name: installed('burner-email-providers'),
    licence: 'MIT',
    vote: 'confirms',
    read: () => readFileSync(require.resolve('burner-email-providers/emails.txt'), 'utf8').split('\n'),
  },
];
