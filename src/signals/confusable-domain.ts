import { domainSignal } from './signal.ts';

export const confusableDomain = domainSignal({
  reason: 'confusable_domain',
  label: 'Look-alike domain',
  outcomes: [
    {
      fires: ({ domain }) => domain.confusable !== null,
      result: 'risky',
      action: 'confirm',
      bounce: null,
      // Someone registered the name to deceive, or a person typed it with the wrong keyboard layout. In the first case
      // it may accept mail.
      prior: { probability: 0.3, low: 0.1, high: 0.6, basis: 'guess' },
      topic: 'misspelled',
      message: 'The domain has look-alike characters and looks like a well-known domain.',
      when: 'Look-alike characters imitate a well-known domain.',
      form: 'warn',
      sandbox: {
        mailbox: 'confusable-domain',
        example: 'Look-alike',
        evidence: { domain: { confusable: 'example.com' } },
      },
    },
  ],
});
