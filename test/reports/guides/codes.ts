// The guides' rules about replies and their codes: the class, the reason and what to do.

import { expect } from 'vitest';
import { enhancedStatuses } from '../../../data/packed/enhanced-status.ts';
import { classifyReply } from '../../../src/bounce/classify.ts';
import { bounceReasons } from '../../../src/bounce/reasons.ts';
import { readReport } from '../../../src/bounce/report.ts';
import { commonCause } from '../../../src/reports/advice.ts';
import { multipartReport } from '../../bounce/message.ts';
import { classed, expectClass, type Rules } from './rule.ts';

const registered = enhancedStatuses.map(([status]) => status.split('-')[0]!);
const permanent = registered.filter((status) => status.startsWith('5'));
const transient = registered.filter((status) => status.startsWith('4'));

export const codeRules: Rules = {
  '0.3': classed(
    'a block is not the address',
    'policy',
    'blocked_reputation',
    '554 5.7.1 Your IP address is blocked',
  ),
  '0.4': [
    'full, down and too large are soft',
    () => {
      expect(expectClass('452 4.2.2 Mailbox full', 'soft', 'mailbox_full').action).toBe('retry');
      expect(expectClass('421 4.3.2 Service not available', 'soft').action).toBe('retry');
      expect(expectClass('552 5.3.4 Message too big', 'soft').action).toBe('shrink_message');
    },
  ],
  '0.6': classed('5.1.1 is hard', 'hard', 'mailbox_unknown', '550 5.1.1', '550 5.1.1 User unknown'),
  '0.7': classed(
    '5.4.1 of a recipient that does not exist is hard',
    'hard',
    'mailbox_unknown',
    '550 5.4.1 Recipient address rejected: Access denied',
    '550 5.4.1 The recipient does not exist',
  ),
  '0.8': classed('4.2.2 is soft', 'soft', 'mailbox_full', '452 4.2.2', '4.2.2'),
  '0.9': classed('4.4.7 is expired and soft', 'soft', 'expired', '451 4.4.7', '4.4.7 Delivery time expired'),
  '0.10': classed(
    '5.7.1 is a policy',
    'policy',
    'policy_refused',
    '550 5.7.1',
    '554 5.7.1 Refused by policy',
  ),
  '0.11': [
    'each bounce is classified by itself',
    async () => {
      const { recipients } = await readReport(
        multipartReport(
          'delivery-status',
          'Two of your messages were not delivered.',
          [
            'Reporting-MTA: dns; mx.example.com',
            '',
            'Final-Recipient: rfc822; jane@example.org',
            'Action: failed',
            'Status: 5.1.1',
            'Diagnostic-Code: smtp; 550 5.1.1 User unknown',
            '',
            'Final-Recipient: rfc822; john@example.org',
            'Action: failed',
            'Status: 5.7.1',
            'Diagnostic-Code: smtp; 550 5.7.1 Message refused by policy',
          ].join('\n'),
        ),
      );
      expect(recipients.map(({ address, class: is }) => [address, is])).toEqual([
        ['jane@example.org', 'hard'],
        ['john@example.org', 'policy'],
      ]);
    },
  ],
  '1.1': [
    'the first digit tells permanent from temporary',
    () => {
      for (const status of permanent.filter((one) => /^5\.[12]\./.test(one))) {
        const hard = classifyReply(`550 ${status}`).class === 'hard';
        // The same failure with a 4 is temporary.
        if (hard) expectClass(`450 4${status.slice(1)}`, 'soft');
      }
      // A code without a status or a word may as well be a refusal of the sender (RFC 5321 section 4.2.3), so it is not hard.
      for (const bare of ['550', '551', '553']) expectClass(bare, 'soft', 'unknown');
    },
  ],
  '1.3': [
    'the enhanced status tells more than the reply code',
    () => {
      expectClass('550 5.2.2', 'soft');
      expectClass('550 5.1.1', 'hard');
      expectClass('550 5.7.26', 'policy');
      // A decisive status outranks the words, a definite one outranks stock phrases.
      expectClass('550 5.7.26 User unknown', 'policy', 'authentication_failed');
      expectClass('550 5.1.1 Transaction failed', 'hard', 'mailbox_unknown');
    },
  ],
  '1.4': [
    'a status is class, subject and detail',
    () => {
      // An unregistered detail of the subject 7 is still a policy.
      expectClass('550 5.7.999', 'policy', 'policy_refused');
      const cause = (status: string) =>
        ({ failure: 'policy', reason: 'policy_refused', status, messages: 1 }) as const;
      expect(commonCause([cause('5.7.1'), cause('5.7.9')], 'policy').status).toBe('5.7.x');
    },
  ],
  '1.6': classed(
    '550 5.1.1 is hard',
    'hard',
    'mailbox_unknown',
    '550 5.1.1 The email account does not exist',
  ),
  '1.7': [
    '5.1.10 is hard',
    () => {
      expectClass('556 5.1.10', 'hard', 'null_mx');
      expectClass('550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found', 'hard', 'mailbox_unknown');
    },
  ],
  '1.8': classed('5.1.2 is hard', 'hard', 'domain_unknown', '550 5.1.2', '550 5.1.2 Host unknown'),
  '1.9': classed(
    '5.2.1 is a disabled mailbox',
    'hard',
    'mailbox_disabled',
    '550 5.2.1',
    '550 5.2.1 Mailbox disabled',
  ),
  '1.10': classed('5.7.1 is a policy', 'policy', 'policy_refused', '550 5.7.1 Message rejected'),
  '1.14': [
    '5.7.x is not the address',
    () => {
      // But for a mailbox or a domain that has another owner (RFC 7293).
      const others = permanent.filter((status) => /^5\.7\.(?!17$|18$)/.test(status));
      expect(others.length).toBeGreaterThan(60);
      for (const status of others)
        expect([status, classifyReply(`550 ${status}`).class]).not.toEqual([status, 'hard']);
    },
  ],
  '1.17': [
    '5.1.x is permanent',
    () => {
      for (const status of ['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10'])
        expect(expectClass(`550 ${status}`, 'hard').action).toBe('suppress');
      // These two are about the address of the sender.
      for (const status of ['5.1.7', '5.1.8']) expectClass(`550 ${status}`, 'policy', 'sender_refused');
    },
  ],
  '1.19': classed('452 4.2.2 is soft', 'soft', 'mailbox_full', '452 4.2.2 The mailbox is over quota'),
  '1.20': classed('450 4.2.1 is soft', 'soft', 'system_error', '450 4.2.1'),
  '1.21': classed(
    '421 4.3.2 is soft',
    'soft',
    'system_error',
    '421 4.3.2',
    '421 4.3.2 System not accepting network messages',
  ),
  '1.22': classed(
    '421 4.4.1 is the network',
    'soft',
    'network_error',
    '421 4.4.1',
    '421 4.4.1 No answer from host',
  ),
  '1.23': classed(
    'greylisting is soft',
    'soft',
    'greylisted',
    '451 4.7.1',
    '450 4.7.1 Greylisted, try again later',
  ),
  '1.38': [
    'what broken authentication bounces is to be fixed',
    () => {
      expect(expectClass('550 5.7.26', 'policy').advice).toMatch(/^Fix your SPF, DKIM and DMARC/);
      expect(expectClass('550 5.7.23', 'policy').advice).toMatch(/^Fix your SPF/);
      expect(expectClass('550 5.7.509', 'policy').advice).toMatch(/^Fix your DMARC/);
    },
  ],
  '2.1': [
    'reports of non-delivery are read',
    async () => {
      const report = await readReport(
        multipartReport(
          'delivery-status',
          'Your message was not delivered.',
          'Final-Recipient: rfc822; jane@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown',
        ),
      );
      expect(report).toMatchObject({
        kind: 'dsn',
        recipients: [
          { address: 'jane@example.org', class: 'hard', reason: 'mailbox_unknown', status: '5.1.1' },
        ],
      });
    },
  ],
  '2.3': [
    'no such mailbox, no such domain, no mail host: hard',
    () => {
      expectClass('550 5.1.1 No such user', 'hard', 'mailbox_unknown');
      expectClass('550 5.1.2 Domain not found', 'hard', 'domain_unknown');
      expectClass('556 5.1.10 Recipient address has null MX', 'hard', 'null_mx');
    },
  ],
  '2.4': classed(
    'a server that blocks the sender',
    'policy',
    'blocked_reputation',
    '554 5.7.1 Client host blocked using Spamhaus',
  ),
  '2.5': classed(
    'full is soft',
    'soft',
    'mailbox_full',
    '552 5.2.2 Mailbox full',
    '452 4.2.2 Over quota',
    '550 Mailbox size exceeds the limit',
  ),
  '2.6': [
    'down or overloaded is soft, whatever the first digit',
    () => {
      for (const reply of [
        '421 4.3.2 System not accepting network messages',
        '550 5.3.2 System not accepting network messages',
        '451 4.3.0 Temporary server error',
        '421 Service not available, closing transmission channel',
        '452 4.3.1 Insufficient system storage',
        '550 5.3.2 The server is overloaded, try again later',
      ])
        expectClass(reply, 'soft');
    },
  ],
  '2.7': classed(
    'too large is soft',
    'soft',
    'message_too_large',
    '552 5.2.3',
    '552 5.3.4 Message size exceeds fixed limit',
  ),
  '2.8': classed(
    'DNS that fails for now is soft',
    'soft',
    'network_error',
    '451 4.4.3',
    '450 4.1.2 Domain not found',
    '451 4.4.3 Temporary DNS failure',
  ),
  '2.9': classed(
    'rate limits are soft',
    'soft',
    'rate_limited',
    '421 4.7.0 Too many connections',
    '450 4.7.0 You are sending too fast, slow down',
  ),
  '2.10': classed(
    'refused content is not the address',
    'policy',
    'spam_content',
    '554 5.7.1 Message rejected as spam',
  ),
  '2.13': classed('550 5.1.1', 'hard', 'mailbox_unknown', '550 5.1.1 User unknown'),
  '2.14': classed('550 5.1.2', 'hard', 'domain_unknown', '550 5.1.2 Bad destination system address'),
  '2.15': classed(
    '550 5.1.0 with a rejected address is hard',
    'hard',
    'mailbox_unknown',
    '550 5.1.0 Address rejected',
  ),
  '2.16': [
    'a sender that is blocked',
    () => {
      const { advice } = expectClass('550 5.7.1 Sender blocked', 'policy', 'blocked_reputation');
      expect(advice).not.toContain('exists');
      expectClass('550 5.7.1 Your mail was blocked by our policy', 'policy');
    },
  ],
  '2.17': classed('551 5.1.6 moved', 'hard', 'mailbox_moved', '551 5.1.6 Destination mailbox has moved'),
  '2.18': classed('552 5.2.2 is soft until it persists', 'soft', 'mailbox_full', '552 5.2.2'),
  '2.19': [
    '554 5.7.1 refuses the sender or the message',
    () => {
      expectClass('554 5.7.1 Transaction failed', 'policy', 'policy_refused');
      expectClass('550 5.7.0 Message could not be delivered', 'policy', 'policy_refused');
      // Without that status, the words name no cause.
      expectClass('554 Transaction failed', 'soft', 'unknown');
      expectClass('554 5.7.1 Message refused', 'policy');
      expectClass('554 Transaction failed: message refused by policy', 'policy');
    },
  ],
  '2.20': classed(
    '421 4.7.0',
    'soft',
    'rate_limited',
    '421 4.7.0',
    '421 4.7.0 Try again later, closing connection',
  ),
  '2.21': classed('450 4.2.1', 'soft', 'system_error', '450 4.2.1 Mailbox temporarily unavailable'),
  '2.22': classed(
    '451 4.3.0',
    'soft',
    'system_error',
    '451 4.3.0',
    '451 4.3.0 Mail server temporarily rejected message',
  ),
  '2.23': classed('452 4.2.2', 'soft', 'mailbox_full', '452 4.2.2 Mailbox full'),
  '2.24': classed('450 4.7.1', 'soft', 'greylisted', '450 4.7.1 Greylisted'),
  '2.46': [
    'complaints come by feedback loops',
    async () => {
      const report = await readReport(
        multipartReport(
          'feedback-report',
          'This is an abuse report.',
          'Feedback-Type: abuse\nUser-Agent: FBL/1\nVersion: 1\nOriginal-Rcpt-To: jane@example.org',
        ),
      );
      expect(report).toMatchObject({
        kind: 'arf',
        feedbackType: 'abuse',
        recipients: [{ address: 'jane@example.org', class: 'complaint', action: 'suppress' }],
      });
    },
  ],
  '3.1': [
    'a reply with a 4 is temporary',
    () => {
      expect(transient.length).toBeGreaterThan(60);
      for (const status of transient)
        for (const reply of [`450 ${status}`, `450 ${status} User unknown`, `421 5${status.slice(1)}`])
          expect([reply, classifyReply(reply).class]).not.toEqual([reply, 'hard']);
    },
  ],
  '3.2': [
    'a reply with a 5 is permanent, if the recipient is its cause',
    () => {
      for (const reply of ['550 5.1.1', '550 5.1.2', '550 5.1.3', '550 5.2.1', '551 5.1.6'])
        expectClass(reply, 'hard');
      for (const reply of ['552 5.2.2', '552 5.3.4', '550 5.4.7']) expectClass(reply, 'soft');
      for (const reply of ['550 5.7.1', '550 5.7.26']) expectClass(reply, 'policy');
    },
  ],
  '3.4': classed('4.2.2', 'soft', 'mailbox_full', '4.2.2 Mailbox full'),
  '3.5': classed('4.4.2', 'soft', 'network_error', '421 4.4.2', '421 4.4.2 Connection dropped'),
  '3.6': classed('4.3.1', 'soft', 'system_error', '452 4.3.1', '452 4.3.1 Mail system full'),
  '3.7': classed(
    '5.2.3 is soft though it begins with 5',
    'soft',
    'message_too_large',
    '552 5.2.3',
    '550 5.2.3 Message length exceeds limit',
  ),
  '3.8': [
    'a message that is too large is made smaller, or shares a link',
    () => {
      const { action, advice } = expectClass('552 5.2.3', 'soft');
      expect(action).toBe('shrink_message');
      expect(advice).toMatch(/smaller.*link/);
      expect(expectClass('552 5.3.4', 'soft').advice).toMatch(/smaller.*link/);
    },
  ],
  '3.9': classed(
    '5.1.1',
    'hard',
    'mailbox_unknown',
    '550-5.1.1 The email account that you tried to reach does not exist',
  ),
  '3.10': classed('5.1.2', 'hard', 'domain_unknown', '5.1.2 The domain of the recipient does not exist'),
  '3.11': classed('5.7.1', 'policy', 'blocked_reputation', '550 5.7.1 Your IP is on a blocklist'),
  '3.12': [
    '5.5.4 is not the address',
    () => {
      expectClass('554 5.5.4', 'policy', 'protocol_error');
      expectClass('554 5.5.4 Message blocked', 'policy');
    },
  ],
  '3.13': [
    'content, reputation and authentication are told apart',
    () => {
      expectClass('550 5.7.1 Message contains spam', 'policy', 'spam_content');
      expectClass('550 5.7.1 Your IP address has a poor reputation', 'policy', 'blocked_reputation');
      expectClass('550 5.7.26 SPF and DKIM did not pass', 'policy', 'authentication_failed');
    },
  ],
  '3.14': [
    'a recipient who blocks you is asked, or removed',
    () => {
      const { action, advice } = expectClass(
        '550 5.7.1 The recipient has blocked you',
        'policy',
        'blocked_by_recipient',
      );
      expect(action).toBe('none');
      expect(advice).toMatch(/ask them.*or stop sending/);
    },
  ],
  '4.6': classed('550 5.1.1', 'hard', 'mailbox_unknown', '550 5.1.1 Mailbox not found'),
  '4.7': [
    '5.1.2: there is no MX',
    () => {
      expectClass('550 5.1.2', 'hard', 'domain_unknown');
      expectClass('550 5.1.2 No MX record for the domain', 'hard', 'domain_unknown');
    },
  ],
  '4.8': [
    'your domain is blocked',
    () => {
      for (const reply of [
        '550 5.7.1 Your domain is blocked',
        '554 5.7.1 Your email address has been blocked',
        '550 5.7.1 Sender domain blocked due to poor reputation',
        '550 Return path domain is currently banned',
      ])
        expect(expectClass(reply, 'policy', 'blocked_reputation').advice).toContain('find the blocklist');
      // A person who blocks the sender, and an account that may not send, are other causes.
      expectClass(
        '550 5.7.1 Your address has been blocked by the recipient',
        'policy',
        'blocked_by_recipient',
      );
      expectClass('550 Your account is blocked', 'policy', 'sender_refused');
    },
  ],
  '4.10': classed('421', 'soft', 'system_error', '421', '421 Service not available'),
  '4.11': classed('452 4.2.2', 'soft', 'mailbox_full', '452 4.2.2 Insufficient storage in the mailbox'),
  '4.12': classed('450 4.7.1', 'soft', 'greylisted', '450 4.7.1 Greylisting in action'),
  '4.14': [
    '550 and 551 are hard, 421 and 452 are soft',
    () => {
      expectClass('550 Mailbox not found', 'hard');
      expectClass('551 User not local', 'hard');
      expectClass('421', 'soft');
      expectClass('452', 'soft');
    },
  ],
  '4.15': [
    '5.7.26 asks to check the records',
    () => {
      const { action, advice } = expectClass(
        '550 5.7.26 Unauthenticated email',
        'policy',
        'authentication_failed',
      );
      expect([action, advice]).toEqual(['fix_sender', expect.stringContaining('SPF, DKIM and DMARC')]);
    },
  ],
  '4.16': [
    '421 4.7.0 asks to slow down',
    () => {
      expect(expectClass('421 4.7.0 Too many messages, slow down', 'soft', 'rate_limited').action).toBe(
        'slow_down',
      );
    },
  ],
  '4.18': [
    'each reply has a category, a clue, a meaning and an action',
    () => {
      for (const status of registered) {
        const found = classifyReply(status);
        expect(found).toMatchObject({ class: bounceReasons[found.reason].class, status });
        expect(found.rule).not.toBe('');
        expect(found.advice.length).toBeGreaterThan(20);
      }
    },
  ],
  '4.19': [
    'content that is refused has to become simpler',
    () => {
      const { action, advice } = expectClass('550 5.7.1 Message looks like spam', 'policy', 'spam_content');
      expect(action).toBe('fix_content');
      expect(advice).toMatch(/content and links/);
    },
  ],
  '4.20': [
    'hard, soft, complaint and policy are told apart',
    () => {
      const classes = new Set(Object.values(bounceReasons).map((facts) => facts.class));
      expect([...classes].sort()).toEqual(['autoreply', 'complaint', 'hard', 'none', 'policy', 'soft']);
    },
  ],
  '4.49': [
    'authentication is mandatory, and its failures are the sender’s',
    () => {
      for (const status of [
        '5.7.515',
        '5.7.26',
        '5.7.27',
        '5.7.30',
        '5.7.32',
        '5.7.509',
        '4.7.26',
        '4.7.27',
        '4.7.32',
      ])
        expectClass(`${status.startsWith('4') ? 421 : 550} ${status}`, 'policy');
    },
  ],
  '4.67': [
    '553 with an invalid address is hard',
    () => {
      expectClass('553 Invalid address', 'hard');
      expectClass('553 5.1.3 Invalid recipient address', 'hard');
      // The standard text of RFC 5321 does not say whose name it is.
      expectClass('553 Requested action not taken: mailbox name not allowed', 'policy');
      expectClass('553 Invalid sender address', 'policy');
    },
  ],
  '4.68': classed('554 is a policy', 'policy', 'policy_refused', '554 Message rejected due to local policy'),
  '4.69': classed('421', 'soft', 'system_error', '421 Try again later'),
  '4.70': [
    '450 is soft',
    () => {
      expectClass('450', 'soft');
      expectClass('450 Mailbox unavailable', 'soft');
    },
  ],
};
