// Moments as RFC 3339 in UTC, each written once: under load many requests are of the same millisecond.

interface Moment {
  readonly ms: number;
  readonly text: string;
}

/** A prime number of places keeps moments apart that lie whole seconds or days from each other. */
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
