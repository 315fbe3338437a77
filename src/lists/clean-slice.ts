// Takes rows of a list and returns the same rows with their verdicts.

import type { MailQuestion } from '../suppression/scope.ts';
import type { Judged, JudgedList, ValidationRequest, Validator } from '../validator/validate.ts';
import type { Judgement } from '../verdict/judgement.ts';
import { createKnownDomains, type KnownDomains } from '../verdict/known-domains.ts';
import { policyRows, syntaxErrorRow } from '../verdict/policy.ts';
import type { Action, PredictedBounce, Reason, Result } from '../verdict/verdict.ts';
import { addressesJson, noAddressValues, type OwnCells, ownValues } from './columns.ts';
import { csvHeader, csvWriter } from './csv.ts';
import { parseListDate } from './dates.ts';
import { ndjsonWriter } from './ndjson.ts';
import type { EarlierVerdict, ListRow, ListShape } from './shape.ts';
import { type Counted, count, emptyTally, type ListTally } from './tally.ts';

export interface CleanOptions {
  /** Epoch milliseconds of all verdicts of the list: when its verification began. */
  readonly asOf: number;
  /** Rows verified longer ago are verified again. */
  readonly maxAgeDays: number;
  /** For each contact, in order, whether its address occurred earlier in the list. */
  readonly duplicates: readonly boolean[];
  /** Domain facts from earlier slices of the list. */
  readonly domains?: KnownDomains;
  /** Writes only rows with one of these actions, but counts all; absent: every row. */
  readonly only?: readonly Action[];
  /** The mail that the list is for; marketing by default. */
  readonly question?: MailQuestion | undefined;
}

export interface CleanedSlice {
  /** Records with their line endings. */
  readonly text: string;
  readonly tally: ListTally;
  /** Domains for which no resolver answered, and, if there are any, all distinct verified ones. */
  readonly domains: { readonly asked: number; readonly unreached: number };
}

const dayMs = 86_400_000;

/** The text before the rows: byte order mark and header with presend's columns, if the list has them. */
export function headOf(shape: ListShape, head: readonly ListRow[]): string {
  const lines = head.map((row) => {
    const text = shape.format === 'csv' && row.fields > 0 ? csvHeader(shape, row) : row.text;
    return text + row.ending;
  });
  return (shape.mark ? '\ufeff' : '') + lines.join('');
}

/** The addresses of the contacts among `rows`; blank lines are skipped. */
export function addressesOf(rows: readonly ListRow[]): string[] {
  const addresses: string[] = [];
  for (const { fields, email } of rows) if (fields > 0) addresses.push(email);
  return addresses;
}

/**
 * Verifies the rows that are due and keeps the others. Waits for one validator batch, in which every distinct domain
 * is looked up once, and returns without a promise if there is nothing to wait for. The same rows, `asOf` and DNS
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
    const lastVerifiedAt = pastEpoch(row.lastVerifiedAt, asOf);
    const verdict = row.earlier === null ? null : keptVerdict(row.earlier, lastVerifiedAt, asOf, maxAgeDays);
    if (verdict === null) {
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
  { asOf, only, duplicates }: CleanOptions,
): CleanedSlice {
  const { kept } = of;
  const { judged, unreached } = of.judged;
  const tally = emptyTally();
  const counts = createCounts();
  const cellsOf = createCells(new Date(asOf).toISOString());
  const write = shape.format === 'csv' ? csvWriter(shape) : ndjsonWriter;
  // The remaining elements of a JSON array become lines.
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
    if (fresh !== null) counts.add(fresh, row.source, duplicate);
    else count(tally, earlier!, row.source, { rows: 1, duplicates: duplicate ? 1 : 0, kept: true });
    const action = fresh !== null ? fresh.judgement.action : earlier!.action;
    if (only !== undefined && !only.includes(action)) continue;
    const cells = fresh === null ? null : cellsOf(fresh, duplicate, all);
    write(row, cells, fresh?.mailbox === null ? '' : address, written);
    written.push(asLines && only ? '\n' : row.ending);
  }
  counts.to(tally);
  const asked = unreached.size > 0 ? distinctDomains(judged) : 0;
  return { text: written.join(''), tally, domains: { asked, unreached: unreached.size } };
}

const distinctDomains = (judged: readonly Judged[]): number =>
  new Set(judged.flatMap(({ mailbox }) => (mailbox === null ? [] : [mailbox.domain]))).size;

const uses: readonly Action[] = ['accept', 'confirm', 'retry', 'reject'];

/** The most useful address first: by its action, then by the probability of a bounce. */
const byUse = (a: { readonly judged: Judged }, b: { readonly judged: Judged }): number =>
  uses.indexOf(a.judged.judgement.action) - uses.indexOf(b.judged.judgement.action) ||
  a.judged.bounce.probability - b.judged.bounce.probability;

/** Counts judgements: rows of one source with the same judgement together. */
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
          const segment = dated || bounce.basis === 'observed' ? null : (domain?.segment ?? null);
          const counted = { result, reason, action, bounce, ...(segment !== null && { undated: segment }) };
          count(tally, counted, source, { rows, duplicates, kept: false });
        }
    },
  };
}

/** The cells of judged rows; equal ones are created once. `checkedAt` in RFC 3339. */
function createCells(
  checkedAt: string,
): (judged: Judged, duplicate: boolean, addresses: string | null) => OwnCells {
  const known = new Map<Judgement, Map<number, OwnCells>[]>();
  const make = (judged: Judged, duplicate: boolean, addresses: string | null): OwnCells => ({
    values: ownValues(judged, checkedAt, duplicate, addresses),
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

/** A date in the future is an error and proves nothing. */
function pastEpoch(text: string, asOf: number): number | null {
  const epoch = parseListDate(text);
  return epoch !== null && epoch <= asOf ? epoch : null;
}

/**
 * The verdict that a row carries if it is still valid: it, or the row, was verified within `maxAgeDays`. `unknown` is
 * never kept, since it means "ask again".
 */
function keptVerdict(
  earlier: EarlierVerdict,
  lastVerifiedAt: number | null,
  asOf: number,
  maxAgeDays: number,
): Counted | null {
  const verifiedAt = Math.max(lastVerifiedAt ?? 0, pastEpoch(earlier.checkedAt, asOf) ?? 0);
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
