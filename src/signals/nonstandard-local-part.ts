import { addressSignal } from './signal.ts';

export const nonstandardLocalPart = addressSignal({
  reason: 'nonstandard_local_part',
  label: 'Nonstandard mailbox name',
  outcomes: [
    {
      fires: ({ name }) => name === 'nonstandard',
      result: 'risky',
      action: 'accept',
      bounce: { class: 'hard', status: '5.1.3' },
      // The provider delivers to such names, but some mail servers on the way refuse them.
      prior: { probability: 0.08, low: 0.01, high: 0.3, basis: 'guess' },
      topic: 'doubtful',
      message:
        'The part before the @ has extra dots, which the mailbox provider accepts but some mail servers refuse.',
      when: 'The part before the @ has dots that RFC 5321 does not allow, and the mailbox provider gave out such names.',
      form: 'allow',
      sandbox: { mailbox: 'nonstandard-local-part', evidence: { name: 'nonstandard' } },
    },
  ],
});
