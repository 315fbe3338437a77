// Periodic maintenance: verifies due lists again and removes expired data.

import type { FileStore } from '../storage/files/file-store.ts';
import { jobFolder } from './job-files.ts';
import type { JobRepository } from './job-repository.ts';

export interface MaintenancePorts {
  readonly repository: JobRepository;
  readonly files: FileStore;
  readonly now: () => number;
  /** How long a finished job is kept. */
  readonly retentionMs: number;
}

/** No upload takes longer: Workers end the request, and clients give up, much sooner. */
const longestUploadMs = 24 * 3_600_000;

/** Each step can be interrupted anywhere; the next call continues. */
export async function maintain(ports: MaintenancePorts): Promise<void> {
  const { repository, files, now } = ports;
  const due = await repository.due(now());
  if (due.length > 0) {
    const { verifyAgain } = await import('./verify-again.ts');
    for (const job of due) await verifyAgain(ports, job);
  }
  for (const id of await repository.expired(now(), now() - ports.retentionMs))
    await repository.markDeleting(id, now());
  for (const id of await repository.deletable(now())) {
    await files.removeFolder(jobFolder(id));
    await repository.removeJob(id);
  }
  for (const id of await repository.uploadsBegunBefore(now() - longestUploadMs)) {
    await files.removeFolder(jobFolder(id));
    await repository.endUpload(id);
  }
}

/** The job becomes invisible. `maintain` removes later what a running lease still holds. */
export async function deleteJob(
  { repository, files, now }: Pick<MaintenancePorts, 'repository' | 'files' | 'now'>,
  id: string,
): Promise<boolean> {
  if (!(await repository.markDeleting(id, now()))) return false;
  await files.removeFolder(jobFolder(id));
  if ((await repository.deletable(now())).includes(id)) await repository.removeJob(id);
  return true;
}
