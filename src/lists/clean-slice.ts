// Verifies a slice of a list (some consecutive rows), and writes the rows with their verdicts.

import { addressToSend } from '../address/nonstandard-names.ts';
import { dayMs } from '../durations.ts';
import type { Engagement } from '../events/engagement.ts';
import type { EngagementLookup } from '../events/engagement-lookup.ts';
import type { MailQuestion } from '../suppression/scope.ts';
import { isBlankText } from '../tables/address-cell.ts';
import { createKnownDomains, type KnownDomains } from '../validator/known-domains.ts';
import type { Judged, JudgedList, Proofs, ValidationRequest, Validator } from '../validator/validate.ts';
import type { ListProfile } from '../verdict/decay.ts';
import type { Judgement } from '../verdict/judgement.ts';
import { policyRows, syntaxErrorRow } from '../verdict/policy.ts';
import type { Action, PredictedBounce, Reason, Result } from '../verdict/verdict.ts';
import { parseCellDate } from '../written-dates.ts';
import { addressesJson, engagementValues, noAddressValues, type OwnCells } from './columns.ts';
import { csvHeader, csvHeaderBelow, csvWriter, withCsvAddress } from './csv.ts';
import { isAccepted, stepOf } from './goal.ts';
import { onOneLine } from './json-text.ts';
import type { MessageLanguage } from './messages.ts';
import { ndjsonWriter, withNdjsonAddress } from './ndjson.ts';
import { createRowMemory, latest, type RowMemory, unknownAgeSegment } from './row-memory.ts';
import type { EarlierVerdict, ListRow, ListShape } from './shape.ts';
import {
  type Counted,
  count,
  countAccepted,
  countMailboxes,
  countOperators,
  emptyTally,
  type ListTally,
  type Operators,
} from './tally.ts';

export interface CleanOptions {
  /** The time as of which all rows of the list are judged, in epoch milliseconds: for a job, the time of its creation. */
  readonly asOf: number;
  /** The verdict that an earlier run wrote into a row is kept only if the address was verified within this many days. */
  readonly maxAgeDays: number;
  /** For each contact of the slice (see `addressesOf`), in order, whether it is a duplicate of another row of the list. */
  readonly duplicates: readonly boolean[];
  /** What earlier slices of the list found out about domains. */
  readonly domains?: KnownDomains;
  /** Write only the rows with one of these actions, but count all rows. If absent, write every row. */
  readonly only?: readonly Action[];
  /** What kind of list it is. It says how old addresses without a date usually are. */
  readonly profile?: ListProfile;
  /** The mail that the list is for. If absent, marketing mail. */
  readonly question?: MailQuestion | undefined;
  /** Write the cleaned address into the address column. The suggested correction of a typo is never written there. */
  readonly repair?: boolean;
  /** Do not write duplicates. They are still counted. */
  readonly dropDuplicates?: boolean;
  /** The language of the column `ps_message`. If absent, English. */
  readonly language?: MessageLanguage;
  /** The cells and bounce probabilities that earlier slices of the list computed. Their options must have been the same. */
  readonly memory?: RowMemory;
  /** Looks up when people last opened, clicked or replied. If absent, the columns about it stay empty. */
  readonly engagement?: EngagementLookup | undefined;
  /** What was found out about mailboxes for this list, by canonical address. */
  readonly proofs?: Proofs | undefined;
  /** Return the verdicts on the contacts instead of writing their rows. */
  readonly verdictsOnly?: boolean;
}

/** The verdict on one contact of a list. */
export interface ContactVerdict {
  /** The address that the verdict is about, cleaned. Empty if the contact has none. */
  readonly email: string;
  /** Whether the first address of the contact occurred earlier in the list. */
  readonly duplicate: boolean;
  /** Null if the contact has no address. */
  readonly verdict: {
    /** One of `Reason`, or a reason of another version of presend that an earlier run wrote into the list. */
    readonly reason: string;
    readonly action: Action;
    /** The predicted bounce probability. */
    readonly probability: number;
  } | null;
}

export interface CleanedSlice {
  /** The rows as they are written, with their line endings. Empty with `verdictsOnly`. */
  readonly text: string;
  /** The verdicts on the contacts, in order. Empty unless `verdictsOnly` is true. */
  readonly verdicts: readonly ContactVerdict[];
  readonly tally: ListTally;
  /**
   * `unreached`: the number of domains for which no resolver answered. `asked`: the number of domains in the verified
   * rows; 0 if `unreached` is 0, because it is not counted then.
   */
  readonly domains: { readonly asked: number; readonly unreached: number };
}

/**
 * The text before the first row of the result: the byte order mark if it has one (`shape.mark`), and the header with
 * presend's columns.
 */
export function headOf(shape: ListShape, head: readonly ListRow[]): string {
  const header = head.findIndex(({ fields }) => fields > 0);
  const lines = head.map((row, index) => {
    if (shape.format !== 'csv' || index < header || isBlankText(row.text)) return row.text + row.ending;
    return (index === header ? csvHeader(shape, row) : csvHeaderBelow(shape, row)) + row.ending;
  });
  return (shape.mark ? '\ufeff' : '') + lines.join('');
}

/**
 * The head of a result. `some`: rows may be left out. Then the elements of a JSON array are written as lines, and nothing comes
 * before them.
 */
export const headOfSome = (shape: ListShape, head: string, some: boolean): string =>
  some && shape.format === 'ndjson' && shape.array ? '' : head;

/** The addresses of the contacts among `rows`, in order; empty text for a contact without one. */
export function addressesOf(rows: readonly ListRow[]): string[] {
  const addresses: string[] = [];
  for (const { fields, email } of rows) if (fields > 0) addresses.push(email);
  return addresses;
}

/**
 * Verifies the rows whose verdict is missing, too old or `unknown`, and keeps the verdicts of the others. The
 * validator gets all rows to verify in one batch and looks up each distinct domain once. Returns a promise only if
 * something must be looked up. The same rows, `asOf` and DNS answers give the same text.
 */
export function cleanSlice(
  rows: readonly ListRow[],
  shape: ListShape,
  validator: Validator,
  options: CleanOptions,
): CleanedSlice | Promise<CleanedSlice> {
  const { asOf, domains = createKnownDomains() } = options;
  const { due, kept } = dueRows(rows, shape, options);
  const judge = (engagement: FoundEngagement): CleanedSlice | Promise<CleanedSlice> => {
    const dated =
      engagement === null ? due : due.map((each, index) => withLife(each, engagement[index]!, asOf));
    const { question, proofs } = options;
    const judging = validator.judgeList(dated, { asOf, domains, question, proofs });
    const write = (judged: JudgedList) => writeSlice(rows, { kept, judged, engagement }, shape, options);
    return judging instanceof Promise ? judging.then(write) : write(judging);
  };
  const found = due.length === 0 ? null : (options.engagement?.find(due.map(({ email }) => email)) ?? null);
  return found instanceof Promise ? found.then(judge) : judge(found);
}

/** The addresses of the rows to verify, in order, and for each row the verdict that it keeps; null if it keeps none. */
export function dueRows(
  rows: readonly ListRow[],
  shape: ListShape,
  { asOf, maxAgeDays }: Pick<CleanOptions, 'asOf' | 'maxAgeDays'>,
): { readonly due: readonly ValidationRequest[]; readonly kept: readonly (Counted | null)[] } {
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
      if (row.others !== null) for (const email of row.others) due.push({ email, lastVerifiedAt, source });
    }
    return verdict;
  });
  return { due, kept };
}

/** The engagement of each verified address, in their order. Null if no provider reports it. */
type FoundEngagement = readonly (Engagement | null)[] | null;

/**
 * A delivery, an open, a click or a reply shows that the address worked at that time. So it lowers the age of the address, as
 * a date in the list does.
 */
function withLife(
  request: ValidationRequest,
  engagement: Engagement | null,
  asOf: number,
): ValidationRequest {
  if (engagement === null) return request;
  const { lastDelivered, lastActive } = engagement;
  const alive = latest([request.lastVerifiedAt ?? 0, lastDelivered ?? 0, lastActive ?? 0], asOf) ?? 0;
  return alive === 0 ? request : { ...request, lastVerifiedAt: alive };
}

function writeSlice(
  rows: readonly ListRow[],
  of: {
    /** The verdicts that rows keep, one entry per row. Null: the row was verified now, or has no address. */
    readonly kept: readonly (Counted | null)[];
    readonly judged: JudgedList;
    readonly engagement: FoundEngagement;
  },
  shape: ListShape,
  options: CleanOptions,
): CleanedSlice {
  const { only, duplicates, repair, dropDuplicates, verdictsOnly } = options;
  const { bounceOf, cellsOf } = options.memory ?? createRowMemory(options);
  const { kept, engagement } = of;
  const { judged, unreached } = of.judged;
  const tally = emptyTally();
  const counts = createCounts();
  const writeRow = shape.format === 'csv' ? csvWriter(shape) : ndjsonWriter;
  const write = (row: ListRow, cells: OwnCells | null, address: string, usable: string): void => {
    const repaired = repair && address !== '' ? withAddress(row, shape, address) : row;
    writeRow(repaired, cells, usable, written);
  };
  // If elements of a JSON array are left out, the brackets and commas between the elements are no longer valid. So write
  // one element per line instead of an array.
  const asLines = shape.format === 'ndjson' && shape.array === true && (only !== undefined || dropDuplicates);
  const noAddress: OwnCells = { values: noAddressValues, text: null, textAfter: '' };
  const written: string[] = [];
  const verdicts: ContactVerdict[] = [];
  let contacts = 0;
  let verified = 0;
  for (let index = 0; index < rows.length; index++) {
    const row = asLines ? { ...rows[index]!, text: onOneLine(rows[index]!.text) } : rows[index]!;
    if (row.fields === 0) {
      if (row.refusal === null && !asLines && !verdictsOnly) written.push(row.text, row.ending);
      continue;
    }
    const duplicate = duplicates[contacts++]!;
    countChanges(tally, row, shape);
    if (row.email === '') {
      tally.noAddress++;
      if (verdictsOnly) verdicts.push({ email: '', duplicate, verdict: null });
      else if (only === undefined) {
        write(row, noAddress, '', '');
        written.push(asLines ? '\n' : row.ending);
      }
      continue;
    }
    const earlier = kept[index]!;
    let fresh: Judged | null = null;
    let active: Engagement | null = null;
    let address = row.email;
    let all: string | null = null;
    if (earlier === null && row.others !== null) {
      const asked = [row.email, ...row.others].map((email) => {
        const active = engagement?.[verified] ?? null;
        return { email, active, judged: judged[verified++]! };
      });
      const best = asked.toSorted(byUse);
      fresh = best[0]!.judged;
      address = best[0]!.email;
      active = best[0]!.active;
      all = addressesJson(best);
    } else if (earlier === null) {
      active = engagement?.[verified] ?? null;
      fresh = judged[verified++]!;
    }
    const bounce = fresh === null ? null : bounceOf(fresh, row.life);
    if (fresh !== null) counts.add(fresh, bounce!, row.source, duplicate);
    else {
      // A kept row is written as it is, so a goal finds the same cells in it later.
      if (isAccepted(row) && !(dropDuplicates && duplicate))
        countAccepted(tally, stepOf(Number(row.earlier!.probability)), 1);
      count(tally, earlier!, row.source, { rows: 1, duplicates: duplicate ? 1 : 0, kept: true });
      countOperators(tally, operatorsIn(row.earlier!), 1);
    }
    const action = fresh !== null ? fresh.judgement.action : earlier!.action;
    if (verdictsOnly) {
      const reason = fresh?.judgement.row.reason ?? (row.earlier!.reason || earlier!.reason);
      const { probability } = bounce ?? earlier!.bounce;
      verdicts.push({ email: address, duplicate, verdict: { reason, action, probability } });
      continue;
    }
    if (only !== undefined && !only.includes(action)) continue;
    if (dropDuplicates && duplicate) continue;
    const values = engagement === null || !fresh?.mailbox ? null : engagementValues(active, options.asOf);
    const cells = fresh === null ? null : cellsOf(fresh, bounce!, duplicate, all, values);
    if (fresh?.mailbox === null) write(row, cells, '', '');
    else if (fresh?.judgement.name === 'nonstandard')
      write(row, cells, address, addressToSend(fresh.mailbox));
    else write(row, cells, address, address);
    written.push(asLines ? '\n' : row.ending);
  }
  counts.to(tally);
  const asked = unreached.size > 0 ? distinctDomains(judged) : 0;
  return { text: written.join(''), verdicts, tally, domains: { asked, unreached: unreached.size } };
}

/** Counts what is special about a row: several addresses, text around its address, too few or too many fields. */
function countChanges(tally: ListTally, row: ListRow, shape: ListShape): void {
  if (row.others !== null) tally.severalAddresses++;
  if (row.cleaned) tally.cleanedCells++;
  if (shape.format !== 'csv' || shape.onlyAddresses) return;
  if (row.fields < shape.width) tally.paddedRows++;
  if (row.raw !== null && !shape.split && !shape.quotedLines) tally.trimmedRows++;
}

/** The row with its cleaned address in the address column. */
const withAddress = (row: ListRow, shape: ListShape, address: string): ListRow =>
  shape.format === 'csv' ? withCsvAddress(shape, row, address) : withNdjsonAddress(shape, row, address);

const distinctDomains = (judged: readonly Judged[]): number =>
  new Set(judged.flatMap(({ mailbox }) => (mailbox === null ? [] : [mailbox.domain]))).size;

const uses: readonly Action[] = ['accept', 'confirm', 'retry', 'reject'];

/** Sorts the addresses of a contact, the most useful one first: by action (see `uses`), then by bounce probability. */
const byUse = (a: { readonly judged: Judged }, b: { readonly judged: Judged }): number =>
  uses.indexOf(a.judged.judgement.action) - uses.indexOf(b.judged.judgement.action) ||
  a.judged.bounce.probability - b.judged.bounce.probability;

/** Counts the rows that share a source and a predicted bounce, so each group is added to the tally at once. */
function createCounts() {
  type Rows = { rows: number; duplicates: number; readonly dated: boolean };
  const bySource = new Map<string, Map<PredictedBounce, Rows & { readonly judgement: Judgement }>>();
  return {
    add({ judgement, dated }: Judged, bounce: PredictedBounce, source: string, duplicate: boolean): void {
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
          if (action === 'accept' && reason !== 'suppressed')
            countAccepted(tally, stepOf(bounce.probability), rows - duplicates);
          if (domain !== null) countOperators(tally, domain, rows);
          const distinct = rows - duplicates;
          if (judgement.mailbox && distinct > 0)
            countMailboxes(tally, judgement.mailbox.proof.kind, distinct);
        }
    },
  };
}

/** The provider and the gateway that an earlier run wrote into a row. A cell without such a name is ignored. */
const operatorsIn = ({ provider, gateway }: EarlierVerdict): Operators => ({
  provider: operatorName.test(provider) ? provider : null,
  gateway: operatorName.test(gateway) ? gateway : null,
});

const operatorName = /^[a-z0-9_-]{1,40}$/;

/**
 * Reads the date in a cell as epoch milliseconds. Null if the text is not a date, or if the date is after `asOf`: it
 * must be a mistake.
 */
function pastEpoch(text: string, { life }: ListShape, asOf: number): number | null {
  const epoch = parseCellDate(text, life?.order ?? null);
  return epoch !== null && epoch <= asOf ? epoch : null;
}

/**
 * The verdict that an earlier run wrote, if the address was verified within `maxAgeDays`; else null. `unknown` is
 * never kept, because it means "verify again".
 */
function keptVerdict(
  earlier: EarlierVerdict,
  lastVerifiedAt: number | null,
  asOf: number,
  maxAgeDays: number,
): Counted | null {
  const checkedAt = parseCellDate(earlier.checkedAt) ?? 0;
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
