// One delivery attempt of a signed webhook.

import { expect, test } from 'vitest';
import {
  type DeliveryPorts,
  deliverWebhook,
  stepAfter,
  type WebhookTransport,
} from '../../src/webhooks/delivery.ts';

type Answer = Awaited<ReturnType<WebhookTransport>>;

const message = { url: 'https://hooks.example.com/in', id: 'msg_1', body: '{"type":"job.completed"}' };

async function attempt(answer: Answer, names: Partial<DeliveryPorts['names']> = {}) {
  const sent: Parameters<WebhookTransport>[0][] = [];
  const outcome = await deliverWebhook(message, {
    secret: new Uint8Array(32).fill(7),
    targets: 'public',
    names: {
      addressesOf: async () => ['192.0.2.1'],
      isPublic: () => true,
      isBareAddress: () => false,
      ...names,
    },
    transport: async (request) => {
      sent.push(request);
      return answer;
    },
    now: () => 1_614_265_330_999,
  });
  return { outcome, sent };
}

const status = (code: number): Answer => ({ kind: 'status', status: code });

test('the body is sent to the vetted addresses, signed', async () => {
  const { outcome, sent } = await attempt(status(200));
  expect(outcome).toEqual({ kind: 'delivered' });
  expect(sent).toEqual([
    {
      url: new URL(message.url),
      addresses: ['192.0.2.1'],
      headers: {
        'content-type': 'application/json',
        'user-agent': 'presend',
        'webhook-id': 'msg_1',
        'webhook-timestamp': '1614265330',
        'webhook-signature': expect.stringMatching(/^v1,/),
      },
      body: message.body,
    },
  ]);
});

test.each([
  [199, 'failed'],
  [200, 'delivered'],
  [299, 'delivered'],
  [300, 'failed'],
  [500, 'failed'],
])('status %i: %s', async (code, kind) => {
  const { outcome } = await attempt(status(code));
  expect(outcome.kind).toBe(kind);
  if (outcome.kind === 'failed') expect(outcome).toMatchObject({ cause: `status ${code}`, isFinal: false });
});

test('410 Gone ends the attempts', async () => {
  expect((await attempt(status(410))).outcome).toEqual({
    kind: 'failed',
    cause: 'status 410',
    isFinal: true,
  });
});

const hour = 3_600_000;

test.each([
  ['90', 90_000],
  // The clock of the test stands at 15:02:10.999.
  ['Thu, 25 Feb 2021 15:03:10 GMT', 59_001],
  ['Thu, 25 Feb 2021 15:00:00 GMT', undefined],
  ['999999999999999999', 2 * hour],
  ['0', undefined],
  ['-5', undefined],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
])('Retry-After: %s is a rest of %s', async (retryAfter, restMs) => {
  const { outcome } = await attempt({ kind: 'status', status: 429, retryAfter });
  expect(outcome).toEqual({
    ...{ kind: 'failed', cause: 'status 429', isFinal: false },
    ...(restMs !== undefined && { restMs }),
  });
});

test('a transport failure has its cause', async () => {
  const { outcome } = await attempt({ kind: 'failed', cause: 'timeout' });
  expect(outcome).toEqual({ kind: 'failed', cause: 'timeout', isFinal: false });
});

test.each([
  ['host not found', { addressesOf: async () => [] }],
  ['refused: not_public', { isPublic: () => false }],
])('%s: nothing is sent', async (cause, names) => {
  const { outcome, sent } = await attempt(status(200), names);
  expect([outcome, sent]).toEqual([{ kind: 'failed', cause, isFinal: false }, []]);
});

test('a failed attempt is repeated after each wait, and given up after the last one or if it is final', () => {
  const failure = { kind: 'failed', cause: 'status 500', isFinal: false } as const;
  const steps = [1, 2, 3].map((attempts) => stepAfter(failure, attempts, [10, 20]));
  expect(steps).toEqual([
    { kind: 'retry', cause: 'status 500', waitMs: 10 },
    { kind: 'retry', cause: 'status 500', waitMs: 20 },
    { kind: 'given_up', cause: 'status 500' },
  ]);
  expect(stepAfter({ ...failure, isFinal: true }, 1, [10])).toEqual({
    kind: 'given_up',
    cause: 'status 500',
  });
  // A receiver can ask for a longer wait, and not for a shorter one or another attempt.
  const waits = [5, 15].map((restMs) => stepAfter({ ...failure, restMs }, 1, [10]));
  expect(waits).toMatchObject([{ waitMs: 10 }, { waitMs: 15 }]);
  expect(stepAfter({ ...failure, restMs: 15 }, 2, [10])).toMatchObject({ kind: 'given_up' });
  expect(stepAfter({ kind: 'delivered' }, 3, [10])).toEqual({ kind: 'delivered' });
});
