// The battery of the Resolver port in workerd, over its fetch, and a look-up as a Worker does it.

import { describe, expect, inject, test } from 'vitest';
import { systemTimers } from '../../src/clock.ts';
import { createHedgedResolver } from '../../src/dns/hedged.ts';
import { createMailHosts } from '../../src/dns/lookup.ts';
import { createDohResolver } from '../../src/dns/transport/doh.ts';
import { resolverContract } from '../contract/resolver.ts';
import { mailHostIn } from '../dns/mail-host-in.ts';

const doh = (method: 'POST' | 'GET') => createDohResolver({ url: inject('dohUrl'), method, fetch });

describe('DoH by POST', () => resolverContract(() => doh('POST')));

describe('DoH by GET', () => resolverContract(() => doh('GET')));

describe('two hedged', () =>
  resolverContract(() => createHedgedResolver([doh('POST'), doh('GET')], { timers: systemTimers })));

test('a mail host, from the network and then from memory', async () => {
  const mailHosts = createMailHosts({ resolver: doh('POST'), timers: systemTimers, shareInFlight: false });
  const lookUp = (domain: string) => mailHostIn(mailHosts.lookup(domain, Date.now() + 5000));
  expect(await lookUp('null.example')).toEqual({ kind: 'null_mx' });
  expect(lookUp('null.example')).toEqual({ kind: 'null_mx' });
  expect(await lookUp('loop.example')).toMatchObject({ kind: 'undetermined' });
});

test('a look-up ends at its deadline though the resolver hangs', async () => {
  const mailHosts = createMailHosts({ resolver: doh('POST'), timers: systemTimers, shareInFlight: false });
  expect(await mailHostIn(mailHosts.lookup('hang.example', Date.now() + 100))).toEqual({
    kind: 'undetermined',
    cause: 'timeout',
  });
});
