// Filters of the event log: what they accept, and what they say about other texts.

import { expect, test } from 'vitest';
import { type EventFilterName, readEventFilter, storedFilter } from '../../src/events/event-filter.ts';

const filterOf = (texts: Partial<Record<EventFilterName, string>>) => {
  const read = readEventFilter(texts);
  return read.ok ? read.filter : `${read.name} ${read.detail}`;
};
const noon = Date.UTC(2026, 10, 20, 12);
const day = 86_400_000;

test('every property is read, and an empty text counts as absent', () => {
  expect(
    filterOf({
      ...{ campaign: 'Spring', list: 'News', source: 'Fair', provider: 'Gmail', mail_host: 'Google.com' },
      ...{ class: 'hard', reason: 'mailbox_full', status: '4.2.2', kind: 'bounce', reported_by: 'Postmark' },
      ...{ from: '2026-11-20T12:00:00Z', to: '2026-11-20T13:00:00+01:00' },
    }),
  ).toBe('to must be later than "from"; a day counts to its end');
  expect(
    filterOf({
      ...{ campaign: 'Spring', list: 'News', source: 'Fair', provider: 'Gmail', mail_host: 'Google.com' },
      ...{ class: 'hard', reason: 'mailbox_full', status: '4.2.2', kind: 'bounce', reported_by: 'Postmark' },
    }),
  ).toEqual({
    ...{ campaign: 'Spring', list: 'News', source: 'Fair', provider: 'gmail', mailHost: 'google.com' },
    ...{ class: 'hard', reason: 'mailbox_full', status: '4.2.2', kind: 'bounce', reportedBy: 'postmark' },
  });
  expect(filterOf({})).toEqual({});
  expect(filterOf({ campaign: '', class: '', from: '', to: '' })).toEqual({});
});

test.each([
  [{ from: '2026-11-20' }, { from: noon - day / 2 }],
  [{ to: '2026-11-20' }, { to: noon + day / 2 }],
  [
    { from: '2026-11-20', to: '2026-11-20' },
    { from: noon - day / 2, to: noon + day / 2 },
  ],
  [{ from: '2026-11-20T12:00Z' }, { from: noon }],
  [{ to: '2026-11-20T12:00:00.000Z' }, { to: noon }],
  [{ to: '2026-11-20T13:00:00+01:00' }, { to: noon }],
  [{ to: '2026-11-20T13:00:00 01:00' }, { to: noon }],
  [{ from: '2026-11-20T11:00:00-01:00' }, { from: noon }],
])('%j is a period', (texts, filter) => {
  expect(filterOf(texts)).toEqual(filter);
});

test.each([
  ['from', 'yesterday'],
  ['from', '2026-02-30'],
  ['from', '2026-11-20T25:00:00Z'],
  ['to', '2026-11-20T12:00:00'],
  ['to', '20.11.2026'],
  ['to', '2026-11-20 12:00'],
] as const)('%s=%s is no time', (name, text) => {
  expect(filterOf({ [name]: text })).toMatch(new RegExp(`^${name} must be a day such as 2026-11-20`));
});

test.each([
  [{ class: 'Hard' }, /^class must be one of hard, soft, policy, complaint, autoreply, none$/],
  [{ reason: 'full' }, /^reason must be one of mailbox_unknown, /],
  [{ kind: 'bounced' }, /^kind must be one of queued, sent, /],
  [{ status: '5.1' }, /^status must be an enhanced status code/],
  [{ status: '3.1.1' }, /^status must be/],
  [{ campaign: 'x'.repeat(1001) }, /^campaign must be at most 1000 characters long$/],
  [{ from: '2026-11-20T12:00:00Z', to: '2026-11-20T12:00:00Z' }, /^to must be later/],
  [{ from: '2026-11-21', to: '2026-11-20' }, /^to must be later/],
])('%j is refused with what is accepted', (texts, message) => {
  expect(filterOf(texts)).toMatch(message);
});

test('a name is compared as it is stored', () => {
  const long = 'x'.repeat(300);
  expect(storedFilter({ campaign: long, list: long, source: long, class: 'hard' })).toEqual({
    ...{ campaign: long.slice(0, 200), list: long.slice(0, 200), source: long.slice(0, 200), class: 'hard' },
  });
  expect(storedFilter({})).toEqual({});
  for (const name of ['campaign', 'list', 'source'])
    expect(storedFilter({ [name]: 'jane@example.org' })).toBeNull();
});
