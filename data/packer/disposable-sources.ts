// The public lists of disposable mail domains, as their npm packages carry them.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readData, rows } from './tsv.ts';

export interface DisposableSource {
  /** One letter, which names the source in data/disposable.tsv. */
  readonly letter: string;
  readonly name: string;
  readonly licence: string;
  /**
   * `decides`: kept by hand or seen on the services' own pages; one such source is enough.
   * `suggests`: a large collection; enough by itself, but for names that a throw-away service would not have.
   * `confirms`: has many honest domains in it, and only adds its letter to what another source brought in.
   */
  readonly vote: 'decides' | 'suggests' | 'confirms';
  /** The entries as they stand in the source. */
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
