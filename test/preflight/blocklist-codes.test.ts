// The answers of blocklists whose operators publish what they mean.

import { describe, expect, test } from 'vitest';
import { systemTimers } from '../../src/clock.ts';
import type { DnsOutcome } from '../../src/dns/resolver.ts';
import { blocklistOperators, listsOf, operatorOf, shownZone } from '../../src/preflight/blocklist-codes.ts';
import { gatherBlocklist, judgeBlocklists, parseBlocklistZone } from '../../src/preflight/blocklists.ts';
import { createPreflight } from '../../src/preflight/preflight.ts';
import { createPreflightQuestions } from '../../src/preflight/questions.ts';

const answer = (...addresses: readonly string[]): DnsOutcome => ({ kind: 'addresses', addresses, ttl: 60 });

/** What a list says about `name` if it answers so, and its test entries work. */
async function state(setting: string, name: string, code: string | null) {
  const zone = parseBlocklistZone(setting)!;
  const tests: Readonly<Record<string, DnsOutcome>> = {
    [`2.0.0.127.${zone.zone}`]: answer(zone.zone.includes('uribl') ? '127.0.0.14' : '127.0.0.2'),
    [`test.surbl.org.${zone.zone}`]: answer('127.0.0.216'),
    [`test.${zone.zone}`]: answer('127.0.1.2'),
    ...(code !== null && {
      [`${zone.lists === 'ips' ? name.split('.').toReversed().join('.') : name}.${zone.zone}`]: answer(code),
    }),
  };
  const resolver = {
    name: 'test',
    resolve: async (question: { name: string }) => tests[question.name] ?? { kind: 'nxdomain' as const },
  };
  const questions = createPreflightQuestions(resolver, new AbortController().signal);
  const facts = await gatherBlocklist(zone, [name], questions);
  return {
    state: facts[0]!.state,
    seen: judgeBlocklists(facts, [name])
      .faults.map(({ seen }) => seen)
      .join(),
  };
}

const ip = '198.51.100.7';

describe('an IP address', () => {
  test.each([
    ['zen.spamhaus.org', '127.0.0.2', 'listed', 'SBL'],
    ['zen.spamhaus.org', '127.0.0.3', 'listed', 'CSS'],
    ['zen.spamhaus.org', '127.0.0.4', 'listed', 'XBL'],
    ['zen.spamhaus.org', '127.0.0.11', 'listed', 'PBL: Spamhaus expects no mail server at the address'],
    ['akey.zen.dq.spamhaus.net', '127.0.0.10', 'listed', 'PBL: the owner'],
    ['zen.spamhaus.org', '127.255.255.252', 'not_answered', ''],
    ['zen.spamhaus.org', '127.255.255.254', 'not_answered', ''],
    ['zen.spamhaus.org', '127.255.255.255', 'not_answered', ''],
    ['zen.spamhaus.org', '127.0.0.99', 'not_answered', ''],
    ['zen.spamhaus.org', null, 'not_listed', ''],
    ['b.barracudacentral.org', '127.0.0.2', 'listed', 'BRBL'],
    ['b.barracudacentral.org', '127.0.0.3', 'not_answered', ''],
    ['bl.unknown.net', '127.0.0.99', 'listed', '127.0.0.99).'],
    ['bl.unknown.net', '127.255.255.1', 'not_answered', ''],
  ])('%s answers %s: %s %s', async (zone, code, expected, words) => {
    const found = await state(zone, ip, code);
    expect(found.state).toBe(expected);
    expect(found.seen).toContain(words);
  });
});

describe('a domain', () => {
  test.each([
    ['domain:dbl.spamhaus.org', '127.0.1.2', 'listed', 'low reputation'],
    ['domain:dbl.spamhaus.org', '127.0.1.105', 'listed', 'abused for malware'],
    ['domain:dbl.spamhaus.org', '127.0.1.255', 'not_answered', ''],
    ['domain:multi.surbl.org', '127.0.0.8', 'listed', 'phishing'],
    ['domain:multi.surbl.org', '127.0.0.80', 'listed', 'malware abuse'],
    ['domain:multi.surbl.org', '127.0.0.1', 'not_answered', ''],
    ['domain:multi.surbl.org', '127.0.0.32', 'not_answered', ''],
    ['domain:multi.surbl.org', null, 'not_listed', ''],
    ['domain:multi.uribl.com', '127.0.0.2', 'listed', 'black'],
    ['domain:multi.uribl.com', '127.0.0.12', 'listed', 'grey red'],
    ['domain:multi.uribl.com', '127.0.0.1', 'not_answered', ''],
    ['domain:multi.uribl.com', '127.0.0.3', 'not_answered', ''],
    ['domain:multi.uribl.com', null, 'not_listed', ''],
    ['domain:white.uribl.com', '127.0.0.2', 'not_answered', ''],
    ['domain:dbl.unknown.net', '127.0.0.3', 'listed', '127.0.0.3).'],
  ])('%s answers %s: %s %s', async (zone, code, expected, words) => {
    const found = await state(zone, 'example.net', code);
    expect(found.state).toBe(expected);
    expect(found.seen).toContain(words);
  });
});

test('an operator is known by its zone and the zones of its customers, and has a source', () => {
  expect(operatorOf('zen.spamhaus.org.example.net')).toBeNull();
  expect(operatorOf('fakezen.spamhaus.org')).toBeNull();
  expect(operatorOf('key.dbl.dq.spamhaus.net')?.zones).toContain('dbl.spamhaus.org');
  expect(listsOf('127.0.0.2', null)).toBeNull();
  for (const { source, read } of blocklistOperators)
    expect([source.slice(0, 8), read.length]).toEqual(['https://', 10]);
});

describe('the secret key in the zone of a customer', () => {
  test.each([
    ['abcdefghijklmnopqrstuvwxyz.zen.dq.spamhaus.net', 'zen.dq.spamhaus.net'],
    ['k.dbl.dq.spamhaus.net', 'dbl.dq.spamhaus.net'],
    // A list of the same operator that is not known, and one of an operator that is not.
    ['k.hbl.dq.spamhaus.net', 'hbl.dq.spamhaus.net'],
    ['0123456789abcdef0123456789abcdef.combined.mail.vendor.zone', 'combined.mail.vendor.zone'],
    ['combined.0123456789abcdef.vendor.zone', 'vendor.zone'],
    ['zen.spamhaus.org', 'zen.spamhaus.org'],
    ['backscatterer.example.org', 'backscatterer.example.org'],
    ['bl.0123456789abcdef.net', 'bl.0123456789abcdef.net'],
  ])('is not shown: %s is %s', (zone, shown) => {
    expect(shownZone(zone)).toBe(shown);
  });

  const key = 'abcdefghijklmnopqrstuvwxyz';
  const listed: Readonly<Record<string, DnsOutcome>> = {
    [`7.100.51.198.${key}.zen.dq.spamhaus.net`]: answer('127.0.0.2'),
    [`2.0.0.127.${key}.zen.dq.spamhaus.net`]: answer('127.0.0.2'),
    [`example.net.${key}.dbl.dq.spamhaus.net`]: answer('127.0.1.2'),
    [`test.${key}.dbl.dq.spamhaus.net`]: answer('127.0.1.2'),
  };

  test.each([
    ['lists the sender', true],
    ['does not answer', false],
  ])('is nowhere in the answer of a preflight if the list %s', async (_, isListed) => {
    const asked: string[] = [];
    const { check } = createPreflight({
      resolver: {
        name: 'test',
        resolve: async ({ name }) => {
          asked.push(name);
          if (name.includes(key) && !isListed) return { kind: 'failure', cause: 'timeout' };
          return listed[name] ?? { kind: 'nxdomain' };
        },
      },
      timers: systemTimers,
      zones: [`${key}.zen.dq.spamhaus.net`, `domain:${key}.dbl.dq.spamhaus.net`].map(
        (zone) => parseBlocklistZone(zone)!,
      ),
      policyTransport: async () => ({ kind: 'failed', why: 'no policy' }),
      loadLibrary: null,
    });
    const found = await check({
      ...{
        domain: 'example.net',
        selectors: ['s1'],
        ips: [ip],
        bounceDomain: null,
        helo: null,
        tracking: [],
      },
    });
    // The list itself is asked with the key.
    expect(asked).toContain(`7.100.51.198.${key}.zen.dq.spamhaus.net`);
    expect(JSON.stringify(found)).not.toContain(key);
    expect(found.facts.blocklists.map(({ zone, state }) => [zone, state])).toEqual([
      ['zen.dq.spamhaus.net', isListed ? 'listed' : 'not_answered'],
      ['dbl.dq.spamhaus.net', isListed ? 'listed' : 'not_answered'],
    ]);
    if (!isListed)
      expect(found.facts.not_answered.map(({ question }) => question)).toContain(
        'A 7.100.51.198.zen.dq.spamhaus.net',
      );
  });
});
