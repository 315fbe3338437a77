// The answer to "is it me or my list?", and its sentence.

import { describe, expect, test } from 'vitest';
import { diagnose } from '../../src/diagnosis/diagnoses.ts';
import type { ObservedSender } from '../../src/diagnosis/explaining-finding.ts';
import { senderOrList } from '../../src/diagnosis/sender-or-list.ts';
import type { StoredIncident } from '../../src/reports/incidents/incident.ts';
import { day, hour, incidentWith, nine, noon, senderWith, streamsWith } from './facts.ts';

const withDiagnosis = (
  incident: StoredIncident,
  senders: readonly ObservedSender[] = [],
): StoredIncident => ({
  ...incident,
  diagnosis: diagnose({ incident, open: [incident], streams: streamsWith(), senders, since: nine }, noon)!,
});
const answer = (incidents: readonly StoredIncident[], senders: readonly ObservedSender[] = []) =>
  senderOrList({ incidents, bounces: 100, hasEvents: true, senders });

const unauthenticated = incidentWith({
  ...{ kind: 'authentication', statuses: { '5.7.26': 118 }, reasons: { authentication_failed: 118 } },
});
const badImport = incidentWith({
  ...{ kind: 'bad_import', id: 'inc_2', statuses: { '5.1.1': 40 }, reasons: { mailbox_unknown: 40 } },
  providers: { gmail: 40 },
});
const eightForty = nine - hour / 3;
const lookups = senderWith(
  { spf_too_many_lookups: [eightForty, eightForty - hour] },
  {
    'spf look-ups of example.com': '12',
    'spf costs of example.com': 'include:a.example (5), include:b.example (2)',
  },
);

test('the sender: which bounces, where, since when, and why', () => {
  expect(answer([withDiagnosis(unauthenticated, [lookups])])).toEqual({
    answer: 'sender',
    certainty: 'likely',
    sentence:
      'It is you, not your list: 5.7.26 at three providers (gmail, outlook and yahoo) since 09:00 UTC (120 messages, 50% of the mail); SPF of example.com has needed 12 DNS look-ups since 08:40 UTC, and 10 are allowed: remove one of include:a.example (5), include:b.example (2). The list is not the cause.',
    incidents: ['inc_1'],
  });
});

test('the check before was long ago: the time is the latest possible', () => {
  const sender = senderWith({ dkim_missing: [noon, nine - 20 * hour] });
  expect(answer([withDiagnosis(unauthenticated, [sender])]).sentence).toContain(
    'since 12:00 UTC at the latest (not yet at 2026-11-19 13:00 UTC)',
  );
});

test('a flaw of months is said to be possible only', () => {
  const sender = senderWith({ spf_too_many_lookups: [nine - 60 * day, null] });
  expect(answer([withDiagnosis(unauthenticated, [sender])]).sentence).toMatch(
    /This is only a possible cause: it has existed since the first check or longer/,
  );
});

test('without PREFLIGHT_DOMAINS the sentence says that DNS is not checked', () => {
  expect(answer([withDiagnosis(unauthenticated)]).sentence).toMatch(
    /does not check your DNS: set PREFLIGHT_DOMAINS/,
  );
});

test('the records have no fault: the sentence says so and where to look', () => {
  expect(answer([withDiagnosis(unauthenticated, [senderWith({})])]).sentence).toMatch(
    /The records of example.com have no fault that explains it; look for a service/,
  );
});

const sound = senderWith({});
test.each([
  ['the last check was before the failures began', { ...sound, checkedAt: nine - hour }, '08:00 UTC'],
  ['a later check was not answered', { ...sound, failedAt: noon + 1 }, '12:00 UTC'],
  ['keys were never answered', { ...sound, state: { ...sound.state, known: ['spf', 'dmarc'] } }, '12:00 UTC'],
  ['keys were not answered now', { ...sound, state: { ...sound.state, kept: ['dkim'] } }, '12:00 UTC'],
] as const)('%s: that there is no fault is not said', (_, sender, last) => {
  const { sentence } = answer([withDiagnosis(unauthenticated, [sender])]);
  expect(sentence).toContain(`The records of example.com (last answered at ${last}) could not be checked`);
  expect(sentence).not.toContain('have no fault');
});

test('a domain of which no check was ever answered: the setting is not asked for again', () => {
  const facts = { incident: unauthenticated, open: [], streams: streamsWith(), senders: [], since: nine };
  const { sentence } = diagnose({ ...facts, unanswered: ['example.com'] }, noon)!;
  expect(sentence).toContain('example.com (never answered) could not be checked');
  expect(sentence).not.toContain('PREFLIGHT_DOMAINS');
});

test('the sender and the list: the main one first, and the other is named', () => {
  const both = answer([withDiagnosis(badImport), withDiagnosis(unauthenticated, [lookups])]);
  expect(both).toMatchObject({ answer: 'sender', incidents: ['inc_1', 'inc_2'] });
  expect(both.sentence).toMatch(/Other incidents of these days are about the list\.$/);
});

test('what is over comes after what goes on, and is said to be over', () => {
  const over = withDiagnosis({ ...unauthenticated, closedAt: noon }, [lookups]);
  expect(answer([over, withDiagnosis(badImport)]).answer).toBe('list');
  expect(answer([over]).sentence).toMatch(/It is over\.$/);
});

test('full mailboxes say neither', () => {
  const full = incidentWith({ kind: 'mailboxes_full', reasons: { mailbox_full: 50 } });
  const told = answer([withDiagnosis(full)]);
  expect(told.answer).toBe('unknown');
  expect(told.sentence).toMatch(/^It is not known whether it is you or your list/);
});

describe('without an incident', () => {
  const quiet = { incidents: [], senders: [] };
  test('nothing stands out', () => {
    expect(senderOrList({ ...quiet, bounces: 9, hasEvents: true })).toMatchObject({
      ...{ answer: 'none', certainty: null, sentence: expect.stringMatching(/^Nothing stands out/) },
    });
  });
  test('without events it is not known', () => {
    expect(senderOrList({ ...quiet, bounces: 0, hasEvents: false }).answer).toBe('unknown');
  });
  test('an error in the DNS is told all the same, and is no blame', () => {
    const senders = [senderWith({ spf_none: [nine - day, null] })];
    const told = senderOrList({ ...quiet, senders, bounces: 9, hasEvents: true });
    expect(told).toMatchObject({ answer: 'none' });
    expect(told.sentence).toContain('an error (spf_none of example.com)');
  });
});
