// The reply of an SMTP server in raw text: its code, its enhanced status, its words.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maximumReplyLength, parseReply } from '../../src/bounce/smtp-reply.ts';

test.each([
  ['550 5.1.1 User unknown', 550, '5.1.1', 'User unknown'],
  ['550-5.1.1 The account\n550 5.1.1 does not exist', 550, '5.1.1', 'The account does not exist'],
  [
    '550 sorry, no mailbox here by that name (#5.1.1 - chkusr)',
    550,
    '5.1.1',
    'sorry, no mailbox here by that name (#5.1.1 - chkusr)',
  ],
  ['smtp; 550 5.7.1 Blocked', 550, '5.7.1', 'Blocked'],
  ['#550 5.2.2 mailbox full ##', 550, '5.2.2', 'mailbox full ##'],
  ['550: 5.2.2 <jane@example.org>... Mailbox Full', 550, '5.2.2', '<jane@example.org>... Mailbox Full'],
  ['<<< 421 4.7.0 Try again later', 421, '4.7.0', 'Try again later'],
  [
    'SMTP error from remote mail server after RCPT TO:<jane@example.org>: host mx.example.org [192.0.2.7]: 550 No such user',
    550,
    null,
    '550 No such user',
  ],
  [
    '<jane@example.org>: host mx.example.org[192.0.2.7] said: 452-4.2.2 Over\n    452 4.2.2 quota (in reply to RCPT TO command)',
    452,
    '4.2.2',
    '<jane@example.org>: 452-4.2.2 Over quota',
  ],
  ['Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 User Unknown', 550, '5.1.1', null],
  ['It responded as follows: [550 5.1.1 User unknown]', 550, '5.1.1', null],
  ['354 End data with <CR><LF>.<CR><LF>\n451 4.3.0 queue file write error', 451, '4.3.0', null],
  ['550 unknown user\n503 5.5.1 RCPT first', 550, '5.5.1', null],
  ['x-unix; 75', null, null, null],
  ['connection timed out', null, null, 'connection timed out'],
  ['', null, null, ''],
])('%j', (raw, replyCode, status, text) => {
  const reply = parseReply(raw);
  expect(reply).toMatchObject({ replyCode, status });
  if (text !== null) expect(reply.text).toBe(text);
});

describe('numbers that look like a status code', () => {
  test.each([
    ['an address', '550 Mail from 5.1.1.7 refused'],
    ['the end of an address', '550 Mail from 192.5.1.1 refused'],
    ['a version', '550 refused by Exim 4.94.2'],
    ['a version with a slash', '550 refused by Milter/5.1.2'],
    ['a date', '550 blocked since 5.12.2025'],
    ['a subject that nobody registered', '550 error 5.9.1'],
    ['a long number', '550 id 15.1.1'],
  ])('%s', (_, raw) => {
    expect(parseReply(raw)).toMatchObject({ replyCode: 550, status: null });
  });
});

describe('numbers that look like a reply code', () => {
  test.each([
    ['seconds', 'Could not deliver for the last 432000 seconds'],
    ['a count', 'Your 550 friends say hello'],
    ['a port', 'connect to mx.example.org[192.0.2.7]:25: Connection refused'],
  ])('%s', (_, raw) => {
    expect(parseReply(raw).replyCode).toBeNull();
  });
});

test('prefers a precise status to x.0.0', () => {
  expect(parseReply('554 5.0.0 Service unavailable 550 5.1.1 User unknown').status).toBe('5.1.1');
});

test.each([
  [
    'Exim asked the next host about the recipient',
    '550-Callout verification failed:\n550 550 5.1.1 No such user',
    'No such user',
  ],
  [
    'Exim asked about the sender',
    '550 Sender callout verification failed: 550 No',
    'Sender callout verification failed: 550 No',
  ],
  ['Cisco', "550 #5.1.0 Unknown address error 550-'No such person'", "550-'No such person'"],
])('words before the reply of another host do not count: %s', (_, raw, text) => {
  expect(parseReply(raw).text).toBe(text);
});

test('any text is parsed, to codes in their range', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (raw) => {
      const { replyCode, status } = parseReply(raw);
      expect(replyCode === null || (replyCode >= 200 && replyCode < 600)).toBe(true);
      expect(status === null || /^[245]\.\d{1,3}\.\d{1,3}$/.test(status)).toBe(true);
    }),
  );
});

test.each([
  'a',
  '5',
  ' ',
  '550 ',
  '5.1.1.',
  '550 5.1.1.',
  'host x ',
  'SMTP error from remote mail server after ',
  'said: ',
  '(in reply to ',
])(
  '%j again and again is done in time that grows with its length only',
  (piece) => {
    parseReply(piece.repeat(200_000 / piece.length));
    parseReply(piece.repeat(maximumReplyLength / piece.length));
  },
  1000,
);
