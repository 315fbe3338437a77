// When nobody answers any more: what was known before speaks for a domain, never against it.

import { expect, test } from 'vitest';
import { createMailHosts } from '../../src/dns/lookup.ts';
import type { DnsOutcome } from '../../src/dns/resolver.ts';
import { mailHostIn } from './mail-host-in.ts';
import { manualTimers } from './manual-timers.ts';

const hour = 3_600_000;

function failingLater(answers: Record<string, DnsOutcome>) {
  const timers = manualTimers();
  let out = false;
  const mailHosts = createMailHosts({
    timers,
    shareInFlight: true,
    resolver: {
      name: 'fails later',
      resolve: async ({ name, type }) =>
        out
          ? { kind: 'failure', cause: 'network' }
          : (answers[`${type} ${name}`] ?? { kind: 'nxdomain', ttl: 60 }),
    },
  });
  return {
    timers,
    lookUp: () => mailHostIn(mailHosts.lookup('one.example', timers.now() + 1500)),
    goOut: () => {
      out = true;
    },
  };
}

const mx: DnsOutcome = { kind: 'mx', exchanges: [{ preference: 0, host: 'a.example' }], ttl: 60 };

test('an MX is still an MX', async () => {
  const { lookUp, goOut, timers } = failingLater({
    'MX one.example': mx,
    'A a.example': { kind: 'addresses', addresses: ['198.41.0.4'], ttl: 60 },
  });
  await lookUp();
  goOut();
  timers.advance(23 * hour);
  expect(await lookUp()).toEqual({ kind: 'mx', exchanges: [{ preference: 0, host: 'a.example' }] });
});

test('after a day it is not', async () => {
  const { lookUp, goOut, timers } = failingLater({ 'MX one.example': mx });
  await lookUp();
  goOut();
  timers.advance(25 * hour);
  expect(await lookUp()).toEqual({ kind: 'undetermined', cause: 'network' });
});

test.each<[string, Record<string, DnsOutcome>, string]>([
  ['NXDOMAIN', {}, 'nxdomain'],
  [
    'a null MX',
    { 'MX one.example': { kind: 'mx', exchanges: [{ preference: 0, host: '' }], ttl: 60 } },
    'null_mx',
  ],
  [
    'no mail host',
    {
      'MX one.example': { kind: 'no_data', ttl: 60 },
      'A one.example': { kind: 'no_data', ttl: 60 },
      'AAAA one.example': { kind: 'no_data', ttl: 60 },
    },
    'no_mail_host',
  ],
])('%s is no longer held against a domain', async (_, answers, kind) => {
  const { lookUp, goOut, timers } = failingLater(answers);
  expect(await lookUp()).toMatchObject({ kind });
  goOut();
  timers.advance(hour);
  expect(await lookUp()).toEqual({ kind: 'undetermined', cause: 'network' });
});

test('private addresses are no longer held against a domain', async () => {
  const { lookUp, goOut, timers } = failingLater({
    'MX one.example': mx,
    'A a.example': { kind: 'addresses', addresses: ['10.0.0.1'], ttl: 60 },
  });
  expect(await lookUp()).toMatchObject({ kind: 'unroutable' });
  goOut();
  timers.advance(hour);
  expect(await lookUp()).toMatchObject({ kind: 'mx' });
});

test('a deadline that comes before the failure finds the stale MX too', async () => {
  const timers = manualTimers();
  let hung = false;
  const mailHosts = createMailHosts({
    timers,
    shareInFlight: true,
    resolver: { name: 'hangs later', resolve: async () => (hung ? new Promise(() => {}) : mx) },
  });
  await mailHosts.lookup('one.example', timers.now() + 1500);
  hung = true;
  timers.advance(hour);
  const found = mailHostIn(mailHosts.lookup('one.example', timers.now() + 1500));
  timers.advance(1500);
  expect(await found).toMatchObject({ kind: 'mx' });
});
