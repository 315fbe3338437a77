// The counts of a list of contacts, as plain data that a job can store. A list is verified in parts, and the tallies of
// its parts add up to the tally of the list.

import type { MailboxProof } from '../address/mailbox-proof.ts';
import { detached } from '../validator/known-domains.ts';
import type { DecaySegment } from '../verdict/decay.ts';
import type { Stratum } from '../verdict/forecast.ts';
import type { Action, Reason, Result } from '../verdict/verdict.ts';
import type { SetAside } from './shape.ts';

export interface ListTally {
  /** Number of contacts whose address cell is not empty. */
  rows: number;
  /** Number of contacts that were verified in this run. */
  verified: number;
  /** Number of contacts whose verdict was already in the list and is recent enough to keep. */
  kept: number;
  /**
   * Number of contacts whose address occurred earlier in the list. `strata` leaves them out; all other counts include
   * them.
   */
  duplicates: number;
  /** Number of contacts whose address cell is empty. `rows` and the other counts do not include them. */
  noAddress: number;
  /**
   * Number of records that cannot be read, such as one with an unclosed quotation mark. They are not in the result, and
   * no other count includes them.
   */
  setAside: number;
  /** Number of contacts with more than one address. The row has the verdict of the best one. */
  severalAddresses: number;
  /** Number of contacts whose address cell has more than the address, such as a name, quotes or `mailto:`. */
  cleanedCells: number;
  /** Number of rows with fewer fields than the header. The result has empty fields instead. */
  paddedRows: number;
  /** Number of rows with empty fields after the last column. The result leaves these out. */
  trimmedRows: number;
  /**
   * The first 20 records that `setAside` counts. `row` and `line` say where each is in the file; `message` says why it
   * cannot be read.
   */
  setAsideFirst: { readonly row: number | null; readonly line: number | null; readonly message: string }[];
  results: Partial<Record<Result, number>>;
  reasons: Partial<Record<Reason, number>>;
  actions: Partial<Record<Action, number>>;
  /** Number of contacts at each mailbox provider, by its short name. Contacts at other providers are not counted. */
  providers: Record<string, number>;
  /** Number of contacts behind each mail gateway, by its short name. */
  gateways: Record<string, number>;
  /**
   * The distinct acquisition sources of the contacts (where each address was collected), in order of first appearance.
   */
  sources: string[];
  /**
   * The input of the forecast: contacts with the same attributes (such as reason, similar probability and source) form
   * one stratum. The key in `strata` consists of these attributes; see `addStratum`.
   */
  strata: Record<string, Stratum>;
  /**
   * Number of distinct addresses by what is known about their mailboxes, such as `exists`. Absent if nothing is known about any.
   */
  mailboxes?: Partial<Record<MailboxProof['kind'], number>>;
  /** The input of a goal (see `mailableByStep`). Absent if there is no goal. */
  mailable?: Readonly<Record<number, number>>;
  /**
   * Numbers of contacts with the action `accept`, without duplicates, by bounce probability (see `stepOf`): the input of a goal that
   * is chosen after the verification. Absent if there are none, or if an earlier version of presend counted the list.
   */
  accepted?: Record<number, number>;
}

export const emptyTally = (): ListTally => ({
  rows: 0,
  verified: 0,
  kept: 0,
  duplicates: 0,
  noAddress: 0,
  setAside: 0,
  severalAddresses: 0,
  cleanedCells: 0,
  paddedRows: 0,
  trimmedRows: 0,
  setAsideFirst: [],
  results: {},
  reasons: {},
  actions: {},
  providers: {},
  gateways: {},
  sources: [],
  strata: {},
});

/**
 * Maximum number of sources that are counted by name; the rest count as `other`. A column with more values is unlikely
 * to name sources.
 */
const mostSources = 50;
const longestSource = 60;
const otherSources = 'other';

/** The fields of a verdict that are counted, whether the verdict is new or was kept. */
export interface Counted {
  readonly result: Result;
  readonly reason: Reason;
  readonly action: Action;
  readonly bounce: {
    readonly status: string | null;
    readonly probability: number;
    readonly low: number;
    readonly high: number;
    /**
     * Where the probability comes from: assumed (`prior`) or learned from past outcomes (`observed`). Absent if the
     * verdict was read from the list.
     */
    readonly basis?: 'prior' | 'observed';
  };
  /**
   * The segment of the domain, such as `business`. Set only if the age of the address is unknown and its probability is
   * assumed, not observed.
   */
  readonly undated?: DecaySegment;
}

/**
 * Contacts with the same verdict. `rows` is their number, `duplicates` how many of them are duplicates, and `kept` says
 * whether the verdict was kept from an earlier run.
 */
export interface Contacts {
  readonly rows: number;
  readonly duplicates: number;
  readonly kept: boolean;
}

/**
 * Adds contacts with the same verdict to a tally. `source` is their acquisition source as written in the list, or empty
 * if the list has none.
 */
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

/** Who operates the mailboxes of a domain, and the gateway in front of them; null if unknown. */
export interface Operators {
  readonly provider: string | null;
  readonly gateway: string | null;
}

/** Maximum number of providers, and of gateways, that are counted. presend knows fewer. */
const mostOperators = 1000;

/** Adds contacts at a provider or behind a gateway to a tally. */
export function countOperators(tally: ListTally, { provider, gateway }: Operators, rows: number): void {
  for (const [counts, name] of [
    [tally.providers, provider],
    [tally.gateways, gateway],
  ] as const) {
    if (name === null) continue;
    const before = Object.hasOwn(counts, name) ? counts[name]! : null;
    if (before !== null || Object.keys(counts).length < mostOperators) counts[name] = (before ?? 0) + rows;
  }
}

/** Adds distinct addresses about whose mailboxes `kind` is known. */
export function countMailboxes(tally: ListTally, kind: MailboxProof['kind'], rows: number): void {
  tally.mailboxes ??= {};
  tally.mailboxes[kind] = (tally.mailboxes[kind] ?? 0) + rows;
}

/** Adds `other` to `tally`. */
export function addTally(tally: ListTally, other: ListTally): void {
  for (const name of ['rows', 'verified', 'kept', 'duplicates'] as const) tally[name] += other[name];
  // Tallies that an earlier version of presend stored lack the following fields.
  tally.noAddress += other.noAddress ?? 0;
  tally.setAside += other.setAside ?? 0;
  for (const name of ['severalAddresses', 'cleanedCells', 'paddedRows', 'trimmedRows'] as const)
    tally[name] = (tally[name] ?? 0) + (other[name] ?? 0);
  addFirst(tally, other.setAsideFirst ?? []);
  if (other.mailable !== undefined) {
    const sum: Record<number, number> = { ...tally.mailable };
    for (const [step, rows] of Object.entries(other.mailable))
      sum[Number(step)] = (sum[Number(step)] ?? 0) + rows;
    tally.mailable = sum;
  }
  for (const [step, rows] of Object.entries(other.accepted ?? {})) countAccepted(tally, Number(step), rows);
  if (other.mailboxes !== undefined) {
    tally.mailboxes ??= {};
    addCounts(tally.mailboxes, other.mailboxes);
  }
  addCounts(tally.results, other.results);
  addCounts(tally.reasons, other.reasons);
  addCounts(tally.actions, other.actions);
  tally.providers ??= {};
  tally.gateways ??= {};
  addCounts(tally.providers, other.providers ?? {});
  addCounts(tally.gateways, other.gateways ?? {});
  for (const stratum of Object.values(other.strata)) addStratum(tally, stratum);
}

/** Counts contacts that may be mailed and have the same bounce probability. `step`: see `stepOf`. */
export function countAccepted(tally: ListTally, step: number, rows: number): void {
  if (rows === 0) return;
  tally.accepted ??= {};
  tally.accepted[step] = (tally.accepted[step] ?? 0) + rows;
}

/** Maximum length of `setAsideFirst`. */
const mostNamed = 20;

const addFirst = (tally: ListTally, others: ListTally['setAsideFirst']): void => {
  tally.setAsideFirst.push(...others.slice(0, mostNamed - tally.setAsideFirst.length));
};

/** Counts records that cannot be read, and keeps the first ones for the summary. */
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

/**
 * Maps similar probabilities to the same number. The odds of two contacts with the same number differ by about 10% at
 * most.
 */
const band = (probability: number): number => {
  const odds = Math.min(Math.max(probability, 1e-4), 1 - 1e-4);
  return Math.round(10 * Math.log(odds / (1 - odds)));
};

/**
 * Returns the name under which a source is counted, which has at most `longestSource` characters. A source that contains
 * an address is counted as `other`: the address identifies a person and must not be stored.
 */
function knownSource(sources: string[], source: string): string {
  const name = source.includes('@') ? otherSources : source.slice(0, longestSource);
  const known = sources[sources.indexOf(name)];
  if (known !== undefined) return known;
  if (sources.length >= mostSources) return otherSources;
  const kept = detached(name);
  sources.push(kept);
  return kept;
}
