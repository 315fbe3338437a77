// The counts of a month as a service knows them at a time: the port that detectors read.

import { dayMs, hourMs } from '../../src/durations.ts';
import type { Cause, CountQuery, EventCount, EventCounter } from '../../src/reports/count.ts';
import { type EventTally, type Failure, nothing } from '../../src/reports/tally.ts';
import type { HourlyCount, Month, Profile } from './types.ts';

export interface HourlyCounts {
  readonly profile: Profile;
  /** Start of the history, and of the month. The end is excluded. */
  readonly start: number;
  readonly from: number;
  readonly to: number;
  /** Returns a counter that knows what was reported before `now` (epoch milliseconds). */
  counterAt(now: number): EventCounter;
  /** The same without promises. */
  countAt(now: number, query: CountQuery): EventCount[];
}

/** The spam filters in front of mailboxes. */
const gateways: ReadonlySet<string | null> = new Set(['mimecast', 'proofpoint', 'barracuda']);

const nameIn: Readonly<Record<CountQuery['by'], (row: HourlyCount) => string | null>> = {
  provider: ({ provider }) => provider,
  gateway: ({ provider }) => (gateways.has(provider) ? provider : null),
  source: ({ source }) => source,
  campaign: ({ campaign }) => campaign,
  list: ({ list }) => list,
  mail_host: ({ mailHost }) => mailHost,
  reason: ({ reason }) => reason,
  status: ({ status }) => status,
};

/** Sent and delivered messages have no mail host, no reason and no status. */
const hasVolume = (by: CountQuery['by']): boolean => by !== 'mail_host' && by !== 'reason' && by !== 'status';

const failureOf = ({ kind, class: bounceClass }: HourlyCount): Failure | null =>
  kind === 'bounce' ? (bounceClass as Failure) : kind === 'sent' || kind === 'delivered' ? null : kind;

interface Sum {
  readonly name: string | null;
  readonly tally: { -readonly [name in keyof EventTally]: number };
  readonly causes: Map<string, { -readonly [name in keyof Cause]: Cause[name] }>;
}

const sumOf = (sums: Map<string | null, Sum>, name: string | null): Sum => {
  let sum = sums.get(name);
  if (sum === undefined) {
    sum = { name, tally: { ...nothing }, causes: new Map() };
    sums.set(name, sum);
  }
  return sum;
};

const addCause = ({ tally, causes }: Sum, cause: Cause): void => {
  tally[cause.failure] += cause.messages;
  const key = `${cause.failure} ${cause.reason} ${cause.status}`;
  const known = causes.get(key);
  if (known === undefined) causes.set(key, { ...cause });
  else known.messages += cause.messages;
};

const finished = (sums: Map<string | null, Sum>, period: number): EventCount[] =>
  [...sums.values()].map(({ name, tally, causes }) => ({
    period,
    name,
    tally,
    causes: [...causes.values()],
  }));

export function countRows(rows: readonly HourlyCount[], by: CountQuery['by'], period: number): EventCount[] {
  const sums = new Map<string | null, Sum>();
  for (const row of rows) {
    const failure = failureOf(row);
    if (failure === null) {
      if (hasVolume(by)) sumOf(sums, nameIn[by](row)).tally[row.kind as 'sent' | 'delivered'] += row.messages;
    } else {
      const { reason, status, messages } = row;
      addCause(sumOf(sums, nameIn[by](row)), { failure, reason, status, messages });
    }
  }
  return finished(sums, period);
}

/** Adds up the counts of several hours. */
export function merge(counts: Iterable<EventCount>, period: number): EventCount[] {
  const sums = new Map<string | null, Sum>();
  for (const { name, tally, causes } of counts) {
    const sum = sumOf(sums, name);
    sum.tally.sent += tally.sent;
    sum.tally.delivered += tally.delivered;
    for (const cause of causes) addCause(sum, cause);
  }
  return finished(sums, period);
}

/** `start` of the month must be the start of a day in UTC. */
export function createHourlyCounts({ profile, start, from, to, counts }: Month): HourlyCounts {
  const length = (to - start) / hourMs;
  const rows: HourlyCount[][] = Array.from({ length }, () => []);
  for (const row of counts) rows[(row.hour - start) / hourMs]!.push(row);
  // When the rows of an hour were reported. Most hours were reported at once.
  const reports = rows.map((ofHour) =>
    [...new Set(ofHour.map(({ reported }) => reported))].sort((a, b) => a - b),
  );
  // The counts of each hour by the number of reports that are known.
  const counted = new Map<CountQuery['by'], (readonly EventCount[])[][]>();

  const hourAt = (index: number, now: number, by: CountQuery['by']): readonly EventCount[] => {
    const known = reports[index]!.findLastIndex((reported) => reported < now);
    if (known === -1) return [];
    let hours = counted.get(by);
    if (hours === undefined) {
      hours = rows.map(() => []);
      counted.set(by, hours);
    }
    let cells = hours[index]![known];
    if (cells === undefined) {
      const until = reports[index]![known]!;
      cells = countRows(
        rows[index]!.filter(({ reported }) => reported <= until),
        by,
        start + index * hourMs,
      );
      hours[index]![known] = cells;
    }
    return cells;
  };

  // Whole days are added up once, because a replay asks for the same days again and again.
  const lastReports = Array.from({ length: Math.floor(length / 24) }, (_, day) =>
    Math.max(...reports.slice(day * 24, (day + 1) * 24).map((ofHour) => ofHour.at(-1) ?? 0)),
  );
  const countedDays = new Map<CountQuery['by'], (readonly EventCount[])[]>();

  const dayAt = (day: number, by: CountQuery['by']): readonly EventCount[] => {
    let days = countedDays.get(by);
    if (days === undefined) {
      days = [];
      countedDays.set(by, days);
    }
    days[day] ??= merge(
      Array.from({ length: 24 }, (_, hour) => hourAt(day * 24 + hour, Number.POSITIVE_INFINITY, by)).flat(),
      start + day * dayMs,
    );
    return days[day];
  };

  const countAt = (now: number, query: CountQuery): EventCount[] => {
    const first = Math.max(Math.ceil((query.from - start) / hourMs), 0);
    const last = Math.min(Math.ceil((query.to - start) / hourMs), length);
    const periods = new Map<number, EventCount[]>();
    const found: EventCount[] = [];
    for (let index = first; index < last; ) {
      if (query.every === 'hour') {
        for (const cell of hourAt(index++, now, query.by)) found.push(cell);
        continue;
      }
      const day = index / 24;
      const isWholeDay = Number.isInteger(day) && index + 24 <= last && lastReports[day]! < now;
      const period = query.every === 'all' ? 0 : start + Math.floor(day) * dayMs;
      const cells = isWholeDay ? dayAt(day, query.by) : hourAt(index, now, query.by);
      index += isWholeDay ? 24 : 1;
      if (isWholeDay && query.every === 'day') {
        for (const cell of cells) found.push(cell);
        continue;
      }
      let inPeriod = periods.get(period);
      if (inPeriod === undefined) {
        inPeriod = [];
        periods.set(period, inPeriod);
      }
      for (const cell of cells) inPeriod.push(cell);
    }
    for (const [period, cells] of periods) found.push(...merge(cells, period));
    return found;
  };

  return {
    profile,
    start,
    from,
    to,
    countAt,
    counterAt: (now) => ({
      count: async (query) => countAt(now, query),
      countUnproven: async () => 0,
    }),
  };
}
