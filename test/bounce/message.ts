// Builds the messages that the tests of reports read.

/** A message with CRLF line ends out of header lines and a body. */
export function message(headers: readonly string[], body: string): string {
  return [...headers, '', body].join('\n').replace(/\r?\n/g, '\r\n');
}

const daemon = [
  'Return-Path: <>',
  'From: Mail Delivery System <MAILER-DAEMON@mx.example.com>',
  'To: news@example.com',
  'Date: Mon, 5 Jan 2026 10:00:00 +0000',
];

/** A bounce in words only. */
export function wordsOnly(subject: string, body: string, more: readonly string[] = []): string {
  return message([...daemon, ...more, `Subject: ${subject}`], body);
}

/** A multipart/report with words, a report of its type and the header of the returned message. */
export function multipartReport(
  reportType: 'delivery-status' | 'feedback-report',
  words: string,
  report: string,
  returned = 'Message-ID: <campaign-7@example.com>\nTo: jane@example.org',
): string {
  return message(
    [
      ...daemon,
      'Subject: Undelivered Mail Returned to Sender',
      'MIME-Version: 1.0',
      `Content-Type: multipart/report; report-type=${reportType}; boundary="edge"`,
    ],
    [
      '--edge',
      'Content-Type: text/plain; charset=utf-8',
      '',
      words,
      '--edge',
      `Content-Type: message/${reportType}`,
      '',
      report,
      '--edge',
      'Content-Type: message/rfc822',
      '',
      returned,
      '',
      'Hello',
      '--edge--',
      '',
    ].join('\n'),
  );
}
