// Periodic maintenance: verifies due lists again and removes expired data.

import type { FileStore } from '../storage/files/file-store.ts';
import { jobFolder } from './job-files.ts';
import type { JobStore } from './job-store.ts';

export interface MaintenancePorts {
  readonly store: JobStore;
  readonly files: FileStore;
  readonly now: () => number;
  /** How long a finished job is kept. */
  readonly retentionMs: number;
}

/** No upload takes longer: Workers end the request, and clients give up, much sooner. */
const longestUploadMs = 24 * 3_600_000;

/** Each step can be interrupted anywhere; the next call continues. */
export async function maintain(ports: MaintenancePorts): Promise<void> {
  const { store, files, now } = ports;
  const due = await store.due(now());
  if (due.length > 0) {
    const { verifyAgain } = await import('./verify-again.ts');
    for (const job of due) await verifyAgain(ports, job);
  }
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

/** The job becomes invisible. `maintain` removes later what a running lease still holds. */
export async function deleteJob(
  { store, files, now }: Pick<MaintenancePorts, 'store' | 'files' | 'now'>,
  id: string,
): Promise<boolean> {
  if (!(await store.markDeleting(id, now()))) return false;
  await files.removeFolder(jobFolder(id));
  if ((await store.deletable(now())).includes(id)) await store.removeJob(id);
  return true;
}
