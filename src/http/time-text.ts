// RFC 3339 timestamps in UTC, cached: under load many requests share a millisecond.

interface Moment {
  readonly ms: number;
  readonly text: string;
}

/** The cached times. The length is prime, so times that are whole seconds or days apart have different places. */
const latest = new Array<Moment | undefined>(61);

/** `ms`: whole epoch milliseconds. */
export function timeText(ms: number): string {
  const place = Math.abs(ms % latest.length);
  const known = latest[place];
  if (known?.ms === ms) return known.text;
  const text = new Date(ms).toISOString();
  latest[place] = { ms, text };
  return text;
}
