// Webhook routes without settings.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({ zone, settings: {} });
});
afterAll(() => service.stop());

test.each(['/v1/hooks/esp/sendgrid', '/v1/hooks/crm/hubspot'])(
  '%s answers 503 with Retry-After and does not read the body',
  async (path) => {
    const body = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) });
    const request = new Request(service.url + path, { method: 'POST', body, duplex: 'half' } as RequestInit);
    const response = await service.handle(request);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '300']);
    expect(request.bodyUsed).toBe(false);
  },
);
