// Which failures are repeated, how often and after how long, and which error is left in the end.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Client, createClient, PresendError } from '../../src/client/index.ts';
import { isRepeatable, takesIdempotencyKey } from '../../src/client/retries.ts';
import { resources } from '../../src/http/resources.ts';
import { json, refusal, type Scripted, scriptedFetch } from './scripted-fetch.ts';

const endpoint = 'https://presend.example.com';
const down = new TypeError('fetch failed');

/** The error that a call rejects with. */
const errorOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    (answer) => `no error but ${JSON.stringify(answer)}`,
    (error) => error,
  );

describe('with a clock of the test', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  /** Makes a call whose waits take no time, and gives its outcome, what was asked, and the milliseconds that it waited. */
  async function outcome(
    answers: readonly Scripted[],
    call: (client: Client) => Promise<unknown> = (client) => client.validate('jane@example.com'),
    options: { retries?: number } = {},
  ) {
    const { fetch, asked } = scriptedFetch(...answers);
    const started = Date.now();
    let ended = started;
    const result = errorOf(call(createClient({ endpoint, fetch, ...options }))).then((value) => {
      ended = Date.now();
      return value;
    });
    await vi.runAllTimersAsync();
    return { result: await result, asked, waited: ended - started };
  }

  test.each<[string, Scripted]>([
    ['429', refusal(429)],
    ['502', refusal(502)],
    ['503', refusal(503)],
    ['504', refusal(504)],
    ['no connection', down],
    [
      'a response that breaks off',
      {
        clone: () =>
          new Response(
            new ReadableStream({
              start(stream) {
                stream.enqueue(new TextEncoder().encode('{"res'));
                stream.error(new TypeError('terminated'));
              },
            }),
            { headers: { 'content-type': 'application/json' } },
          ),
      } as Response,
    ],
  ])('%s is tried again', async (_, failure) => {
    const { asked, result } = await outcome([failure, json({ result: 'deliverable' })]);
    expect(asked).toHaveLength(2);
    expect(asked[1]).toEqual(asked[0]);
    expect(result).toContain('deliverable');
  });

  test.each([400, 401, 403, 404, 409, 413, 422, 500, 507])('%d is not', async (status) => {
    const { asked, result } = await outcome([refusal(status)]);
    expect(asked).toHaveLength(1);
    expect(result).toMatchObject({ status });
  });

  test.each<[string, (client: Client) => Promise<unknown>]>([
    ['a verdict', (client) => client.validate('jane@example.com')],
    ['a new key', (client) => client.keys.create({ kind: 'secret', name: 'crm' })],
  ])('%s that is not valid JSON is an error of its own, and not asked for again', async (_, call) => {
    const { asked, result } = await outcome(
      [new Response('{"res', { headers: { 'content-type': 'application/json' } })],
      call,
    );
    expect(asked).toHaveLength(1);
    expect(result).toMatchObject({
      status: 200,
      message: 'The response is not valid JSON',
      problem: { type: 'urn:presend:problem:not-presend' },
      cause: expect.any(SyntaxError),
    });
  });

  test('after two retries the last error is thrown', async () => {
    const { asked, result } = await outcome([down, refusal(502), refusal(503)]);
    expect(asked).toHaveLength(3);
    expect(result).toMatchObject({ status: 503 });
  });

  test.each([
    [0, 1],
    [5, 6],
  ])('retries: %d makes %d attempts', async (retries, attempts) => {
    expect((await outcome([down], undefined, { retries })).asked).toHaveLength(attempts);
    const own = (client: Client) => client.validate('jane@example.com', {}, { retries });
    expect((await outcome([down], own, { retries: 9 })).asked).toHaveLength(attempts);
  });

  test('a wait is a random part of a time that doubles up to eight seconds', async () => {
    expect((await outcome([down], undefined, { retries: 1 })).waited).toBe(250);
    expect((await outcome([down], undefined, { retries: 3 })).waited).toBe(250 + 500 + 1000);
    expect((await outcome([down], undefined, { retries: 6 })).waited).toBe(
      250 + 500 + 1000 + 2000 + 4000 + 4000,
    );
    vi.mocked(Math.random).mockReturnValue(0);
    expect((await outcome([down], undefined, { retries: 6 })).waited).toBe(0);
  });

  test('Retry-After in seconds comes before the random part', async () => {
    const answers = [refusal(429, { 'retry-after': '7' }), json({})];
    expect((await outcome(answers)).waited).toBe(7000 + 250);
  });

  test('Retry-After as a date is the time until then', async () => {
    vi.setSystemTime(Date.UTC(2026, 0, 1));
    const date = new Date(Date.UTC(2026, 0, 1) + 9000).toUTCString();
    expect((await outcome([refusal(503, { 'retry-after': date }), json({})])).waited).toBe(9000 + 250);
    const past = new Date(Date.UTC(2025, 0, 1)).toUTCString();
    expect((await outcome([refusal(503, { 'retry-after': past }), json({})])).waited).toBe(250);
  });

  test('an invalid Retry-After counts as absent', async () => {
    const { waited, result } = await outcome([refusal(503, { 'retry-after': 'soon' })], undefined, {
      retries: 1,
    });
    expect(waited).toBe(250);
    expect(result).toMatchObject({ retryAfter: null });
  });

  test('a minute is waited, but not longer: the error says how long it would be', async () => {
    expect((await outcome([refusal(429, { 'retry-after': '60' }), json({})])).asked).toHaveLength(2);
    const { asked, result } = await outcome([refusal(429, { 'retry-after': '61' })]);
    expect(asked).toHaveLength(1);
    expect(result).toMatchObject({ status: 429, retryAfter: 61 });
  });

  test('what may create something twice is repeated only after a refusal by a rate limit', async () => {
    const create = (client: Client) => client.keys.create({ kind: 'secret', name: 'crm' });
    for (const failure of [down, refusal(502), refusal(503), refusal(503, { 'retry-after': '1' })])
      expect((await outcome([failure], create)).asked).toHaveLength(1);
    expect((await outcome([refusal(429)], create)).asked).toHaveLength(3);
  });

  test.each<[string, (client: Client) => Promise<unknown>]>([
    ['deleting a job', (client) => client.jobs.delete('job_1')],
    [
      'lifting a suppression',
      (client) =>
        client.suppressions.remove({
          email: 'jane@example.com',
          consent: { kind: 'double_opt_in', at: '2026-11-20T12:00:00Z', evidence: 'confirmation 4711' },
        }),
    ],
  ])('%s is not repeated when its response is lost, but after a refusal', async (_, call) => {
    for (const failure of [down, refusal(502), refusal(503), refusal(504)]) {
      const { asked, result } = await outcome([failure, refusal(404)], call);
      expect(asked).toHaveLength(1);
      expect(result).not.toMatchObject({ status: 404 });
    }
    for (const refused of [refusal(429), refusal(503, { 'retry-after': '1' })])
      expect((await outcome([refused, json({})], call)).asked).toHaveLength(2);
  });

  test('revoking a key is repeated, because a second call answers the same', async () => {
    const revoke = (client: Client) => client.keys.revoke('key_1');
    const { asked } = await outcome([down, refusal(503), new Response(null, { status: 204 })], revoke);
    expect(asked).toHaveLength(3);
  });

  test('an upload has one Idempotency-Key for all its attempts, and another one for each call', async () => {
    const upload = (client: Client) => client.jobs.create('email\n');
    const keys = async () =>
      (await outcome([down, refusal(503), json({})], upload)).asked.map(({ headers }) =>
        headers.get('idempotency-key'),
      );
    const [first, second] = [await keys(), await keys()];
    expect(first).toHaveLength(3);
    expect(new Set(first).size).toBe(1);
    expect(new Set([...first, ...second]).size).toBe(2);
  });

  test('the caller may choose the Idempotency-Key', async () => {
    const upload = (client: Client) => client.jobs.create('email\n', {}, { idempotencyKey: 'spring' });
    const { asked } = await outcome([json({})], upload);
    expect(asked[0]!.headers.get('idempotency-key')).toBe('spring');
    const others = await outcome([json({})]);
    expect(others.asked[0]!.headers.has('idempotency-key')).toBe(false);
  });

  test('a stream can be sent once', async () => {
    async function* pieces() {
      yield new TextEncoder().encode('email\n');
    }
    for (const body of [() => new Blob(['email\n']).stream(), pieces]) {
      const upload = (client: Client) => client.jobs.create(body());
      expect((await outcome([down], upload)).asked).toHaveLength(1);
      expect((await outcome([refusal(429)], upload)).asked).toHaveLength(1);
    }
  });

  test('an attempt ends after 10 seconds, and is tried again', async () => {
    const { asked, result, waited } = await outcome(['never']);
    expect(asked).toHaveLength(3);
    expect(waited).toBe(3 * 10_000 + 250 + 500);
    expect(result).toMatchObject({ status: 0, problem: { type: 'urn:presend:problem:timeout' } });
  });

  test('the time limit is that of the call, else that of the client; files have none', async () => {
    const patient = (client: Client) => client.validate('jane@example.com', {}, { timeout: 50, retries: 0 });
    expect((await outcome(['never'], patient)).waited).toBe(50);
    const { fetch, asked } = scriptedFetch('never');
    const aborting = new AbortController();
    const upload = errorOf(
      createClient({ endpoint, fetch, timeout: 50 }).jobs.create('email\n', {}, { signal: aborting.signal }),
    );
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(asked).toHaveLength(1);
    aborting.abort();
    expect(await upload).toMatchObject({ name: 'AbortError' });
  });

  test('an abort ends an attempt and a wait at once, with the reason of the caller', async () => {
    for (const answer of ['never', refusal(503, { 'retry-after': '30' })] as const) {
      const { fetch, asked } = scriptedFetch(answer);
      const aborting = new AbortController();
      const { signal } = aborting;
      const call = errorOf(createClient({ endpoint, fetch }).validate('jane@example.com', {}, { signal }));
      await vi.advanceTimersByTimeAsync(100);
      aborting.abort('enough');
      expect(await call).toBe('enough');
      await vi.runAllTimersAsync();
      expect(asked).toHaveLength(1);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  test('a call whose signal is already aborted asks nothing', async () => {
    const { fetch, asked } = scriptedFetch(json({}));
    const signal = AbortSignal.abort('before');
    expect(await errorOf(createClient({ endpoint, fetch }).keys.list({ signal }))).toBe('before');
    expect(asked).toHaveLength(0);
  });

  test('no timer outlives a call', async () => {
    const { fetch } = scriptedFetch(json({}));
    await createClient({ endpoint, fetch }).validate('jane@example.com');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the routes', () => {
  const routes = resources.flatMap(({ operations }) => Object.entries(operations));

  test('all may be sent twice, but those that send a test, create a key, end a job, lift a suppression or receive a webhook', () => {
    const once = routes.map(([route]) => route).filter((route) => !isRepeatable(route));
    expect(once.toSorted()).toEqual([
      'DELETE /v1/jobs/{id}',
      'POST /v1/alerts/test',
      'POST /v1/hooks/crm/{vendor}',
      'POST /v1/hooks/esp/{provider}',
      'POST /v1/jobs/{id}/cancel',
      'POST /v1/keys',
      'POST /v1/keys/{id}/rotate',
      'POST /v1/suppressions/remove',
    ]);
  });

  test('an Idempotency-Key goes to the routes that read one', () => {
    const documented = routes.filter(([, { headers = {} }]) => 'Idempotency-Key' in headers);
    expect(documented.map(([route]) => route)).toEqual(
      routes.map(([route]) => route).filter(takesIdempotencyKey),
    );
  });
});

describe('with a real server', () => {
  async function serverThat(answer: Parameters<typeof createServer>[1]): Promise<string> {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test('it is asked again after a refusal and after a broken connection, with the same body', async () => {
    const bodies: string[] = [];
    const url = await serverThat(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      bodies.push(body);
      if (bodies.length === 1) return response.writeHead(429, { 'retry-after': '0' }).end();
      if (bodies.length === 2) return request.socket.destroy();
      response.setHeader('content-type', 'application/json');
      response.end('{"suppressed":true}');
    });
    const answer = await createClient({ endpoint: url }).suppressions.add({
      email: 'jane@example.com',
      reason: 'manual',
    });
    expect(answer).toEqual({ suppressed: true });
    expect(bodies).toEqual(Array(3).fill('{"email":"jane@example.com","reason":"manual"}'));
  });

  test('a page in the place of the service is an error, not an answer', async () => {
    const url = await serverThat((_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<h1>Sign in to the Wi-Fi</h1>');
    });
    const error = await errorOf(createClient({ endpoint: url }).validate('jane@example.com'));
    expect(error).toBeInstanceOf(PresendError);
    expect(error).toMatchObject({ status: 200, problem: { type: 'urn:presend:problem:not-presend' } });
  });

  test('an error without problem details has the status and its name', async () => {
    const url = await serverThat((_, response) =>
      response.writeHead(413, { 'x-request-id': 'r7' }).end('too much'),
    );
    const error = await errorOf(createClient({ endpoint: url }).validate('jane@example.com'));
    expect(error).toMatchObject({
      name: 'PresendError',
      message: 'Payload Too Large',
      status: 413,
      requestId: 'r7',
      problem: { type: 'about:blank', title: 'Payload Too Large', status: 413 },
    });
  });

  test('nobody listens', async () => {
    const url = 'http://127.0.0.1:1';
    const error = await errorOf(createClient({ endpoint: url, retries: 0 }).keys.list());
    expect(error).toMatchObject({
      status: 0,
      requestId: null,
      problem: { type: 'urn:presend:problem:no-response' },
      cause: expect.any(TypeError),
    });
  });
});
