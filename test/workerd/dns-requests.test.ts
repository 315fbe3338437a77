// Look-ups of many requests that overlap in one isolate: what one request waits for never depends on another.

import { applyD1Migrations, env } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { beforeAll, expect, test } from 'vitest';

beforeAll(() => applyD1Migrations(env['DB'], env['TEST_MIGRATIONS']));

const post = async (path: string, body: object): Promise<unknown> => {
  const response = await exports.default.fetch(`http://127.0.0.1:8787${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json();
};

type Verdict = { readonly result: string };

const validate = (domain: string) => post('/v1/validate', { email: `jane@${domain}` }) as Promise<Verdict>;

const validateBatch = async (domains: readonly string[]): Promise<readonly Verdict[]> => {
  const body = { emails: domains.map((domain) => `jane@${domain}`) };
  return ((await post('/v1/validate/batch', body)) as { results: Verdict[] }).results;
};

const domains = (kind: 'cold' | 'silent', from: number, count: number) =>
  Array.from({ length: count }, (_, index) => `${kind}${from + index}.brisk-otters.net`);

const share = (verdicts: readonly Verdict[], result: string) =>
  verdicts.filter((verdict) => verdict.result === result).length / verdicts.length;

test('after 500 look-ups that timed out, 100 of 100 cold domains get their verdict', async () => {
  for (let round = 0; round < 4; round++) {
    const timedOut = await Promise.all(domains('silent', round * 125, 125).map(validate));
    expect(share(timedOut, 'unknown')).toBe(1);
  }
  expect(share(await validateBatch(domains('cold', 0, 100)), 'deliverable')).toBe(1);
});

test('five rounds of 200 cold domains at once, in requests of 1 and of 40', async () => {
  for (let round = 1; round <= 5; round++) {
    const cold = domains('cold', round * 1000, 200);
    const batches = [0, 40, 80, 120].map((from) => validateBatch(cold.slice(from, from + 40)));
    const verdicts = await Promise.all([...batches, ...cold.slice(160).map(validate)]);
    expect(share(verdicts.flat(), 'deliverable')).toBe(1);
  }
});

test('batches that overlap do not wait for one another', async () => {
  const [silent, ...cold] = await Promise.all([
    validateBatch(domains('silent', 1000, 40)),
    ...[6, 7, 8, 9].map((round) => validateBatch(domains('cold', round * 1000, 100))),
  ]);
  expect(share(silent!, 'unknown')).toBe(1);
  for (const verdicts of cold) expect(share(verdicts, 'deliverable')).toBe(1);
});

test('silent domains in a batch take nothing from the others', async () => {
  const mixed = await validateBatch([...domains('silent', 2000, 10), ...domains('cold', 10_000, 90)]);
  expect(share(mixed.slice(10), 'deliverable')).toBe(1);
});
