// Runs a backtest: reads the bounces of a campaign, verifies the rows of the list that have no verdict yet, and compares both.

import type { Validator } from '../validator/validate.ts';
import { type BacktestReport, createBacktest } from './backtest.ts';
import { type CampaignBounces, readBounces } from './bounce-file.ts';
import { cleanList } from './clean-list.ts';
import { createSeenAddresses } from './duplicates.ts';
import type { ListError } from './list-error.ts';
import type { ListOptions } from './record-format.ts';
import { type ListFile, openListOf } from './spreadsheet.ts';
import { summaryOf } from './summary.ts';
import { addTally, emptyTally } from './tally.ts';

export interface BacktestRequest {
  /** The list as it was before the campaign, with verdicts of presend or without. */
  readonly list: AsyncIterable<Uint8Array> | ListFile;
  /** The file that an email service provider exports, or the bounces that the service recorded (`recordedBounces`). */
  readonly bounces: AsyncIterable<Uint8Array> | ListFile | CampaignBounces;
  readonly listOptions?: ListOptions;
  /** When the campaign was sent, in epoch milliseconds. Addresses are judged by their age at that time. */
  readonly sentAt: number;
  /**
   * Verifies the rows without a verdict. It must use neither suppressions nor the learned model: both may already contain the
   * bounces of this campaign, so the backtest would look better than a real prediction.
   */
  readonly validator: Validator;
  /** Called with the number of rows that were compared so far. */
  readonly onProgress?: (rows: number) => void;
  readonly patienceMs: number;
  readonly wait: (ms: number) => Promise<void>;
}

export interface BacktestResult extends BacktestReport {
  /** Number of rows that were verified now, because the list had no verdict on them, or the verdict `unknown`. */
  verified_now: number;
  /** The forecast of the list before the campaign, and whether its interval contains the observed bounce rate. */
  forecast: { rate: number; low: number; high: number; held: boolean };
}

export type BacktestOutcome =
  | { readonly kind: 'done'; readonly result: BacktestResult }
  /** One of the files cannot be read. */
  | { readonly kind: 'refused'; readonly file: 'list' | 'bounces'; readonly error: ListError }
  /** No resolver answered for `patienceMs`. */
  | { readonly kind: 'outage' };

/** Verdicts in the list are kept, however old they are: they say what presend would have done. */
const anyAge = Number.POSITIVE_INFINITY;

/** Rejects only if one of the sources does. */
export async function runBacktest(request: BacktestRequest): Promise<BacktestOutcome> {
  const bounces = 'find' in request.bounces ? request.bounces : await readBounces(request.bounces);
  if ('error' in bounces) return { kind: 'refused', file: 'bounces', error: bounces.error };
  const opened = await openListOf(request.list, request.listOptions);
  if (!opened.ok) return { kind: 'refused', file: 'list', error: opened.error };
  const backtest = createBacktest(bounces);
  const tally = emptyTally();
  for await (const part of cleanList(opened.parts, opened.shape, {
    validator: request.validator,
    asOf: request.sentAt,
    maxAgeDays: anyAge,
    seen: createSeenAddresses(),
    fromByte: 0,
    patienceMs: request.patienceMs,
    wait: request.wait,
    writing: { verdictsOnly: true },
  })) {
    if (part.kind === 'error') return { kind: 'refused', file: 'list', error: part.error };
    if (part.kind === 'outage') return { kind: 'outage' };
    addTally(tally, part.tally);
    const found = await bounces.find(part.verdicts.map(({ email }) => email));
    for (const [index, contact] of part.verdicts.entries()) backtest.add(contact, found[index]!);
    request.onProgress?.(tally.rows);
  }
  const report = backtest.report();
  const { rate, low, high } = summaryOf(tally).forecast;
  const observed = report.bounce_rate ?? 0;
  return {
    kind: 'done',
    result: {
      ...report,
      verified_now: tally.verified,
      forecast: { rate, low, high, held: observed >= low && observed <= high },
    },
  };
}
