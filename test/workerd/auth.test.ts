// Keys, limits and CORS in workerd: the battery, the platform's counters, and the service without keys.

import { applyD1Migrations, env } from 'cloudflare:test';
import { beforeAll, expect, test, vi } from 'vitest';
import { type Taken, tokenBuckets } from '../../src/http/middleware/token-buckets.ts';
import { limitAlsoBy, type PlatformLimit } from '../../src/platform/platform-limit.ts';
import { authContract, authSettings } from '../contract/auth.ts';
import { freshD1 } from './fresh-d1.ts';

type Worker = typeof import('../../src/platform/worker.ts')['default'];
type Environment = Parameters<Worker['fetch']>[1];

/** Another instance of the Worker, as another isolate would have it. */
async function isolate(differences: object): Promise<(request: Request) => Promise<Response>> {
  vi.resetModules();
  const { default: worker } = await import('../../src/platform/worker.ts');
  const environment = { ...env, ...differences } as unknown as Environment;
  return (request) => worker.fetch(request, environment, { waitUntil: (work) => void work });
}

let send: (request: Request) => Promise<Response>;
beforeAll(async () => {
  await applyD1Migrations(env['DB'], env['TEST_MIGRATIONS']);
  send = await isolate({ ...authSettings, KEYLESS: '' });
});

authContract((client, path, init) => {
  const request = new Request(`https://presend.example${path}`, init);
  request.headers.set('cf-connecting-ip', client);
  return send(request);
});

test('the platform counts over all isolates what one bucket does not see', async () => {
  const policy = { quota: 1_000_000, windowMs: 60_000 };
  const limiter = () =>
    limitAlsoBy(env['LIMIT_PUBLISHABLE_IP'] as PlatformLimit, tokenBuckets(policy, Date.now));
  const isolates = [limiter(), limiter()];
  // The platform's window may end once meanwhile: of 61 calls, 31 fall into one.
  const answers: Taken[] = [];
  for (let call = 0; call < 61; call++) answers.push(await isolates[call % 2]!.take('198.18.255.1', 1));
  expect(answers.slice(0, 30).every(({ allowed }) => allowed)).toBe(true);
  const refusal = answers.find(({ allowed }) => !allowed);
  expect(refusal).toEqual({ allowed: false, remaining: 0, fullInMs: 60_000, retryInMs: 60_000 });
  expect((await isolates[0]!.take('198.18.255.2', 1)).allowed).toBe(true);
});

test('what the bucket refuses is not counted by the platform; where that fails, the bucket decides', async () => {
  let calls = 0;
  const platform: PlatformLimit = {
    limit() {
      calls++;
      return Promise.reject(new Error('out of reach'));
    },
  };
  const limiter = limitAlsoBy(platform, tokenBuckets({ quota: 1, windowMs: 3_600_000 }, Date.now));
  expect([(await limiter.take('a', 1)).allowed, (await limiter.take('a', 1)).allowed]).toEqual([true, false]);
  expect(calls).toBe(1);
});

test('the service of npm run dev:worker answers on loopback only, to no foreign page, until a key is made', async () => {
  await freshD1();
  const keyless = await isolate({});
  const ask = async (url: string, headers: Record<string, string> = {}) =>
    (await keyless(new Request(`${url}/v1/suppressions`, { headers }))).status;
  expect(await ask('http://127.0.0.1:8787')).toBe(200);
  expect(await ask('http://127.0.0.1:8787', { origin: 'http://127.0.0.1:8787' })).toBe(200);
  expect(await ask('http://127.0.0.1:8787', { origin: 'https://evil.example' })).toBe(403);
  expect(await ask('http://rebound.evil.example:8787')).toBe(421);
  const made = await keyless(
    new Request('http://127.0.0.1:8787/v1/keys', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'secret', name: 'the first' }),
    }),
  );
  const { key } = (await made.json()) as { key: string };
  expect(await ask('http://127.0.0.1:8787')).toBe(401);
  expect(await ask('http://127.0.0.1:8787', { authorization: `Bearer ${key}` })).toBe(200);
});
