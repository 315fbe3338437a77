// Paths of a job's files.

export const jobFolder = (id: string): string => `jobs/${id}`;

export const uploadedFile = (id: string): string => `${jobFolder(id)}/upload`;

/** The file with the random sample of the uploaded list that a job verifies instead of the whole list. */
export const sampleFile = (id: string): string => `${jobFolder(id)}/sample`;

/** The text of the sheet, if the upload is a workbook. */
export const sheetFile = (id: string): string => `${jobFolder(id)}/sheet`;

/** What mail hosts said about the mailboxes of the list: one JSON object per line. */
export const proofsFile = (id: string): string => `${jobFolder(id)}/proofs`;

/** What mail hosts said about the mailboxes of one slice, if they are asked in turns: one JSON object per line. */
export const sliceProofsFile = (jobId: string, position: number): string =>
  `${proofsFile(jobId)}-${String(position).padStart(6, '0')}`;

/**
 * The file with the result of one slice (a range of rows) of the list. `lease` is the number of the lease under which a worker
 * verified the slice. It is part of the name, so a worker whose lease has ended cannot overwrite the result of the worker
 * that took over.
 */
export const resultFile = (jobId: string, position: number, lease: number): string =>
  `${jobFolder(jobId)}/slices/${String(position).padStart(6, '0')}.${lease}`;
