// The battery of the Resolver port, on every implementation that Node runs.

import { afterAll, beforeAll, describe } from 'vitest';
import { systemTimers } from '../../src/clock.ts';
import { createHedgedResolver } from '../../src/dns/hedged.ts';
import { createPlaces } from '../../src/dns/places.ts';
import type { Resolver } from '../../src/dns/resolver.ts';
import { createDohResolver } from '../../src/dns/transport/doh.ts';
import { createPlainResolver } from '../../src/dns/transport/plain.ts';
import { createPlainTransport } from '../../src/dns/transport/plain-node.ts';
import { contractZone, resolverContract } from '../contract/resolver.ts';
import { type PlainDnsServer, startDnsServer } from './dns-server.ts';
import { type DohServer, startDohServer } from './doh-server.ts';

let server: DohServer;
let plainServer: PlainDnsServer;
beforeAll(async () => {
  server = await startDohServer(contractZone);
  plainServer = await startDnsServer(contractZone);
});
afterAll(() => Promise.all([server.close(), plainServer.close()]));

const doh = (method: 'POST' | 'GET') => createDohResolver({ url: server.url, fetch, method });

describe('DoH by POST', () => resolverContract(() => doh('POST')));

describe('DoH by GET', () => resolverContract(() => doh('GET')));

const plain = () => createPlainResolver(plainServer.at, createPlainTransport());

describe('plain DNS', () => resolverContract(plain, 'UDP'));

describe('two hedged', () =>
  resolverContract(() => createHedgedResolver([doh('POST'), doh('GET')], { timers: systemTimers })));

describe('one question at a time', () => {
  let limited: Resolver;
  beforeAll(() => {
    const places = createPlaces({ max: 1 }, systemTimers);
    limited = createHedgedResolver([doh('POST')], { timers: systemTimers, places });
  });
  resolverContract(() => limited);
});
