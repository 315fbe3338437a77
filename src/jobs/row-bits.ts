// One bit per row of a slice, as text for the database.

/** Ascending row numbers from 0 → hex digits. A digit has the bits of four rows, lowest bit first. Null for no rows. */
export function rowBits(rows: readonly number[], count: number): string | null {
  if (rows.length === 0) return null;
  const digits = new Uint8Array(Math.ceil(count / 4));
  for (const row of rows) digits[row >> 2]! |= 1 << (row & 3);
  return Array.from(digits, (digit) => digit.toString(16)).join('');
}

/** Whether the bit of `row` is set. */
export const hasRowBit = (bits: string | null, row: number): boolean =>
  bits !== null && (Number.parseInt(bits[row >> 2]!, 16) & (1 << (row & 3))) !== 0;
