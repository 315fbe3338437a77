// Counts delivery events: how much was sent and what failed and why, by time and by one property of the mail.

import type { BounceReason } from '../bounce/bounce.ts';
import type { Database } from '../storage/database.ts';
import { type Failure, nothing, sum, type Tally } from './tally.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** Why messages failed, and how many. */
export interface Cause {
  readonly failure: Failure;
  readonly reason: BounceReason;
  /** Enhanced status code (RFC 3463). */
  readonly status: string | null;
  readonly messages: number;
}

/** The outcomes of the mail of one period, to one provider, from one source, of one campaign. */
export interface Cell {
  /** Start of the period in epoch milliseconds; 0 if not grouped by time. */
  readonly period: number;
  /** Null if the events do not say. */
  readonly name: string | null;
  readonly tally: Tally;
  readonly causes: readonly Cause[];
}

export interface Question {
  /** Epoch milliseconds; the start is included, the end excluded. */
  readonly from: number;
  readonly to: number;
  readonly by: 'provider' | 'source' | 'campaign';
  readonly every: 'hour' | 'day' | 'all';
}

const columnOf = { provider: 'mailbox_provider', source: 'source', campaign: 'campaign' } as const;

const periodOf = {
  hour: `at / ${hourMs} * ${hourMs}`,
  day: `at / ${dayMs} * ${dayMs}`,
  all: '0',
} as const;

// Both conditions repeat those of their partial index word by word: SQLite uses the index only then.
const volume = ({ by, every }: Question) => `
  SELECT ${periodOf[every]} AS period, ${columnOf[by]} AS name,
    sum(kind = 'sent') AS sent, sum(kind = 'delivered') AS delivered
  FROM delivery_events
  WHERE workspace = 'default' AND at >= ? AND at < ? AND kind IN ('sent', 'delivered')
  GROUP BY 1, 2`;

// A message with several events counts once, by its last event: with max(), SQLite takes the other columns from the
// same row. An event without a message id counts on its own.
const failures = ({ by, every }: Question) => `
  SELECT ${periodOf[every]} AS period, name, failure, reason, status, count(*) AS messages FROM (
    SELECT max(at) AS at, ${columnOf[by]} AS name, reason, status,
      CASE WHEN kind = 'unsubscribed' THEN kind ELSE class END AS failure
    FROM delivery_events
    WHERE workspace = 'default' AND at >= ? AND at < ? AND echo = 0 AND kind <> 'deferred'
      AND (class IN ('hard', 'soft', 'policy', 'complaint') OR kind = 'unsubscribed')
    GROUP BY coalesce(message || ':' || coalesce(address_hash, ''), id),
      CASE WHEN kind = 'unsubscribed' THEN 2 WHEN class = 'complaint' THEN 1 ELSE 0 END
  ) GROUP BY 1, 2, 3, 4, 5`;

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
 * Statements per query: few enough for D1's limit per request, many enough that none blocks a Node process for long.
 */
const slices = 10;

/** All cells with events, in no particular order. */
export async function countEvents(database: Database, question: Question): Promise<Cell[]> {
  const { from, to } = question;
  const cells = new Map<string, { period: number; name: string | null; tally: Tally; causes: Cause[] }>();
  const cellOf = (period: number, name: string | null) => {
    const key = name === null ? `${period}` : `${period} ${name}`;
    let cell = cells.get(key);
    if (cell === undefined) {
      cell = { period, name, tally: nothing, causes: [] };
      cells.set(key, cell);
    }
    return cell;
  };

  const step = Math.max(Math.ceil((to - from) / slices / dayMs) * dayMs, dayMs);
  for (let start = from; start < to; start += step) {
    const params = [start, Math.min(start + step, to)];
    for (const { period, name, sent, delivered } of await database.all<VolumeRow>(volume(question), params)) {
      const cell = cellOf(period, name);
      cell.tally = sum([cell.tally, { ...nothing, sent, delivered }]);
    }
    await turn();
  }

  for (const { period, name, ...cause } of await database.all<FailureRow>(failures(question), [from, to])) {
    const cell = cellOf(period, name);
    cell.tally = sum([cell.tally, { ...nothing, [cause.failure]: cause.messages }]);
    cell.causes.push(cause);
  }
  return [...cells.values()];
}

/** node:sqlite answers within one turn of the event loop; this lets other requests run in between. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve));
