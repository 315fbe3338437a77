// Where the files of a job are.

export const jobFolder = (id: string): string => `jobs/${id}`;

export const uploadedFile = (id: string): string => `${jobFolder(id)}/upload`;

/** Which lease wrote it is in the name, so that whoever lost a lease overwrites nothing that was counted. */
export const resultFile = (jobId: string, position: number, lease: number): string =>
  `${jobFolder(jobId)}/slices/${String(position).padStart(6, '0')}.${lease}`;
