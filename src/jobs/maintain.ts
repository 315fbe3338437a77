// Periodic maintenance: verifies kept lists again when their verdicts are too old, and removes expired data.

import type { FileStore } from '../storage/files/file-store.ts';
import { jobFolder } from './job-files.ts';
import type { JobRepository } from './job-repository.ts';

export interface MaintenancePorts {
  readonly repository: JobRepository;
  readonly files: FileStore;
  readonly now: () => number;
  /**
   * A job is deleted this many milliseconds after its last change. A kept list is deleted at its `keptUntil` instead.
   */
  readonly retentionMs: number;
  readonly onError: (error: unknown) => void;
}

/**
 * An upload that began longer ago than this many milliseconds is abandoned, and its data is removed. No upload takes
 * this long: servers and clients end the request much sooner.
 */
const longestUploadMs = 24 * 3_600_000;

/**
 * Runs all steps of maintenance. If a step fails, calls `onError` and goes on with the next step. A step that was
 * interrupted is completed by the next call. Never rejects.
 */
export async function maintain(ports: MaintenancePorts): Promise<void> {
  const { repository, files, now } = ports;
  const attempt = async (step: () => Promise<unknown>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      ports.onError(error);
    }
  };
  const forEach = <T>(
    find: () => Promise<readonly T[]>,
    step: (found: T) => Promise<unknown>,
  ): Promise<void> =>
    attempt(async () => {
      for (const found of await find()) await attempt(() => step(found));
    });
  await forEach(
    () => repository.due(now()),
    async (job) => (await import('./verify-again.ts')).verifyAgain(ports, job),
  );
  await forEach(
    () => repository.expired(now(), now() - ports.retentionMs),
    (id) => repository.markDeleting(id, now()),
  );
  await forEach(
    () => repository.deletable(now()),
    async (id) => {
      await files.removeFolder(jobFolder(id));
      await repository.removeJob(id);
    },
  );
  await forEach(
    () => repository.uploadsBegunBefore(now() - longestUploadMs),
    async (id) => {
      await files.removeFolder(jobFolder(id));
      await repository.endUpload(id);
    },
  );
}

/**
 * Hides the job from callers and removes its data. If a worker may still write a file of the job, a later `maintain`
 * removes the rest. Returns false if there is no such job.
 */
export async function deleteJob(
  { repository, files, now, onError }: Omit<MaintenancePorts, 'retentionMs'>,
  id: string,
): Promise<boolean> {
  if ((await repository.job(id)) === null || !(await repository.markDeleting(id, now()))) return false;
  try {
    await files.removeFolder(jobFolder(id));
    if ((await repository.deletable(now())).includes(id)) await repository.removeJob(id);
  } catch (error) {
    onError(error);
  }
  return true;
}
