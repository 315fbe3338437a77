// What returned mail and SMTP replies become: events with an id that is the same when they are reported again.

import { describe, expect, test } from 'vitest';
import { classifyReply } from '../../src/bounce/classify.ts';
import { readReport } from '../../src/bounce/report.ts';
import { createBounceTokens, tokensIn } from '../../src/events/bounce-tokens.ts';
import { eventOfReply, eventsOfReport, type ReportedReply } from '../../src/events/returned.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { message, multipartReport } from '../bounce/message.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const day = 86_400_000;
const mailing = { campaign: 'spring', source: 'form' };

const eventsOf = async (text: string) => {
  const raw = new TextEncoder().encode(text);
  return eventsOfReport(raw, await readReport(raw), mailing, noon);
};

const dsn = (...recipients: readonly (readonly string[])[]) =>
  multipartReport(
    'delivery-status',
    'About your mail.',
    ['Reporting-MTA: dns; mx.example.com', ...recipients.map((fields) => `\n${fields.join('\n')}`)].join(
      '\n',
    ),
  );

const recipient = (action: string, status: string, address = 'jane@example.org') => [
  `Final-Recipient: rfc822; ${address}`,
  `Action: ${action}`,
  `Status: ${status}`,
];

describe('a delivery status notification', () => {
  test.each([
    ['failed', '5.1.1', 'bounce', 'hard'],
    ['delayed', '4.4.1', 'deferred', 'soft'],
    ['delivered', '2.1.5', 'delivered', 'none'],
    ['relayed', '2.1.9', 'sent', 'none'],
  ])('with the action %s is the event %s', async (action, status, kind, bounceClass) => {
    expect(await eventsOf(dsn(recipient(action, status)))).toMatchObject([
      { kind, class: bounceClass, recipient: 'jane@example.org', label: 'dsn', provider: 'report' },
    ]);
  });

  test('has one event for each recipient, each with an id of its own', async () => {
    const text = dsn(recipient('failed', '5.1.1'), recipient('failed', '5.2.2', 'john@example.org'));
    const events = await eventsOf(text);
    expect(events).toMatchObject([
      { recipient: 'jane@example.org', at: noon, messageId: 'campaign-7@example.com', ...mailing },
      { recipient: 'john@example.org', reason: 'mailbox_full' },
    ]);
    expect(events[0]!.id).not.toBe(events[1]!.id);
    expect((await eventsOf(text)).map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    expect((await eventsOf(`${text} `))[0]!.id).not.toBe(events[0]!.id);
  });

  test('is about the recipient that the sender named, if the mailbox forwards', async () => {
    const fields = [
      'Original-Recipient: rfc822; jane@example.org',
      ...recipient('failed', '5.1.1', 'j@host.example'),
    ];
    expect(await eventsOf(dsn(fields))).toMatchObject([
      { recipient: 'jane@example.org', class: 'soft', reason: 'mailbox_unknown' },
    ]);
  });
});

const feedback = (type: string) =>
  multipartReport(
    'feedback-report',
    'A report.',
    `Feedback-Type: ${type}\nVersion: 1\nUser-Agent: x/1\nOriginal-Rcpt-To: jane@example.org`,
  );

test('a feedback report of abuse is a complaint, one of another type is not', async () => {
  expect(await eventsOf(feedback('abuse'))).toMatchObject([
    { kind: 'complaint', class: 'complaint', label: 'arf' },
  ]);
  const others = await eventsOf(feedback('not-spam'));
  expect(others.map(({ kind }) => kind)).toEqual(others.map(() => 'unknown'));
});

test('an automatic reply is one', async () => {
  const text = message(
    ['Return-Path: <>', 'From: jane@example.org', 'Subject: Out of office', 'Auto-Submitted: auto-replied'],
    'I am away.',
  );
  expect(await eventsOf(text)).toMatchObject([{ kind: 'autoreply', class: 'autoreply' }]);
});

describe('an SMTP reply', () => {
  const reported = (differences: Partial<ReportedReply> = {}): ReportedReply => ({
    ...mailing,
    email: 'jane@example.org',
    reply: '550 5.1.1 No such user',
    id: null,
    messageId: null,
    ...differences,
  });
  const eventOf = (differences: Partial<ReportedReply> = {}, now = noon) => {
    const one = reported(differences);
    return eventOfReply(one, classifyReply(one.reply), now);
  };
  const idOf = async (...input: Parameters<typeof eventOf>) => (await eventOf(...input)).id;

  test('is a bounce, or a delivery if the server took the message', async () => {
    expect(await eventOf({ messageId: 'm1' })).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      provider: 'report',
      label: 'reply',
      kind: 'bounce',
      recipient: 'jane@example.org',
      at: noon,
      class: 'hard',
      reason: 'mailbox_unknown',
      status: '5.1.1',
      replyCode: 550,
      diagnostic: '550 5.1.1 No such user',
      messageId: 'm1',
      ...mailing,
      echo: false,
    });
    expect(await eventOf({ reply: '250 2.1.5 Ok' })).toMatchObject({ kind: 'delivered', class: 'none' });
  });

  test('without an id, equal replies of one day are one bounce', async () => {
    const startOfDay = noon - day / 2;
    expect(await idOf({}, startOfDay)).toBe(await idOf({}, startOfDay + day - 1));
    const others = [
      await idOf({}, startOfDay + day),
      await idOf({ messageId: 'm1' }),
      await idOf({ reply: '550 5.2.1 No' }),
      await idOf({ email: 'john@example.org' }),
    ];
    expect(new Set([await idOf(), ...others]).size).toBe(5);
  });

  test('with an id, only the address and the id count', async () => {
    const first = await idOf({ id: 'b1' });
    expect(await idOf({ id: 'b1', reply: '450 later', messageId: 'm2' }, noon + 9 * day)).toBe(first);
    expect(await idOf({ id: 'b2' })).not.toBe(first);
    expect(await idOf({ id: 'b1', email: 'john@example.org' })).not.toBe(first);
  });
});

describe('a bounce token', () => {
  const tokens = createBounceTokens(nodeHasher(addressHashKey('a key for tests that has 32 bytes')));

  test('is the same for all spellings of one address, and fits into a local part', async () => {
    const [one, same, other] = await tokens.tokensFor([
      'jane@example.org',
      'Jane@example.org',
      'john@example.org',
    ]);
    expect(one).toMatch(/^bt[0-9a-f]{22}$/);
    expect([same, other === one]).toEqual([one, false]);
  });

  test('is found wherever it stands in a report, in any case', () => {
    const [one, other] = ['bt0123456789abcdef012345', 'btfedcba9876543210fedcba'];
    const raw = new TextEncoder().encode(`To: <b+${one.toUpperCase()}abc@example.org>\r\n\r\nté ${other}`);
    expect(tokensIn(raw)).toEqual(new Set([one, other]));
    expect(tokensIn(raw.subarray(0, 20))).toEqual(new Set());
  });
});

describe('a feedback report', () => {
  const arf = (type: string) =>
    multipartReport(
      'feedback-report',
      'This is an email feedback report.',
      `Feedback-Type: ${type}\nVersion: 1\nOriginal-Rcpt-To: <jane@example.org>\n`,
    );

  test.each(['abuse', 'fraud', 'other'])('of the type %s is a complaint', async (type) => {
    expect(await eventsOf(arf(type))).toMatchObject([{ kind: 'complaint', class: 'complaint' }]);
  });

  test.each(['opt-out', 'Opt-Out', 'opt-out-list'])('of the type %s is an unsubscribe', async (type) => {
    expect(await eventsOf(arf(type))).toMatchObject([
      { kind: 'unsubscribed', class: 'none', reason: 'unknown', recipient: 'jane@example.org' },
    ]);
  });
});
