// Reads the counters of delivery events in SQLite: node:sqlite and D1.

import type { BounceReason } from '../../bounce/bounce.ts';
import { dayMs, hourMs, startOfDay, startOfHour } from '../../durations.ts';
import type { Cause, CountQuery, EventCount, EventCounter } from '../../reports/count.ts';
import { type EventTally, type Failure, sum } from '../../reports/tally.ts';
import type { ReadableDatabase } from '../database.ts';

/** A part of the time to count, and the rows that count it. */
interface Span {
  readonly every: 'hour' | 'day';
  readonly from: number;
  readonly to: number;
}

const isInSpan = 'workspace = ?1 AND every = ?2 AND dimension = ?3 AND start >= ?4 AND start < ?5';
const isNamed = `${isInSpan} AND name IN (SELECT value FROM json_each(?6))`;

/** The column that identifies the period of a row, or an expression for it if the period is longer than that of the row. */
const periodOf = (every: CountQuery['every'], span: Span): string =>
  every === 'all' ? '0' : every === span.every ? 'start' : `start / ${dayMs} * ${dayMs}`;

// Returns one row for each period, with its counts as JSON: one row for each count would take several times as long to read. The
// stored rows are in the order of the primary key, so SQLite need not sort them.
const tallies = (period: string, isCounted: string) => `
  SELECT period, json_group_array(
    json_array(name, sent, delivered, hard, soft, policy, complaint, unsubscribed, deferred)
  ) AS "values"
  FROM (${
    period === 'start'
      ? `SELECT start AS period, * FROM event_tallies WHERE ${isCounted}`
      : `SELECT ${period} AS period, name, sum(sent) AS sent, sum(delivered) AS delivered, sum(hard) AS hard,
          sum(soft) AS soft, sum(policy) AS policy, sum(complaint) AS complaint, sum(unsubscribed) AS unsubscribed,
          sum(deferred) AS deferred
        FROM event_tallies WHERE ${isCounted} GROUP BY 1, 2`
  }) GROUP BY period`;

const causes = (period: string, isCounted: string) => `
  SELECT period, json_group_array(json_array(name, failure, reason, status, messages)) AS "values"
  FROM (${
    period === 'start'
      ? `SELECT start AS period, * FROM event_causes WHERE ${isCounted}`
      : `SELECT ${period} AS period, name, failure, reason, status, sum(messages) AS messages
        FROM event_causes WHERE ${isCounted} GROUP BY 1, 2, 3, 4, 5`
  }) GROUP BY period`;

const unproven = `
  SELECT coalesce(sum(events), 0) AS events FROM unproven_tallies
  WHERE workspace = ? AND start >= ? AND start < ?`;

/** What is counted in a period: JSON of `TallyValues` or `CauseValues` for each name. */
interface PeriodRow {
  readonly period: number;
  readonly values: string;
}

type TallyValues = [name: string, ...messages: number[]];
type CauseValues = [name: string, failure: Failure, reason: BounceReason, status: string, messages: number];

/**
 * Maximum number of statements into which each span is split, for tallies and for causes. With more, a report would exceed the
 * number of statements that D1 allows per request. With fewer, each statement would block Node for too long.
 */
const slices = 5;

export const createEventCounter = (database: ReadableDatabase, workspace = 'default'): EventCounter => ({
  count: (question) => countEvents(database, workspace, question),
  async countUnproven({ from, to }) {
    const hours = wholeHours(from, to);
    const params = [workspace, hours.from, hours.to];
    return (await database.first<{ events: number }>(unproven, params))!.events;
  },
});

async function countEvents(
  database: ReadableDatabase,
  workspace: string,
  { from, to, by, every, causes: withCauses = true, names }: CountQuery,
): Promise<EventCount[]> {
  const periods = new Map<number, Period>();
  const periodAt = (start: number): Period => {
    let period = periods.get(start);
    if (period === undefined) {
      period = { start, tallies: new Map(), causes: [] };
      periods.set(start, period);
    }
    return period;
  };
  const asked = names === undefined ? [] : [JSON.stringify(names.map((name) => name ?? ''))];
  const isCounted = names === undefined ? isInSpan : isNamed;
  /** Reads a span in one statement; in halves if it has so many names that the JSON of a period is too long. */
  async function rowsOf(sqlOf: typeof tallies, span: Span): Promise<PeriodRow[]> {
    const params = [workspace, span.every, by, span.from, span.to, ...asked];
    try {
      return await database.all<PeriodRow>(sqlOf(periodOf(every, span), isCounted), params);
    } catch (error) {
      const halves = isTooLong(error) ? halvesOf(span) : null;
      if (halves === null) throw error;
      return [...(await rowsOf(sqlOf, halves[0])), ...(await rowsOf(sqlOf, halves[1]))];
    }
  }

  const pause = pauses();
  for (const span of spansOf(wholeHours(from, to), every)) {
    for (const row of await rowsOf(tallies, span))
      addTallies(periodAt(row.period), JSON.parse(row.values) as TallyValues[]);
    await pause();
    if (!withCauses) continue;
    for (const row of await rowsOf(causes, span)) periodAt(row.period).causes.push(row.values);
    await pause();
  }
  return [...periods.values()].flatMap(countsOf);
}

interface Period {
  readonly start: number;
  readonly tallies: Map<string, EventTally>;
  /** JSON of `CauseValues`, one element for each span. */
  readonly causes: string[];
}

function addTallies({ tallies: found }: Period, values: readonly TallyValues[]): void {
  for (const [name, sent, delivered, hard, soft, policy, complaint, unsubscribed, deferred] of values) {
    const tally = { sent, delivered, hard, soft, policy, complaint, unsubscribed, deferred } as EventTally;
    const before = found.get(name);
    found.set(name, before === undefined ? tally : sum([before, tally]));
  }
}

function countsOf({ start, tallies: found, causes: texts }: Period): EventCount[] {
  // Reports need the causes of few periods, and reading all of them takes long.
  let ofNames: Map<string, Cause[]> | undefined;
  const causesOf = (name: string): readonly Cause[] => {
    ofNames ??= causesByName(texts);
    return ofNames.get(name) ?? [];
  };
  const counts: EventCount[] = [];
  for (const [name, tally] of found) {
    if (isEmpty(tally)) continue;
    counts.push({
      period: start,
      name: name === '' ? null : name,
      tally,
      get causes() {
        return causesOf(name);
      },
    });
  }
  return counts;
}

/** Such a row is left if a later event of the same message arrived: the message then counts in another row. */
const isEmpty = (tally: EventTally): boolean => Object.values(tally).every((messages) => messages === 0);

function causesByName(texts: readonly string[]): Map<string, Cause[]> {
  const found = new Map<string, CauseValues>();
  for (const text of texts)
    for (const values of JSON.parse(text) as CauseValues[]) {
      const key = values.slice(0, 4).join(' ');
      const before = found.get(key);
      if (before === undefined) found.set(key, values);
      else before[4] += values[4];
    }
  const ofNames = new Map<string, Cause[]>();
  for (const [name, failure, reason, status, messages] of found.values()) {
    if (messages === 0) continue;
    const cause = { failure, reason, status: status === '' ? null : status, messages };
    const ofName = ofNames.get(name);
    if (ofName === undefined) ofNames.set(name, [cause]);
    else ofName.push(cause);
  }
  return ofNames;
}

const wholeHours = (from: number, to: number) => ({
  from: startOfHour(from),
  to: Math.ceil(to / hourMs) * hourMs,
});

/**
 * Splits the time into spans. Whole UTC days are counted by day, because that is much faster, unless the caller asks for each
 * hour.
 */
function spansOf({ from, to }: { from: number; to: number }, every: CountQuery['every']): Span[] {
  const firstDay = Math.ceil(from / dayMs) * dayMs;
  const end = startOfDay(to);
  if (every === 'hour' || firstDay >= end) return slicesOf({ every: 'hour', from, to });
  return [
    ...slicesOf({ every: 'hour', from, to: firstDay }),
    ...slicesOf({ every: 'day', from: firstDay, to: end }),
    ...slicesOf({ every: 'hour', from: end, to }),
  ];
}

/** D1 allows 2 MB in a value. */
const isTooLong = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'SQLITE_TOOBIG';

function halvesOf({ every, from, to }: Span): readonly [Span, Span] | null {
  const step = every === 'hour' ? hourMs : dayMs;
  const middle = from + Math.floor((to - from) / step / 2) * step;
  return middle === from
    ? null
    : [
        { every, from, to: middle },
        { every, from: middle, to },
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
