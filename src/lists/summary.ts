// The summary of a list in the API's JSON: for a job, for `presend clean --json`, and for the report.

import { forecast } from '../verdict/forecast.ts';
import type { Action, Reason, Result } from '../verdict/verdict.ts';
import type { ListTally } from './tally.ts';

export interface ListSummary {
  rows: number;
  verified: number;
  kept: number;
  duplicates: number;
  /** Contacts without an address; in no other count. */
  no_address: number;
  /** Records that cannot be read; in no other count, and not in the result. */
  set_aside: number;
  /** The first of them. */
  set_aside_first: { row: number | null; line: number | null; message: string }[];
  results: Record<Result, number>;
  /** Descending by count. */
  reasons: Partial<Record<Reason, number>>;
  actions: Record<Action, number>;
  forecast: ForecastResponse;
}

/** Rates, shares and chances are between 0 and 1. */
export interface ForecastResponse {
  /** Distinct addresses: a duplicate is mailed once. */
  rows: number;
  expected_bounces: number;
  rate: number;
  /** The 90% interval of the rate. */
  low: number;
  high: number;
  thresholds: { rate: number; chance: number }[];
  by_reason: { reason: Reason; rows: number; expected_bounces: number; rate: number; share: number }[];
  by_source: { source: string | null; rows: number; expected_bounces: number; rate: number; share: number }[];
  removals: { below: number; remove: number; remain: number; rate: number }[];
  unknown_share: number;
  catch_all_share: number;
}

export function summaryOf(tally: ListTally): ListSummary {
  const expected = forecast(Object.values(tally.strata));
  const contribution = <By>({ bounces, rows, rate, share, ...by }: By & Contributed) => ({
    ...by,
    rows,
    expected_bounces: rounded(bounces, 1),
    rate: rounded(rate, 5),
    share: rounded(share, 4),
  });
  const { rows, verified, kept, duplicates, noAddress = 0, setAside = 0, setAsideFirst = [] } = tally;
  return {
    rows,
    verified,
    kept,
    duplicates,
    no_address: noAddress,
    set_aside: setAside,
    set_aside_first: setAsideFirst,
    results: { deliverable: 0, risky: 0, undeliverable: 0, unknown: 0, ...tally.results },
    reasons: Object.fromEntries(Object.entries(tally.reasons).sort(([, a], [, b]) => b - a)),
    actions: { accept: 0, confirm: 0, reject: 0, retry: 0, ...tally.actions },
    forecast: {
      rows: expected.rows,
      expected_bounces: rounded(expected.bounces, 1),
      rate: rounded(expected.rate, 5),
      low: rounded(expected.low, 5),
      high: rounded(expected.high, 5),
      thresholds: expected.thresholds.map(({ rate, chance }) => ({ rate, chance: rounded(chance, 3) })),
      by_reason: expected.reasons.map(contribution),
      by_source: expected.sources.map(contribution),
      removals: expected.removals.map((removal) => ({ ...removal, rate: rounded(removal.rate, 5) })),
      unknown_share: rounded(expected.unknownShare, 5),
      catch_all_share: rounded(expected.catchAllShare, 5),
    },
  };
}

interface Contributed {
  readonly rows: number;
  readonly bounces: number;
  readonly rate: number;
  readonly share: number;
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
