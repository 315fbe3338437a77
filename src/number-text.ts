// Numbers in sentences and tables, in American English.

/** 1234567 as `1,234,567`. */
export const groupedCount = (count: number): string => count.toLocaleString('en-US');

/** `1 row`, `1,234 rows`. */
export const counted = (amount: number, one: string, many = `${one}s`): string =>
  `${groupedCount(amount)} ${amount === 1 ? one : many}`;

/** 0.01234 as `1.23%`. */
export const percentText = (share: number, digits = 2): string => `${(share * 100).toFixed(digits)}%`;

/** 0.01234 as `1.2%`: two significant digits. */
export const roughPercent = (share: number): string => `${Number((share * 100).toPrecision(2))}%`;
