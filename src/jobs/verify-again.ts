// Verifies a kept list again when its verdicts are too old: the result of its job becomes the file of a new job.

import { resultShape } from '../lists/result-rows.ts';
import type { Bytes, FileStore } from '../storage/files/file-store.ts';
import type { Job, SlicePlan } from './job.ts';
import { jobFolder, resultFile } from './job-files.ts';
import type { JobRepository } from './job-repository.ts';
import { listFile } from './list-file.ts';
import { newJobId } from './submit.ts';

export interface VerifyAgainPorts {
  readonly repository: JobRepository;
  readonly files: FileStore;
  readonly now: () => number;
}

/**
 * Copies the result files of the job's slices into the file of a new job. The new job has the same slices. It looks
 * up only the rows whose verdicts are too old.
 */
export async function verifyAgain(
  { repository, files, now }: VerifyAgainPorts,
  previous: Job,
): Promise<void> {
  const { shape, head } = previous.layout!;
  const results = await repository.results(previous.id);
  const id = newJobId();
  await repository.beginUpload(id, now());
  const bytes = await files.put(listFile(id, shape), wholeResult(files, previous.id, head, results));
  let byte = new TextEncoder().encode(head).length;
  const slices = results.map((slice): SlicePlan => {
    const start = { ...slice.start, byte, encoding: 'utf-8' as const };
    byte += slice.resultBytes;
    return { start, bytes: slice.resultBytes, rows: slice.rows, duplicates: slice.duplicates };
  });
  const made = await repository.follow(
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
  await repository.endUpload(id);
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
    if (content === null) throw new Error('a part of the result of the job is missing in the file storage');
    yield* content;
  }
}
