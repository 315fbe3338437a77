// The Worker of the Hono example in workerd, built and started by the wrangler of this repository.

import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exampleFolder, presendService, reservePort, type Server, startServer } from './programs.ts';
import { testSignupRoute } from './signup-routes.ts';

const wrangler = join(import.meta.dirname, '../../node_modules/.bin/wrangler');
const presend = presendService();
let worker: Server;

beforeAll(async () => {
  const ports = [await reservePort(), await reservePort()];
  for (const { release } of ports) await release();
  const [port, inspector] = ports.map((reserved) => String(reserved.port));
  const vars = {
    PRESEND_URL: presend.url,
    PRESEND_KEY: presend.secretKey,
    PRESEND_WEBHOOK_SECRET: presend.webhookSecret,
  };
  worker = await startServer(
    [
      wrangler,
      ...['dev', '--local', '--ip', '127.0.0.1', '--port', port!, '--inspector-port', inspector!],
      '--show-interactive-dev-session=false',
      ...Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}:${value}`]),
    ],
    { cwd: exampleFolder('hono-workers'), ready: /Ready on (\S+)/ },
  );
});
afterAll(() => worker?.stop());

testSignupRoute(
  presend,
  (body) =>
    fetch(`${worker.url}/signup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  (email) => worker.printed(new RegExp(`mail to ${email}`)),
);

test('the webhook of a job is verified', async () => {
  const callback = `${worker.url}/webhooks/presend`;
  await presend.call(`/v1/jobs?callback_url=${callback}`, 'email\ndeliverable@presend.test\n', 'text/csv');
  await worker.printed(/job\.completed/);
});

test('a webhook that presend did not sign is refused', async () => {
  const response = await fetch(`${worker.url}/webhooks/presend`, {
    method: 'POST',
    headers: { 'webhook-id': 'msg_1', 'webhook-timestamp': String(Math.floor(Date.now() / 1000)) },
    body: '{"type": "job.failed", "data": {}}',
  });
  expect(response.status).toBe(401);
});
