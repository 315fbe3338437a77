// A Worker asks a presend on Node (PROBE_URL) about lists and about pending verdicts, in the pieces of work that its queue brings.

import { env } from 'cloudflare:test';
import { beforeAll, expect, inject, test } from 'vitest';
import worker from '../../src/platform/worker.ts';
import { freshD1 } from './fresh-d1.ts';

const { url, key } = inject('prober');
const receiver = inject('receiver');

beforeAll(async () => {
  await freshD1();
});

let messages = 0;

/** Its queue counts messages, and the test brings them. Each call of the tests uses this one isolate, so its settings never change. */
const environment = {
  ...env,
  ...{ MAILBOX_PROOF: 'smtp', PROBE_URL: url, PROBE_KEY: key, CALLBACK_TARGETS: 'loopback' },
  WORK: {
    send: async () => {
      messages++;
    },
  },
} as unknown as Parameters<typeof worker.fetch>[1];

const send = async (path: string, init?: RequestInit) =>
  worker.fetch(new Request(`http://127.0.0.1:8787${path}`, init), environment, { waitUntil: () => {} });
// biome-ignore lint/suspicious/noExplicitAny: the assertions say what it should be.
const json = async (path: string, init?: RequestInit): Promise<any> => (await send(path, init)).json();

/** Brings the messages of the queue, and one in any case, as the Cron Trigger does. */
async function work(): Promise<void> {
  const some = Array.from({ length: Math.max(1, messages) }, () => ({}));
  messages = 0;
  await worker.queue({ messages: some }, environment);
}

test('a job with `proof` asks the prober in turns, and its result has what the hosts said', {
  timeout: 120_000,
}, async () => {
  const list = ['jane', 'dead', 'kim', 'gone'].map((name) => `${name}@brisk-otter.com\n`).join('');
  const { id } = await json('/v1/jobs?proof=true', {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: `email\n${list}`,
  });
  expect(messages).toBeGreaterThan(0);
  await expect
    .poll(
      async () => {
        await work();
        return (await json(`/v1/jobs/${id}`)).state;
      },
      { timeout: 100_000 },
    )
    .toBe('completed');
  expect(await json(`/v1/jobs/${id}`)).toMatchObject({ proof: { addresses: 4, settled: 4 } });
  const result = await (await send(`/v1/jobs/${id}/result?format=ndjson`)).text();
  const rows = result
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows.map((row) => [row.ps_reason, row.ps_mailbox])).toEqual([
    ['no_known_obstacle', 'exists'],
    ['mailbox_unknown', 'unknown_user'],
    ['no_known_obstacle', 'exists'],
    ['mailbox_unknown', 'unknown_user'],
  ]);
});

test('a pending verdict is asked about and told', { timeout: 120_000 }, async () => {
  const email = 'away@brisk-otter.com';
  const verdict = await json('/v1/validate', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, callback_url: receiver }),
  });
  expect(verdict).toMatchObject({ reason: 'no_known_obstacle', proof_pending: true });
  const told = async () => {
    await work();
    const bodies = (await (await fetch(receiver)).json()) as string[];
    return bodies.map((body) => JSON.parse(body)).filter(({ data }) => data.verdict?.email === email);
  };
  await expect.poll(async () => (await told()).length, { timeout: 100_000 }).toBe(1);
  expect(await told()).toMatchObject([
    { type: 'verdict.changed', data: { changed: true, verdict: { reason: 'mailbox_unknown' } } },
  ]);
  // Nothing is left to do, so the queue rests.
  await work();
  expect(messages).toBe(0);
});
