import { addressSignal } from './signal.ts';

export const catchAll = addressSignal({
  reason: 'catch_all',
  label: 'Catch-all',
  acceptsAnyName: true,
  outcomes: [
    {
      fires: ({ proof }) => proof?.kind === 'catch_all',
      result: 'risky',
      action: 'accept',
      bounce: null,
      // No one knows which names of such a domain are read. The model learns the figure of each domain.
      prior: { probability: 0.08, low: 0.02, high: 0.25, basis: 'guess' },
      topic: 'doubtful',
      message: 'This domain accepts mail to any name, so nobody knows whether the mailbox exists.',
      when: 'The mail host accepts mail to any name of the domain.',
      form: 'allow',
      sandbox: { mailbox: 'catch-all', evidence: { proof: { kind: 'catch_all' } } },
    },
  ],
});
