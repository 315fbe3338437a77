import { domainSignal } from './signal.ts';

export const disposableDomain = domainSignal({
  reason: 'disposable_domain',
  label: 'Disposable',
  acceptsAnyName: true,
  outcomes: [
    {
      fires: ({ domain }) => domain.disposable,
      result: 'risky',
      action: 'confirm',
      bounce: null,
      // The mailbox accepts mail now, but only for hours or days. Disposable-mail services also abandon whole domains.
      prior: { probability: 0.3, low: 0.1, high: 0.6, basis: 'guess' },
      topic: 'temporary',
      message: 'The domain belongs to a disposable-mail service.',
      when: 'The domain belongs to a disposable-mail service.',
      form: 'warn',
      sandbox: {
        mailbox: 'disposable-domain',
        example: 'Disposable',
        evidence: { domain: { disposable: true } },
      },
    },
  ],
});
