// How the file of a job is divided into slices.

import type { WorkbookLimits } from '../xlsx/workbook-limits.ts';

/** A slice ends when it reaches one of these limits. */
export interface SliceLimits {
  /** Maximum number of rows in a slice. */
  readonly rows: number;
  /**
   * Maximum number of distinct domains in a slice, because each may need a lookup. The file is read in parts of
   * `rowsAtOnce` rows, and a slice consists of whole parts. So a slice can exceed the limit by the domains of its
   * last part.
   */
  readonly domains: number;
  /**
   * Maximum number of bytes in a slice, because a slice is processed in memory. It can exceed the limit by its last
   * part.
   */
  readonly bytes: number;
  /** The number of rows that are read at a time. They form one part of the list. */
  readonly rowsAtOnce: number;
  /**
   * Maximum number of addresses in memory while duplicates are searched. A longer list is read several times. If absent, the
   * default of `createDuplicateSearch`.
   */
  readonly addressesInMemory?: number;
  /** Limits for workbooks. Absent: the defaults. */
  readonly workbook?: WorkbookLimits;
}
