// The client in workerd: it calls the Worker, and verifies a webhook with the WebCrypto of this runtime.

import { applyD1Migrations, env } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { beforeAll, expect, test } from 'vitest';
import { createClient, PresendError, verifyWebhook } from '../../src/client/index.ts';
import { webhookHeaders, webhookSecret } from '../../src/webhooks/sign.ts';

beforeAll(() => applyD1Migrations(env['DB'], env['TEST_MIGRATIONS']));

const client = createClient({
  endpoint: 'http://127.0.0.1:8787',
  fetch: (url, init) => exports.default.fetch(url, init),
});

test('asks for a verdict, and gets the problem of a wrong request', async () => {
  expect(await client.validate('null-mx@presend.test')).toMatchObject({ reason: 'null_mx' });
  const error = await client.suppressions.check(Array(1001).fill('a@b.c')).catch((caught) => caught);
  expect(error).toBeInstanceOf(PresendError);
  expect(error).toMatchObject({ status: 422, problem: { title: 'Validation failed' } });
});

test('uploads a list and reads it back', async () => {
  const { id } = await client.jobs.create('email\nnull-mx@presend.test\n', { name: 'edge' });
  expect(await client.jobs.get(id)).toMatchObject({ name: 'edge', bytes: 27 });
  expect(await client.jobs.delete(id)).toEqual({ id, deleted: true });
});

test('verifies a webhook', async () => {
  const secret = `whsec_${btoa('a secret of the tests, thirty-two')}`;
  const body = '{"type":"job.completed","timestamp":"2026-11-20T12:00:00.000Z","data":{"job":"job_1"}}';
  const headers = await webhookHeaders(webhookSecret(secret)!, { id: 'msg_1', at: Date.now(), body });
  const received = (text: string) =>
    new Request('https://shop.example/hook', { method: 'POST', headers, body: text });
  expect(await verifyWebhook(received(body), secret)).toMatchObject({ id: 'msg_1', data: { job: 'job_1' } });
  await expect(verifyWebhook(received(`${body} `), secret)).rejects.toMatchObject({ why: 'signature_wrong' });
});
