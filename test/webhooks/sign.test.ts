// Given this secret, id, time and body, those headers.

import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { webhookHeaders, webhookSecret } from '../../src/webhooks/sign.ts';

const key = Buffer.from('thirty-two bytes of a secret, yes');
const secret = `whsec_${key.toString('base64')}`;

test('the headers are those of Standard Webhooks', async () => {
  const body = '{"type":"job.completed"}';
  const headers = await webhookHeaders(webhookSecret(secret)!, { id: 'msg_1', at: 1_614_265_330_999, body });
  const signature = createHmac('sha256', key).update(`msg_1.1614265330.${body}`).digest('base64');
  expect(headers).toEqual({
    'webhook-id': 'msg_1',
    'webhook-timestamp': '1614265330',
    'webhook-signature': `v1,${signature}`,
  });
});

test('a body that is not ASCII is signed as UTF-8', async () => {
  const headers = await webhookHeaders(webhookSecret(secret)!, { id: 'm', at: 0, body: 'ü' });
  const signature = createHmac('sha256', key).update('m.0.ü', 'utf8').digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${signature}`);
});

test.each([
  ['no prefix', key.toString('base64')],
  ['no base64', 'whsec_not base64'],
  ['a length that base64 does not have', `whsec_${'A'.repeat(33)}`],
  ['too few bytes', `whsec_${Buffer.alloc(23).toString('base64')}`],
  ['nothing', ''],
])('a secret with %s is none', (_, text) => {
  expect(webhookSecret(text)).toBeNull();
});
