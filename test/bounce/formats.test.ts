// Bounces that are no RFC 3464 report: given what this mail system writes, that recipient and that class.

import { describe, expect, test } from 'vitest';
import type { BounceReason } from '../../src/bounce/bounce.ts';
import { readReport } from '../../src/bounce/report.ts';
import { wordsOnly } from './message.ts';

interface Case {
  readonly system: string;
  readonly subject: string;
  readonly body: string;
  readonly headers?: readonly string[];
  readonly found: readonly (readonly [string | null, BounceReason])[];
}

const cases: Case[] = [
  {
    system: 'qmail',
    subject: 'failure notice',
    body: `Hi. This is the qmail-send program at mx.example.com.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<jane@example.org>:
192.0.2.7 does not like recipient.
Remote host said: 550 5.1.1 <jane@example.org>... User unknown
Giving up on 192.0.2.7.

<joe@example.net>:
Sorry, I couldn't find any host named example.net. (#5.1.2)

--- Below this line is a copy of the message.

Return-Path: <news@example.com>`,
    found: [
      ['jane@example.org', 'mailbox_unknown'],
      ['joe@example.net', 'domain_unknown'],
    ],
  },
  {
    system: 'qmail, nothing but its own words',
    subject: 'failure notice',
    body: `Hi. This is the qmail-send program at mx.example.com.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<jane@example.org>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.
`,
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: 'Yahoo',
    subject: 'Failure Notice',
    body: `Sorry, we were unable to deliver your message to the following address.

<jane@example.org>:
Remote host said:
552 5.2.2 Mailbox full
 [RCPT_TO]

--- Below this line is a copy of the message.

Received: from nowhere`,
    found: [['jane@example.org', 'mailbox_full']],
  },
  {
    system: 'an Italian one, with the noun before the recipient',
    subject: 'Messaggio non recapitato',
    body: 'Il messaggio non è stato recapitato al destinatario jane@example.org.\nMotivo: casella di posta inesistente.',
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: 'Exchange 2003, with the time after the recipient',
    subject: 'Undeliverable: News',
    body: `Your message did not reach some or all of the intended recipients.

      Subject:  News

The following recipient(s) could not be reached:

      'jane@example.org' on 1/5/2026 10:00 AM
            The e-mail account does not exist at the organization this message was sent to.
            <mx.example.org #5.1.1>`,
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: 'SmarterMail, which says after the reason what it returns',
    subject: 'Delivery Failure',
    body: `Could not deliver message to the following recipient(s):

Failed Recipient: jane@example.org
Reason: Remote host said: 550 jane@example.org... No such user

   -- The header and top 20 lines of the message follows --

Subject: Our newsletter`,
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: 'a daemon that says whom the sender tried to reach',
    subject: 'Undeliverable mail',
    headers: ['Delivered-To: bounce+jane=example.org@example.com'],
    body: 'The user you tried to reach is unknown here.',
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: 'Exim',
    subject: 'Mail delivery failed: returning message to sender',
    body: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  jane@example.org
    SMTP error from remote mail server after RCPT TO:<jane@example.org>:
    host mx.example.org [192.0.2.7]: 550 5.1.1 no such user
  joe@example.net
    Unrouteable address

------ This is a copy of the message, including all the headers. ------

Return-path: <news@example.com>`,
    found: [
      ['jane@example.org', 'mailbox_unknown'],
      ['joe@example.net', 'domain_unknown'],
    ],
  },
  {
    system: 'Exim, about the sender',
    subject: 'Mail delivery failed: returning message to sender',
    body: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  jane@example.org
    host mx.example.org [192.0.2.7]
    SMTP error from remote mail server after MAIL FROM:<news@example.com> SIZE=1024:
    550 No such domain example.com

------ This is a copy of the message, including all the headers. ------`,
    found: [['jane@example.org', 'sender_refused']],
  },
  {
    system: 'Exim, a local part alone',
    subject: 'Mail delivery failed: returning message to sender',
    headers: ['X-Failed-Recipients: jane@example.org'],
    body: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  jane
    unknown user

------ This is a copy of the message, including all the headers. ------`,
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: 'GMX',
    subject: 'Mail delivery failed: returning message to sender',
    body: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of
its recipients. This is a permanent error. The following address
failed:

"jane@example.org":
SMTP error from remote server after RCPT command:
host: mx.example.org
Mailbox unavailable

--- The header of the original message is following. ---

Received: from nowhere`,
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: '1&1',
    subject: 'Mail delivery failed: returning message to sender',
    body: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to
one or more of its recipients. The following addresses
failed:

<jane@example.org>:

host mx.example.org[192.0.2.7] said: 550 5.2.2 quota exceeded

--- The header of the original message is following. ---
`,
    found: [['jane@example.org', 'mailbox_full']],
  },
  {
    system: 'Zoho',
    subject: 'Undelivered Mail Returned to Sender',
    body: `This message was created automatically by mail delivery software.
 A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.

jane@example.org Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 <jane@example.org>... User Unknown

Received:from nowhere`,
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: 'Sendmail',
    subject: 'Returned mail: see transcript for details',
    body: `The original message was received at Mon, 5 Jan 2026 10:00:00 +0000
from localhost [127.0.0.1]

   ----- The following addresses had permanent fatal errors -----
<jane@example.org>
    (reason: 550 5.2.1 <jane@example.org>... Mailbox disabled)

   ----- Transcript of session follows -----
... while talking to mx.example.org.:
>>> DATA
<<< 550 5.2.1 <jane@example.org>... Mailbox disabled
550 5.1.1 <jane@example.org>... User unknown`,
    found: [['jane@example.org', 'mailbox_disabled']],
  },
  {
    system: 'Sendmail, with a sentence above its list and one recipient twice',
    subject: 'Returned mail: see transcript for details',
    body: `   ----- The following addresses had permanent fatal errors -----
Your message could not be delivered to:

<jane@example.org>
    (reason: 550 5.1.1 User unknown)
<jane@example.org>

   ----- Transcript of session follows -----
550 5.1.1 <jane@example.org>... User unknown`,
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: 'Sendmail 5',
    subject: 'Returned mail: User unknown',
    body: `   ----- Transcript of session follows -----
While talking to mx.example.org:
>>> RCPT To:<jane@example.org>
<<< 550 <jane@example.org>... User unknown
550 <jane@example.org>... User unknown
554 <joe@example.net>... 550 Host unknown (Authoritative answer from name server)

   ----- Unsent message follows -----
Received: by mx.example.com`,
    found: [
      ['jane@example.org', 'mailbox_unknown'],
      ['joe@example.net', 'domain_unknown'],
    ],
  },
  {
    system: 'a descendant of Sendmail with brackets',
    subject: 'Returned mail: Unable to deliver mail',
    body: `The original message was received at Mon, 5 Jan 2026 10:00:00 +0000

---The following addresses had delivery errors---

jane@example.org [User unknown]
`,
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: 'Postfix without a report',
    subject: 'Undelivered Mail Returned to Sender',
    body: `This is the mail system at host mx.example.com.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

                   The mail system

<jane@example.org>: host mx.example.org[192.0.2.7] said: 550 5.7.1 Message
    rejected as spam (in reply to end of DATA command)
`,
    found: [['jane@example.org', 'spam_content']],
  },
  {
    system: 'Exchange 2003',
    subject: 'Undeliverable: News',
    body: `Your message

  To:      jane@example.org
  Subject: News
  Sent:    Mon, 5 Jan 2026 10:00:00 +0000

did not reach the following recipient(s):

jane@example.org on Mon, 5 Jan 2026 10:00:05 +0000
    The recipient name is not recognized
    MSEXCH:IMS:EXAMPLE:SITE:HOST 0 (000C05A6) Unknown Recipient
`,
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: 'Exchange 2007',
    subject: 'Undeliverable: News',
    body: `Delivery has failed to these recipients or distribution lists:

Jane<mailto:jane@example.org>
The recipient's mailbox is full and can't accept messages now.

Diagnostic information for administrators:

Generating server: mx.example.org

jane@example.org
#550 5.2.2 STOREDRV.Deliver: mailbox full ##

Original message headers:

Received: from nowhere`,
    found: [['jane@example.org', 'mailbox_full']],
  },
  {
    system: 'Notes',
    subject: 'DELIVERY FAILURE: User jane (jane@example.org) not listed in Domino Directory',
    body: `Your message

  Subject: News

was not delivered to:

  jane@example.org

because:

  User jane (jane@example.org) not listed in Domino Directory
`,
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: 'Gmail of old',
    subject: 'Delivery Status Notification (Failure)',
    body: `Delivery to the following recipient failed permanently:

     jane@example.org

Technical details of permanent failure:
Google tried to deliver your message, but it was rejected by the recipient domain. The error that the other server returned was: 550 550 5.1.1 <jane@example.org>... User unknown (state 14).

----- Original message -----

Received: by 192.0.2.9 with SMTP id x`,
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: 'Google Groups',
    subject: 'Delivery Status Notification (Failure)',
    headers: ['X-Failed-Recipients: team@example.org'],
    body: `Hello news@example.com,

We're writing to let you know that the group you tried to contact (team) may not exist, or you may not have permission to post messages to the group.

Visit the Help Center at https://groups.google.com/support/.
`,
    found: [['team@example.org', 'blocked_by_recipient']],
  },
  {
    system: 'DragonFly',
    subject: 'Mail delivery failed',
    body: `This is the DragonFly Mail Agent v0.13 at mx.example.com.

There was an error delivering your mail to <jane@example.org>.

mx.example.org [192.0.2.7] did not like our RCPT TO:
550 5.1.1 <jane@example.org>: Recipient address rejected: User unknown

Message headers follow.

Received: from root (uid 0)`,
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: 'OpenSMTPD',
    subject: 'Delivery status notification: error',
    body: `    Hi!

    This is the MAILER-DAEMON, please DO NOT REPLY to this e-mail.

    An error has occurred while attempting to deliver a message for
    the following list of recipients:

jane@example.org: 550 5.1.1 <jane@example.org>... User Unknown
joe@example.net: 552 5.2.2 <joe@example.net>... Mailbox Full

    Below is a copy of the original message:

Received: from localhost`,
    found: [
      ['jane@example.org', 'mailbox_unknown'],
      ['joe@example.net', 'mailbox_full'],
    ],
  },
  {
    system: 'IMail',
    subject: 'Undeliverable Mail',
    body: `Unknown user: jane@example.org

Original message follows.

Received: from nowhere`,
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: 'MailMarshal, the reason first',
    subject: 'Undeliverable Mail: "News"',
    body: `Your message:
   From:    news@example.com
   Subject: News

Could not be delivered because of

550 5.1.1 User unknown

The following recipients were affected:
    jane@example.org
    joe@example.org
`,
    found: [
      ['jane@example.org', 'mailbox_unknown'],
      ['joe@example.org', 'mailbox_unknown'],
    ],
  },
  {
    system: 'InterScan',
    subject: 'Mail could not be delivered',
    body: `Sent <<< RCPT TO:<jane@example.org>
Received >>> 550 5.1.1 <jane@example.org>... user unknown
`,
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: 'Apache James',
    subject: '[BOUNCE]',
    body: `Hi. This is the James mail server at mx.example.com.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.  Below
I include the list of recipients and the reason why I was unable to deliver
your message.

Failed recipient(s):
jane@example.org

Error message:
550 5.1.1 Unknown recipient
`,
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: 'a system that lists with bullets',
    subject: 'Delivery status notification',
    body: `============================================================================
      This is an automatically generated Delivery Status Notification.

Delivery to the following recipients failed permanently:

   * jane@example.org

============================================================================
                             Technical details:

SMTP:RCPT host 192.0.2.7: 553 5.3.0 <jane@example.org>... No such user here
============================================================================
`,
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: 'a carrier',
    subject: 'Mail System Error - Returned Mail',
    body: `Each of the following recipients was rejected by a remote
mail server.

    Recipient: <jane@ezweb.ne.jp>
    >>> RCPT TO:<jane@ezweb.ne.jp>
    <<< 550 <jane@ezweb.ne.jp>: User unknown
`,
    found: [['jane@ezweb.ne.jp', 'mailbox_unknown']],
  },
  {
    system: 'a list manager',
    subject: 'You news@example.com are not member (team ML)',
    body: `You are not a member of this mailing list <team@example.org>.
`,
    found: [['team@example.org', 'blocked_by_recipient']],
  },
  {
    system: 'Amazon SES over e-mail',
    subject: 'AWS Notification Message',
    body: `{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"jane@example.org","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]}}

--
If you wish to stop receiving notifications from this topic, please visit the link below to unsubscribe.
`,
    found: [['jane@example.org', 'mailbox_unknown']],
  },
  {
    system: 'Amazon SES over e-mail, a complaint',
    subject: 'AWS Notification Message',
    body: `{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"jane@example.org"}]}}
`,
    found: [['jane@example.org', 'feedback']],
  },
];

describe('a bounce without a delivery-status part', () => {
  test.each(cases)('$system', async ({ subject, body, headers, found }) => {
    const report = await readReport(wordsOnly(subject, body, headers));
    expect(report.kind).toBe('nonstandard');
    expect(report.recipients.map(({ address, reason }) => [address, reason])).toEqual(found);
  });
});

test('a delay warning is not a failure', async () => {
  const report = await readReport(
    wordsOnly(
      'Warning: message delayed 24 hours',
      `This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mx.example.com.

The address to which the message has not yet been delivered is:

  jane@example.org
    Delay reason: Connection timed out

No action is required on your part. Delivery attempts will continue for
some time.
`,
    ),
  );
  expect(report.recipients).toMatchObject([
    { address: 'jane@example.org', class: 'soft', outcome: 'delayed' },
  ]);
});

test('takes the recipient from the return path if the bounce does not name it', async () => {
  const report = await readReport(
    wordsOnly('Delivery failure', 'Your message could not be delivered: the mailbox is full.\n').replace(
      'To: news@example.com',
      'To: bounce+jane=example.org@example.com',
    ),
  );
  expect(report.recipients).toMatchObject([{ address: 'jane@example.org', reason: 'mailbox_full' }]);
});

describe('Exim names the address that forwards to the failed one', () => {
  const bounce = (lines: string) =>
    wordsOnly(
      'Mail delivery failed: returning message to sender',
      `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

${lines}

------ This is a copy of the message, including all the headers. ------

Subject: Hello`,
    );

  test.each([
    ['(generated from jane@example.org)', 'jane@example.org', 'soft'],
    ['(ultimately generated from jane@EXAMPLE.org)', 'jane@example.org', 'soft'],
    ['(generated from joe@EXAMPLE.net)', 'joe@example.net', 'hard'],
    ['(generated from somebody)', null, 'hard'],
  ])('%s', async (words, originalAddress, expected) => {
    const { recipients } = await readReport(
      bounce(`  joe@example.net
    ${words}
    SMTP error from remote mail server after RCPT TO:<joe@example.net>:
    host mx.example.net [192.0.2.7]: 550 5.1.1 User unknown`),
    );
    expect(recipients).toMatchObject([{ address: 'joe@example.net', originalAddress, class: expected }]);
  });

  test.each([
    ['an undisclosed address', '(generated from jane@example.org)'],
    ['pipe to |/usr/bin/vacation jane', 'generated by jane@example.org'],
  ])('%s', async (what, from) => {
    const { recipients } = await readReport(
      bounce(`  ${what}
    ${from}
    mailbox is full: retry timeout exceeded`),
    );
    expect(recipients).toMatchObject([{ address: 'jane@example.org', class: 'soft' }]);
  });

  test('an undisclosed address that does not exist does not kill the address that leads to it', async () => {
    const { recipients } = await readReport(
      bounce(`  an undisclosed address
    (generated from jane@example.org)
    SMTP error from remote mail server after RCPT TO:<x>: 550 5.1.1 User unknown`),
    );
    expect(recipients).toMatchObject([
      { address: 'jane@example.org', class: 'soft', reason: 'mailbox_unknown' },
    ]);
  });
});
