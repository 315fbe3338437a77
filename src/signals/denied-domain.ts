import { domainSignal } from './signal.ts';

export const deniedDomain = domainSignal({
  reason: 'denied_domain',
  label: 'Denied by you',
  outcomes: [
    {
      fires: ({ denied }) => denied,
      result: 'risky',
      action: 'reject',
      bounce: null,
      // Nearly the prior of `no_known_obstacle`: the operator does not want this domain, but its mailboxes may well exist.
      prior: { probability: 0.01, low: 0.002, high: 0.03, basis: 'guess' },
      topic: 'denied',
      message: 'Addresses at this domain are not accepted here.',
      when: 'The domain is on your deny list.',
      form: 'block',
      sandbox: { mailbox: 'denied-domain', example: 'Denied by you', evidence: { denied: true } },
    },
  ],
});
