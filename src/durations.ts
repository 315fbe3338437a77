// Units of time, in milliseconds, and the UTC day and hour of an instant.

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
export const weekMs = 7 * dayMs;

/** The start of the UTC day of an instant, and of its hour; all in epoch milliseconds. */
export const startOfDay = (epoch: number): number => Math.floor(epoch / dayMs) * dayMs;
export const startOfHour = (epoch: number): number => Math.floor(epoch / hourMs) * hourMs;
