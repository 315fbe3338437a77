// Limits for workbooks, which are compressed: a small file can unpack to any size.

export const xlsxMediaType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

export interface WorkbookLimits {
  /** Maximum number of files in the ZIP archive. */
  readonly entries: number;
  /** Maximum number of unpacked bytes of all parts that are read, and of the text of a sheet. */
  readonly unpackedBytes: number;
  /** Maximum ratio of unpacked to packed bytes of a part that has more than `ratioFrom` unpacked bytes. */
  readonly ratio: number;
  readonly ratioFrom: number;
  /** Maximum number of bytes of the shared strings, which are kept in memory. */
  readonly stringBytes: number;
}

/**
 * Excel's largest sheet with 40 short cells in a row unpacks to about 2 GiB. Sheets of real lists are packed 5 to 50
 * times; the maximum of the format is 1,032.
 */
export const defaultWorkbookLimits: WorkbookLimits = {
  entries: 10_000,
  unpackedBytes: 2 ** 31,
  ratio: 300,
  ratioFrom: 16 * 2 ** 20,
  stringBytes: 256 * 2 ** 20,
};
