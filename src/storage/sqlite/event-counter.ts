// Counts delivery events in SQLite: node:sqlite and D1.

import { dayMs, hourMs } from '../../durations.ts';
import type { Cause, CountQuery, EventCount, EventCounter } from '../../reports/count.ts';
import { type EventTally, nothing, sum } from '../../reports/tally.ts';
import type { Database } from '../database.ts';

const columnOf = {
  provider: 'mailbox_provider',
  source: 'source',
  campaign: 'campaign',
  list: 'list',
  mail_host: 'mail_host',
  reason: 'reason',
  status: 'status',
  gateway: 'gateway',
} as const;

const periodOf = {
  hour: `at / ${hourMs} * ${hourMs}`,
  day: `at / ${dayMs} * ${dayMs}`,
  all: '0',
} as const;

// `volume` counts sent and delivered messages. `failures` counts bounces, complaints and unsubscribes. Each repeats the
// condition of a partial index (`delivery_events_volume`, `delivery_events_failures`) word for word, because SQLite
// uses the index only then.
const volume = ({ by, every }: CountQuery) => `
  SELECT ${periodOf[every]} AS period, ${columnOf[by]} AS name,
    sum(kind = 'sent') AS sent, sum(kind = 'delivered') AS delivered
  FROM delivery_events
  WHERE workspace = ? AND at >= ? AND at < ? AND kind IN ('sent', 'delivered') AND proof <> 'unproven'
  GROUP BY 1, 2`;

// If a message to one recipient bounced several times, only the latest bounce counts. A complaint about it and an
// unsubscribe count as well. So the inner SELECT groups by message, recipient and kind of failure. It takes max(at) of
// each group, and SQLite then takes the other columns from the row with that time. An event without a message id is a
// group of its own.
const failures = ({ by, every }: CountQuery) => `
  SELECT ${periodOf[every]} AS period, name, failure, reason, status, count(*) AS messages FROM (
    SELECT max(at) AS at, ${columnOf[by]} AS name, reason, status,
      CASE WHEN kind = 'unsubscribed' THEN kind ELSE class END AS failure
    FROM delivery_events
    WHERE workspace = ? AND at >= ? AND at < ? AND echo = 0 AND kind <> 'deferred'
      AND (class IN ('hard', 'soft', 'policy', 'complaint') OR kind = 'unsubscribed') AND proof <> 'unproven'
    GROUP BY coalesce(message || ':' || coalesce(address_hash, ''), id),
      CASE WHEN kind = 'unsubscribed' THEN 2 WHEN class = 'complaint' THEN 1 ELSE 0 END
  ) GROUP BY 1, 2, 3, 4, 5`;

const unproven = `
  SELECT count(*) AS events FROM delivery_events
  WHERE workspace = ? AND at >= ? AND at < ? AND proof = 'unproven'`;

interface VolumeRow {
  readonly period: number;
  readonly name: string | null;
  readonly sent: number;
  readonly delivered: number;
}

interface FailureRow extends Cause {
  readonly period: number;
  readonly name: string | null;
}

/**
 * Maximum number of periods into which the count of sent and delivered mail is split. Each period takes one SQL
 * statement. With more periods, the count would exceed the number of statements that D1 allows per request. With fewer,
 * each statement would block Node for too long.
 */
const slices = 10;

export const createEventCounter = (database: Database, workspace = 'default'): EventCounter => ({
  count: (question) => countEvents(database, workspace, question),
  async countUnproven({ from, to }) {
    return (await database.first<{ events: number }>(unproven, [workspace, from, to]))!.events;
  },
});

async function countEvents(
  database: Database,
  workspace: string,
  question: CountQuery,
): Promise<EventCount[]> {
  const { from, to } = question;
  const cells = new Map<
    string,
    { period: number; name: string | null; tally: EventTally; causes: Cause[] }
  >();
  const cellOf = (period: number, name: string | null) => {
    const key = name === null ? `${period}` : `${period} ${name}`;
    let cell = cells.get(key);
    if (cell === undefined) {
      cell = { period, name, tally: nothing, causes: [] };
      cells.set(key, cell);
    }
    return cell;
  };

  const hasVolume = !/^(?:mail_host|reason|status)$/.test(question.by);
  const pause = pauses();
  const step = Math.max(Math.ceil((to - from) / slices / dayMs) * dayMs, dayMs);
  for (let start = from; hasVolume && start < to; start += step) {
    const params = [workspace, start, Math.min(start + step, to)];
    for (const { period, name, sent, delivered } of await database.all<VolumeRow>(volume(question), params)) {
      const cell = cellOf(period, name);
      cell.tally = sum([cell.tally, { ...nothing, sent, delivered }]);
    }
    await pause();
  }

  for (const { period, name, ...cause } of await database.all<FailureRow>(failures(question), [
    workspace,
    from,
    to,
  ])) {
    const cell = cellOf(period, name);
    cell.tally = sum([cell.tally, { ...nothing, [cause.failure]: cause.messages }]);
    cell.causes.push(cause);
  }
  return [...cells.values()];
}

/** Milliseconds for which statements may follow each other before other work gets a turn. */
const mostBlockedMs = 10;

/**
 * Returns a function that waits for a turn of the event loop if the statements since the last one took long: node:sqlite blocks
 * the process during each statement. Fast statements do not wait, because on a busy process every turn takes long.
 */
function pauses(): () => Promise<void> | undefined {
  let since = Date.now();
  return () => {
    if (Date.now() - since < mostBlockedMs) return;
    return new Promise<void>((resolve) => setTimeout(resolve)).then(() => {
      since = Date.now();
    });
  };
}
