// The counts of a list, as plain data that a job can store. The tally of a list is the sum of the tallies of its parts.

import type { DecaySegment } from '../verdict/decay.ts';
import type { Stratum } from '../verdict/forecast.ts';
import type { Action, Reason, Result } from '../verdict/verdict.ts';
import type { SetAside } from './shape.ts';

export interface ListTally {
  /** Contacts; blank lines do not count. */
  rows: number;
  /** Verified in this run. */
  verified: number;
  /** Verified recently enough to keep the verdict. */
  kept: number;
  /** Contacts whose address occurred earlier. They count like any other, except in `strata`. */
  duplicates: number;
  /** Contacts without an address. No other count includes them. */
  noAddress: number;
  /** Records that cannot be read. No other count and no result includes them. */
  setAside: number;
  /** The first records that were set aside. */
  setAsideFirst: { readonly row: number | null; readonly line: number | null; readonly message: string }[];
  results: Partial<Record<Result, number>>;
  reasons: Partial<Record<Reason, number>>;
  actions: Partial<Record<Action, number>>;
  /** The distinct acquisition sources, in order of first appearance. */
  sources: string[];
  /** The input of the forecast, keyed by the attributes that its contacts share. */
  strata: Record<string, Stratum>;
}

export const emptyTally = (): ListTally => ({
  rows: 0,
  verified: 0,
  kept: 0,
  duplicates: 0,
  noAddress: 0,
  setAside: 0,
  setAsideFirst: [],
  results: {},
  reasons: {},
  actions: {},
  sources: [],
  strata: {},
});

/** A column with more values than this is unlikely to be a source. */
const mostSources = 50;
const longestSource = 60;
const otherSources = 'other';

/** The part of a new or kept verdict that is counted. */
export interface Counted {
  readonly result: Result;
  readonly reason: Reason;
  readonly action: Action;
  readonly bounce: {
    readonly status: string | null;
    readonly probability: number;
    readonly low: number;
    readonly high: number;
    /** Absent in a verdict read from the list. */
    readonly basis?: 'prior' | 'observed';
  };
  /** The segment of the domain, if the age of the address is unknown and its probability is a prior. */
  readonly undated?: DecaySegment;
}

/** A number of contacts with the same verdict, how many of them are duplicates, and whether the verdict was kept. */
export interface Contacts {
  readonly rows: number;
  readonly duplicates: number;
  readonly kept: boolean;
}

/** Adds contacts to a tally. `source` is their acquisition source as in the list; empty if the list has none. */
export function count(
  tally: ListTally,
  { result, reason, action, bounce, undated }: Counted,
  source: string,
  { rows, duplicates, kept }: Contacts,
): void {
  tally.rows += rows;
  tally[kept ? 'kept' : 'verified'] += rows;
  tally.duplicates += duplicates;
  tally.results[result] = (tally.results[result] ?? 0) + rows;
  tally.reasons[reason] = (tally.reasons[reason] ?? 0) + rows;
  tally.actions[action] = (tally.actions[action] ?? 0) + rows;
  const distinct = rows - duplicates;
  if (distinct > 0)
    addStratum(tally, {
      reason,
      result,
      bounces: bounce.status !== null,
      source: source === '' ? null : source,
      ...(bounce.basis === 'observed' && { observed: true }),
      ...(undated !== undefined && { undated }),
      rows: distinct,
      expected: bounce.probability * distinct,
      low: bounce.low * distinct,
      high: bounce.high * distinct,
    });
}

/** Adds `other` to `tally`. */
export function addTally(tally: ListTally, other: ListTally): void {
  for (const name of ['rows', 'verified', 'kept', 'duplicates'] as const) tally[name] += other[name];
  // Tallies that an earlier version stored lack these fields.
  tally.noAddress += other.noAddress ?? 0;
  tally.setAside += other.setAside ?? 0;
  addFirst(tally, other.setAsideFirst ?? []);
  addCounts(tally.results, other.results);
  addCounts(tally.reasons, other.reasons);
  addCounts(tally.actions, other.actions);
  for (const stratum of Object.values(other.strata)) addStratum(tally, stratum);
}

/** Maximum number of records that a summary names. */
const mostNamed = 20;

const addFirst = (tally: ListTally, others: ListTally['setAsideFirst']): void => {
  tally.setAsideFirst.push(...others.slice(0, mostNamed - tally.setAsideFirst.length));
};

/** Counts records that were set aside. */
export function countSetAside(tally: ListTally, setAside: readonly SetAside[]): void {
  tally.setAside += setAside.length;
  addFirst(
    tally,
    setAside.map(({ error: { row, line, message } }) => ({ row, line, message })),
  );
}

function addCounts<Name extends string>(
  counts: Partial<Record<Name, number>>,
  others: Partial<Record<Name, number>>,
): void {
  for (const name of Object.keys(others) as Name[]) counts[name] = (counts[name] ?? 0) + others[name]!;
}

function addStratum(tally: ListTally, stratum: Stratum): void {
  const source = stratum.source === null ? null : knownSource(tally.sources, stratum.source);
  const key = `${stratum.reason} ${stratum.bounces} ${band(stratum.expected / stratum.rows)}${stratum.observed ? ' observed' : ''}${stratum.undated ? ` undated ${stratum.undated}` : ''} ${source ?? ''}`;
  const sum = tally.strata[key];
  if (sum === undefined) tally.strata[key] = { ...stratum, source };
  else {
    sum.rows += stratum.rows;
    sum.expected += stratum.expected;
    sum.low += stratum.low;
    sum.high += stratum.high;
  }
}

/** Groups similar probabilities: the odds of two contacts in one band differ by about 10% at most. */
const band = (probability: number): number => {
  const odds = Math.min(Math.max(probability, 1e-4), 1 - 1e-4);
  return Math.round(10 * Math.log(odds / (1 - odds)));
};

/** The name under which a source is counted. An address as the source is not stored, since it identifies a person. */
function knownSource(sources: string[], source: string): string {
  if (sources.includes(source)) return source;
  const name = source.includes('@') ? otherSources : source.slice(0, longestSource);
  if (sources.includes(name)) return name;
  if (sources.length >= mostSources) return otherSources;
  sources.push(name);
  return name;
}
