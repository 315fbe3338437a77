// The synthetic months: the same seed gives the same month, and what happened in it can be seen in its counts.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Evidence } from '../../bench/months/evidence.ts';
import {
  developmentSeeds,
  generateMonth,
  generateYear,
  heldOutSeeds,
  kindOfMonth,
} from '../../bench/months/month.ts';
import { seasonAt } from '../../bench/months/sender.ts';
import { incidentKinds, type Month } from '../../bench/months/types.ts';
import { dayMs, hourMs } from '../../src/durations.ts';

const months = Array.from({ length: 48 }, (_, index) => generateMonth(index + 1));
const quiet = months.filter(({ kind }) => kind === 'quiet');

const total = ({ counts }: Month, kind: string, bounceClass?: string) =>
  counts.reduce(
    (sum, one) =>
      one.kind === kind && (bounceClass === undefined || one.class === bounceClass)
        ? sum + one.messages
        : sum,
    0,
  );
const sentOrBounced = (month: Month) =>
  total(month, 'sent') || total(month, 'delivered') + total(month, 'bounce');
const reports = (month: Month, kind: string) => month.counts.some((one) => one.kind === kind);

test('the same seed gives the same month, another seed another one', () => {
  const seed = months.toSorted((one, other) => one.counts.length - other.counts.length)[0]!.seed;
  expect(generateMonth(seed)).toEqual(months[seed - 1]);
  expect(generateMonth(seed + 1).description).not.toBe(generateMonth(seed).description);
});

// Figures of detectors can be compared only over the same months. Whoever changes the generator on purpose changes this
// digest, and the figures that were measured before are void.
test('the months are the same as ever', () => {
  const facts = months.map(({ description, start, truth, counts }) => [
    description,
    start,
    truth,
    counts.length,
  ]);
  const digest = createHash('sha256').update(JSON.stringify(facts)).digest('hex');
  expect(digest.slice(0, 16)).toBe('61a96f5ea27e642c');
});

test.each([developmentSeeds, heldOutSeeds])(
  'the seeds $first to $last have every kind at least eight times',
  ({ first, last }) => {
    const counts = new Map<string, number>();
    for (let seed = first; seed <= last; seed++)
      counts.set(kindOfMonth(seed), (counts.get(kindOfMonth(seed)) ?? 0) + 1);
    expect(last - first + 1).toBe(200);
    for (const kind of [...incidentKinds, 'quiet'] as const)
      expect(counts.get(kind), kind).toBeGreaterThanOrEqual(8);
    expect(counts.get('quiet')).toBeGreaterThan(30);
  },
);

test('the kinds do not follow each other in a fixed order', () => {
  const followers = new Set(
    Array.from({ length: 200 }, (_, seed) => seed)
      .filter((seed) => kindOfMonth(seed) === 'rate_limit')
      .map((seed) => kindOfMonth(seed + 1)),
  );
  expect(followers.size).toBeGreaterThan(4);
});

test('a month has the incident of its kind, and all incidents lie inside it', () => {
  for (const { seed, kind, from, to, truth } of months) {
    expect(to - from).toBe(30 * dayMs);
    expect(truth[0]?.kind ?? 'quiet', `seed ${seed}`).toBe(kind);
    for (const one of truth) {
      expect(one.from).toBeGreaterThanOrEqual(from + 3 * dayMs);
      expect(one.to).toBeLessThanOrEqual(to);
      expect(one.evident).toBeGreaterThan(one.from);
      expect(one.evident).toBeLessThanOrEqual(one.to);
      expect(one.evident + dayMs).toBeLessThanOrEqual(to);
      expect(one.from % hourMs).toBe(0);
    }
  }
});

test('an incident of a list has a name, and its other names are those of the same mail', () => {
  const ofLists = months.flatMap(({ counts, truth }) =>
    truth
      .filter(({ kind }) => kind === 'list_decay' || kind === 'complaints')
      .map((one) => ({ counts, one })),
  );
  expect(ofLists.length).toBeGreaterThan(4);
  for (const { counts, one } of ofLists) {
    const names = ['source', 'campaign', 'list'] as const;
    expect(names.some((name) => one[name] !== undefined)).toBe(true);
    expect(one.aliases!.length).toBeGreaterThan(0);
    for (const name of names)
      if (one[name] !== undefined) {
        expect(one.aliases).toContainEqual({ [name]: one[name] });
        expect(counts.some((row) => row[name] === one[name])).toBe(true);
      }
  }
});

test('some months have two incidents', () => {
  const two = months.filter(({ truth }) => new Set(truth.map(({ kind }) => kind)).size === 2);
  expect(two.length).toBeGreaterThan(0);
  for (const { truth } of months) {
    const keys = truth.map(({ kind, provider }) => `${kind} ${provider}`);
    expect(new Set(keys).size).toBe(keys.length);
  }
});

test('counts are whole hours of the month and its history, with messages', () => {
  for (const { start, from, to, counts } of months) {
    expect(from - start).toBeGreaterThanOrEqual(7 * dayMs);
    expect(counts.length).toBeGreaterThan(100);
    expect(counts.length).toBeLessThan(1_500_000);
    const wrong = counts.filter(
      ({ hour, reported, messages }) =>
        hour < start ||
        hour >= to ||
        hour % hourMs !== 0 ||
        reported < hour ||
        !Number.isInteger(messages) ||
        messages <= 0,
    );
    expect(wrong).toEqual([]);
  }
});

test('senders of all sizes and profiles occur', () => {
  expect(new Set(months.map(({ profile }) => profile)).size).toBe(3);
  expect(Math.min(...months.map(({ daily }) => daily))).toBeLessThan(3000);
  expect(Math.max(...months.map(({ daily }) => daily))).toBeGreaterThan(1_000_000);
});

test('what was sent is about what the sender sends on its days', () => {
  for (const month of quiet.filter((one) => reports(one, 'delivered') || reports(one, 'sent'))) {
    const daily = sentOrBounced(month) / ((month.to - month.start) / dayMs);
    expect(daily / month.daily, `seed ${month.seed}`).toBeGreaterThan(0.5);
    expect(daily / month.daily, `seed ${month.seed}`).toBeLessThan(2.5);
  }
});

test('sent mail is delivered or bounces', () => {
  const complete = months.filter((one) => reports(one, 'sent') && reports(one, 'delivered'));
  expect(complete.length).toBeGreaterThan(5);
  for (const month of complete) {
    const sent = total(month, 'sent');
    const outcome = total(month, 'delivered') + total(month, 'bounce');
    expect(outcome).toBeLessThanOrEqual(sent);
    // What is still in the queue at the end is missing.
    expect(outcome / sent, `seed ${month.seed}`).toBeGreaterThan(0.96);
  }
});

test('the rates of quiet months are healthy', () => {
  const known = quiet.filter((one) => reports(one, 'delivered') || reports(one, 'sent'));
  expect(known.length).toBeGreaterThan(8);
  for (const month of known) {
    const sent = sentOrBounced(month);
    expect(total(month, 'bounce') / sent, month.description).toBeLessThan(0.04);
    expect(total(month, 'bounce', 'hard') / sent).toBeLessThan(0.02);
    expect(total(month, 'bounce', 'hard') / sent).toBeGreaterThan(0.0003);
    expect(total(month, 'complaint') / sent).toBeLessThan(0.001);
  }
  const healthy = known.filter((month) => total(month, 'bounce') / sentOrBounced(month) < 0.02);
  expect(healthy.length / known.length).toBeGreaterThan(0.8);
});

test('some senders report bounces alone', () => {
  const bounceOnly = months.filter((one) => !reports(one, 'delivered') && !reports(one, 'sent'));
  expect(bounceOnly.length).toBeGreaterThan(0);
  for (const month of bounceOnly) {
    expect(reports(month, 'bounce')).toBe(true);
    expect(reports(month, 'deferred')).toBe(false);
  }
});

test('an incident at one provider changes its failures and not those of the others', () => {
  const blocks = months.filter(({ kind, truth }) => kind === 'provider_block' && truth.length === 1);
  expect(blocks.length).toBeGreaterThan(0);
  for (const { counts, truth, start } of blocks) {
    const [block] = truth;
    const blockedPerHour = (isAffected: boolean, from: number, to: number) =>
      counts.reduce(
        (sum, one) =>
          one.reason === (block!.provider === 'mimecast' ? 'policy_refused' : 'blocked_reputation') &&
          one.kind === 'bounce' &&
          (one.provider === block!.provider) === isAffected &&
          one.hour >= from &&
          one.hour < to
            ? sum + one.messages
            : sum,
        0,
      ) /
      ((to - from) / hourMs);
    const before = blockedPerHour(true, start, block!.from);
    expect(blockedPerHour(true, block!.from, block!.to)).toBeGreaterThan(10 * before);
    const others = blockedPerHour(false, start, block!.from);
    expect(blockedPerHour(false, block!.from, block!.to)).toBeLessThan(4 * others + 1);
  }
});

test('in a reporting gap nothing is reported until its end', () => {
  const late = months.filter(({ counts }) => counts.some(({ hour, reported }) => reported > hour));
  expect(late.length).toBeGreaterThan(3);
  expect(late.length).toBeLessThan(months.length / 2);
  for (const { counts } of late) {
    const ends = new Set(
      counts.filter(({ hour, reported }) => reported > hour).map(({ reported }) => reported),
    );
    expect(ends.size).toBe(1);
    const [end] = ends;
    const first = Math.min(
      ...counts.filter(({ reported, hour }) => reported === end && hour < end!).map(({ hour }) => hour),
    );
    expect(end! - first).toBeLessThanOrEqual(15 * hourMs);
    expect(counts.some(({ reported }) => reported >= first && reported < end!)).toBe(false);
  }
});

test('a quiet year has 365 days, no incident and steady volume', () => {
  const year = generateYear(3);
  expect(year.to - year.from).toBe(365 * dayMs);
  expect(year.truth).toEqual([]);
  const again = generateYear(3).counts;
  expect(again.length).toBe(year.counts.length);
  expect(again.slice(-500)).toEqual(year.counts.slice(-500));
  const inDays = (from: number, to: number) =>
    year.counts.reduce((sum, one) => (one.hour >= from && one.hour < to ? sum + one.messages : sum), 0);
  const growth = inDays(year.to - 28 * dayMs, year.to) / inDays(year.from, year.from + 28 * dayMs);
  expect(growth).toBeGreaterThan(0.4);
  expect(growth).toBeLessThan(4);
});

test.each([
  ['2025-11-28', 3],
  ['2026-11-27', 3],
  ['2025-11-24', 2],
  ['2025-12-01', 1],
  ['2025-11-23', 1],
  ['2025-07-04', 1],
])('the season on %s has %d times the ordinary mail', (date, factor) => {
  expect(seasonAt(Date.parse(date))).toBe(factor);
});

test('evidence suffices when enough failures, that are a large enough share, fall into the window', () => {
  const evidence = new Evidence();
  const need = { failures: 10, rate: 0.5, windowHours: 2 };
  const hour = (index: number, tried: number, failed: number) => {
    evidence.tried(0, index * hourMs, tried);
    evidence.failed(0, index * hourMs, failed);
  };
  hour(0, 100, 9);
  hour(1, 4, 4);
  hour(2, 12, 6);
  expect(evidence.sufficesAt(0, need)).toBe(3 * hourMs);
  expect(evidence.sufficesAt(0, { ...need, failures: 11 })).toBeNull();
  expect(evidence.sufficesAt(0, { ...need, rate: 0.63 })).toBeNull();
  expect(evidence.sufficesAt(0, { ...need, rate: 0.1 })).toBe(2 * hourMs);
  expect(evidence.sufficesAt(1, need)).toBeNull();
  expect(evidence.totals(0)).toEqual({ tried: 116, failed: 19 });
});

test('evidence by days counts the days with enough failures', () => {
  const evidence = new Evidence();
  for (const day of [0, 1, 3]) {
    evidence.failed(0, day * dayMs + 5 * hourMs, 6);
    evidence.failed(0, day * dayMs + 7 * hourMs, 6);
  }
  const need = { failures: 10, rate: 0, windowHours: 24, days: 3 };
  expect(evidence.sufficesAt(0, need)).toBe(3 * dayMs + 8 * hourMs);
  expect(evidence.sufficesAt(0, { ...need, days: 4 })).toBeNull();
  expect(evidence.sufficesAt(0, { ...need, failures: 13 })).toBeNull();
});

test('what belongs to no incident is no evidence', () => {
  const evidence = new Evidence();
  evidence.tried(null, 0, 10);
  evidence.failed(null, 0, 10);
  expect(evidence.totals(0)).toEqual({ tried: 0, failed: 0 });
});

test('the generator knows nothing of the code that it tests', () => {
  const folder = new URL('../../bench/months/', import.meta.url);
  const allowed = [
    'durations.ts',
    'maybe-promise.ts',
    'bounce/bounce.ts',
    'reports/count.ts',
    'reports/tally.ts',
  ];
  // Where detectors and the diagnosis are connected. Only what runs them may import these.
  const connections = ['detector.ts', 'service-diagnosis.ts', 'observed-dns.ts'];
  for (const file of readdirSync(folder).filter((name) => !connections.includes(name))) {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const imported = [...text.matchAll(/from '\.\.\/\.\.\/src\/([^']+)'/g)].map((match) => match[1]!);
    expect(
      imported.filter((name) => !allowed.includes(name)),
      file,
    ).toEqual([]);
    for (const connection of file === 'simulate.ts' ? [] : connections)
      expect(text, file).not.toContain(`'./${connection}'`);
  }
});
