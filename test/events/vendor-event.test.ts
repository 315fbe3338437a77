// What a vendor's report becomes: the server's reply decides where it is specific, the vendor's label elsewhere.

import { describe, expect, test } from 'vitest';
import {
  deferred,
  delivered,
  echo,
  hard,
  impossible,
  listed,
  type Meaning,
  meaningOf,
  policy,
  refused,
  soft,
  unknown,
} from '../../src/events/meaning.ts';
import { deliveryEventsOf, type VendorReport } from '../../src/events/vendor-event.ts';

const report = (differences: Partial<VendorReport> = {}): VendorReport => ({
  key: ['1', 'jane@example.org'],
  label: 'Bounce',
  meaning: hard('unknown'),
  recipient: 'jane@example.org',
  at: 1_790_000_000_000,
  reply: null,
  note: null,
  messageId: 'm1',
  campaign: 'spring',
  source: 'form',
  ...differences,
});

const eventOf = async (differences: Partial<VendorReport> = {}) =>
  (await deliveryEventsOf('ses', [report(differences)]))[0]!;

const judged = async (meaning: Meaning, reply: string | null) => {
  const { class: bounceClass, reason, status, replyCode } = await eventOf({ meaning, reply });
  return [bounceClass, reason, status, replyCode];
};

test('the facts of a report are kept as they are', async () => {
  expect(await eventOf()).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    provider: 'ses',
    label: 'Bounce',
    kind: 'bounce',
    recipient: 'jane@example.org',
    at: 1_790_000_000_000,
    class: 'hard',
    reason: 'unknown',
    status: null,
    replyCode: null,
    diagnostic: null,
    messageId: 'm1',
    list: null,
    campaign: 'spring',
    source: 'form',
    echo: false,
  });
});

describe('a bounce with a reply', () => {
  test.each([
    [
      'a specific reply outranks the label',
      soft('unknown'),
      '550 5.1.1 No such user',
      'hard',
      'mailbox_unknown',
    ],
    [
      'so does one about the sender',
      hard('unknown'),
      '550 5.7.1 blocked by Spamhaus',
      'policy',
      'blocked_reputation',
    ],
    ['and one that is temporary', hard('unknown'), '452 4.2.2 Mailbox full', 'soft', 'mailbox_full'],
    ['a reply without a cause leaves the label', policy('spam_content'), '550 no', 'policy', 'spam_content'],
    [
      'a reply about a delivery leaves the label',
      soft('mailbox_full'),
      '250 2.0.0 OK',
      'soft',
      'mailbox_full',
    ],
  ] as const)('%s', async (_, meaning, reply, bounceClass, reason) => {
    expect((await judged(meaning, reply)).slice(0, 2)).toEqual([bounceClass, reason]);
  });

  test('its codes are kept', async () => {
    expect((await judged(hard('unknown'), '550 5.1.1 No such user')).slice(2)).toEqual(['5.1.1', 550]);
    expect((await judged(hard('unknown'), 'smtp; 5.1.1 No such user')).slice(2)).toEqual(['5.1.1', null]);
  });

  test.each([
    ['a reply of 4xx', '450 try later'],
    ['a status of 4.x.x', '4.0.0 try later'],
  ])('%s is never hard, whatever the label', async (_, reply) => {
    expect((await judged(hard('mailbox_unknown'), reply))[0]).toBe('soft');
  });

  test.each([
    ['5xx', '550 no'],
    ['5.x.x', '5.0.0 no'],
    ['no code at all', 'no'],
  ])('a reply of %s leaves a hard label hard', async (_, reply) => {
    expect((await judged(hard('mailbox_unknown'), reply))[0]).toBe('hard');
  });
});

test('while the vendor keeps trying, nothing is hard', async () => {
  expect(await judged(deferred('unknown'), '550 5.1.1 No such user')).toEqual([
    'soft',
    'mailbox_unknown',
    '5.1.1',
    550,
  ]);
  expect((await judged(deferred('unknown'), '550 5.7.1 blocked by Spamhaus'))[0]).toBe('policy');
});

describe('what the vendor itself refused', () => {
  test('prose of the vendor is not a reply', async () => {
    expect(await judged(impossible, 'mailbox full of typos')).toEqual(['hard', 'address_syntax', null, null]);
  });

  test.each(['550 Mailbox full', '5.2.2 Mailbox full'])('a quoted reply is: %s', async (reply) => {
    expect((await judged(impossible, reply)).slice(0, 2)).toEqual(['soft', 'mailbox_full']);
  });

  test('a refusal that is not about the address is not reclassified', async () => {
    expect(await judged(refused('sender_refused'), '550 5.1.1 No such user')).toEqual([
      'policy',
      'sender_refused',
      null,
      null,
    ]);
  });
});

test('a delivery keeps its meaning and its reply', async () => {
  const event = await eventOf({ meaning: delivered, reply: '250 2.0.0 OK 550 5.1.1', note: 'note' });
  expect(event).toMatchObject({
    kind: 'delivered',
    class: 'none',
    status: null,
    diagnostic: '250 2.0.0 OK 550 5.1.1',
  });
});

test('without a reply the vendor’s explanation is the diagnostic', async () => {
  expect(await eventOf({ note: 'no mailbox' })).toMatchObject({ diagnostic: 'no mailbox', class: 'hard' });
});

test('an echo stays marked', async () => {
  expect(await eventOf({ meaning: echo })).toMatchObject({ kind: 'rejected', class: 'none', echo: true });
});

describe('an id', () => {
  const idOf = async (provider: string, key: VendorReport['key']) =>
    (await deliveryEventsOf(provider, [report({ key })]))[0]!.id;

  test('is the same for the same key, and another for another provider', async () => {
    expect(await idOf('ses', ['1', null])).toBe(await idOf('ses', ['1', null]));
    expect(
      new Set([await idOf('ses', ['1']), await idOf('ses', [1]), await idOf('postmark', ['1'])]).size,
    ).toBe(3);
  });
});

describe('a label', () => {
  test.each([' Bounce/General ', 'hard_bounce', 'a.b:c-d e', 'x'.repeat(64)])(
    '%j is plain',
    async (label) => {
      expect((await eventOf({ label })).label).toBe(label.trim());
    },
  );

  test.each(['', 'jane@example.org', 'a\nb', 'x'.repeat(65)])('%j is not logged', async (label) => {
    expect((await eventOf({ label })).label).toBe('other');
  });
});

test('a term has the meaning that the map gives it, and none of an object’s own properties', () => {
  const map = { Bounce: hard('unknown') };
  expect(meaningOf(map, 'Bounce')).toBe(map.Bounce);
  for (const word of ['Open', 'constructor', null]) {
    expect(meaningOf(map, word)).toBe(unknown);
    expect(meaningOf(map, word, delivered)).toBe(delivered);
  }
});

test('an entry of the vendor’s list says why it is there', () => {
  expect(listed('hard')).toMatchObject({ class: 'hard', reason: 'suppressed_by_provider' });
  expect(listed('complaint')).toMatchObject({ class: 'complaint', reason: 'feedback' });
});
