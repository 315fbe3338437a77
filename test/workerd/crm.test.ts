// The CRM hooks in workerd, over D1: the battery, with a stand-in of the vendors' APIs in the place of fetch.

import { env } from 'cloudflare:test';
import { beforeAll, describe, expect, test } from 'vitest';
import { eachTimeout } from '../../src/clock.ts';
import { createService } from '../../src/platform/service.ts';
import { readSettings } from '../../src/platform/settings.ts';
import { type R2Like, r2Files } from '../../src/storage/files/r2.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { webCryptoHasher } from '../../src/suppression/web-crypto-hasher.ts';
import { crmContract } from '../contract/crm.ts';
import { sampleSettings } from '../crm/samples.ts';
import { fetchOf, vendorsStandIn } from '../crm/vendors-stand-in.ts';
import { freshD1 } from './fresh-d1.ts';

const adminKey = 'an-admin-key-for-tests';
const vendors = vendorsStandIn();
const log: string[] = [];
let app: ReturnType<typeof createService>['app'];

beforeAll(async () => {
  const outcome = readSettings({ DOH_URLS: env['DOH_URLS'], ADMIN_KEY: adminKey, ...sampleSettings });
  if (!outcome.ok) throw new Error(outcome.mistakes.join(' '));
  const hasher = await webCryptoHasher(addressHashKey('a key for tests that has 32 bytes'));
  ({ app } = createService({
    settings: outcome.settings,
    database: await freshD1(),
    hasher,
    tokenMac: hasher,
    keyless: false,
    clientAddress: () => '',
    policyTransport: async () => ({ kind: 'failed', why: 'there is none' }),
    probeTransport: async () => ({ kind: 'failed', cause: 'network' }),
    shareInFlight: false,
    serverLimits: { bodyBytes: null, hookBytes: null, batchRows: null, startTimeout: eachTimeout(10_000) },
    fetch: fetchOf((path, init) => vendors.handle(new Request(`https://api.hubapi.com${path}`, init))),
    jobs: {
      files: r2Files(env['FILES'] as R2Like),
      limits: { rows: 1, domains: 1, bytes: 1_000_000, rowsAtOnce: 1 },
      callbackTransport: async () => ({ kind: 'failed', cause: 'network' }),
      wake: () => {},
    },
    log: (line) => log.push(line),
  }));
});

describe('in workerd', () => {
  crmContract({
    send: async (path, init) => app.fetch(new Request(`http://presend.local${path}`, init)),
    adminKey,
    vendors,
  });
});

test('no log line contains an address or a secret', () => {
  expect(log.length).toBeGreaterThan(100);
  expect(log.join('\n')).not.toMatch(/@|%40|jane|secret|SESSION|pat-token|pk_token/i);
});
