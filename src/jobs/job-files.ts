// Paths of a job's files.

export const jobFolder = (id: string): string => `jobs/${id}`;

export const uploadedFile = (id: string): string => `${jobFolder(id)}/upload`;

/** The name contains the lease, so a worker that lost its lease cannot overwrite a result that was counted. */
export const resultFile = (jobId: string, position: number, lease: number): string =>
  `${jobFolder(jobId)}/slices/${String(position).padStart(6, '0')}.${lease}`;
