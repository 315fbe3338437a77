// Elastic Email's webhooks: a query.

import { expect, test } from 'vitest';
import { elasticEmail } from '../../src/esp/elastic-email.ts';
import { receiveWebhook } from '../../src/esp/receive-webhook.ts';
import { eventsIn, inShort } from './reading.ts';
import { noCertificates, request, secret } from './signing.ts';

const query = (status: string, fields: Record<string, string> = {}) =>
  new URLSearchParams({
    ...{
      to: 'jane@example.net',
      date: '2026-11-20 12:00:00',
      status,
      messageid: 'message-1',
      channel: 'news',
    },
    ...fields,
  }).toString();
const error = (category: string) => query('Error', { category });

test.each([
  [query('Sent'), 'delivered none delivered'],
  [query('Opened'), 'opened none delivered'],
  [query('Clicked', { target: 'https://shop.example' }), 'clicked none delivered'],
  [query('Unsubscribed'), 'unsubscribed none unknown, suppressed'],
  [query('AbuseReport'), 'complaint complaint feedback, suppressed'],
  [error('NoMailbox'), 'bounce hard mailbox_unknown, suppressed'],
  [error('Spam'), 'bounce policy spam_content'],
  [error('BlackListed'), 'bounce policy blocked_reputation'],
  [error('SPFProblem'), 'bounce policy authentication_failed'],
  [error('WhitelistingProblem'), 'bounce policy policy_refused'],
  [error('ContentFilter'), 'bounce policy spam_content'],
  [error('GreyListed'), 'bounce soft greylisted'],
  [error('Throttled'), 'bounce soft rate_limited'],
  [error('Timeout'), 'bounce soft network_error'],
  [error('ConnectionProblem'), 'bounce soft network_error'],
  [error('ConnectionTerminated'), 'bounce soft network_error'],
  [error('DNSProblem'), 'bounce soft network_error'],
  [error('AccountProblem'), 'bounce soft mailbox_full'],
  [error('CodeError'), 'failed none system_error'],
  [error('ManualCancel'), 'failed none system_error'],
  [error('Ignore'), 'failed none system_error'],
  [error('NotDelivered'), 'rejected none suppressed_by_provider, echo'],
  [error('NotDeliveredCancelled'), 'rejected none suppressed_by_provider, echo'],
  [error('Unknown'), 'bounce soft unknown'],
  [query('Error'), 'bounce soft unknown'],
  [query('a word of tomorrow'), 'unknown none unknown'],
])('%s', async (body, expected) => {
  const [read] = await eventsIn(elasticEmail, request(body));
  expect(inShort(read!)).toBe(expected);
  expect(read).toMatchObject({
    ...{ recipient: 'jane@example.net', messageId: 'message-1', campaign: 'news' },
    at: Date.UTC(2026, 10, 20, 12),
  });
});

test('the secret is in the query, or in a header', async () => {
  const receive = (body: string, headers: Record<string, string> = {}) =>
    receiveWebhook(elasticEmail, request(body, headers), { sharedSecrets: [secret] }, noCertificates);
  expect((await receive(query('Sent', { secret }))).kind).toBe('events');
  expect((await receive(query('Sent'), { 'x-webhook-token': secret })).kind).toBe('events');
  expect((await receive(query('Sent', { secret: 'another' }))).kind).toBe('refused');
  // A wrong header is not made up for by the query.
  expect((await receive(query('Sent', { secret }), { 'x-webhook-token': 'another' })).kind).toBe('refused');
  expect(await receive(query('Sent'))).toMatchObject({ why: 'credentials_missing' });
});
