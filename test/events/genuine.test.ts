// A forged report puts nobody on the list.

import { describe, expect, test } from 'vitest';
import { readReport } from '../../src/bounce/report.ts';
import { whyUntrusted } from '../../src/events/genuine.ts';
import { message, multipartReport, wordsOnly } from '../bounce/message.ts';

const bounce = (...headers: string[]) =>
  message(
    [
      ...headers,
      'From: MAILER-DAEMON@mx.example.com',
      'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    ],
    [
      '--b',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mx.example.com',
      '',
      'Final-Recipient: rfc822; jane@example.org',
      'Action: failed',
      'Status: 5.1.1',
      '',
      '--b',
      'Content-Type: message/rfc822-headers',
      '',
      'Message-ID: <1@mail.sender.example>',
      '',
      '--b--',
    ].join('\n'),
  );

const doubt = async (raw: string, ourDomains: readonly string[] = []) => {
  const bytes = new TextEncoder().encode(raw);
  return whyUntrusted(bytes, await readReport(bytes), ourDomains);
};

describe('a bounce', () => {
  test.each([
    ['Return-Path: <>'],
    ['Return-Path: < >'],
    ['Return-Path: <MAILER-DAEMON>'],
    ['Return-Path: <MAILER-DAEMON@mx.example.com>'],
    ['X-Other: nothing said of a return path'],
  ])('with %s may be believed', async (header) => {
    expect(await doubt(bounce(header))).toBeNull();
  });

  test.each([['Return-Path: <mallory@example.net>'], ['Return-Path:\r\n <mallory@example.net>']])(
    'with %j may not: bounces come from nobody',
    async (header) => {
      expect(await doubt(bounce(header))).toBe('return_path_not_empty');
    },
  );

  test('with very many spaces in its return path is judged in one go', async () => {
    expect(await doubt(bounce(`Return-Path: <${' '.repeat(60_000)}x>`))).toBe('return_path_not_empty');
    expect(await doubt(bounce(`Return-Path: <${' '.repeat(60_000)}>`))).toBeNull();
    expect(await doubt(bounce('Return-Path: < MAILER-DAEMON@mx.example >'))).toBeNull();
    expect(await doubt(bounce('Return-Path: <mailer-daemon >'))).toBeNull();
    expect(await doubt(bounce('Return-Path: <mailer-daemons>'))).toBe('return_path_not_empty');
  });

  test('that fails DMARC at the receiving server may not', async () => {
    const header = 'Authentication-Results: mx.sender.example;\r\n spf=none; dmarc=fail (p=reject)';
    expect(await doubt(bounce('Return-Path: <>', header))).toBe('authentication_failed');
  });

  test('is judged by the topmost field only, which is the operator’s own server’s', async () => {
    const mine = 'Authentication-Results: mx.sender.example; dmarc=pass';
    const theirs = 'Authentication-Results: mx.example.net; dmarc=fail';
    expect(await doubt(bounce(mine, theirs))).toBeNull();
    expect(await doubt(bounce(theirs, mine))).toBe('authentication_failed');
  });

  test('of a message that is none of the operator’s may not, where the operator says which are', async () => {
    const raw = bounce('Return-Path: <>');
    expect(await doubt(raw, ['sender.example'])).toBeNull();
    expect(await doubt(raw, ['other.example', 'mail.sender.example'])).toBeNull();
    expect(await doubt(raw, ['nder.example'])).toBe('not_our_message');
    expect(await doubt(raw.replace('Message-ID: <1@mail.sender.example>', 'X: y'), ['sender.example'])).toBe(
      'not_our_message',
    );
  });
});

describe('another kind of report', () => {
  const returnPath = 'Return-Path: <mallory@example.net>';

  test('a bounce in words comes from nobody, too', async () => {
    const raw = wordsOnly('failure notice', '<jane@example.org>:\n550 5.1.1 No such user\n');
    expect((await readReport(raw)).kind).toBe('nonstandard');
    expect(await doubt(raw)).toBeNull();
    expect(await doubt(raw.replace('Return-Path: <>', returnPath))).toBe('return_path_not_empty');
  });

  test('a complaint has a sender, and may be believed', async () => {
    const fields = 'Feedback-Type: abuse\nVersion: 1\nOriginal-Rcpt-To: jane@example.org';
    const raw = multipartReport('feedback-report', 'A report.', fields);
    expect((await readReport(raw)).kind).toBe('arf');
    expect(await doubt(raw.replace('Return-Path: <>', returnPath))).toBeNull();
  });

  test('a header without a body is read to its end', async () => {
    expect(await doubt('Subject: x\r\nAuthentication-Results: mx; dmarc=fail')).toBe('authentication_failed');
  });

  test('a field that the body quotes says nothing', async () => {
    expect(await doubt(message(['Subject: x'], 'Authentication-Results: mx; dmarc=fail'))).toBeNull();
  });

  test('a header with odd lines is read all the same', async () => {
    expect(await doubt('no field\r\n: empty\r\nAuthentication-Results: mx; dmarc=fail\r\n\r\n')).toBe(
      'authentication_failed',
    );
  });
});
