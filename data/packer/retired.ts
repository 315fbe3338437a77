// Reads data/retired-providers.tsv.

import { readData, rows } from './tsv.ts';

interface RetiredProvider {
  readonly domain: string;
  readonly kind: 'closed' | 'pruned';
  /** The URL of the page that says so, or `guess`. */
  readonly source: string;
}

const table = (): string[][] => rows(readData('retired-providers.tsv'));

/** The domains whose mailboxes are gone, which excludes those that moved. */
export const retiredProviders = (): RetiredProvider[] =>
  table()
    .filter(([, kind]) => kind !== 'moved')
    .map(([domain, kind, , source]) => ({
      domain: domain!,
      kind: kind as RetiredProvider['kind'],
      source: source!,
    }));

/** The new host of each domain whose mailboxes moved, as a slug. */
export const newHosts = (): ReadonlyMap<string, string> =>
  new Map(
    table()
      .filter(([, kind]) => kind === 'moved')
      .map(([domain, , , , host]) => [domain!, host!]),
  );
