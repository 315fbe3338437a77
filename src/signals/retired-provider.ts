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
      // Less certain: no published source confirms that the provider closed, or a company still uses the domain.
      prior: { probability: 0.7, low: 0.3, high: 0.95, basis: 'guess' },
      topic: 'closed',
      message: 'The mailbox provider has probably closed.',
      when: 'The mailbox provider has probably closed, but no published source confirms it.',
      form: 'warn',
      sandbox: {
        mailbox: 'retired-provider-unverified',
        evidence: { domain: { retired: 'unverified' } },
      },
    },
  ],
});
