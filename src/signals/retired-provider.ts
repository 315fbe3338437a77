import { domainSignal } from './signal.ts';

export const retiredProvider = domainSignal({
  reason: 'retired_provider',
  label: 'Closed mailbox provider',
  outcomes: [
    {
      fires: ({ domain }) => domain.retired === 'verified',
      result: 'undeliverable',
      action: 'reject',
      bounce: { class: 'hard', status: '5.1.1' },
      // The provider closed, so all its mailboxes are gone. A few of its domains were sold, and their new owners accept
      // mail.
      prior: { probability: 0.97, low: 0.9, high: 0.99, basis: 'guess' },
      topic: 'closed',
      message: 'The mailbox provider closed, and its addresses no longer work.',
      when: 'The mailbox provider closed, according to a published source.',
      form: 'block',
      sandbox: {
        mailbox: 'retired-provider',
        example: 'Closed provider',
        evidence: { domain: { retired: 'verified' } },
      },
    },
    {
      fires: ({ domain }) => domain.retired === 'unverified',
      result: 'risky',
      action: 'confirm',
      bounce: { class: 'hard', status: '5.1.1' },
      // Less certain: a few mailboxes may be alive, a company still uses the domain, or no published source confirms the end.
      prior: { probability: 0.7, low: 0.3, high: 0.95, basis: 'guess' },
      topic: 'doubtful',
      message: 'The mailbox provider has probably closed, or deleted most of its mailboxes.',
      when: 'The mailbox provider deleted most of its mailboxes, or probably closed. Some mailboxes may still work.',
      form: 'warn',
      sandbox: {
        mailbox: 'retired-provider-unverified',
        evidence: { domain: { retired: 'unverified' } },
      },
    },
  ],
});
