// The Express example over HTTP, and the webhook of a real job.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { exampleFolder, presendService, type Server, startServer } from './programs.ts';
import { testSignupRoute } from './signup-routes.ts';

const presend = presendService();
let server: Server;

const startExpress = (presendUrl: string): Promise<Server> =>
  startServer([process.execPath, 'server.js'], {
    cwd: exampleFolder('express'),
    environment: {
      PORT: '0',
      PRESEND_URL: presendUrl,
      PRESEND_KEY: presend.secretKey,
      PRESEND_WEBHOOK_SECRET: presend.webhookSecret,
    },
    ready: /listens on (\S+)/,
  });

beforeAll(async () => {
  server = await startExpress(presend.url);
});
afterAll(() => server?.stop());

const post = (url: string, body: object) =>
  fetch(`${url}/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

testSignupRoute(
  presend,
  (body) => post(server.url, body),
  (email) => server.printed(new RegExp(`^mail to ${email}$`, 'm')),
);

test('a suppressed address gets no mail', async () => {
  const email = 'quiet@brisk-otter.com';
  await presend.call('/v1/suppressions', { email, reason: 'bounce' });
  await post(server.url, { email });
  await post(server.url, { email: 'after@brisk-otter.com' });
  await server.printed(/mail to after@/);
  await expect(Promise.race([server.printed(/mail to quiet@/), 'none'])).resolves.toBe('none');
});

test('a form without JavaScript is understood too', async () => {
  const body = new URLSearchParams({ email: 'jane@gmial.com' });
  const response = await fetch(`${server.url}/signup`, { method: 'POST', body });
  expect(await response.json()).toMatchObject({ suggestion: 'jane@gmail.com' });
});

test('without an answer of presend, addresses are taken', async () => {
  const alone = await startExpress('http://127.0.0.1:1');
  try {
    expect((await post(alone.url, { email: 'jane@no-mail-please.org' })).status).toBe(202);
  } finally {
    await alone.stop();
  }
});

test('the webhook of a job is verified', async () => {
  const callback = `${server.url}/webhooks/presend`;
  await presend.call(`/v1/jobs?callback_url=${callback}`, 'email\ndeliverable@presend.test\n', 'text/csv');
  await server.printed(/job\.completed/);
});

test('a webhook that presend did not sign is refused', async () => {
  const response = await fetch(`${server.url}/webhooks/presend`, {
    method: 'POST',
    headers: { 'webhook-id': 'msg_1', 'webhook-timestamp': String(Math.floor(Date.now() / 1000)) },
    body: '{"type": "job.failed", "data": {}}',
  });
  expect(response.status).toBe(401);
});
