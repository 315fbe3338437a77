// What is done from time to time: lists that are due are verified again, and what has had its time is removed.

import type { Bytes, FileStore } from '../../store/file-store.ts';
import type { Job, SlicePlan } from './job.ts';
import type { JobStore } from './job-store.ts';
import { resultShape } from './result-rows.ts';
import { resultFile } from './run-slice.ts';
import { jobFolder, newJobId, uploadedFile } from './submit.ts';

export interface MaintenancePorts {
  readonly store: JobStore;
  readonly files: FileStore;
  readonly now: () => number;
  /** How long a job stays that nothing happens to any longer. */
  readonly retentionMs: number;
}

/** No upload takes longer: Workers end a request, and a client gives up, much sooner. */
const longestUploadMs = 24 * 3_600_000;

/** Each step can be broken off anywhere and is taken up by the next call. */
export async function maintain(ports: MaintenancePorts): Promise<void> {
  const { store, files, now } = ports;
  for (const job of await store.due(now())) await verifyAgain(ports, job);
  for (const id of await store.expired(now(), now() - ports.retentionMs)) await store.markDeleting(id, now());
  for (const id of await store.deletable(now())) {
    await files.removeFolder(jobFolder(id));
    await store.removeJob(id);
  }
  for (const id of await store.uploadsBegunBefore(now() - longestUploadMs)) {
    await files.removeFolder(jobFolder(id));
    await store.endUpload(id);
  }
}

/** Nobody sees the job any longer. What cannot be removed yet, because a lease still runs, `maintain` removes. */
export async function deleteJob(
  { store, files, now }: Pick<MaintenancePorts, 'store' | 'files' | 'now'>,
  id: string,
): Promise<boolean> {
  if (!(await store.markDeleting(id, now()))) return false;
  await files.removeFolder(jobFolder(id));
  if ((await store.deletable(now())).includes(id)) await store.removeJob(id);
  return true;
}

/** The result of the job becomes the file of the next one, slice by slice; only rows that are due are looked up in it. */
async function verifyAgain({ store, files, now }: MaintenancePorts, previous: Job): Promise<void> {
  const { shape, head } = previous.layout!;
  const results = await store.results(previous.id);
  const id = newJobId();
  await store.beginUpload(id, now());
  const bytes = await files.put(uploadedFile(id), wholeResult(files, previous.id, head, results));
  let byte = new TextEncoder().encode(head).length;
  const slices = results.map((slice): SlicePlan => {
    const start = { ...slice.start, byte, encoding: 'utf-8' as const };
    byte += slice.resultBytes;
    return { start, bytes: slice.resultBytes, rows: slice.rows, duplicates: slice.duplicates };
  });
  const made = await store.follow(
    {
      id,
      name: previous.name,
      options: previous.options,
      bytes,
      createdAt: now(),
      callbackUrl: previous.callbackUrl,
      requestKey: null,
      requestFingerprint: '',
      keptUntil: previous.keptUntil,
      follows: previous.id,
    },
    { layout: { shape: resultShape(shape), head }, slices },
  );
  if (made) return;
  await files.removeFolder(jobFolder(id));
  await store.endUpload(id);
}

async function* wholeResult(
  files: FileStore,
  jobId: string,
  head: string,
  slices: readonly { readonly position: number; readonly lease: number }[],
): AsyncGenerator<Bytes> {
  yield new TextEncoder().encode(head);
  for (const { position, lease } of slices) {
    const content = await files.get(resultFile(jobId, position, lease));
    if (content === null) throw new Error('the result of a slice is gone');
    yield* content;
  }
}
