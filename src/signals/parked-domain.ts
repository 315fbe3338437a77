import { domainSignal } from './signal.ts';

export const parkedDomain = domainSignal({
  reason: 'parked_domain',
  label: 'Parked domain',
  acceptsAnyName: true,
  outcomes: [
    {
      fires: ({ mailHostFacts }) => mailHostFacts.parked,
      result: 'risky',
      action: 'confirm',
      bounce: { class: 'hard', status: '5.1.1' },
      // Parking services run the mail servers of unused domains. Most of these servers refuse every mailbox; some
      // accept all.
      prior: { probability: 0.7, low: 0.4, high: 0.9, basis: 'guess' },
      topic: 'doubtful',
      message: 'The domain is parked: probably nobody reads mail there.',
      when: 'The MX host belongs to a parking service.',
      form: 'warn',
      sandbox: {
        mailbox: 'parked-domain',
        example: 'Parked',
        evidence: { mailHostFacts: { provider: null, gateway: null, disposable: false, parked: true } },
      },
    },
  ],
});
