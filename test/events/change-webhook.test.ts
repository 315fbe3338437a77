// Webhooks about the suppression list on SQLite: the battery, and the service that sends them.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/platform/database-file.ts';
import { readSettings } from '../../src/platform/settings.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { changeWebhookBattery } from '../contract/change-webhook.ts';
import { startNodeService } from '../http/node-service.ts';
import { zone } from '../http/zone.ts';

const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));

changeWebhookBattery('SQLite', async () => ({ database: openDatabase(':memory:').database, hasher }));

const secret = `whsec_${btoa('a secret of twenty-four bytes or more')}`;

test('the service tells its receiver of a bounce', async () => {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      bodies.push(body);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const service = await startNodeService({
    zone,
    settings: {
      SUPPRESSION_WEBHOOK_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      CALLBACK_SECRET: secret,
      CALLBACK_TARGETS: 'loopback',
    },
  });
  onTestFinished(() => service.stop());
  await fetch(`${service.url}/v1/bounces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'jane@brisk-otter.com', reply: '550 5.1.1 No such user' }),
  });
  await expect.poll(() => bodies.length, { timeout: 30_000 }).toBe(1);
  expect(JSON.parse(bodies[0]!)).toMatchObject({
    type: 'suppression.added',
    data: { entries: [{ reason: 'bounce', status: '5.1.1', source: 'report' }] },
  });
});

test.each([
  [{ SUPPRESSION_WEBHOOK_URL: 'hooks', CALLBACK_SECRET: secret }, 'must be a URL'],
  [{ SUPPRESSION_WEBHOOK_URL: 'https://hooks.example.org/' }, 'needs CALLBACK_SECRET'],
])('%j is refused', (settings, mistake) => {
  expect(readSettings(settings)).toMatchObject({
    ok: false,
    mistakes: [expect.stringContaining(mistake)],
  });
});
