// A Worker cannot reach port 25, so it asks a presend on Node (PROBE_URL) about mailboxes.

import { env } from 'cloudflare:test';
import { beforeAll, expect, inject, test } from 'vitest';
import worker from '../../src/platform/worker.ts';
import { freshD1 } from './fresh-d1.ts';

const { url, key } = inject('prober');

beforeAll(async () => {
  await freshD1();
});

const context = { waitUntil: () => {} };

/** The Worker with the settings of the prober. Each call of the tests uses this one isolate, so its settings never change. */
const post = async (path: string, body: object) => {
  const request = new Request(`http://127.0.0.1:8787${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const settings = {
    ...{ MAILBOX_PROOF: 'smtp', PROBE_URL: url, PROBE_KEY: key, CALLBACK_TARGETS: 'loopback' },
  };
  const environment = { ...env, ...settings } as unknown as Parameters<typeof worker.fetch>[1];
  return worker.fetch(request, environment, context);
};

const told = async (addresses: readonly string[]) => {
  const response = await post('/v1/probes', { addresses, wait_seconds: 20 });
  const { results } = (await response.json()) as { results: { proof: string; checked_at: string | null }[] };
  return results.map(({ proof }) => proof);
};

test('a Worker gets proof from a prober on Node, and keeps it', async () => {
  const addresses = ['jane@brisk-otter.com', 'dead@brisk-otter.com'];
  expect(await told(addresses)).toEqual(['exists', 'unknown_user']);
  const verdict = await post('/v1/validate', { email: 'dead@brisk-otter.com' });
  expect(await verdict.json()).toMatchObject({ result: 'undeliverable', reason: 'mailbox_unknown' });
  const other = await post('/v1/validate', { email: 'jane@brisk-otter.com' });
  expect(await other.json()).toMatchObject({ result: 'deliverable' });
});

test('a presend that asks another one is no prober', async () => {
  const request = new Request('http://127.0.0.1:8787/v1/probes', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'presend-probe-hop': '1' },
    body: JSON.stringify({ addresses: ['jane@brisk-otter.com'] }),
  });
  const response = await worker.fetch(request, env as unknown as Parameters<typeof worker.fetch>[1], context);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ type: 'urn:presend:problem:no-prober' });
});
