// Rows of a list in, the same rows with their verdicts out.

import type { ValidationRequest, Validator } from '../validate.ts';
import type { KnownDomains } from '../verdict/known-domains.ts';
import { policy, syntaxErrorRow } from '../verdict/policy.ts';
import type { Action, Reason, Result, Verdict } from '../verdict/verdict.ts';
import { type OwnValue, ownValues } from './columns.ts';
import { csvHeader, csvRecord } from './csv.ts';
import { epochOf } from './dates.ts';
import { ndjsonRecord } from './ndjson.ts';
import type { EarlierVerdict, ListRow, ListShape } from './shape.ts';
import { type Counted, count, emptyTally, type Tally } from './tally.ts';

export interface CleanOptions {
  /** Epoch milliseconds that all verdicts of the list are of: when its verification began. */
  readonly asOf: number;
  /** Rows that were verified longer ago are verified again. */
  readonly maxAgeDays: number;
  /**
   * Whether an address, at this place of the slice, stood further up in the list. Asked once for each contact, in order
   * and before anything is waited for.
   */
  readonly isDuplicate: (address: string, index: number) => boolean;
  /** Kept for the whole list: what earlier slices found out about domains. */
  readonly domains?: KnownDomains;
  /** Only rows with one of these actions are written, though all are counted; every row where absent. */
  readonly only?: readonly Action[];
}

export interface CleanedSlice {
  /** Records with their line endings. */
  readonly text: string;
  readonly tally: Tally;
  /** Distinct domains that were verified, and those of them for which no resolver could be reached. */
  readonly domains: { readonly asked: number; readonly unreached: number };
}

const dayMs = 86_400_000;

/** What stands before the rows: the byte order mark and the header with our columns, where the list has them. */
export function headOf(shape: ListShape, head: readonly ListRow[]): string {
  const lines = head.map((row) => {
    const text = shape.format === 'csv' && row.fields > 0 ? csvHeader(shape, row) : row.text;
    return text + row.ending;
  });
  return (shape.mark ? '\ufeff' : '') + lines.join('');
}

/**
 * Verifies the rows that are due and keeps the others as they are. Waits for one batch of the validator, in which
 * every distinct domain is looked up once. The same rows, `asOf` and DNS give the same text.
 */
export async function cleanSlice(
  rows: readonly ListRow[],
  shape: ListShape,
  validator: Validator,
  options: CleanOptions,
): Promise<CleanedSlice> {
  const { asOf, maxAgeDays, isDuplicate, domains, only } = options;
  const due: ValidationRequest[] = [];
  const duplicates = rows.map(({ fields, email }, index) => fields > 0 && isDuplicate(email, index));
  const kept = rows.map((row): Counted | null => {
    if (row.fields === 0) return null;
    const lastVerifiedAt = pastEpoch(row.lastVerifiedAt, asOf);
    const verdict = row.earlier === null ? null : keptVerdict(row.earlier, lastVerifiedAt, asOf, maxAgeDays);
    if (verdict === null) due.push({ email: row.email, lastVerifiedAt, source: row.source || null });
    return verdict;
  });
  const { verdicts } = await validator.validateBatch(due, { asOf, ...(domains && { domains }) });

  const checkedAt = new Date(asOf).toISOString();
  const tally = emptyTally();
  const record = shape.format === 'csv' ? csvRecordIn(shape) : ndjsonRecord;
  const written: string[] = [];
  let verified = 0;
  for (const [index, row] of rows.entries()) {
    if (row.fields === 0) {
      written.push(row.text, row.ending);
      continue;
    }
    const duplicate = duplicates[index]!;
    const verdict = kept[index] ?? verdicts[verified++]!;
    const isKept = kept[index] !== null;
    count(tally, verdict, row.source, { kept: isKept, duplicate });
    if (only !== undefined && !only.includes(verdict.action)) continue;
    const values = isKept ? null : ownValues(verdict as Verdict, checkedAt, duplicate);
    written.push(record(row, values), row.ending);
  }
  return { text: written.join(''), tally, domains: domainsOf(verdicts) };
}

const csvRecordIn =
  (shape: ListShape & { format: 'csv' }) =>
  (row: ListRow, values: readonly OwnValue[] | null): string =>
    csvRecord(shape, row, values);

/** A date in the future is a mistake, and proves nothing. */
function pastEpoch(text: string, asOf: number): number | null {
  const epoch = epochOf(text);
  return epoch !== null && epoch <= asOf ? epoch : null;
}

/**
 * The verdict that a row carries, if it holds: it, or the row, was verified within `maxAgeDays`. `unknown` is no verdict to
 * keep, since it means "ask again".
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
}[] = [syntaxErrorRow, ...policy];

const actions: readonly Action[] = ['accept', 'confirm', 'reject', 'retry'];

function domainsOf(verdicts: readonly Verdict[]): CleanedSlice['domains'] {
  const asked = new Set<string>();
  const unreached = new Set<string>();
  for (const { domain, mailHost } of verdicts) {
    if (domain === null) continue;
    asked.add(domain);
    if (mailHost.kind === 'undetermined' && mailHost.cause !== 'servfail' && mailHost.cause !== 'not_checked')
      unreached.add(domain);
  }
  return { asked: asked.size, unreached: unreached.size };
}
