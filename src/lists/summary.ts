// The summary of a list in the API's JSON: for a job, for `presend clean --json`, and for the report.

import type { DetectedEncoding } from '../encoding/decode.ts';
import { forecast } from '../verdict/forecast.ts';
import type { Action, Reason, Result } from '../verdict/verdict.ts';
import type { Destination, InactiveFile } from './destinations.ts';
import type { GoalOutcome } from './goal.ts';
import type { LifeColumns } from './life-columns.ts';
import { type ReadAs, readAs } from './read-as.ts';
import type { ListShape } from './shape.ts';
import type { ListTally } from './tally.ts';

export interface ListSummary {
  rows: number;
  verified: number;
  kept: number;
  duplicates: number;
  /** Number of contacts whose address cell is empty. `rows` and the other counts do not include them. */
  no_address: number;
  /**
   * Number of records that cannot be read, such as one with an unclosed quotation mark. They are not in the result, and
   * no other count includes them.
   */
  set_aside: number;
  /** Number of contacts with more than one address. The row has the verdict of the best one. */
  several_addresses: number;
  /** Number of contacts whose address cell has more than the address, such as a name, quotes or `mailto:`. */
  cleaned: number;
  /** Number of rows with fewer fields than the header. The result has empty fields instead. */
  padded: number;
  /** Number of rows with empty fields after the last column. The result leaves these out. */
  trimmed: number;
  /** How the file was read. Null: its shape is unknown. */
  read_as: ReadAs | null;
  /**
   * The first 20 records that `set_aside` counts. `row` and `line` say where each is in the file; `message` says why it
   * cannot be read.
   */
  set_aside_first: { row: number | null; line: number | null; message: string }[];
  /** Names of the columns with the date at which an address last worked, such as the last delivery. */
  age_from: string[];
  /**
   * Names of the columns that only limit the age of an address. For example, an address is not older than its
   * subscription date.
   */
  age_limited_by: string[];
  results: Record<Result, number>;
  /** Number of contacts by reason, the most frequent reason first. */
  reasons: Partial<Record<Reason, number>>;
  actions: Record<Action, number>;
  /** Number of contacts by mailbox provider, most first. Contacts at other providers are not in it. */
  providers: Record<string, number>;
  /** Number of contacts by the mail gateway in front of their mailboxes, most first. */
  gateways: Record<string, number>;
  /** Number of distinct addresses by what is known about their mailboxes, most first. Absent if nothing is known about any. */
  mailboxes?: Record<string, number>;
  forecast: ForecastResponse;
  /** Whether duplicates were left out of the result. Absent for jobs. */
  duplicates_dropped?: boolean;
  /**
   * How many rows were chosen so their expected bounce rate is below the goal that the caller set. Absent if no
   * goal was set.
   */
  goal?: GoalOutcome;
  /** Number of rows in each result file. Absent if the rows were not written to separate files. */
  files?: Readonly<Record<Destination, number>>;
  /** Number of rows in the files of inactive people. Absent if there are none, or if presend does not know who is inactive. */
  inactive_files?: Readonly<Record<InactiveFile, number>>;
  /** Present if only a random sample of the list was verified: `rows` contacts out of `of`. */
  sample?: { readonly rows: number; readonly of: number };
}

/** The forecast of how much mail to the list will bounce. Rates, shares and chances are between 0 and 1. */
export interface ForecastResponse {
  /** Number of distinct addresses. Duplicates are not counted, because each address gets the mail once. */
  rows: number;
  expected_bounces: number;
  rate: number;
  /** `low` and `high` are the 90% interval of `rate`. */
  low: number;
  high: number;
  thresholds: { rate: number; chance: number }[];
  by_reason: { reason: Reason; rows: number; expected_bounces: number; rate: number; share: number }[];
  by_source: { source: string | null; rows: number; expected_bounces: number; rate: number; share: number }[];
  removals: { below: number; remove: number; remain: number; rate: number }[];
  unknown_share: number;
  /** Share of addresses at catch-all domains (see `catchAllShare`). From 25% on, lists are hard to keep clean. */
  catch_all_share: number;
  /** Share of addresses for which it is unknown when mail last arrived, although their probability depends on it. */
  undated_share: number;
  /**
   * What to do if the interval is too wide for a decision: `dates` means to add a column with the date at which mail
   * last arrived, `sample` to send to a sample first. Null if the interval is narrow enough.
   */
  needs: 'dates' | 'sample' | null;
}

/**
 * Returns the summary of a tally. `shape`, the shape of the list, provides the names of its columns. `encoding`: that of the
 * file; null if unknown.
 */
export function summaryOf(
  tally: ListTally,
  shape: ListShape | null = null,
  encoding: DetectedEncoding | null = null,
): ListSummary {
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
    several_addresses: tally.severalAddresses ?? 0,
    cleaned: tally.cleanedCells ?? 0,
    padded: tally.paddedRows ?? 0,
    trimmed: tally.trimmedRows ?? 0,
    read_as: shape === null ? null : readAs(shape, encoding),
    set_aside_first: setAsideFirst,
    ...ageColumns(shape),
    results: { deliverable: 0, risky: 0, undeliverable: 0, unknown: 0, ...tally.results },
    reasons: mostFirst(tally.reasons),
    actions: { accept: 0, confirm: 0, reject: 0, retry: 0, ...tally.actions },
    providers: mostFirst(tally.providers ?? {}),
    gateways: mostFirst(tally.gateways ?? {}),
    ...(tally.mailboxes && { mailboxes: mostFirst(tally.mailboxes) }),
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
      catch_all_share: rounded(catchAllShare(tally, expected.rows, expected.catchAllShare), 5),
      undated_share: rounded(expected.undatedShare, 5),
      needs: expected.needs,
    },
  };
}

/** If something is known about fewer of the mailboxes that can be mailed, the list was not asked about. */
const leastKnownShare = 0.5;

/**
 * The share of addresses at catch-all domains. If mail hosts were asked about the list, it is the share among the addresses about
 * which they or own mail told something. If not, that share would say too much, because a catch-all is known of all addresses of its
 * domain, and a mailbox elsewhere only of itself. It is then the share among all addresses: those known to be at a catch-all, or by
 * the verdicts (`byReason`) if that is more.
 */
function catchAllShare({ mailboxes = {}, strata }: ListTally, rows: number, byReason: number): number {
  const { catch_all = 0, exists = 0, unknown_user = 0, disabled = 0, full = 0 } = mailboxes;
  const told = catch_all + exists + unknown_user + disabled + full;
  if (told === 0) return byReason;
  const known = Object.values(mailboxes).reduce((sum, addresses) => sum + addresses, 0);
  let askable = unknown_user + disabled;
  for (const { result, rows: addresses } of Object.values(strata))
    if (result === 'deliverable' || result === 'risky') askable += addresses;
  return known >= leastKnownShare * askable ? catch_all / told : Math.max(catch_all / rows, byReason);
}

const mostFirst = <Counts extends Partial<Record<string, number>>>(counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).sort(([, a], [, b]) => b! - a!)) as Counts;

function ageColumns(shape: ListShape | null): Pick<ListSummary, 'age_from' | 'age_limited_by'> {
  if (shape === null) return { age_from: [], age_limited_by: [] };
  if (shape.format === 'ndjson') return ageNames(shape.life, shape.lastVerifiedAt, (path) => path.join('.'));
  const verified = shape.lastVerifiedAt === -1 ? null : shape.lastVerifiedAt;
  return ageNames(shape.life, verified, (column) => shape.header?.[column] ?? `column ${column + 1}`);
}

function ageNames<Place>(
  life: LifeColumns<Place> | undefined,
  verified: Place | null,
  nameOf: (place: Place) => string,
): Pick<ListSummary, 'age_from' | 'age_limited_by'> {
  const { alive = [], since = [], rating = null } = life ?? {};
  const distinct = (places: readonly (Place | null)[]): string[] => [
    ...new Set(places.filter((place) => place !== null).map(nameOf)),
  ];
  return { age_from: distinct([verified, ...alive]), age_limited_by: distinct([...since, rating]) };
}

interface Contributed {
  readonly rows: number;
  readonly bounces: number;
  readonly rate: number;
  readonly share: number;
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
