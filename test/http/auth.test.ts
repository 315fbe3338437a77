// Keys, limits and CORS on Node: the battery.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { authContract, authSettings } from '../contract/auth.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({ zone, settings: { ...authSettings, TRUSTED_PROXIES: '127.0.0.1' } });
});
afterAll(() => service.stop());

authContract((client, path, { headers, ...init }) =>
  fetch(service.url + path, {
    ...init,
    headers: { ...(headers as Record<string, string>), 'x-forwarded-for': client },
  }),
);

// Last, so that it speaks of every request of the battery.
test('no log line contains a key or a network address', () => {
  expect(service.log.length).toBeGreaterThan(200);
  expect(service.log.join('\n')).not.toMatch(/[sp]k_\w|198\.18|an-admin-key|@|unexpected_error/);
});
