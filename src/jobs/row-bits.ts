// Writes a set of rows of a slice as text for the database: one bit per row.

/**
 * Writes the row numbers `rows` (from 0) of a slice with `count` rows as hex digits. Each digit stands for four rows,
 * and its lowest bit for the first of them. For example, rows 0 and 5 of 8 are `12`. Null if `rows` is empty.
 */
export function rowBits(rows: readonly number[], count: number): string | null {
  if (rows.length === 0) return null;
  const digits = new Uint8Array(Math.ceil(count / 4));
  for (const row of rows) digits[row >> 2]! |= 1 << (row & 3);
  return Array.from(digits, (digit) => digit.toString(16)).join('');
}

/** Whether the text from `rowBits` contains the row with this number. */
export const hasRowBit = (bits: string | null, row: number): boolean =>
  bits !== null && (Number.parseInt(bits[row >> 2]!, 16) & (1 << (row & 3))) !== 0;
