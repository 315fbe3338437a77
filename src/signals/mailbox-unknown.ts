import { addressSignal } from './signal.ts';

export const mailboxUnknown = addressSignal({
  reason: 'mailbox_unknown',
  label: 'Mailbox unknown',
  outcomes: [
    {
      fires: ({ proof }) => proof?.kind === 'unknown_user',
      result: 'undeliverable',
      action: 'reject',
      bounce: { class: 'hard', status: '5.1.1' },
      // The host said so, and accepted someone else after it. It may have been wrong for a moment.
      prior: { probability: 0.97, low: 0.9, high: 0.99, basis: 'guess' },
      topic: 'doubtful',
      message: 'The mail host says that this mailbox does not exist.',
      when: 'The mail host says that the mailbox does not exist.',
      form: 'warn',
      sandbox: { mailbox: 'mailbox-unknown', evidence: { proof: { kind: 'unknown_user' } } },
    },
  ],
});
