// The battery of the Resolver port, on every implementation that Node runs.

import { afterAll, beforeAll, describe } from 'vitest';
import { createDohResolver } from '../../src/dns/doh.ts';
import { createHedgedResolver } from '../../src/dns/hedged.ts';
import { createLimitedResolver } from '../../src/dns/limited.ts';
import type { Resolver } from '../../src/dns/resolver.ts';
import { systemTimers } from '../../src/dns/timers.ts';
import { contractZone, resolverContract } from '../contract/resolver.ts';
import { type DohServer, startDohServer } from './doh-server.ts';

let server: DohServer;
beforeAll(async () => {
  server = await startDohServer(contractZone);
});
afterAll(() => server.close());

const doh = (method: 'POST' | 'GET') => createDohResolver({ url: server.url, fetch, method });

describe('DoH by POST', () => resolverContract(() => doh('POST')));

describe('DoH by GET', () => resolverContract(() => doh('GET')));

describe('two hedged', () =>
  resolverContract(() => createHedgedResolver([doh('POST'), doh('GET')], { timers: systemTimers })));

describe('one question at a time', () => {
  let limited: Resolver;
  beforeAll(() => {
    limited = createLimitedResolver(doh('POST'), 1, systemTimers);
  });
  resolverContract(() => limited);
});
