// Cleans a slice: adds verdicts to rows of a list.

import type { MailQuestion } from '../suppression/scope.ts';
import type { Judged, JudgedList, ValidationRequest, Validator } from '../validator/validate.ts';
import { agedUnknown, type DecaySegment, type ListProfile } from '../verdict/decay.ts';
import type { Judgement } from '../verdict/judgement.ts';
import { createKnownDomains, type KnownDomains } from '../verdict/known-domains.ts';
import { policyRows, syntaxErrorRow } from '../verdict/policy.ts';
import type { Action, PredictedBounce, Reason, Result } from '../verdict/verdict.ts';
import { addressesJson, noAddressValues, type OwnCells, ownValues } from './columns.ts';
import { csvHeader, csvWriter, withCsvAddress } from './csv.ts';
import { parseListDate } from './dates.ts';
import { mailboxKeys } from './mailbox-keys.ts';
import type { MessageLanguage } from './messages.ts';
import { ndjsonWriter, withNdjsonAddress } from './ndjson.ts';
import type { RecordWriter } from './record-format.ts';
import type { EarlierVerdict, ListRow, ListShape } from './shape.ts';
import { type Counted, count, emptyTally, type ListTally } from './tally.ts';

export interface CleanOptions {
  /** The time of all verdicts of the list: the start of its verification, in epoch milliseconds. */
  readonly asOf: number;
  /** Rows verified longer ago are verified again. */
  readonly maxAgeDays: number;
  /** For each contact, in order, whether its address occurred earlier in the list. */
  readonly duplicates: readonly boolean[];
  /** Domain facts from earlier slices of the list. */
  readonly domains?: KnownDomains;
  /** Writes only rows with one of these actions, but counts all rows. If absent, writes every row. */
  readonly only?: readonly Action[];
  /** The kind of list, which says how old undated addresses usually are. */
  readonly profile?: ListProfile;
  /** The mail that the list is for; marketing by default. */
  readonly question?: MailQuestion | undefined;
  /** Writes the cleaned address into the address column. A typo's suggestion is never written. */
  readonly repair?: boolean;
  /** Does not write rows whose address occurred earlier, but counts them. */
  readonly dropDuplicates?: boolean;
  /** The language of the column `ps_message`; English if absent. */
  readonly language?: MessageLanguage;
}

export interface CleanedSlice {
  /** Records with their line endings. */
  readonly text: string;
  readonly tally: ListTally;
  /** `unreached`: domains without an answer from any resolver. `asked`: all verified domains; 0 if `unreached` is 0. */
  readonly domains: { readonly asked: number; readonly unreached: number };
}

const dayMs = 86_400_000;

/** The text before the rows: the byte order mark if the list has one, and its header with presend's columns added. */
export function headOf(shape: ListShape, head: readonly ListRow[]): string {
  const lines = head.map((row) => {
    const text = shape.format === 'csv' && row.fields > 0 ? csvHeader(shape, row) : row.text;
    return text + row.ending;
  });
  return (shape.mark ? '\ufeff' : '') + lines.join('');
}

/**
 * The addresses of the contacts among `rows`, in order. With `byMailbox`, returns a key instead of each address: all
 * spellings that a provider delivers to one mailbox have one key.
 */
export function addressesOf(rows: readonly ListRow[], byMailbox = false): string[] {
  const addresses: string[] = [];
  for (const { fields, email } of rows) if (fields > 0) addresses.push(email);
  return byMailbox ? mailboxKeys(addresses) : addresses;
}

/**
 * Verifies the rows that are due and keeps the verdicts of the others. All due rows are one batch of the validator, which
 * looks up every distinct domain once. Returns no promise if there is nothing to wait for. The same rows, `asOf` and DNS
 * give the same text.
 */
export function cleanSlice(
  rows: readonly ListRow[],
  shape: ListShape,
  validator: Validator,
  options: CleanOptions,
): CleanedSlice | Promise<CleanedSlice> {
  const { asOf, maxAgeDays, domains = createKnownDomains() } = options;
  const due: ValidationRequest[] = [];
  const kept = rows.map((row): Counted | null => {
    if (row.fields === 0 || row.email === '') return null;
    const verifiedAt = pastEpoch(row.lastVerifiedAt, shape, asOf);
    const verdict = row.earlier === null ? null : keptVerdict(row.earlier, verifiedAt, asOf, maxAgeDays);
    if (verdict === null) {
      const alive = row.life === null ? null : latest(row.life.alive, asOf);
      const lastVerifiedAt = alive === null || (verifiedAt ?? 0) > alive ? verifiedAt : alive;
      const source = row.source || null;
      due.push({ email: row.email, lastVerifiedAt, source });
      for (const email of row.others ?? []) due.push({ email, lastVerifiedAt, source });
    }
    return verdict;
  });
  const judging = validator.judgeList(due, { asOf, domains, question: options.question });
  const write = (judged: JudgedList) => writeSlice(rows, { kept, judged }, shape, options);
  return judging instanceof Promise ? judging.then(write) : write(judging);
}

function writeSlice(
  rows: readonly ListRow[],
  of: {
    /** The kept verdicts of rows; null for rows that were judged. */
    readonly kept: readonly (Counted | null)[];
    readonly judged: JudgedList;
  },
  shape: ListShape,
  { asOf, only, duplicates, profile, repair, dropDuplicates, language }: CleanOptions,
): CleanedSlice {
  const { kept } = of;
  const { judged, unreached } = of.judged;
  const tally = emptyTally();
  const counts = createCounts();
  const withAge = createUnknownAges(profile ?? null);
  const cellsOf = createCells(new Date(asOf).toISOString(), language);
  const writeRow = shape.format === 'csv' ? csvWriter(shape) : ndjsonWriter;
  const write: RecordWriter = repair
    ? (row, cells, address, out) =>
        writeRow(address === '' ? row : withAddress(row, shape, address), cells, address, out)
    : writeRow;
  // With rows left out, the brackets and commas of a JSON array no longer fit, so each element becomes a line.
  const asLines = shape.format === 'ndjson' && shape.array === true;
  const noAddress: OwnCells = { values: noAddressValues, text: null };
  const written: string[] = [];
  let contacts = 0;
  let verified = 0;
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!;
    if (row.fields === 0) {
      if (row.refusal === null && !(asLines && only)) written.push(row.text, row.ending);
      continue;
    }
    const duplicate = duplicates[contacts++]!;
    if (row.email === '') {
      tally.noAddress++;
      if (only === undefined) {
        write(row, noAddress, '', written);
        written.push(row.ending);
      }
      continue;
    }
    const earlier = kept[index]!;
    let fresh: Judged | null = null;
    let address = row.email;
    let all: string | null = null;
    if (earlier === null && row.others !== null) {
      const asked = [row.email, ...row.others].map((email) => ({ email, judged: judged[verified++]! }));
      const best = asked.toSorted(byUse);
      fresh = best[0]!.judged;
      address = best[0]!.email;
      all = addressesJson(best);
    } else if (earlier === null) fresh = judged[verified++]!;
    if (fresh !== null) {
      fresh = withAge(fresh, row, asOf);
      counts.add(fresh, row.source, duplicate);
    } else count(tally, earlier!, row.source, { rows: 1, duplicates: duplicate ? 1 : 0, kept: true });
    const action = fresh !== null ? fresh.judgement.action : earlier!.action;
    if (only !== undefined && !only.includes(action)) continue;
    if (dropDuplicates && duplicate) continue;
    const cells = fresh === null ? null : cellsOf(fresh, duplicate, all);
    write(row, cells, fresh?.mailbox === null ? '' : address, written);
    written.push(asLines && only ? '\n' : row.ending);
  }
  counts.to(tally);
  const asked = unreached.size > 0 ? distinctDomains(judged) : 0;
  return { text: written.join(''), tally, domains: { asked, unreached: unreached.size } };
}

/** A row with its cleaned address in the address column. */
const withAddress = (row: ListRow, shape: ListShape, address: string): ListRow =>
  shape.format === 'csv' ? withCsvAddress(shape, row, address) : withNdjsonAddress(shape, row, address);

const distinctDomains = (judged: readonly Judged[]): number =>
  new Set(judged.flatMap(({ mailbox }) => (mailbox === null ? [] : [mailbox.domain]))).size;

const uses: readonly Action[] = ['accept', 'confirm', 'retry', 'reject'];

/** Compares two addresses of a contact. The more useful one comes first: by action, then by bounce probability. */
const byUse = (a: { readonly judged: Judged }, b: { readonly judged: Judged }): number =>
  uses.indexOf(a.judged.judgement.action) - uses.indexOf(b.judged.judgement.action) ||
  a.judged.bounce.probability - b.judged.bounce.probability;

/** Counts rows by source and judgement, so each group is added to a tally at once. */
function createCounts() {
  type Rows = { rows: number; duplicates: number; readonly dated: boolean };
  const bySource = new Map<string, Map<PredictedBounce, Rows & { readonly judgement: Judgement }>>();
  return {
    add({ judgement, bounce, dated }: Judged, source: string, duplicate: boolean): void {
      let ofSource = bySource.get(source);
      if (ofSource === undefined) {
        ofSource = new Map();
        bySource.set(source, ofSource);
      }
      let rows = ofSource.get(bounce);
      if (rows === undefined) {
        rows = { judgement, dated, rows: 0, duplicates: 0 };
        ofSource.set(bounce, rows);
      }
      rows.rows++;
      if (duplicate) rows.duplicates++;
    },
    to(tally: ListTally): void {
      for (const [source, ofSource] of bySource)
        for (const [bounce, { judgement, dated, rows, duplicates }] of ofSource) {
          const { row, action, domain } = judgement;
          const { result, reason } = row;
          const segment = dated ? null : unknownAgeSegment(bounce, domain);
          const counted = { result, reason, action, bounce, ...(segment !== null && { undated: segment }) };
          count(tally, counted, source, { rows, duplicates, kept: false });
        }
    },
  };
}

/** The domain's segment if the address has no date and its probability depends on its age; else null. */
const unknownAgeSegment = (bounce: PredictedBounce, domain: Judgement['domain']): DecaySegment | null =>
  bounce.basis === 'observed' ? null : (domain?.segment ?? null);

/** Days. An age that is unknown but limited, such as by a subscription date, has the next of these limits. */
const ageLimits = [30, 90, 180, 365, 730] as const;

/** Maximum age in days of an address whose owner often opens mail. */
const engagedDays = 90;

/** Returns a function that adapts the probability of an address without a date to its unknown age. Shares equal results. */
function createUnknownAges(profile: ListProfile | null) {
  const known = new Map<PredictedBounce, (PredictedBounce | undefined)[]>();
  return (judged: Judged, { life }: ListRow, asOf: number): Judged => {
    const { bounce, judgement, dated } = judged;
    const segment = dated ? null : unknownAgeSegment(bounce, judgement.domain);
    if (segment === null) return judged;
    const since = life === null ? null : latest(life.since, asOf);
    const days = Math.min(
      since === null ? Number.POSITIVE_INFINITY : (asOf - since) / dayMs,
      life?.engaged ? engagedDays : Number.POSITIVE_INFINITY,
    );
    const limit = ageLimits.findIndex((most) => days <= most);
    let byLimit = known.get(bounce);
    if (byLimit === undefined) {
      byLimit = [];
      known.set(bounce, byLimit);
    }
    byLimit[limit + 1] ??= {
      ...bounce,
      ...agedUnknown(bounce, segment, { profile, ...(limit !== -1 && { atMostDays: ageLimits[limit]! }) }),
    };
    return { ...judged, bounce: byLimit[limit + 1]! };
  };
}

/** The latest date that is not in the future, or null. */
function latest(dates: readonly number[], asOf: number): number | null {
  let found: number | null = null;
  for (const date of dates) if (date <= asOf && (found === null || date > found)) found = date;
  return found;
}

/** Returns a function that creates the cells of a row. Equal rows share one object. `checkedAt` is in RFC 3339. */
function createCells(
  checkedAt: string,
  language: MessageLanguage = 'en',
): (judged: Judged, duplicate: boolean, addresses: string | null) => OwnCells {
  const known = new Map<Judgement, Map<number, OwnCells>[]>();
  const make = (judged: Judged, duplicate: boolean, addresses: string | null): OwnCells => ({
    values: ownValues(judged, checkedAt, duplicate, addresses, language),
    text: null,
  });
  return (judged, duplicate, addresses) => {
    const { judgement, bounce, didYouMean } = judged;
    if (didYouMean !== null || addresses !== null) return make(judged, duplicate, addresses);
    let both = known.get(judgement);
    if (both === undefined) {
      both = [new Map(), new Map()];
      known.set(judgement, both);
    }
    const byProbability = both[duplicate ? 1 : 0]!;
    let cells = byProbability.get(bounce.probability);
    if (cells === undefined) {
      cells = make(judged, duplicate, null);
      byProbability.set(bounce.probability, cells);
    }
    return cells;
  };
}

/** The date in a cell as epoch milliseconds. Null for a date after `asOf`, which must be an error. */
function pastEpoch(text: string, { life }: ListShape, asOf: number): number | null {
  const epoch = parseListDate(text, life?.order ?? null);
  return epoch !== null && epoch <= asOf ? epoch : null;
}

/**
 * The verdict of an earlier run, if it is still valid: the address was verified within `maxAgeDays`. `unknown` is never
 * kept, since it means "ask again".
 */
function keptVerdict(
  earlier: EarlierVerdict,
  lastVerifiedAt: number | null,
  asOf: number,
  maxAgeDays: number,
): Counted | null {
  const checkedAt = parseListDate(earlier.checkedAt) ?? 0;
  const verifiedAt = Math.max(lastVerifiedAt ?? 0, checkedAt <= asOf ? checkedAt : 0);
  if (asOf - verifiedAt >= maxAgeDays * dayMs) return null;
  const { result } = earlier;
  if (result !== 'deliverable' && result !== 'risky' && result !== 'undeliverable') return null;
  const status = earlier.status === '' ? null : earlier.status;
  const row =
    rows.find(({ reason, bounce }) => reason === earlier.reason && (bounce === null) === (status === null)) ??
    rows.find((each) => each.result === result)!;
  const probability = Number(earlier.probability) || row.prior.probability;
  const wider = probability / row.prior.probability;
  return {
    result,
    reason: row.reason,
    action: actions.find((action) => action === earlier.action) ?? row.action,
    bounce: {
      status,
      probability,
      low: row.prior.low * Math.min(wider, 1),
      high: Math.min(1, row.prior.high * wider),
    },
  };
}

const rows: readonly {
  readonly reason: Reason;
  readonly result: Result;
  readonly action: Action;
  readonly bounce: object | null;
  readonly prior: { readonly probability: number; readonly low: number; readonly high: number };
}[] = [syntaxErrorRow, ...policyRows];

const actions: readonly Action[] = ['accept', 'confirm', 'reject', 'retry'];
