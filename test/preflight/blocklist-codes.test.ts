// The answers of blocklists whose operators publish what they mean.

import { describe, expect, test } from 'vitest';
import type { DnsOutcome } from '../../src/dns/resolver.ts';
import { blocklistOperators, listsOf, operatorOf } from '../../src/preflight/blocklist-codes.ts';
import { gatherBlocklist, judgeBlocklists, parseBlocklistZone } from '../../src/preflight/blocklists.ts';
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
    ['zen.spamhaus.org', '127.0.0.11', 'listed', 'PBL: no mail server is expected at it'],
    ['akey.zen.dq.spamhaus.net', '127.0.0.10', 'listed', 'PBL: its owner'],
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
