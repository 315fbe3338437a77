// What a host does with all mail does not say why this message came back.

import { describe, expect, test } from 'vitest';
import { classifyReply } from '../../src/bounce/classify.ts';
import { statedCause } from '../../src/bounce/house-rules.ts';

describe('a reply that names the recipient as unknown and then the rules of the house is hard', () => {
  test.each([
    '550 5.1.1 User unknown. We use greylisting.',
    '550 5.1.1 Unknown recipient. This host limits connections and checks SPF.',
    '550 No such mailbox. Mail from blacklisted hosts is not accepted.',
    '550 5.1.1 user unknown; all transactions are logged, bulk mail prohibited',
    '550 5.1.1 No such user (messages over 20 MB are refused)',
    '550 No such user - if you are a spammer, go away',
    '550 5.1.6 Recipient has moved. Bulk mail is forbidden.',
    '550 5.1.1 Benutzer unbekannt. Dieser Server verwendet Blocklisten.',
    '550-Mailbox not found.\n550-This host uses DNS blocklists.\n550 Questions: postmaster@example.org',
    'We reject spam. No such user here.',
  ])('%s', (reply) => {
    expect(classifyReply(reply).class).toBe('hard');
  });

  test('a closed account needs a definite status, because it may be the account of the sender', () => {
    expect(classifyReply('550 5.2.1 Account closed. All spam is prohibited.').class).toBe('hard');
    expect(classifyReply('550 Account closed. All spam is prohibited.').class).not.toBe('hard');
  });
});

describe('what happened to this message or sender is no rule of the house', () => {
  test.each([
    '550 5.1.1 User unknown. Your IP is on our blocklist.',
    '550 5.1.1 User unknown. This message was rejected as spam.',
    '550 5.1.1 User unknown. Spam detected.',
    '550 5.1.1 User unknown. We do not accept mail from your country.',
    '550 5.1.1 User unknown. Mail from 192.0.2.1 is blocked.',
    '550 User unknown. Mail is refused: DNSBL.',
    '550 Unknown recipient (mail is refused, IP in blocklist)',
    '550 5.7.1 No such user. We use a blocklist.',
    '550 Mailbox unavailable. All spam is blocked.',
    '450 4.1.1 User unknown. We use greylisting.',
    '554 Rejected. We use blocklists.',
  ])('%s', (reply) => {
    expect(classifyReply(reply).class).not.toBe('hard');
  });

  test('a full mailbox stays full', () => {
    expect(classifyReply('552 5.2.2 Mailbox full. Unknown users are rejected.').reason).toBe('mailbox_full');
  });
});

describe('before the cause', () => {
  test('the name of the part that speaks does not count if a definite status confirms the cause', () => {
    expect(classifyReply('550 5.1.1 spamfilter: no such user').class).toBe('hard');
    expect(classifyReply('550 5.1.1 [antispam-gw] no such user').class).toBe('hard');
    expect(classifyReply('550 spamfilter: no such user').class).not.toBe('hard');
    expect(classifyReply('550 5.1.1 spamfilter: sender unknown').class).not.toBe('hard');
  });

  test('a check that passed is no cause', () => {
    expect(classifyReply('550 5.1.1 rbl ok; no such user').class).toBe('hard');
    expect(classifyReply('550 5.1.1 SPF did not pass; no such user').class).not.toBe('hard');
  });
});

test('a host that is still looking for the mailbox has not found it missing', () => {
  const reply = '550 5.1.1 <jane@example.org>: Recipient address rejected: unverified address: in progress';
  expect(classifyReply(reply).class).toBe('soft');
  expect(classifyReply('550 5.1.1 User does not exist on this node yet').class).toBe('soft');
});

test('null if nothing is left out or nothing is left', () => {
  expect(statedCause('User unknown', true)).toBeNull();
  expect(statedCause('We use greylisting.', true)).toBeNull();
  expect(statedCause('', true)).toBeNull();
});

test('takes linear time', () => {
  for (const part of ['gw', 'a=', ' - ', '. ', '(', 'if you are ', 'all ', 'spam is ', 'we '])
    expect(() => statedCause(part.repeat(16_384 / part.length), true)).not.toThrow();
});
