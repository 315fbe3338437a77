// Given this reply, that class: the codes that guides for senders list, and the words that overrule them.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BounceClass, BounceReason } from '../../src/bounce/bounce.ts';
import { classify, classifyReply } from '../../src/bounce/classify.ts';
import { bounceReasons } from '../../src/bounce/reasons.ts';
import { parseReply } from '../../src/bounce/smtp-reply.ts';
import { enhancedStatus } from '../../src/bounce/status.ts';

describe('codes as published guides classify them', () => {
  test.each<[string, BounceClass]>([
    ['550 5.1.1', 'hard'],
    ['550 5.1.2', 'hard'],
    ['550 5.1.10', 'hard'],
    ['550 5.1.6', 'hard'],
    ['550 5.2.1', 'hard'],
    ['550 5.4.1', 'soft'],
    ['452 4.2.2', 'soft'],
    ['451 4.4.7', 'soft'],
    ['451 4.4.1', 'soft'],
    ['421 4.4.2', 'soft'],
    ['452 4.3.1', 'soft'],
    ['421 4.3.2', 'soft'],
    ['450 4.2.1', 'soft'],
    ['450 4.7.1 greylisted', 'soft'],
    ['450 4.7.1 Greylisted, please try again later', 'soft'],
    ['421 4.7.0 rate limited', 'soft'],
    ['552 5.2.2', 'soft'],
    ['552 5.2.3', 'soft'],
    ['552 5.3.4', 'soft'],
    ['550 5.7.1', 'policy'],
    ['554 5.5.4', 'policy'],
    ['550 5.7.26', 'policy'],
  ])('%s is %s', (reply, expected) => {
    expect(classifyReply(reply).class).toBe(expected);
    const status = reply.split(' ')[1]!;
    if (!reply.includes('limited') && !reply.includes('listed'))
      expect(classifyReply(status).class).toBe(expected);
  });

  test.each<[string, BounceReason]>([
    ['450 4.7.1 Greylisted', 'greylisted'],
    ['450 4.7.1', 'greylisted'],
    ['421 4.7.0', 'rate_limited'],
    ['552 5.2.2', 'mailbox_full'],
    ['452 4.2.2', 'mailbox_full'],
    ['552 5.2.3', 'message_too_large'],
    ['552 5.3.4', 'message_too_large'],
    ['556', 'null_mx'],
  ])('%s is %s', (reply, reason) => {
    expect(classifyReply(reply).reason).toBe(reason);
  });

  test('a mailbox that is full and inactive is a hard bounce', () => {
    expect(classifyReply('552 5.2.2 mailbox is inactive and over quota').class).toBe('hard');
  });

  test('5.7.26 says what to fix', () => {
    expect(classifyReply('550 5.7.26').advice).toContain('SPF, DKIM and DMARC');
    expect(classifyReply('550 5.7.26 unauthenticated').advice).toContain('SPF, DKIM and DMARC');
  });

  test('a message that is too large is not the fault of the address', () => {
    expect(classifyReply('552 5.3.4 message too big').action).toBe('shrink_message');
  });
});

describe('a mail library says which command the server refused', () => {
  test.each<[string, BounceClass]>([
    ['Mail command failed: 550 5.1.0 <news@example.com> user unknown', 'policy'],
    ['Recipient command failed: 550 5.1.1 user unknown', 'hard'],
    ["Can't send mail - all recipients were rejected: 550 5.1.1 <jane@example.org>: User unknown", 'hard'],
    ["Can't send mail - all recipients were rejected: 554 5.7.1 Client host rejected", 'policy'],
    [
      "smtplib.SMTPSenderRefused: (550, b'5.1.0 <news@example.com> user unknown', 'news@example.com')",
      'policy',
    ],
    ["smtplib.SMTPRecipientsRefused: {'jane@example.org': (550, b'5.1.1 user unknown')}", 'hard'],
    ['SMTPSenderFailedException: 550 5.1.1 user unknown', 'policy'],
    ['SMTPAddressFailedException: 550 5.1.1 user unknown', 'hard'],
    ['The following From address failed: news@example.com : 550 user unknown', 'policy'],
    ['The following recipients failed: jane@example.org: user unknown', 'hard'],
  ])('%s', (reply, expected) => {
    expect(classifyReply(reply).class).toBe(expected);
  });
});

describe('words overrule codes', () => {
  test.each<[string, BounceReason]>([
    ['550 5.7.1 No such user here', 'mailbox_unknown'],
    ['550 5.7.1 Recipient unknown', 'mailbox_unknown'],
    ['550 Greylisted, try again in 5 minutes', 'greylisted'],
    ['550 5.1.1 <jane@example.org>: mailbox is over quota', 'mailbox_full'],
    ['551 4.7.17 mailbox owner has changed', 'mailbox_moved'],
    ['550 5.1.1 blocked using zen.spamhaus.org', 'blocked_reputation'],
    ['550 5.2.1 The user you are trying to contact is receiving mail too quickly', 'rate_limited'],
    ['421 4.7.26 rate limited because it is unauthenticated', 'authentication_failed'],
    ['550 5.1.1 Sender address rejected: unknown user', 'sender_refused'],
    ['550 5.4.1 Connection timed out', 'expired'],
  ])('%s → %s', (reply, reason) => {
    expect(classifyReply(reply).reason).toBe(reason);
  });

  test('the words of every language count', () => {
    expect(classifyReply('550 Empfänger unbekannt').class).toBe('hard');
    expect(classifyReply('550 boîte pleine').reason).toBe('mailbox_full');
    expect(classifyReply('550 邮箱不存在').class).toBe('hard');
    expect(classifyReply('550 такой пользователь не найден').class).toBe('hard');
  });

  test('words in a local part do not count', () => {
    expect(classifyReply('550 5.7.1 <user.unknown@example.org> refused by policy').class).toBe('policy');
    expect(classifyReply('451 try later: mailbox-full@example.org').reason).not.toBe('mailbox_full');
  });
});

describe('an ambiguous reply is never hard', () => {
  test.each([
    '550',
    '550 no',
    '553',
    '554',
    '550 5.0.0',
    '5.0.0',
    '',
    'failed',
    '550 5.9.9',
    '???',
    '450 5.1.1',
    '421 5.1.1',
  ])('%j', (reply) => {
    expect(classifyReply(reply).class).not.toBe('hard');
  });

  test('an unknown domain with a transient code is not hard', () => {
    expect(classifyReply('450 4.1.2 Recipient address rejected: Domain not found').reason).toBe(
      'network_error',
    );
    expect(classifyReply('454 4.4.4 no MX or A for domain').reason).toBe('network_error');
    expect(classifyReply('550 5.1.2 Recipient address rejected: Domain not found').reason).toBe(
      'domain_unknown',
    );
  });

  test.each(['MAIL FROM', 'EHLO', 'connect'])('an answer to %s is about the sender', (command) => {
    for (const words of ['User unknown', 'Host unknown', '5.1.1', 'mailbox disabled'])
      expect(classifyReply(`550 ${words}`, { command }).class).toBe('policy');
  });

  test('reads the SMTP command from the text of the reply', () => {
    expect(
      classifyReply('host mx.example.org[192.0.2.7] said: 550 5.1.1 unknown (in reply to MAIL FROM command)')
        .class,
    ).toBe('policy');
    expect(
      classifyReply('host mx.example.org[192.0.2.7] said: 550 5.1.1 unknown (in reply to RCPT TO command)')
        .class,
    ).toBe('hard');
  });

  test('NTT docomo says "unknown user" of a message that it filtered', () => {
    const reply = parseReply('550 Unknown user jane@docomo.ne.jp');
    const mailHost = 'mfsmax.docomo.ne.jp';
    expect(classify(reply, { mailHost, command: 'DATA' }).class).toBe('policy');
    expect(classify(reply, { mailHost, command: 'RCPT TO' }).class).toBe('hard');
  });
});

test('the classification names the deciding evidence', () => {
  expect(classifyReply('550 5.1.1 User unknown').rule).toBe('unknown-mailbox');
  expect(classifyReply('550 5.1.1').rule).toBe('status 5.1.1');
  expect(classifyReply('452').rule).toBe('code 452');
  expect(classifyReply('').rule).toBe('nothing');
});

test('a registered status has a class, a meaning and advice', () => {
  expect(enhancedStatus('5.1.1')).toEqual({
    status: '5.1.1',
    weight: 'definite',
    class: 'hard',
    reason: 'mailbox_unknown',
    meaning: 'Bad destination mailbox address',
    advice: 'The mailbox does not exist: stop sending to this address.',
  });
  expect(enhancedStatus('5.7.26')).toMatchObject({ weight: 'decisive', reason: 'authentication_failed' });
  expect(enhancedStatus('5.7.606')).toMatchObject({ reason: 'blocked_reputation' });
  expect(enhancedStatus('5.7.650')).toBeNull();
  expect(enhancedStatus('5.99.1')).toBeNull();
});

test('any text has a class, and the class is that of its reason', () => {
  const words = fc.constantFrom(
    'user',
    'unknown',
    'mailbox',
    'full',
    'not',
    'does',
    'exist',
    'blocked',
    'spam',
    '550',
    '5.1.1',
    'ü',
    '邮',
    '@',
    'x@y',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words).map((all) => all.join(' ')),
  );
  fc.assert(
    fc.property(text, fc.option(fc.string(), { nil: undefined }), (raw, command) => {
      const found = classifyReply(raw, command === undefined ? {} : { command });
      expect(found.class).toBe(bounceReasons[found.reason].class);
    }),
  );
});

test.each(['user ', 'the mailbox ', 'message header ', 'not (', 'メ', 'sender … address '])(
  '%j again and again is done in time that grows with its length only',
  (piece) => {
    classifyReply('550 5.1.1');
    classifyReply(piece.repeat(100_000));
  },
  2000,
);
