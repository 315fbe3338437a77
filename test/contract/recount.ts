// Counts the stored events anew, from the raw rows. The counters must equal this.

import type { CountQuery, EventCounter } from '../../src/reports/count.ts';

/** A row of `delivery_events`, with its columns. */
export type EventRow = Readonly<Record<string, string | number | null>>;

const columnOf: Readonly<Record<CountQuery['by'], string>> = {
  provider: 'mailbox_provider',
  gateway: 'gateway',
  source: 'source',
  campaign: 'campaign',
  list: 'list',
  mail_host: 'mail_host',
  reason: 'reason',
  status: 'status',
};

export const everyDimension = Object.keys(columnOf) as CountQuery['by'][];

const lengthOf = { hour: 3_600_000, day: 86_400_000, all: Number.POSITIVE_INFINITY };

/** The class of a failure as reports name it, or null. */
function failureOf(row: EventRow): string | null {
  if (row['kind'] === 'sent' || row['kind'] === 'delivered' || row['echo'] === 1) return null;
  if (row['kind'] === 'deferred' || row['kind'] === 'unsubscribed') return row['kind'];
  return ['hard', 'soft', 'policy', 'complaint'].includes(row['class'] as string)
    ? (row['class'] as string)
    : null;
}

/** The rows that count: of the bounces of one message to one person the last. */
export function countedRows(rows: readonly EventRow[]): EventRow[] {
  const inOrder = rows.toSorted(
    (a, b) => (a['at'] as number) - (b['at'] as number) || (a['id']! < b['id']! ? -1 : 1),
  );
  const byGroup = new Map<string, EventRow>();
  for (const row of inOrder) {
    if (row['proof'] === 'unproven') continue;
    const failure = failureOf(row);
    const isAlone = failure === null || failure === 'deferred' || row['message'] === null;
    const kind = failure === 'complaint' || failure === 'unsubscribed' ? failure : 'bounce';
    byGroup.set(isAlone ? `${row['id']}` : JSON.stringify([row['message'], row['address_hash'], kind]), row);
  }
  return [...byGroup.values()];
}

/**
 * One line of text for each count, sorted: period, name, what, reason, status and messages. `rows` are those that count.
 */
export function recount(
  rows: readonly EventRow[],
  by: CountQuery['by'],
  every: CountQuery['every'],
): string[] {
  const counts = new Map<string, number>();
  const add = (line: string) => counts.set(line, (counts.get(line) ?? 0) + 1);
  const isOfFailures = ['mail_host', 'reason', 'status'].includes(by);
  for (const row of rows) {
    const failure = failureOf(row);
    const what = failure ?? (/^(sent|delivered)$/.test(row['kind'] as string) ? row['kind'] : null);
    if (what === null || (isOfFailures && failure === null)) continue;
    if (by === 'mail_host' && what === 'deferred') continue;
    const at = row['at'] as number;
    const period = every === 'all' ? 0 : at - (at % lengthOf[every]);
    const place = `${period} ${row[columnOf[by]]} ${what}`;
    add(place);
    if (failure !== null) add(`${place} ${row['reason']} ${row['status']}`);
  }
  return [...counts].map(([line, count]) => `${line}: ${count}`).toSorted();
}

/** The same lines from the counters. */
export async function counted(
  counter: EventCounter,
  by: CountQuery['by'],
  every: CountQuery['every'],
  [from, to]: readonly [number, number],
): Promise<string[]> {
  const lines: string[] = [];
  for (const { period, name, tally, causes } of await counter.count({ by, every, from, to })) {
    const place = `${period} ${name}`;
    for (const [what, count] of Object.entries(tally))
      if (count !== 0) lines.push(`${place} ${what}: ${count}`);
    for (const { failure, reason, status, messages } of causes)
      lines.push(`${place} ${failure} ${reason} ${status}: ${messages}`);
  }
  return lines.toSorted();
}

export const recountUnproven = (rows: readonly EventRow[]): number =>
  rows.filter((row) => row['proof'] === 'unproven').length;
