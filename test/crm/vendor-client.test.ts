// Calls to a vendor's API: when they fail, and when the vendor may be called again.

import { describe, expect, test } from 'vitest';
import { callInBatches, type Rest, vendorClient } from '../../src/crm/vendor-client.ts';

const start = Date.UTC(2026, 10, 20, 12);

/** A client whose vendor gives `answer`, with the calls that it made. */
function clientOf(
  answer: () => Response | Promise<Response>,
  options: { rest?: Rest; deadline?: number } = {},
) {
  const calls: [string, RequestInit][] = [];
  const rest = options.rest ?? { until: 0 };
  const client = vendorClient({
    host: 'api.example',
    headers: { authorization: 'Bearer token' },
    fetch: async (url, init) => {
      calls.push([url, init]);
      return answer();
    },
    now: () => start,
    rest,
    deadline: options.deadline ?? start + 4000,
  });
  return { client, calls, rest };
}

describe('an answer', () => {
  test('is the JSON of the body, or null if there is none', async () => {
    expect(await clientOf(() => Response.json({ a: 1 })).client.get('/x')).toEqual({
      kind: 'answered',
      value: { a: 1 },
    });
    expect(await clientOf(() => new Response('')).client.get('/x')).toEqual({
      kind: 'answered',
      value: null,
    });
  });

  test.each<[string, () => Response]>([
    ['that is not JSON', () => new Response('<html>')],
    [
      'that does not come',
      () => {
        throw new TypeError('fetch failed');
      },
    ],
  ])('%s is a failure without a status', async (_, answer) => {
    expect(await clientOf(answer).client.get('/x')).toEqual({
      kind: 'failed',
      status: null,
      retryAfterMs: 10_000,
    });
  });
});

test('a call goes to the host of the vendor, with its token, and follows no redirect', async () => {
  const { client, calls } = clientOf(() => Response.json({}));
  await client.post('/contacts', { a: 1 });
  expect(calls).toMatchObject([
    [
      'https://api.example/contacts',
      { method: 'POST', body: '{"a":1}', redirect: 'manual', headers: { authorization: 'Bearer token' } },
    ],
  ]);
});

describe('a vendor that asks to wait', () => {
  const failure = async (status: number, retryAfter: string | null) => {
    const headers = retryAfter === null ? {} : { 'retry-after': retryAfter };
    const { client, rest } = clientOf(() => new Response(null, { status, headers }));
    return [await client.get('/x'), rest.until - start] as const;
  };

  test.each([
    ['for a number of seconds', '30', 30_000],
    ['until a date', new Date(start + 45_000).toUTCString(), 45_000],
    ['until a date that is past, at least a second', new Date(start - 45_000).toUTCString(), 1000],
    ['for a day, at most ten minutes', '86400', 600_000],
    ['without saying for how long, ten seconds', null, 10_000],
    ['in words, ten seconds', 'a while', 10_000],
  ])('%s', async (_, retryAfter, wait) => {
    expect(await failure(429, retryAfter)).toEqual([
      { kind: 'failed', status: 429, retryAfterMs: wait },
      wait,
    ]);
  });

  test('is not called before that time', async () => {
    const rest = { until: start + 5000 };
    const { client, calls } = clientOf(() => Response.json({}), { rest });
    expect(await client.get('/x')).toEqual({ kind: 'failed', status: 429, retryAfterMs: 5000 });
    rest.until = start;
    expect(await client.get('/x')).toMatchObject({ kind: 'answered' });
    expect(calls).toHaveLength(1);
  });

  test('keeps the longer of two waits', async () => {
    const { client, rest } = clientOf(() => {
      rest.until = start + 60_000;
      return new Response(null, { status: 429, headers: { 'retry-after': '30' } });
    });
    await client.get('/x');
    expect(rest.until).toBe(start + 60_000);
  });

  test('another failure does not stop other calls', async () => {
    expect(await failure(500, '30')).toEqual([{ kind: 'failed', status: 500, retryAfterMs: 30_000 }, -start]);
  });
});

test('after the deadline nothing is called', async () => {
  const { client, calls } = clientOf(() => Response.json({}), { deadline: start });
  expect(await client.get('/x')).toMatchObject({ kind: 'failed', status: null });
  expect(calls).toEqual([]);
});

describe('many items', () => {
  test('are sent in limited calls, and answers keep their order', async () => {
    const answer = await callInBatches([1, 2, 3, 4, 5], 2, async (some) => ({
      kind: 'answered',
      value: some,
    }));
    expect(answer).toEqual({ kind: 'answered', value: [[1, 2], [3, 4], [5]] });
  });

  test('fail if one call fails, and no further call is made', async () => {
    const asked: number[] = [];
    const answer = await callInBatches(
      Array.from({ length: 20 }, (_, index) => index),
      1,
      async ([item]) => {
        asked.push(item!);
        return item === 2
          ? { kind: 'failed', status: 500, retryAfterMs: 1 }
          : { kind: 'answered', value: item };
      },
    );
    expect(answer).toEqual({ kind: 'failed', status: 500, retryAfterMs: 1 });
    expect(asked.length).toBeLessThan(20);
  });
});
