// What the benches of lists share: how much they do, a DoH server that is trusted, and a folder with the lists.

import type { DohServer } from '../doh-server.ts';

export interface ListSize {
  readonly rows: number;
  /** How many times as many rows the long list has; the short one has a tenth. */
  readonly longTimes: number;
  /** Distinct, in each of the lists. */
  readonly domains: number;
  /** Made in one round, apart from the lists. */
  readonly lookUps: number;
  readonly rounds: number;
  /** Of a list without knowing any of its domains. */
  readonly coldRounds: number;
}

export interface Setting extends ListSize {
  readonly folder: string;
  readonly server: DohServer;
  /** Of the certificate to trust. */
  readonly certificate: string;
  /** Since the last time. */
  queries(): Promise<number>;
}

export const lists = ['short', 'list', 'long'] as const;
export type List = (typeof lists)[number];

/** For the names of figures. */
export const nameOf = (list: List, { longTimes }: ListSize): string =>
  ({ short: 'a tenth of the rows', list: 'all rows', long: `${longTimes} times the rows` })[list];
