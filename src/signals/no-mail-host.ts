import { domainSignal } from './signal.ts';

export const noMailHost = domainSignal({
  reason: 'no_mail_host',
  label: 'No mail server',
  outcomes: [
    {
      fires: ({ mailHost }) => mailHost.kind === 'no_mail_host',
      result: 'undeliverable',
      action: 'reject',
      bounce: { class: 'hard', status: '5.1.2' },
      // Senders have no host to connect to (RFC 5321 section 5.1). But a few domains lose their records only for a short time.
      prior: { probability: 0.97, low: 0.93, high: 0.99, basis: 'guess' },
      topic: 'noMail',
      message: 'The domain has no mail server.',
      when: 'The domain has neither MX nor address records.',
      form: 'warn',
      sandbox: {
        mailbox: 'no-mail-host',
        example: 'No mail server',
        evidence: { mailHost: { kind: 'no_mail_host' } },
      },
    },
  ],
});
