// Webhook routes without settings.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { crmAdapters } from '../../src/crm/crm-registry.ts';
import { espAdapters } from '../../src/esp/esp-registry.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({ zone, settings: {} });
});
afterAll(() => service.stop());

const paths = [
  ...espAdapters.map(({ name }) => `/v1/hooks/esp/${name}`),
  ...crmAdapters.map(({ name }) => `/v1/hooks/crm/${name}`),
];

test.each(paths)('%s answers 503 with Retry-After and does not read the body', async (path) => {
  const body = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) });
  const request = new Request(service.url + path, { method: 'POST', body, duplex: 'half' } as RequestInit);
  const response = await service.handle(request);
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '300']);
  expect(request.bodyUsed).toBe(false);
});

test('what a provider sends before the secret is set arrives when it retries', async () => {
  const complaint = {
    RecordType: 'SpamComplaint',
    MessageID: '883953f4-6105-42a2-a16a-77a8eac79483',
    Type: 'SpamComplaint',
    Email: 'jane@example.com',
    BouncedAt: '2026-11-20T12:00:00Z',
  };
  const secret = 'correct horse battery staple';
  const send = (to: NodeService) =>
    fetch(`${to.url}/v1/hooks/esp/postmark`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-webhook-token': secret },
      body: JSON.stringify(complaint),
    });
  expect((await send(service)).status).toBe(503);
  const configured = await startNodeService({ zone, settings: { ESP_POSTMARK_SHARED_SECRETS: secret } });
  try {
    expect(await (await send(configured)).json()).toEqual({ events: 1, recorded: 1, suppressed: 1 });
  } finally {
    await configured.stop();
  }
});
