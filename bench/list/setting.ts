// What the benches of lists share: their sizes, a DoH server with a certificate, and a folder with the lists.

import type { DohServer } from '../doh-server.ts';

export interface ListSize {
  readonly rows: number;
  /** The long list has this many times as many rows. The short list has a tenth of the rows. */
  readonly longTimes: number;
  /** Number of distinct domains in each of the lists. */
  readonly domains: number;
  /** Number of lookups in one round of the bench look-ups.ts, which uses no lists. */
  readonly lookUps: number;
  readonly rounds: number;
  /** Number of rounds of the bench cold.ts, which begins without cached domains. */
  readonly coldRounds: number;
}

export interface Setting extends ListSize {
  readonly folder: string;
  readonly server: DohServer;
  /** Path of the server's certificate, which clients must trust. */
  readonly certificate: string;
  /** Returns the number of DNS queries since the previous call. */
  queries(): Promise<number>;
}

export const lists = ['short', 'list', 'long'] as const;
export type List = (typeof lists)[number];

/** Describes a list in the name of a figure. */
export const nameOf = (list: List, { longTimes }: ListSize): string =>
  ({ short: 'a tenth of the rows', list: 'all rows', long: `${longTimes} times the rows` })[list];
