// Mailjet's Event API.

import { expect, test } from 'vitest';
import { mailjet } from '../../src/esp/mailjet.ts';
import { eventIn, eventsIn, inShort } from './reading.ts';
import { json, request } from './signing.ts';

const event = (name: string, fields: object = {}) => ({
  event: name,
  email: 'jane@example.net',
  time: 1_795_176_000,
  MessageID: 7,
  ...fields,
});

const bounce = (error: string, hard_bounce: boolean, fields: object = {}) =>
  event('bounce', { error, hard_bounce, ...fields });

test.each<[object, string]>([
  [event('sent'), 'delivered none delivered'],
  [event('open'), 'opened none delivered'],
  [event('spam'), 'complaint complaint feedback, suppressed'],
  [event('unsub'), 'unsubscribed none unknown, suppressed'],
  [bounce('user unknown', true), 'bounce hard mailbox_unknown, suppressed'],
  [bounce('invalid domain', true), 'bounce hard domain_unknown, suppressed'],
  [bounce('quota exceeded', true), 'bounce soft mailbox_full'],
  [bounce('mailbox inactive', true), 'bounce hard mailbox_disabled, suppressed'],
  [bounce('mailbox inactive', false), 'bounce soft mailbox_disabled'],
  [bounce('content blocked', true), 'bounce policy content_refused'],
  [bounce('relay/access denied', true), 'bounce policy relay_denied'],
  [bounce('a word of tomorrow', true), 'bounce hard unknown, suppressed'],
  [bounce('a word of tomorrow', false), 'bounce soft unknown'],
  [bounce('a word', true, { error_related_to: 'domain' }), 'bounce hard unknown, suppressed'],
  // Only a fault of the recipient or of the domain can be hard.
  ...['content', 'mailjet', 'spam', 'system'].map(
    (error_related_to) =>
      [bounce('a word of tomorrow', true, { error_related_to }), 'bounce soft unknown'] as [object, string],
  ),
  [bounce('bad or empty template', true), 'failed none system_error'],
  [event('blocked', { error: 'error in template language' }), 'failed none system_error'],
  [bounce('greylisted', false), 'deferred soft greylisted'],
  [
    bounce('policy issue', true, { comment: '550 5.1.1 user unknown' }),
    'bounce hard mailbox_unknown, suppressed',
  ],
  [event('blocked', { error: 'preblocked' }), 'rejected none suppressed_by_provider, echo'],
  [event('blocked', { error: 'user unknown' }), 'rejected none suppressed_by_provider, echo'],
  [event('blocked', { error: 'sender blocked' }), 'rejected policy blocked_reputation'],
  [event('blocked', { error: 'typofix' }), 'rejected hard domain_unknown, suppressed'],
  [event('a word of tomorrow'), 'unknown none unknown'],
])('%j', async (body, expected) => {
  expect(inShort(await eventIn(mailjet, body))).toBe(expected);
});

test('events come one by one or grouped', async () => {
  expect(await eventsIn(mailjet, json([event('open'), event('click')]))).toHaveLength(2);
  expect(await eventsIn(mailjet, json(event('open')))).toHaveLength(1);
});

test('a message id beyond the integers of a double keeps its last digits', async () => {
  const [near, nearer] = await eventsIn(
    mailjet,
    request(
      '[{"event":"open","MessageID":12345678901234567},{"event":"open","MessageID":12345678901234568}]',
    ),
  );
  expect(near!.messageId).toBe('12345678901234567');
  expect(nearer!.messageId).toBe('12345678901234568');
  expect(nearer!.id).not.toBe(near!.id);
});

test('an event carries when, which campaign and which source', async () => {
  const body = event('sent', { customcampaign: 'autumn', Payload: '{"source":"fair"}' });
  expect(await eventIn(mailjet, body)).toMatchObject({
    at: 1_795_176_000_000,
    campaign: 'autumn',
    source: 'fair',
  });
});

test('an unsubscribe from mail that was sent to no list is about all mail', async () => {
  for (const mj_list_id of [0, '0', '', undefined])
    expect(await eventIn(mailjet, event('unsub', { mj_list_id }))).toMatchObject({ list: null });
  expect(await eventIn(mailjet, event('unsub', { mj_list_id: 10 }))).toMatchObject({ list: '10' });
});
