// The DKIM signatures in the header of a returned message.

import { describe, expect, test } from 'vitest';
import { fieldGroups } from '../../src/bounce/fields.ts';
import { readReport } from '../../src/bounce/report.ts';
import { signaturesIn } from '../../src/bounce/signatures.ts';

const read = (...lines: readonly string[]) => signaturesIn(fieldGroups(lines.join('\r\n'))[0]!);

const from = 'From: "Sales (news@other.org)" <Jane@News.Example.net>';

describe('the signatures', () => {
  test.each([
    ['of the domain in From', 'd=news.example.net; s=S1', 'news.example.net', 's1'],
    ['of a domain above it', 'd=example.net; s=k1; b=abc', 'example.net', 'k1'],
    ['of a domain below it', 'd=em.news.example.net; s=k1', 'em.news.example.net', 'k1'],
    ['with a folded value', 'd=news.exa\r\n mple.net;\r\n\ts = s1', 'news.example.net', 's1'],
    ['with a selector of several labels', 'd=example.net; s=a.b-c', 'example.net', 'a.b-c'],
  ])('%s', (_, tags, domain, selector) => {
    expect(read(from, `DKIM-Signature: v=1; a=rsa-sha256; ${tags}`)).toEqual([
      { from: 'news.example.net', domain, selector },
    ]);
  });

  test.each([
    ['of another domain', 'd=mail.org; s=s1'],
    ['of a domain with the same end', 'd=snews.example.net; s=s1'],
    ['of a top-level domain', 'd=net; s=s1'],
    ['without a selector', 'd=example.net'],
    ['without a domain', 's=s1'],
    ['with a selector that is no name', 'd=example.net; s=s1/..'],
  ])('but not %s', (_, tags) => {
    expect(read(from, `DKIM-Signature: v=1; ${tags}`)).toEqual([]);
  });

  test('none without From, and at most five', () => {
    const signature = (at: number) => `DKIM-Signature: v=1; d=example.net; s=s${at}`;
    expect(read(signature(1))).toEqual([]);
    expect(read(from, ...[1, 2, 3, 4, 5, 6].map(signature))).toHaveLength(5);
  });
});

test('a bounce has those of the message that it returns', async () => {
  const dsn = (returned: readonly string[]) =>
    [
      'From: MAILER-DAEMON@mx.example.org',
      'DKIM-Signature: v=1; d=example.org; s=daemon',
      'Subject: Undelivered',
      'MIME-Version: 1.0',
      'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
      '',
      '--b',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mx.example.org',
      '',
      'Final-Recipient: rfc822; jane@example.org',
      'Action: failed',
      'Status: 5.1.1',
      '',
      '--b',
      'Content-Type: text/rfc822-headers',
      '',
      ...returned,
      '',
      '--b--',
    ].join('\r\n');
  const returned = [from, 'DKIM-Signature: v=1; d=example.net;', ' s=s1; b=abc', 'Message-ID: <a@b>'];
  expect((await readReport(dsn(returned))).signatures).toEqual([
    { from: 'news.example.net', domain: 'example.net', selector: 's1' },
  ]);
  expect((await readReport(dsn([]))).signatures).toEqual([]);
});
