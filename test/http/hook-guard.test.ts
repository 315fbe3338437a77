// Webhook routes before a signature has matched.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { espSecret } from '../contract/esp-secret.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({
    zone,
    settings: {
      ESP_POSTMARK_SHARED_SECRETS: espSecret,
      CRM_PIPEDRIVE_SHARED_SECRETS: 'a-password-of-sixteen-or-more',
      LIMITS: 'hook_ip=3/3600',
    },
  });
});
afterAll(() => service.stop());

test.each(['/v1/hooks/esp/sendgrid', '/v1/hooks/crm/hubspot'])(
  'without settings %s answers 503 and does not read the body',
  async (path) => {
    const body = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) });
    const request = new Request(service.url + path, { method: 'POST', body, duplex: 'half' } as RequestInit);
    const response = await service.handle(request);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '300']);
    expect(request.bodyUsed).toBe(false);
  },
);

// Last: it uses up the limit.
test('a client whose calls are refused is limited, and is logged once', async () => {
  const post = (path: string, secret: string) =>
    fetch(service.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-webhook-token': secret },
      body: '{}',
    });
  const genuine = async () => (await post('/v1/hooks/esp/postmark', espSecret)).status;
  for (let i = 0; i < 5; i++) expect(await genuine()).toBe(200);
  const refused = [];
  for (let i = 0; i < 3; i++) refused.push((await post('/v1/hooks/esp/postmark', 'guess')).status);
  expect(refused).toEqual([401, 401, 401]);
  for (const path of ['/v1/hooks/esp/postmark', '/v1/hooks/crm/pipedrive']) {
    const limited = await post(path, 'guess');
    expect([limited.status, Number(limited.headers.get('retry-after')) > 0]).toEqual([429, true]);
  }
  const lines = service.log.filter((line) => line.includes('"webhook_refused"'));
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    provider: 'postmark',
    why: 'credentials_wrong',
    refusals: 1,
  });
});
