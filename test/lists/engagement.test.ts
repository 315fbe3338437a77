// The columns about opens, clicks and replies in lists.

import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import type { Engagement } from '../../src/events/engagement.ts';
import type { EngagementLookup } from '../../src/events/engagement-lookup.ts';
import { destinationOf, inactiveFileOf } from '../../src/lists/destinations.ts';
import { cleaned, read, today } from './lists.ts';

const day = 86_400_000;
const ago = (days: number) => today - days * day;

const people: Readonly<Record<string, Engagement>> = {
  'active@gmail.com': { firstSeen: ago(900), lastDelivered: ago(1), lastActive: ago(3) },
  'quiet@gmail.com': { firstSeen: ago(900), lastDelivered: ago(1), lastActive: ago(200) },
  'silent@gmail.com': { firstSeen: ago(900), lastDelivered: ago(2), lastActive: ago(400) },
  'mute@gmail.com': { firstSeen: ago(900), lastDelivered: ago(2), lastActive: null },
  'newcomer@gmail.com': { firstSeen: ago(9), lastDelivered: ago(9), lastActive: null },
};
const engagement: EngagementLookup = { find: (emails) => emails.map((email) => people[email] ?? null) };
const later: EngagementLookup = { find: async (emails) => engagement.find(emails) };

const emails = [...Object.keys(people), 'stranger@gmail.com', 'no address'];
const list = `email\n${emails.join('\n')}\n`;
const expected = [
  ['active', '2026-11-17'],
  ['inactive_6', '2026-05-04'],
  ['inactive_12', '2025-10-16'],
  ['inactive_12', ''],
  ['unknown', ''],
  ['never_seen', ''],
  ['', ''],
];

const rowsOf = (text: string) =>
  Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true }).data;
const columnsOf = (text: string) => rowsOf(text).map((row) => [row['ps_engagement'], row['ps_last_active']]);

test.each([
  ['at once', engagement],
  ['later', later],
])('a CSV row has the state and the day of the last sign of life, found %s', async (_, found) => {
  const { text } = await cleaned(list, { engagement: found });
  expect(columnsOf(text)).toEqual(expected);
});

test('so has an object, with null for nothing', async () => {
  const objects = emails.map((email) => JSON.stringify({ email })).join('\n');
  const { text } = await cleaned(objects, { engagement });
  const rows = text.split('\n').map((line) => JSON.parse(line) as Record<string, string | null>);
  expect(rows.map((row) => [row['ps_engagement'] ?? '', row['ps_last_active'] ?? ''])).toEqual(expected);
  expect(rows[0]).toMatchObject({ ps_gateway: null, ps_engagement: 'active' });
});

test.each([
  ['nobody reports opens', { find: () => null }],
  ['there is no database', undefined],
])('the columns are empty if %s', async (_, found) => {
  const { text } = await cleaned(list, { engagement: found });
  expect(columnsOf(text)).toEqual(emails.map(() => ['', '']));
});

test('a verdict does not depend on them, apart from the age of the address', async () => {
  const verdicts = (text: string) =>
    rowsOf(text).map((row) => [row['ps_result'], row['ps_reason'], row['ps_action']]);
  const [known, unknown] = [await cleaned(list, { engagement }), await cleaned(list)];
  expect(verdicts(known.text)).toEqual(verdicts(unknown.text));
});

test('a contact with several addresses has the engagement of its best one', async () => {
  const several = 'email\n"joe@gmial.com, quiet@gmail.com"\n"active@gmail.com"\n';
  const { text } = await cleaned(several, { engagement });
  expect(columnsOf(text)).toEqual([expected[1], expected[0]]);
});

test('a row whose verdict is kept keeps its engagement', async () => {
  const { text } = await cleaned(list, { engagement });
  expect(columnsOf((await cleaned(text, {})).text)).toEqual(expected);
});

describe('the age of an address', () => {
  const probabilities = async (text: string, found?: EngagementLookup) =>
    rowsOf((await cleaned(text, { engagement: found })).text).map((row) =>
      Number(row['ps_bounce_probability']),
    );

  test('counts from the latest delivery or sign of life', async () => {
    const business = (lastDelivered: number | null, lastActive: number | null): EngagementLookup => ({
      find: (all) => all.map(() => ({ firstSeen: ago(900), lastDelivered, lastActive })),
    });
    const one = 'email,last_opened\njane@brisk-otter.com,\n';
    const dated = (days: number) =>
      `email,last_opened\njane@brisk-otter.com,${new Date(ago(days)).toISOString()}\n`;
    const [fresh, old, undated] = [
      await probabilities(dated(2)),
      await probabilities(dated(300)),
      await probabilities(one),
    ];
    expect(old[0]).toBeGreaterThan(fresh[0]!);
    expect(await probabilities(one, business(ago(300), ago(2)))).toEqual(fresh);
    expect(await probabilities(one, business(ago(2), ago(300)))).toEqual(fresh);
    expect(await probabilities(one, business(null, ago(300)))).toEqual(old);
    expect(await probabilities(dated(2), business(null, ago(300)))).toEqual(fresh);
    expect(await probabilities(dated(300), business(null, ago(2)))).toEqual(fresh);
    expect(await probabilities(one, { find: (all) => all.map(() => null) })).toEqual(undated);
  });
});

describe('files of inactive people', () => {
  test('hold those who may be mailed, by their state', async () => {
    const { text } = await cleaned(list, { engagement });
    const { rows } = await read(text);
    const contacts = rows.filter(({ fields }) => fields > 0);
    expect(contacts.map(inactiveFileOf)).toEqual([
      null,
      'reengage',
      'inactive',
      'inactive',
      null,
      null,
      null,
    ]);
    expect(
      contacts.slice(0, 6).map((row) => destinationOf(row, { chosen: true, dropDuplicates: false })),
    ).toEqual(Array(6).fill('keep'));
  });
});
