// RFC 3339 timestamps in UTC. The latest ones are cached, because under load many requests fall into the same millisecond.

interface Moment {
  readonly ms: number;
  readonly text: string;
}

/**
 * The cached timestamps. Each is at the index `ms % 61`. The length is a prime, so times that are whole seconds or days apart
 * (such as the check and the expiry of a verdict) usually have different indexes. With the same index, one would replace the
 * other.
 */
const latest = new Array<Moment | undefined>(61);

/** Returns the timestamp for `ms`, which must be whole epoch milliseconds. */
export function timeText(ms: number): string {
  const place = Math.abs(ms % latest.length);
  const known = latest[place];
  if (known?.ms === ms) return known.text;
  const text = new Date(ms).toISOString();
  latest[place] = { ms, text };
  return text;
}
