import { addressSignal } from './signal.ts';

export const nonAsciiRefused = addressSignal({
  reason: 'non_ascii_refused',
  label: 'Non-ASCII mailbox name, refused',
  outcomes: [
    {
      fires: ({ name }) => name === 'non_ascii_refused',
      result: 'risky',
      action: 'reject',
      bounce: { class: 'hard', status: '5.6.7' },
      // With SMTPUTF8=refuse the operator says that their mail service does not support SMTPUTF8. Such a service returns the
      // message (RFC 6531 section 3.4).
      prior: { probability: 0.95, low: 0.8, high: 0.99, basis: 'guess' },
      topic: 'denied',
      message: 'Addresses with characters such as ü, 日 or ’ before the @ are not accepted here.',
      when: 'The part before the @ is not ASCII, and `SMTPUTF8=refuse` is set.',
      form: 'block',
      sandbox: { mailbox: 'non-ascii-refused', evidence: { name: 'non_ascii_refused' } },
    },
  ],
});
