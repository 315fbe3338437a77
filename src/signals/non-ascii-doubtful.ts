import { addressSignal } from './signal.ts';

export const nonAsciiDoubtful = addressSignal({
  reason: 'non_ascii_doubtful',
  label: 'Non-ASCII mailbox name',
  outcomes: [
    {
      fires: ({ name }) => name === 'non_ascii_doubtful',
      result: 'risky',
      action: 'confirm',
      bounce: { class: 'hard', status: '5.6.7' },
      // Every mail server on the way must support SMTPUTF8 (RFC 6531 section 3.4).
      prior: { probability: 0.3, low: 0.05, high: 0.7, basis: 'guess' },
      topic: 'doubtful',
      message: 'The part before the @ has letters such as ü or 日, which some mail servers do not support.',
      when: 'The part before the @ is not ASCII, and `SMTPUTF8=confirm` is set.',
      form: 'allow',
      sandbox: { mailbox: 'non-ascii-doubtful', evidence: { name: 'non_ascii_doubtful' } },
    },
  ],
});
