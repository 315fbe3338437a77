// What is done from time to time: lists that are due are verified again, and what has had its time is removed.

import type { FileStore } from '../storage/files/file-store.ts';
import { jobFolder } from './job-files.ts';
import type { JobRepository } from './job-repository.ts';

export interface MaintenancePorts {
  readonly repository: JobRepository;
  readonly files: FileStore;
  readonly now: () => number;
  /** How long a job stays that nothing happens to any longer. */
  readonly retentionMs: number;
}

/** No upload takes longer: Workers end a request, and a client gives up, much sooner. */
const longestUploadMs = 24 * 3_600_000;

/** Each step can be broken off anywhere and is taken up by the next call. */
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

/** Nobody sees the job any longer. What cannot be removed yet, because a lease still runs, `maintain` removes. */
export async function deleteJob(
  { repository, files, now }: Pick<MaintenancePorts, 'repository' | 'files' | 'now'>,
  id: string,
): Promise<boolean> {
  if (!(await repository.markDeleting(id, now()))) return false;
  await files.removeFolder(jobFolder(id));
  if ((await repository.deletable(now())).includes(id)) await repository.removeJob(id);
  return true;
}
