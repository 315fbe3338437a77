// Reads the counters of delivery events in SQLite: node:sqlite and D1.

import { dayMs, hourMs } from '../../durations.ts';
import type { Cause, CountQuery, EventCount, EventCounter } from '../../reports/count.ts';
import { type EventTally, nothing, sum } from '../../reports/tally.ts';
import type { Database } from '../database.ts';

/** A part of the time to count, and the rows that count it. */
interface Span {
  readonly every: 'hour' | 'day';
  readonly from: number;
  readonly to: number;
}

const isInSpan = 'workspace = ?1 AND every = ?2 AND dimension = ?3 AND start >= ?4 AND start < ?5';

/** The column that identifies the period of a row, or an expression for it if the period is longer than that of the row. */
const periodOf = (every: CountQuery['every'], span: Span): string =>
  every === 'all' ? '0' : every === span.every ? 'start' : `start / ${dayMs} * ${dayMs}`;

const tallies = (period: string) => `
  SELECT ${period} AS period, name, sum(sent) AS sent, sum(delivered) AS delivered, sum(hard) AS hard,
    sum(soft) AS soft, sum(policy) AS policy, sum(complaint) AS complaint, sum(unsubscribed) AS unsubscribed,
    sum(deferred) AS deferred
  FROM event_tallies WHERE ${isInSpan} GROUP BY 1, 2`;

// One row for each period and name. Rows for each cause would take several times as long to read.
const causesOf = (rows: string) => `
  SELECT period, name, json_group_array(json_array(failure, reason, status, messages)) AS causes
  FROM (${rows}) GROUP BY period, name`;

// The rows of a period are sums already. They are in the order of the key, so SQLite sorts nothing.
const ownCauses = `
  SELECT start AS period, name, failure, reason, status, messages
  FROM event_causes WHERE ${isInSpan} AND messages <> 0`;

const summedCauses = (period: string) => `
  SELECT ${period} AS period, name, failure, reason, status, sum(messages) AS messages
  FROM event_causes WHERE ${isInSpan} GROUP BY 1, 2, 3, 4, 5 HAVING sum(messages) <> 0`;

const causes = (period: string): string => causesOf(period === 'start' ? ownCauses : summedCauses(period));

const unproven = `
  SELECT coalesce(sum(events), 0) AS events FROM unproven_tallies
  WHERE workspace = ? AND start >= ? AND start < ?`;

type TallyRow = EventTally & { readonly period: number; readonly name: string };

interface CausesRow {
  readonly period: number;
  readonly name: string;
  /** JSON: for each cause the failure, the reason, the status (empty if unknown) and the messages. */
  readonly causes: string;
}

/**
 * Maximum number of statements into which each span is split, for tallies and for causes. With more, a report would exceed the
 * number of statements that D1 allows per request. With fewer, each statement would block Node for too long.
 */
const slices = 5;

export const createEventCounter = (database: Database, workspace = 'default'): EventCounter => ({
  count: (question) => countEvents(database, workspace, question),
  async countUnproven({ from, to }) {
    const hours = wholeHours(from, to);
    const params = [workspace, hours.from, hours.to];
    return (await database.first<{ events: number }>(unproven, params))!.events;
  },
});

async function countEvents(
  database: Database,
  workspace: string,
  { from, to, by, every, causes: withCauses = true }: CountQuery,
): Promise<EventCount[]> {
  const counts = new Map<string, MutableCount>();
  const countAt = (period: number, name: string): MutableCount => {
    const key = `${period} ${name}`;
    let count = counts.get(key);
    if (count === undefined) {
      count = { period, name, tally: nothing, causes: [] };
      counts.set(key, count);
    }
    return count;
  };
  const pause = pauses();
  for (const span of spansOf(wholeHours(from, to), every)) {
    const period = periodOf(every, span);
    const params = [workspace, span.every, by, span.from, span.to];
    for (const { period: start, name, ...tally } of await database.all<TallyRow>(tallies(period), params)) {
      const count = countAt(start, name);
      count.tally = count.tally === nothing ? tally : sum([count.tally, tally]);
    }
    await pause();
    if (!withCauses) continue;
    for (const row of await database.all<CausesRow>(causes(period), params))
      countAt(row.period, row.name).causes.push(row.causes);
    await pause();
  }
  return [...counts.values()].filter(isNotEmpty).map(eventCount);
}

interface MutableCount {
  readonly period: number;
  readonly name: string;
  tally: EventTally;
  /** See `CausesRow`; one element for each span. */
  readonly causes: string[];
}

/** False for a row whose messages count elsewhere since a later event of the same message arrived. */
const isNotEmpty = ({ tally }: MutableCount): boolean =>
  Object.values(tally).some((messages) => messages !== 0);

function eventCount({ period, name, tally, causes: texts }: MutableCount): EventCount {
  let parsed: readonly Cause[] | undefined;
  return {
    period,
    name: name === '' ? null : name,
    tally,
    // Reports need the causes of few counts, and reading all of them takes long.
    get causes() {
      parsed ??= causesIn(texts);
      return parsed;
    },
  };
}

function causesIn(texts: readonly string[]): readonly Cause[] {
  type CauseRow = [Cause['failure'], Cause['reason'], string, number];
  const found = new Map<string, Cause>();
  for (const [failure, reason, status, messages] of texts.flatMap((text) => JSON.parse(text) as CauseRow[])) {
    const key = `${failure} ${reason} ${status}`;
    const before = found.get(key)?.messages ?? 0;
    found.set(key, { failure, reason, status: status === '' ? null : status, messages: before + messages });
  }
  return [...found.values()];
}

const wholeHours = (from: number, to: number) => ({
  from: Math.floor(from / hourMs) * hourMs,
  to: Math.ceil(to / hourMs) * hourMs,
});

/**
 * Splits the time into spans. Whole UTC days are counted by day, because that is much faster, unless the caller asks for each
 * hour.
 */
function spansOf({ from, to }: { from: number; to: number }, every: CountQuery['every']): Span[] {
  const firstDay = Math.ceil(from / dayMs) * dayMs;
  const end = Math.floor(to / dayMs) * dayMs;
  if (every === 'hour' || firstDay >= end) return slicesOf({ every: 'hour', from, to });
  return [
    ...slicesOf({ every: 'hour', from, to: firstDay }),
    ...slicesOf({ every: 'day', from: firstDay, to: end }),
    ...slicesOf({ every: 'hour', from: end, to }),
  ];
}

function slicesOf({ every, from, to }: Span): Span[] {
  const step = Math.max(Math.ceil((to - from) / slices / dayMs) * dayMs, dayMs);
  const parts: Span[] = [];
  for (let start = from; start < to; start += step)
    parts.push({ every, from: start, to: Math.min(start + step, to) });
  return parts;
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
