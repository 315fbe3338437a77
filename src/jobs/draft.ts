// A draft: a list that was uploaded and waits until a person has looked at its first rows and starts its verification.

import { type PreviewOutcome, previewList } from '../lists/preview.ts';
import type { Bytes, FileStore } from '../storage/files/file-store.ts';
import type { WorkbookLimits } from '../xlsx/workbook-limits.ts';
import { isDraft, type Job, type JobOptions } from './job.ts';
import { jobFolder, uploadedFile } from './job-files.ts';
import type { JobRepository } from './job-repository.ts';
import { storedFile, uploadSource } from './list-file.ts';
import { listOptionsOf } from './read-file.ts';
import { newJobId } from './submit.ts';

export interface DraftPorts {
  readonly repository: JobRepository;
  readonly files: FileStore;
  readonly now: () => number;
}

/** Reads the first rows of the list of a draft with its columns. Rejects if storage fails. */
export const previewDraft = (
  files: FileStore,
  job: Job,
  options: JobOptions,
  limits?: WorkbookLimits,
): Promise<PreviewOutcome> =>
  previewList(
    uploadSource(files, job, async () => {}),
    listOptionsOf(options),
    limits,
  );

/**
 * Creates a job that verifies a random sample of the list of a draft. It has its own copy of the file, so both can be deleted on
 * their own. Null if the job is not a draft. Rejects if storage fails.
 */
export async function sampleDraft(
  { repository, files, now }: DraftPorts,
  draft: Job,
  rows: number,
): Promise<string | null> {
  if (!isDraft(draft)) return null;
  const id = newJobId();
  await repository.beginUpload(id, now());
  let isCreated = false;
  try {
    const bytes = await files.put(uploadedFile(id), copyOf(files, draft.id));
    const { goal: _, ...options } = draft.options;
    isCreated = await repository.create({
      id,
      name: draft.name,
      options: { ...options, sample: rows, sampleOf: draft.id },
      bytes,
      createdAt: now(),
      callbackUrl: null,
      requestKey: null,
      requestFingerprint: '',
      keptUntil: null,
      follows: null,
    });
    return isCreated ? id : null;
  } finally {
    if (!isCreated) {
      await files.removeFolder(jobFolder(id));
      await repository.endUpload(id);
    }
  }
}

async function* copyOf(files: FileStore, id: string): AsyncGenerator<Bytes> {
  yield* await storedFile(files, uploadedFile(id));
}
