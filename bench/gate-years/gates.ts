// The gate of the service for a synthetic year: its real code over a real SQLite database, with counts that are kept in memory,
// because storing a year of single events would take minutes.

import { dayMs, hourMs, startOfDay, startOfHour } from '../../src/durations.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { scoredEvents } from '../../src/platform/gate-events.ts';
import type { CountQuery, EventCount } from '../../src/reports/count.ts';
import { createGate } from '../../src/reports/gate/gate.ts';
import { espPreset } from '../../src/reports/gate/presets.ts';
import { scoreChanges } from '../../src/reports/gate/score.ts';
import { createIncidents } from '../../src/reports/incidents/incidents.ts';
import { createIncidentSearch } from '../../src/reports/incidents/search.ts';
import { createGateRepository } from '../../src/storage/sqlite/gate-repository.ts';
import { createIncidentRepository } from '../../src/storage/sqlite/incident-repository.ts';
import { countRows, merge } from '../months/hourly-counts.ts';
import type { HourlyCount } from '../months/types.ts';
import type { AskedGate } from './sender.ts';
import type { Outcome, SendYear } from './types.ts';

/** The counts of the events that were reported so far. */
class CountLog {
  private readonly rows = new Map<number, Map<string, HourlyCount & { messages: number }>>();
  private readonly kept = new Map<string, readonly EventCount[]>();

  add(row: HourlyCount): void {
    const { hour } = row;
    let ofHour = this.rows.get(hour);
    if (ofHour === undefined) {
      ofHour = new Map();
      this.rows.set(hour, ofHour);
    }
    const key = `${row.kind} ${row.provider} ${row.mailHost} ${row.campaign} ${row.list} ${row.class} ${row.reason} ${row.status}`;
    const known = ofHour.get(key);
    if (known === undefined) ofHour.set(key, { ...row });
    else known.messages += row.messages;
    for (const by of dimensions) {
      this.kept.delete(`${by} ${hour}`);
      this.kept.delete(`${by} day ${startOfDay(hour)}`);
    }
  }

  private hour(hour: number, by: CountQuery['by']): readonly EventCount[] {
    const rows = this.rows.get(hour);
    if (rows === undefined) return [];
    return this.keep(`${by} ${hour}`, () => countRows([...rows.values()], by, hour));
  }

  private day(day: number, by: CountQuery['by']): readonly EventCount[] {
    return this.keep(`${by} day ${day}`, () =>
      merge(Array.from({ length: 24 }, (_, index) => this.hour(day + index * hourMs, by)).flat(), day),
    );
  }

  private keep(key: string, count: () => readonly EventCount[]): readonly EventCount[] {
    let counts = this.kept.get(key);
    if (counts === undefined) {
      counts = count();
      this.kept.set(key, counts);
    }
    return counts;
  }

  count(query: CountQuery): EventCount[] {
    const { names } = query;
    const counts = this.countAll(query);
    return names === undefined ? counts : counts.filter(({ name }) => names.includes(name));
  }

  private countAll({ from, to, by, every }: CountQuery): EventCount[] {
    const periods: (readonly EventCount[])[] = [];
    for (let at = startOfHour(from); at < to; ) {
      const isDay = every !== 'hour' && at === startOfDay(at) && at + dayMs <= to;
      const cells = isDay ? this.day(at, by) : this.hour(at, by);
      if (cells.length > 0) periods.push(cells);
      at += isDay ? dayMs : hourMs;
    }
    if (every === 'hour') return periods.flat();
    if (every === 'all') return merge(periods.flat(), 0);
    const days = Map.groupBy(periods.flat(), ({ period }) => startOfDay(period));
    return [...days].flatMap(([day, cells]) => merge(cells, day));
  }
}

const dimensions = [
  'provider',
  'gateway',
  'source',
  'campaign',
  'list',
  'mail_host',
  'reason',
  'status',
] as const;

/** Hours between two looks for incidents. The service looks every five minutes; here that would take hours. */
const lookEveryHours = 6;

/** How an outcome is stored, as far as the gate is concerned. */
const storedAs = ({ campaign, provider, kind, reply, at }: Outcome) => ({
  ...{ kind, class: reply.class, echo: false, reportedBy: 'simulated' },
  ...{ mailboxProvider: provider.name, campaign: campaign.name, list: campaign.list, at },
});

export function openGate({ from: start, reporter }: SendYear): AskedGate & { close(): void } {
  let now = start;
  let ids = 0;
  let looked = start;
  const delivers = reporter === 'sent' ? [] : ['simulated'];
  const { sqlite, database } = openDatabase(':memory:');
  const log = new CountLog();
  const counter = { count: async (query: CountQuery) => log.count(query) };
  const repository = createGateRepository(database);
  const incidentRepository = createIncidentRepository(database);
  const ports = { counter, now: () => now, newId: () => `id_${++ids}`, tell: () => {} };
  const incidents = createIncidents({
    ...ports,
    search: createIncidentSearch(counter),
    repository: incidentRepository,
  });
  const gate = createGate({
    ...ports,
    repository,
    incidents: incidentRepository,
    senderFaults: async () => null,
    profile: null,
    account: espPreset('ses')!.limits,
    bodyOf: null,
  });
  return {
    async report(outcomes, at) {
      now = Math.max(now, at);
      // Events that are repeated have the same id, so the event store leaves them out.
      const fresh = outcomes.filter(({ isRepeated }) => !isRepeated).toSorted((a, b) => a.at - b.at);
      for (const { campaign, provider, kind, reply, at: happened, messages } of fresh) {
        const { class: bounceClass, reason, status } = reply;
        log.add({
          hour: startOfHour(happened),
          reported: 0,
          provider: provider.name,
          mailHost: kind === 'bounce' ? provider.mailHost : null,
          source: null,
          campaign: campaign.name,
          list: campaign.list,
          ...{ kind, class: bounceClass, reason, status, messages },
        });
      }
      const events = fresh.flatMap((one) => Array.from({ length: one.messages }, () => storedAs(one)));
      await repository.change({ changes: scoreChanges(scoredEvents(events, delivers), null), at: now });
    },
    async ask(question, at) {
      now = Math.max(now, at);
      return gate.ask(question);
    },
    async tend(at) {
      now = Math.max(now, at);
      // Also without new events, because an incident closes after some days without mail.
      if (now - looked < lookEveryHours * hourMs) return;
      looked = now;
      await incidents.look();
      await gate.deleteBefore(now - 14 * dayMs);
    },
    close: () => sqlite.close(),
  };
}
