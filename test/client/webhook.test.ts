// verifyWebhook: what presend signs is accepted in every form in which runtimes hand it over; anything else is refused.

import { describe, expect, test } from 'vitest';
import {
  PresendWebhookError,
  verifyWebhook,
  type WebhookData,
  type WebhookEvent,
} from '../../src/client/index.ts';
import type { Drift } from '../../src/learning/drift.ts';
import { webhookHeaders, webhookSecret } from '../../src/webhooks/sign.ts';

const secret = `whsec_${btoa('a secret of the tests, thirty-two')}`;
const now = Date.UTC(2026, 10, 20, 12);
const sent = {
  type: 'job.completed',
  timestamp: '2026-11-20T12:00:00.000Z',
  data: { job: 'job_1', state: 'completed', rows: 3, counts: { result: {}, reason: {}, action: {} } },
};
const text = JSON.stringify(sent);

const signed = (body = text, at = now, key = secret) =>
  webhookHeaders(webhookSecret(key)!, { id: 'msg_1', at, body });

const post = (headers: Record<string, string>, body = text) =>
  new Request('https://shop.example/hook', { method: 'POST', headers, body });

/** Why a webhook is refused; null if it is not. */
const refusalOf = (received: Parameters<typeof verifyWebhook>[0], options = {}): Promise<string | null> =>
  verifyWebhook(received, secret, { now, ...options }).then(
    () => null,
    (error) => {
      expect(error).toBeInstanceOf(PresendWebhookError);
      return error.why;
    },
  );

test('a Request gives the event with its id', async () => {
  const event = await verifyWebhook(post(await signed()), secret, { now });
  expect(event).toEqual({ id: 'msg_1', ...sent });
});

test('headers and body may be what Node, Express and Workers have', async () => {
  const headers = await signed();
  const capital = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
  );
  const lists = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  const bytes = new TextEncoder().encode(text);
  for (const received of [
    { headers, body: text },
    { headers: capital, body: Buffer.from(text) },
    { headers: lists, body: bytes },
    { headers: new Headers(headers), body: bytes.buffer },
  ])
    expect(await verifyWebhook(received, secret, { now })).toMatchObject({
      id: 'msg_1',
      type: 'job.completed',
    });
});

test('the time of the call counts by default', async () => {
  expect((await verifyWebhook(post(await signed(text, Date.now())), secret)).id).toBe('msg_1');
  await expect(verifyWebhook(post(await signed(text, Date.now() - 400_000)), secret)).rejects.toThrow(
    'Webhook refused: timestamp_outside_window',
  );
});

test('while the secret is replaced, both are accepted', async () => {
  const next = `whsec_${btoa('another secret of the tests, long')}`;
  for (const key of [secret, next])
    expect((await verifyWebhook(post(await signed(text, now, key)), [secret, next], { now })).id).toBe(
      'msg_1',
    );
  await expect(verifyWebhook(post(await signed(text, now, next)), [secret], { now })).rejects.toMatchObject({
    why: 'signature_wrong',
  });
});

describe('refused', () => {
  test('a body that was changed', async () => {
    const headers = await signed();
    expect(await refusalOf(post(headers, text.replace('"rows":3', '"rows":4')))).toBe('signature_wrong');
    expect(await refusalOf(post(headers, `${text} `))).toBe('signature_wrong');
  });

  test('another id or timestamp than the signed ones', async () => {
    const headers = await signed();
    expect(await refusalOf(post({ ...headers, 'webhook-id': 'msg_2' }))).toBe('signature_wrong');
    const timestamp = String(now / 1000 + 1);
    expect(await refusalOf(post({ ...headers, 'webhook-timestamp': timestamp }))).toBe('signature_wrong');
  });

  test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('without %s', async (name) => {
    const { [name]: _, ...headers } = await signed();
    expect(await refusalOf(post(headers))).toBe('signature_missing');
  });

  test.each([
    [300, null],
    [301, 'timestamp_outside_window'],
    [-300, null],
    [-301, 'timestamp_outside_window'],
  ])('signed %d seconds ago: %s', async (seconds, why) => {
    expect(await refusalOf(post(await signed(text, now - seconds * 1000)))).toBe(why);
  });

  test('the tolerance is that of the caller', async () => {
    const replayed = () => signed(text, now - 20_000).then((headers) => post(headers));
    expect(await refusalOf(await replayed(), { tolerance: 10 })).toBe('timestamp_outside_window');
    expect(await refusalOf(await replayed(), { tolerance: 20 })).toBe(null);
  });

  test.each(['', 'soon', '1e9', '99999999999999', '-1'])('a timestamp that is %j', async (timestamp) => {
    const refused = await refusalOf(post({ ...(await signed()), 'webhook-timestamp': timestamp }));
    expect(refused).toBe(timestamp === '' ? 'signature_missing' : 'timestamp_outside_window');
  });

  test.each(['v1,', 'v1,***', 'v2,', 'abc', 'v1,AAAA'])('a signature that is %j', async (signature) => {
    const headers = { ...(await signed()), 'webhook-signature': signature };
    expect(await refusalOf(post(headers))).toBe('signature_wrong');
  });

  test('one right signature among up to eight is enough, a ninth is not looked at', async () => {
    const headers = await signed();
    const right = headers['webhook-signature']!;
    const among = (wrong: number) => ({
      ...headers,
      'webhook-signature': `${'v1,AAAA '.repeat(wrong)}${right}`,
    });
    expect(await refusalOf(post(among(7)))).toBe(null);
    expect(await refusalOf(post(among(8)))).toBe('signature_wrong');
    expect(await refusalOf(post({ ...headers, 'webhook-signature': right.replace('v1,', 'v2,') }))).toBe(
      'signature_wrong',
    );
  });

  test.each(['[]', 'null', '{"type":1,"data":{}}', '{"type":"x"}', 'no JSON'])(
    'a signed body that is no event: %s',
    async (body) => {
      expect(await refusalOf(post(await signed(body), body))).toBe('malformed');
    },
  );
});

test.each([
  ['without its prefix', secret.slice('whsec_'.length)],
  ['too short', `whsec_${btoa('short')}`],
  ['absent', undefined],
])('a secret %s is a mistake of the caller', async (_, wrong) => {
  await expect(verifyWebhook(post(await signed()), wrong as string, { now })).rejects.toThrow(TypeError);
});

test('a parsed body is a mistake of the caller', async () => {
  const received = { headers: await signed(), body: sent as never };
  await expect(verifyWebhook(received, secret, { now })).rejects.toThrow('not parsed');
});

test('the types are those of the service', () => {
  // Compiled, not run.
  const drift = (found: Drift): WebhookData['drift.found'] => found;
  const rows = (event: WebhookEvent): number | null =>
    event.type === 'job.failed' ? event.data.error.row : null;
  expect([drift, rows]).toHaveLength(2);
});
