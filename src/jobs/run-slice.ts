// Verifies the rows of one slice and writes them, with their verdicts, to the result file of the slice.

import type { EngagementLookup } from '../events/engagement-lookup.ts';
import { addressesOf, cleanSlice } from '../lists/clean-slice.ts';
import { mailableByStep } from '../lists/goal.ts';
import { continueList } from '../lists/read-list.ts';
import { resultParts } from '../lists/result-rows.ts';
import type { ListRow, SetAside } from '../lists/shape.ts';
import { countSetAside } from '../lists/tally.ts';
import type { Bytes, FileStore } from '../storage/files/file-store.ts';
import type { KnownDomains } from '../validator/known-domains.ts';
import type { Validator } from '../validator/validate.ts';
import { dueAt } from './due.ts';
import type { Change, Job, Lease, Slice, SliceResult } from './job.ts';
import { resultFile, sampleFile } from './job-files.ts';
import { listFile, storedFile } from './list-file.ts';
import { hasRowBit } from './row-bits.ts';
import { sampleShape } from './sample-file.ts';

export type SliceOutcome =
  | { readonly kind: 'written'; readonly result: SliceResult }
  /**
   * Some lookups got no answer, or the suppression list could not be read. Nothing is written until `write` is
   * called.
   */
  | {
      readonly kind: 'unreached';
      /** Whether the fault is probably on our side: many lookups failed, or the suppression list could not be read. */
      readonly many: boolean;
      write(): Promise<SliceResult>;
    };

const manyDomains = { least: 3, share: 0.1 };

/**
 * Verifies one slice. Every row is judged as of the creation of the job, so a second run writes the same bytes if DNS, the
 * suppression list, the recorded engagement and the learned model give the same answers. Rejects if the file store fails. If the
 * suppression list cannot be read, the outcome is `unreached`.
 */
export async function runSlice(
  files: FileStore,
  validator: Validator,
  job: Job,
  slice: Slice,
  lease: Lease,
  domains: KnownDomains,
  engagement?: EngagementLookup,
): Promise<SliceOutcome> {
  const isSample = job.options.sample !== undefined;
  const shape = isSample ? sampleShape(job.layout!.shape) : job.layout!.shape;
  const file = isSample ? sampleFile(job.id) : listFile(job.id, job.layout!.shape);
  const content = await storedFile(files, file, { offset: slice.start.byte, length: slice.bytes });
  const rows: ListRow[] = [];
  const setAside: SetAside[] = [];
  for await (const part of continueList(content, shape, slice.start)) {
    if (part.kind === 'error')
      throw new Error('the stored list of the job has changed since it was first read');
    rows.push(...part.rows);
    setAside.push(...part.setAside);
  }
  const contacts = addressesOf(rows).length;
  const cleaned = await cleanSlice(rows, shape, validator, {
    ...job.options.writing,
    asOf: job.createdAt,
    maxAgeDays: job.options.maxAgeDays,
    question: job.options.question,
    engagement,
    domains,
    duplicates: Array.from({ length: contacts }, (_, index) => hasRowBit(slice.duplicates, index)),
  });

  countSetAside(cleaned.tally, setAside);

  const write = async (): Promise<SliceResult> => {
    const bytes = new TextEncoder().encode(cleaned.text);
    await files.put(resultFile(job.id, slice.position, lease.number), once(bytes));
    const after: ListRow[] = [];
    // Read the written rows again only for a list that is verified repeatedly. Any other list needs just the tally.
    // A goal needs the probabilities as the result has them.
    const { goal } = job.options;
    if (job.keptUntil !== null || job.follows !== null || goal !== undefined)
      for await (const part of resultParts(shape, once(bytes))) after.push(...part);
    return {
      bytes: bytes.length,
      tally: goal === undefined ? cleaned.tally : { ...cleaned.tally, mailable: mailableByStep(after) },
      changes: job.follows === null ? [] : changesBetween(rows, after),
      dueAt: job.keptUntil === null ? null : dueAt(after, job.options.maxAgeDays),
    };
  };
  const { asked, unreached } = cleaned.domains;
  const noList = (cleaned.tally.reasons.suppression_undetermined ?? 0) > 0;
  if (unreached === 0 && !noList) return { kind: 'written', result: await write() };
  const many = unreached >= manyDomains.least && unreached > asked * manyDomains.share;
  return { kind: 'unreached', many: many || noList, write };
}

async function* once(bytes: Bytes): AsyncGenerator<Bytes> {
  yield bytes;
}

function changesBetween(before: readonly ListRow[], after: readonly ListRow[]): Change[] {
  const contacts = (rows: readonly ListRow[]) => rows.filter(({ fields }) => fields > 0);
  const now = contacts(after);
  const changes = new Map<string, { before: string; after: string; rows: number }>();
  for (const [index, row] of contacts(before).entries()) {
    const was = row.earlier?.result ?? '';
    const is = now[index]?.earlier?.result ?? '';
    if (was === is) continue;
    const change = changes.get(`${was} ${is}`) ?? { before: was, after: is, rows: 0 };
    change.rows++;
    changes.set(`${was} ${is}`, change);
  }
  return [...changes.values()];
}
