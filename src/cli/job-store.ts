// Opens the database and the files of the service for `presend jobs`.

import { formatOf, type Job, type ResultFileFormat } from '../jobs/job.ts';
import type { JobRepository } from '../jobs/job-repository.ts';
import { progressOf, summaryOfJob } from '../jobs/progress.ts';
import { filesFolder } from '../platform/data-places.ts';
import type { Bytes, FileStore } from '../storage/files/file-store.ts';
import type { Action } from '../verdict/verdict.ts';
import { settingsOfEnvironment } from './arguments.ts';
import { noteCommand, openServiceDatabase } from './service-database.ts';

export type JobStore = Awaited<ReturnType<typeof openJobStore>>;

interface ContentOptions {
  /** The format of the result; that of the list if undefined. */
  readonly format: ResultFileFormat | undefined;
  /** Only rows with this action; all rows if null. */
  readonly action: Action | null;
  /** Whether to write the records that cannot be read instead of the result. */
  readonly rejects: boolean;
}

/** @throws UsageError if a setting is invalid, or if the database cannot be used. */
export async function openJobStore() {
  const { settings } = await settingsOfEnvironment();
  const { databasePath } = settings;
  const { nodeFiles } = await import('../storage/files/disk.ts');
  const { createJobRepository } = await import('../storage/sqlite/job-repository.ts');
  const { sqlite, database } = await openServiceDatabase(databasePath);
  const repository: JobRepository = createJobRepository(database);
  const files: FileStore = nodeFiles(filesFolder(settings));
  return {
    settings,
    repository,
    files,
    /** What is known about a job besides its record. */
    async details(job: Job) {
      const [progress, summary, callback, changes] = await Promise.all([
        progressOf(repository, job, Date.now()),
        summaryOfJob(repository, job),
        job.callbackUrl === null ? null : repository.callbackState(job.id),
        job.follows === null ? null : repository.changes(job.id),
      ]);
      return { progress, summary, callback, changes };
    },
    /** Records in the audit that the result of a job is written to a file. */
    noteExport: (id: string) => noteCommand(database, 'list_exported', { subject: id }),
    /** The bytes of the result, or why it cannot be written in this format. The layout of the job must not be null. */
    async content(
      job: Job,
      { format, action, rejects }: ContentOptions,
    ): Promise<AsyncGenerator<Bytes> | string> {
      if (rejects) {
        const { renderRejects } = await import('../jobs/render-rejects.ts');
        return renderRejects(files, job);
      }
      const { renderResult } = await import('../jobs/render-result.ts');
      const { refuseXlsx } = await import('../lists/spreadsheet-result.ts');
      const { shape } = job.layout!;
      const written = format ?? formatOf(shape);
      const refusal = written === 'xlsx' && shape.format === 'csv' ? refuseXlsx(shape) : null;
      return refusal ?? renderResult({ repository, files }, job, { format: written, action });
    },
    close: () => sqlite.close(),
  };
}
