// Clients that send webhooks with wrong signatures.

import { expect, onTestFinished, test } from 'vitest';
import { espSecret } from '../contract/esp-secret.ts';
import { startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

test('a client is limited after 60 refusals in a minute, and the log has one line', async () => {
  const service = await startNodeService({ zone, settings: { ESP_POSTMARK_SHARED_SECRETS: espSecret } });
  onTestFinished(() => service.stop());
  const post = (secret: string) =>
    fetch(`${service.url}/v1/hooks/esp/postmark`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-webhook-token': secret },
      body: '{}',
    });
  for (let i = 0; i < 100; i++) expect((await post(espSecret)).status).toBe(200);
  for (let i = 0; i < 60; i++) expect((await post('guess')).status).toBe(401);
  const limited = await post('guess');
  expect([limited.status, Number(limited.headers.get('retry-after')) > 0]).toEqual([429, true]);
  const lines = service.log.filter((line) => line.includes('"webhook_refused"'));
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toMatchObject({ provider: 'postmark', why: 'credentials_wrong' });
});
