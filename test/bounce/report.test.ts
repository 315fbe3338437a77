// Reports of RFC 3464, RFC 5965 and RFC 3834: what they say about each recipient.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maximumReportBytes, maximumReportLines } from '../../src/bounce/mail.ts';
import { readReport } from '../../src/bounce/report.ts';
import { message, multipartReport, wordsOnly } from './message.ts';

describe('RFC 3464', () => {
  const status = (...groups: string[]) => ['Reporting-MTA: dns; mx.example.com', ...groups].join('\n\n');
  const recipient = (address: string, action: string, code: string, diagnostic = '') =>
    [
      `Final-Recipient: rfc822; ${address}`,
      `Action: ${action}`,
      `Status: ${code}`,
      ...(diagnostic ? [`Diagnostic-Code: smtp; ${diagnostic}`] : []),
    ].join('\n');

  test('every recipient has its own verdict, and only a failed one is a bounce', async () => {
    const report = await readReport(
      multipartReport(
        'delivery-status',
        'This is the mail system at host mx.example.com.',
        status(
          recipient('Jane@EXAMPLE.org', 'failed', '5.1.1', '550 5.1.1 User unknown'),
          recipient('joe@example.net', 'delayed', '4.4.1'),
          recipient('ann@example.com', 'delivered', '2.0.0'),
          recipient('bob@example.com', 'relayed', '2.0.0'),
          recipient('team@example.com', 'expanded', '2.0.0'),
        ),
      ),
    );
    expect(report).toMatchObject({ kind: 'dsn', originalMessageId: 'campaign-7@example.com' });
    expect(report.recipients.map((one) => [one.address, one.class, one.outcome])).toEqual([
      ['Jane@example.org', 'hard', 'failed'],
      ['joe@example.net', 'soft', 'delayed'],
      ['ann@example.com', 'none', 'delivered'],
      ['bob@example.com', 'none', 'relayed'],
      ['team@example.com', 'none', 'expanded'],
    ]);
  });

  test.each([
    ['jane@example.org', '550 5.1.1 <news@example.com>: User unknown', 'sender_refused'],
    [
      'jane@example.org',
      '550 5.1.1 <news@example.com> to <jane@example.org>: User unknown',
      'mailbox_unknown',
    ],
    ['jane@example.org', '550 5.1.1 User unknown; returned to <news@example.com>', 'mailbox_unknown'],
    ['jane@example.org', '550 5.1.1 <joe@example.net>: User unknown', 'mailbox_unknown'],
    ['news@example.com', '550 5.1.1 <news@example.com>: User unknown', 'mailbox_unknown'],
    ['jane@example.org', '552 5.2.2 <news@example.com>: Mailbox full', 'mailbox_full'],
  ])(
    'a reply that names nobody but the sender does not blame the recipient: %s, %s',
    async (to, reply, reason) => {
      const report = await readReport(
        multipartReport('delivery-status', '', status(recipient(to, 'failed', '5.1.1', reply))),
      );
      expect(report.recipients.map((one) => one.reason)).toEqual([reason]);
    },
  );

  test('words about a recipient are read once, however often and in whatever case the report repeats the recipient', async () => {
    const words = `jane@example.org: 550 User unknown\n${'This text is long. '.repeat(5000)}\njoe@example.org: gone`;
    const repeated = Array.from({ length: 400 }, (_, index) =>
      recipient(index % 2 === 0 ? 'jane@example.org' : 'JANE@example.org', 'failed', '5.0.0'),
    );
    const report = await readReport(multipartReport('delivery-status', words, status(...repeated)));
    const [first, ...others] = report.recipients.map(({ class: kind }) => kind);
    expect([first, others.length, new Set(others).has('hard')]).toEqual(['hard', 399, false]);
  });

  test('a delayed recipient is never a hard bounce', async () => {
    const report = await readReport(
      multipartReport(
        'delivery-status',
        '',
        status(recipient('jane@example.org', 'delayed', '4.1.1', '450 4.1.1 User unknown')),
      ),
    );
    expect(report.recipients).toMatchObject([{ class: 'soft', reason: 'system_error', outcome: 'delayed' }]);
  });

  test('the Status field decides where no reply is quoted', async () => {
    const report = await readReport(
      multipartReport('delivery-status', '', status(recipient('jane@example.org', 'failed', '5.2.2'))),
    );
    expect(report.recipients).toMatchObject([{ class: 'soft', reason: 'mailbox_full', status: '5.2.2' }]);
  });

  test('the human-readable text names the refused command', async () => {
    const report = await readReport(
      multipartReport(
        'delivery-status',
        '<jane@example.org>: host mx.example.org[192.0.2.7] said: 550 User unknown (in reply to MAIL\n    FROM command)',
        status(recipient('jane@example.org', 'failed', '5.0.0', '550 User unknown')),
      ),
    );
    expect(report.recipients).toMatchObject([{ class: 'policy', reason: 'sender_refused' }]);
  });

  test('a report that contradicts itself suppresses nobody', async () => {
    const report = await readReport(
      multipartReport(
        'delivery-status',
        'Your message to <jane> was automatically rejected:\nQuota exceeded',
        status(recipient('jane@example.org', 'failed', '5.1.1', '550 5.1.1 User unknown')),
      ),
    );
    expect(report.recipients).toMatchObject([{ class: 'soft', reason: 'mailbox_full' }]);
  });

  test('keeps the original recipient next to the failed recipient', async () => {
    const report = await readReport(
      multipartReport(
        'delivery-status',
        '',
        status(
          `Original-Recipient: rfc822;jane@example.org\n${recipient('jane@forward.example', 'failed', '5.1.1')}`,
        ),
      ),
    );
    expect(report.recipients).toMatchObject([
      { address: 'jane@forward.example', originalAddress: 'jane@example.org' },
    ]);
  });

  test('reads a report with mismatched MIME boundaries', async () => {
    const raw = multipartReport(
      'delivery-status',
      '',
      status(recipient('jane@example.org', 'failed', '5.1.1')),
    ).replaceAll('--edge', '--another');
    expect((await readReport(raw)).recipients).toMatchObject([
      { address: 'jane@example.org', class: 'hard' },
    ]);
  });

  test('reads a bounce inside a forwarded message', async () => {
    const inner = multipartReport(
      'delivery-status',
      '',
      status(recipient('jane@example.org', 'failed', '5.1.1')),
    );
    const outer = message(
      [
        'From: postmaster@example.com',
        'To: news@example.com',
        'Subject: Undelivered Mail Returned to Sender',
        'MIME-Version: 1.0',
        'Content-Type: multipart/mixed; boundary="wrapping"',
      ],
      `--wrapping\n\nThe message could not be delivered.\n--wrapping\nContent-Type: message/rfc822\n\n${inner}\n--wrapping--\n`,
    );
    expect((await readReport(outer)).recipients).toMatchObject([
      { address: 'jane@example.org', class: 'hard' },
    ]);
  });
});

describe('RFC 5965', () => {
  const feedback = (type: string, ...fields: string[]) =>
    [`Feedback-Type: ${type}`, 'User-Agent: Example/1.0', 'Version: 1', ...fields].join('\n');

  test('a complaint names the recipient who complained', async () => {
    const report = await readReport(
      multipartReport('feedback-report', 'Abuse.', feedback('abuse', 'Original-Rcpt-To: <jane@EXAMPLE.org>')),
    );
    expect(report).toMatchObject({
      kind: 'arf',
      feedbackType: 'abuse',
      originalMessageId: 'campaign-7@example.com',
    });
    expect(report.recipients).toMatchObject([
      { address: 'jane@example.org', class: 'complaint', action: 'suppress' },
    ]);
  });

  test('takes the recipient from the returned message if the report does not name it', async () => {
    const report = await readReport(multipartReport('feedback-report', 'Abuse.', feedback('abuse')));
    expect(report.recipients).toMatchObject([{ address: 'jane@example.org', class: 'complaint' }]);
  });

  test('takes the recipient from the return path if everything else is redacted', async () => {
    const raw = multipartReport('feedback-report', 'Abuse.', feedback('abuse'), 'To: undisclosed').replace(
      'To: news@example.com',
      'To: fbl+jane=example.org@example.com',
    );
    expect((await readReport(raw)).recipients).toMatchObject([
      { address: 'jane@example.org', class: 'complaint' },
    ]);
  });

  test('not-spam never suppresses', async () => {
    const report = await readReport(multipartReport('feedback-report', '', feedback('not-spam')));
    expect(report.recipients).toMatchObject([{ class: 'none', action: 'none' }]);
  });

  test('an authentication failure report is not a complaint by a person', async () => {
    const report = await readReport(multipartReport('feedback-report', '', feedback('auth-failure')));
    expect(report.recipients).toMatchObject([{ class: 'policy', reason: 'authentication_failed' }]);
  });
});

describe('RFC 3834', () => {
  const answer = (subject: string, ...headers: string[]) =>
    message(
      ['From: Jane <jane@example.org>', 'To: news@example.com', `Subject: ${subject}`, ...headers],
      'I am away.',
    );

  test.each([
    ['Auto-Submitted', answer('Re: News', 'Auto-Submitted: auto-replied')],
    ['Precedence', answer('Re: News', 'Precedence: auto_reply')],
    ['X-Autoreply', answer('Re: News', 'X-Autoreply: yes')],
    ['its subject', answer('Out of office: back on Monday')],
    ['its German subject', answer('Automatische Antwort: News')],
    ['its Japanese subject', answer('=?utf-8?B?6Ieq5YuV6L+U5L+h?=')],
  ])('an automatic answer is known by %s', async (_, raw) => {
    const report = await readReport(raw);
    expect(report.kind).toBe('autoreply');
    expect(report.recipients).toMatchObject([
      { address: 'jane@example.org', class: 'autoreply', action: 'none' },
    ]);
  });

  test('a bounce that calls itself auto-replied is a bounce', async () => {
    const raw = wordsOnly('Undelivered Mail Returned to Sender', '<jane@example.org>: user unknown\n', [
      'Auto-Submitted: auto-replied',
    ]);
    expect((await readReport(raw)).recipients).toMatchObject([
      { address: 'jane@example.org', class: 'hard' },
    ]);
  });
});

test('a letter from a person is not a bounce', async () => {
  const raw = message(
    ['From: Jane <jane@example.org>', 'To: news@example.com', 'Subject: Thank you'],
    'I could not read it before, but I liked it. Write to joe@example.org too: user unknown to you!',
  );
  expect(await readReport(raw)).toMatchObject({ kind: 'not_a_bounce', recipients: [] });
});

test('Japanese words in ISO-2022-JP are read', async () => {
  const words = [0x1b, 0x24, 0x42, 0x25, 0x26, 0x21, 0x3c, 0x25, 0x36, 0x1b, 0x28, 0x42];
  const head = new TextEncoder().encode(
    wordsOnly('Mail System Error', '<jane@example.org>:\n550 User unknown\n', [
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=iso-2022-jp',
    ]),
  );
  const report = await readReport(new Uint8Array([...head, ...words]));
  expect(report.recipients[0]?.diagnostic).toContain('ウーザ');
});

test('any text and any bytes are read without an error', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary', maxLength: 500 }),
      async (raw) => void (await readReport(raw)),
    ),
    { numRuns: 200 },
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (raw) => void (await readReport(raw))),
    { numRuns: 200 },
  );
});

test('any report is read without an error, and never names more than it holds', async () => {
  const line = fc.oneof(
    fc.constantFrom(
      'Final-Recipient: rfc822; a@example.org',
      'Action: failed',
      'Status: 5.1.1',
      '',
      '--edge',
      '<a@b.c>:',
      '>>> RCPT To:<a@b.c>',
      '<<< 550 no',
      '   ----- Transcript of session follows -----',
    ),
    fc.string({ maxLength: 40 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 40 }), async (lines) => {
      const report = await readReport(multipartReport('delivery-status', lines.join('\n'), lines.join('\n')));
      expect(report.recipients.length).toBeLessThanOrEqual(lines.length + 1);
    }),
    { numRuns: 100 },
  );
});

test.each([
  ['at signs', '@'.repeat(300_000)],
  ['one long word', 'a'.repeat(300_000)],
  ['addresses', 'a@b.c '.repeat(50_000)],
  ['blank lines', '\n'.repeat(60_000)],
  ['spaces', ' '.repeat(300_000)],
  ['quotes', '"'.repeat(300_000)],
  ['angle brackets', '<'.repeat(300_000)],
  ['dashes', '-'.repeat(300_000)],
  ['replies', '550 5.1.1 user unknown '.repeat(15_000)],
  ['many people', Array.from({ length: 9_000 }, (_, n) => `<a${n}@example.org>:\nuser unknown\n`).join('')],
  [
    'many people in a transcript',
    `   ----- The following addresses had permanent fatal errors -----\n${Array.from({ length: 9_000 }, (_, n) => `<a${n}@example.org>\n`).join('')}   ----- Transcript of session follows -----\n${'550 a1@example.org... User unknown\n'.repeat(3_000)}`,
  ],
  [
    'spaces in the opening of Exim',
    `A message that you sent could not be delivered: following address${' '.repeat(100_000)}x`,
  ],
  ['openings of Exim in one line', `A message that you sent ${'to deliver it are'.repeat(7_000)}`],
  ['lines of dashes', `${'-'.repeat(190)}x\n`.repeat(700)],
  ['words of a script without spaces', `<a@b.example>: 550 本${'a'.repeat(16_000)}本@`],
  ['fields with many spaces', `Final-Recipient: rfc822; a${' '.repeat(1000)}b\n\n`.repeat(120)],
  ['boundaries', '--edge\n'.repeat(40_000)],
  [
    'spaces after the heading of Exchange',
    `Diagnostic information for administrators:\n${' \n'.repeat(4_000)}x`,
  ],
  ['recipients', 'Final-Recipient: rfc822; a@example.org\n'.repeat(8_000)],
])(
  '%s are read in time that grows with their length only',
  async (_, hostile) => {
    await readReport(multipartReport('delivery-status', hostile, hostile));
    await readReport(wordsOnly('Undelivered mail', hostile));
  },
  30_000,
);

describe('a message of very many lines', () => {
  /** The header, blank line included, and the lines before the words of `wordsOnly`. */
  const linesBefore = wordsOnly('Undelivered mail', '').split('\n').length - 1;
  const people = async (line: string, count: number) => {
    const words = `${line.repeat(count)}<jane@example.org>: user unknown\n`;
    const raw = wordsOnly('Undelivered mail', words);
    const asText = (await readReport(raw)).recipients.map(({ address }) => address);
    const asBytes = (await readReport(new TextEncoder().encode(raw))).recipients;
    expect(asBytes.map(({ address }) => address)).toEqual(asText);
    return asText;
  };
  const left = maximumReportLines - linesBefore;

  test('is read up to the limit of lines', async () => {
    expect(await people('a\n', left - 1)).toContain('jane@example.org');
    expect(await people('a\n', left)).not.toContain('jane@example.org');
  });

  test('counts at most 32 of the line ends in a row', async () => {
    expect(await people(`${'\n'.repeat(40)}a\n`, Math.floor(left / 33) - 1)).toContain('jane@example.org');
    expect(await people(`${'\n'.repeat(40)}a\n`, Math.ceil(left / 32))).not.toContain('jane@example.org');
  });

  test('has no more lines than one about a thousand recipients', async () => {
    const statuses = Array.from(
      { length: 1000 },
      (_, n) => `Final-Recipient: rfc822; jane${n}@example.org\nAction: failed\nStatus: 5.1.1\n\n`,
    );
    const words = Array.from({ length: 1000 }, (_, n) => `<jane${n}@example.org>: user unknown\n\n`);
    const raw = multipartReport('delivery-status', words.join(''), statuses.join(''));
    expect(raw.length).toBeLessThan(maximumReportBytes);
    expect((await readReport(raw)).recipients.at(-1)).toMatchObject({
      address: 'jane999@example.org',
      class: 'hard',
    });
  });
});

test('does not read past the size limit', async () => {
  const raw = wordsOnly(
    'Undelivered mail',
    `${' '.repeat(maximumReportBytes)}\n<jane@example.org>: user unknown`,
  );
  expect((await readReport(raw)).recipients.map(({ address }) => address)).not.toContain('jane@example.org');
});

describe('a mailbox that forwards', () => {
  const bounce = (returned: string) =>
    multipartReport(
      'delivery-status',
      'It failed.',
      'Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; final@two.example\nAction: failed\nStatus: 5.1.1',
      returned,
    );
  const trace = (address: string) =>
    `Received: from a.example by b.example (Postfix) with ESMTP id X\n\tfor <${address}>; Mon, 2 Nov 2026 10:00:00 +0000\n`;

  test('reports the address that was mailed, not the forwarding target', async () => {
    const { recipients } = await readReport(
      bounce(`${trace('final@two.example')}${trace('jane@one.example')}To: jane@one.example`),
    );
    expect(recipients[0]).toMatchObject({
      address: 'final@two.example',
      originalAddress: 'jane@one.example',
    });
  });

  test.each(['List-Post: <mailto:list@lists.example>', 'List-Id: A list <list.lists.example>'])(
    'a post to a list, which the trace names too, is about its subscriber: %s',
    async (field) => {
      const { recipients } = await readReport(
        bounce(`${trace('final@two.example')}${trace('list@lists.example')}${field}\nTo: list@lists.example`),
      );
      expect(recipients[0]).toMatchObject({ address: 'final@two.example', originalAddress: null });
    },
  );

  test('a newsletter with the subscriber in List-Unsubscribe is not a mailing list post', async () => {
    const { recipients } = await readReport(
      bounce(
        `${trace('final@two.example')}${trace('jane@one.example')}List-Unsubscribe: <https://lists.example/?u=jane@one.example>\nTo: jane@one.example`,
      ),
    );
    expect(recipients[0]).toMatchObject({ originalAddress: 'jane@one.example' });
  });

  test('is not dead because its target is: the bounce is soft, with the reason of the target', async () => {
    const { recipients } = await readReport(
      bounce(`${trace('final@two.example')}${trace('jane@one.example')}To: jane@one.example`),
    );
    expect(recipients[0]).toMatchObject({ class: 'soft', reason: 'mailbox_unknown', action: 'none' });
  });

  const named = async (fields: string, words = 'It failed.') =>
    (await readReport(multipartReport('delivery-status', words, fields))).recipients[0];

  test.each([
    [
      'Original-Recipient: rfc822; jane@one.example\nFinal-Recipient: rfc822; final@two.example',
      'It failed.',
    ],
    [
      'Final-Recipient: rfc822; final@two.example',
      '<final@two.example> (expanded from\n <jane@one.example>):',
    ],
    [
      'Final-Recipient: rfc822; final@two.example',
      '  final@two.example\n    (generated from jane@one.example)',
    ],
    [
      'Final-Recipient: rfc822; jane@one.example\nX-Actual-Recipient: rfc822; final@two.example',
      'It failed.',
    ],
  ])('is named by the report: %s %s', async (fields, words) => {
    expect(
      await named(`Reporting-MTA: dns; x.example\n\n${fields}\nAction: failed\nStatus: 5.1.1`, words),
    ).toMatchObject({ address: 'final@two.example', originalAddress: 'jane@one.example', class: 'soft' });
  });

  test.each([
    ['JANE@one.example', 'its own name in capitals'],
    ['jane+news@one.example', 'its own subaddress'],
    ['jane@mx1.one.example', 'a host of its domain'],
    ['jane@store.local', 'an internal host'],
    ['jane@tenant.onmicrosoft.com', 'a routing domain of Exchange Online'],
    ['IMCEAEX-_O=ONE_OU=EX_CN=RECIPIENTS_CN=JANE@one.example', 'an encapsulated address'],
  ])('is dead if the report names %s instead: %s', async (final) => {
    expect(
      await named(
        `Reporting-MTA: dns; x.example\n\nOriginal-Recipient: rfc822; jane@one.example\nFinal-Recipient: rfc822; ${final}\nAction: failed\nStatus: 5.1.1`,
      ),
    ).toMatchObject({ originalAddress: 'jane@one.example', class: 'hard' });
  });

  test.each(['john@one.example', 'jane@two.example', 'jane@one.example.net', 'jane.x@mx1.one.example'])(
    '%s is another mailbox',
    async (final) => {
      expect(
        await named(
          `Reporting-MTA: dns; x.example\n\nOriginal-Recipient: rfc822; jane@one.example\nFinal-Recipient: rfc822; ${final}\nAction: failed\nStatus: 5.1.1`,
        ),
      ).toMatchObject({ class: 'soft' });
    },
  );

  test('a refusal of the sender stays one', async () => {
    expect(
      await named(
        'Reporting-MTA: dns; x.example\n\nOriginal-Recipient: rfc822; jane@one.example\nFinal-Recipient: rfc822; final@two.example\nAction: failed\nStatus: 5.7.26\nDiagnostic-Code: smtp; 550 5.7.26 Unauthenticated mail',
      ),
    ).toMatchObject({ class: 'policy', reason: 'authentication_failed' });
  });

  test('does not report a list address in To that no trace field names', async () => {
    const { recipients } = await readReport(bounce(`${trace('final@two.example')}To: list@lists.example`));
    expect(recipients[0]).toMatchObject({ address: 'final@two.example', originalAddress: null });
  });
});

describe('complaints by Outlook.com (JMRP)', () => {
  const person = 'X-HmXmrOriginalRecipient: <jane@example.org>';

  test('the complainer is named in the header, or in the returned message', async () => {
    const bare = message(
      [
        'Return-Path: <>',
        'From: staff@hotmail.example',
        'Subject: complaint about message',
        person,
        'Auto-Submitted: auto-generated',
      ],
      'Please stop mailing this person.',
    );
    const inside = multipartReport(
      'feedback-report',
      'A complaint.',
      'Feedback-Type: abuse',
      `${person}\nTo: list@lists.example`,
    );
    for (const raw of [bare, inside]) {
      const { kind, recipients } = await readReport(raw);
      expect(kind).toBe('arf');
      expect(recipients).toMatchObject([{ address: 'jane@example.org', class: 'complaint' }]);
    }
  });

  test('with several addresses in To, no complainer is known', async () => {
    const { recipients } = await readReport(
      multipartReport(
        'feedback-report',
        'A complaint.',
        'Feedback-Type: abuse',
        'To: jane@example.org, joe@example.org',
      ),
    );
    expect(recipients.map(({ address }) => address)).toEqual([null]);
  });
});

describe('a bounce in prose that does not name its recipient', () => {
  const returned = (...header: string[]) =>
    readReport(
      wordsOnly(
        'Undelivered mail',
        `User unknown.\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <news@example.com>\n${header.join('\n')}\n`,
      ),
    );

  test('is about the only recipient of the returned message', async () => {
    expect((await returned('To: jane@example.org')).recipients).toMatchObject([
      { address: 'jane@example.org', class: 'hard' },
    ]);
  });

  test.each([
    ['several recipients', ['To: jane@example.org, joe@example.net']],
    ['a mailing list', ['List-Id: A list <list.example.org>', 'To: list@example.org']],
    ['nobody', ['To: undisclosed-recipients:;']],
  ])('is about nobody if that was for %s', async (_, header) => {
    expect((await returned(...header)).recipients).toMatchObject([{ address: null }]);
  });
});
