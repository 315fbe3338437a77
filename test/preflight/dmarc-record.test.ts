// The tree walk of RFC 9989 and what a record says.

import { describe, expect, test } from 'vitest';
import {
  applicableStep,
  effectivePolicy,
  isDmarcRecord,
  organizationalDomain,
  parseDmarc,
  resemblesDmarc,
  type WalkStep,
  walkedDomains,
} from '../../src/preflight/dmarc-record.ts';

const steps = (...walk: readonly (readonly [string, string | null])[]): WalkStep[] =>
  walk.map(([domain, text]) => ({ domain, record: text === null ? null : parseDmarc(`v=DMARC1;${text}`) }));

describe('the walk', () => {
  test.each([
    ['example.com', ['example.com', 'com']],
    ['a.b.example.com', ['a.b.example.com', 'b.example.com', 'example.com', 'com']],
    ['com', ['com']],
  ])('of %s', (domain, walked) => {
    expect(walkedDomains(domain)).toEqual(walked);
  });

  test('of a name with seven or eight labels', () => {
    expect(walkedDomains('1.2.3.4.5.6.7')).toHaveLength(7);
    expect(walkedDomains('1.2.3.4.5.6.7.8').slice(0, 2)).toEqual(['1.2.3.4.5.6.7.8', '2.3.4.5.6.7.8']);
  });

  test('of a very long name skips labels and takes eight queries', () => {
    const walked = walkedDomains('a.b.c.d.e.f.g.h.i.j.mail.example.com');
    expect(walked).toHaveLength(8);
    expect(walked.slice(0, 2)).toEqual(['a.b.c.d.e.f.g.h.i.j.mail.example.com', 'g.h.i.j.mail.example.com']);
  });
});

describe('the organizational domain', () => {
  test.each([
    [
      'the domain itself if nothing has a record',
      steps(['a.example.com', null], ['example.com', null]),
      'a.example.com',
    ],
    [
      'the shortest domain with a record',
      steps(['a.b.com', 'p=none'], ['b.com', 'p=none'], ['com', null]),
      'b.com',
    ],
    [
      'the domain with psd=n',
      steps(['a.b.com', 'p=none;psd=n'], ['b.com', 'p=none'], ['com', null]),
      'a.b.com',
    ],
    [
      'the domain below the one with psd=y',
      steps(['a.b.gov', null], ['b.gov', null], ['gov', 'p=reject;psd=y']),
      'b.gov',
    ],
    ['a public suffix itself', steps(['gov', 'p=reject;psd=y']), 'gov'],
    [
      'nothing above psd=y',
      steps(['a.b.bank.com', null], ['b.bank.com', null], ['bank.com', 'psd=y'], ['com', 'p=none']),
      'b.bank.com',
    ],
  ])('is %s', (_, walk, organization) => {
    expect(organizationalDomain(walk)).toBe(organization);
  });
});

describe('the record that applies', () => {
  test.each([
    ['its own', steps(['a.b.com', 'p=none'], ['b.com', 'p=reject']), 'a.b.com'],
    ["its organization's", steps(['x.a.b.com', null], ['a.b.com', 'p=none'], ['b.com', 'p=reject']), 'b.com'],
    ["the public suffix's", steps(['b.gov', null], ['gov', 'p=reject;psd=y']), 'gov'],
    ['none', steps(['b.com', null], ['com', null]), undefined],
  ])('is %s', (_, walk, domain) => {
    expect(applicableStep(walk)?.domain).toBe(domain);
  });
});

describe('the policy', () => {
  test.each([
    ['p=reject;sp=none', true, true, 'reject'],
    ['p=reject;sp=none', false, true, 'none'],
    ['p=reject', false, true, 'reject'],
    ['p=none;sp=quarantine;np=reject', false, false, 'reject'],
    ['p=none;sp=quarantine', false, false, 'quarantine'],
    ['p=none;np=reject', false, true, 'none'],
    ['p=reject;t=y', true, true, 'quarantine'],
    ['p=quarantine;t=y', true, true, 'none'],
    ['rua=mailto:a@example.com', true, true, 'none'],
    ['sp=reject', true, true, null],
    ['P = Reject', true, true, 'reject'],
    ['p=none;p=reject', true, true, 'none'],
  ] as const)('of %s', (text, isOwn, exists, policy) => {
    expect(effectivePolicy(parseDmarc(`v=DMARC1; ${text}`), isOwn, exists)).toBe(policy);
  });
});

describe('a TXT record', () => {
  test.each(['v=DMARC1', 'v=DMARC1;p=none', 'v = DMARC1 ; p=none'])('%s is a DMARC record', (text) => {
    expect([isDmarcRecord(text), resemblesDmarc(text)]).toEqual([true, false]);
  });
  test.each([
    'v=DMARC1 p=none',
    'v=dmarc1;p=none',
    '"v=DMARC1; p=none"',
    'p=none; v=DMARC1',
    'v:DMARC1; p=none',
  ])('%s was meant to be one', (text) => {
    expect([isDmarcRecord(text), resemblesDmarc(text)]).toEqual([false, true]);
  });
  test.each(['v=spf1 -all', 'dmarc', 'v=DKIM1; p=abc'])('%s is not', (text) => {
    expect([isDmarcRecord(text), resemblesDmarc(text)]).toEqual([false, false]);
  });
});
