// SparkPost's events.

import { expect, test } from 'vitest';
import { sparkpost } from '../../src/esp/sparkpost.ts';
import { eventIn, eventsIn, inShort } from './reading.ts';
import { json } from './signing.ts';

const wrapped = (fields: object, family = 'message_event') => ({
  msys: {
    [family]: {
      event_id: '1',
      raw_rcpt_to: 'Jane@example.net',
      rcpt_to: 'jane@example.net',
      timestamp: '1795176000',
      ...fields,
    },
  },
});

const bounce = (bounce_class: string, raw_reason?: string) => ({
  type: 'bounce',
  bounce_class,
  ...(raw_reason === undefined ? {} : { raw_reason }),
});

test.each([
  [{ type: 'injection' }, 'queued none unknown'],
  [{ type: 'delivery' }, 'delivered none delivered'],
  [{ type: 'delay', bounce_class: '21', raw_reason: '454 4.4.4 [internal] no MX or A' }, 'deferred soft'],
  [bounce('10'), 'bounce hard mailbox_unknown, suppressed'],
  [bounce('10', '550 5.1.1 user unknown'), 'bounce hard mailbox_unknown, suppressed'],
  [bounce('30'), 'bounce hard unknown, suppressed'],
  [bounce('30', '552 5.2.2 mailbox full'), 'bounce soft mailbox_full'],
  [bounce('22'), 'bounce soft mailbox_full'],
  [bounce('24'), 'bounce soft expired'],
  [bounce('51', '550 5.7.1 listed at a block list'), 'bounce policy'],
  [bounce('54'), 'bounce policy relay_denied'],
  [bounce('60'), 'autoreply autoreply auto_response'],
  [bounce('90'), 'unsubscribed none unknown, suppressed'],
  [bounce('4711'), 'bounce soft unknown'],
  [bounce('25', '550 5.7.1 refused by configuration'), 'rejected policy unknown'],
  [bounce('25', '554 5.7.1 recipient address suppressed'), 'rejected none suppressed_by_provider, echo'],
  [{ type: 'out_of_band', bounce_class: '10' }, 'bounce hard mailbox_unknown, suppressed'],
  [
    { type: 'policy_rejection', raw_reason: '550 5.7.1 recipient address suppressed due to customer policy' },
    'rejected none suppressed_by_provider, echo',
  ],
  [{ type: 'generation_rejection', raw_reason: '554 5.7.1 rendered badly' }, 'rejected policy unknown'],
  [{ type: 'generation_failure' }, 'failed none system_error'],
  [{ type: 'spam_complaint' }, 'complaint complaint feedback, suppressed'],
  [{ type: 'list_unsubscribe' }, 'unsubscribed none unknown, suppressed'],
  [{ type: 'initial_open' }, 'opened none delivered'],
  [{ type: 'a word of tomorrow' }, 'unknown none unknown'],
])('%j', async (fields, expected) => {
  expect(inShort(await eventIn(sparkpost, [wrapped(fields)]))).toContain(expected);
});

test('a batch holds events of several families; pings and mail that came in are none', async () => {
  const body = [
    { msys: {} },
    wrapped({ type: 'delivery', event_id: '1' }),
    wrapped({ type: 'click', event_id: '2' }, 'track_event'),
    wrapped({}, 'relay_message'),
    wrapped({ type: 'success' }, 'ingest_event'),
    wrapped({ type: 'ab_test_completed' }, 'ab_test_event'),
    {},
  ];
  const events = await eventsIn(sparkpost, json(body));
  expect(events.map(({ kind }) => kind)).toEqual(['delivered', 'clicked']);
});

test.each([
  ['abuse', 'complaint complaint feedback, suppressed'],
  ['fraud', 'complaint complaint feedback, suppressed'],
  ['not-spam', 'unknown none unknown'],
  ['auth-failure', 'unknown none unknown'],
])('a feedback report of the type %s: %s', async (fbtype, expected) => {
  const read = await eventIn(sparkpost, [wrapped({ type: 'spam_complaint', fbtype })]);
  expect(inShort(read)).toBe(expected);
});

test('an event carries when, for whom, which campaign and which source', async () => {
  const fields = {
    type: 'delivery',
    campaign_id: 'autumn',
    rcpt_meta: { source: 'fair' },
    message_id: 'message-1',
  };
  expect(await eventIn(sparkpost, [wrapped(fields)])).toMatchObject({
    at: 1_795_176_000_000,
    recipient: 'Jane@example.net',
    campaign: 'autumn',
    source: 'fair',
    messageId: 'message-1',
  });
});
