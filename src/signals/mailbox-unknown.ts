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
      // The host refused this mailbox and accepted another one after it. Such a refusal can still be a temporary error of the
      // host.
      prior: { probability: 0.97, low: 0.9, high: 0.99, basis: 'guess' },
      topic: 'doubtful',
      message: 'The mail host says that this mailbox does not exist.',
      when: 'The mail host says that the mailbox does not exist.',
      form: 'warn',
      sandbox: { mailbox: 'mailbox-unknown', evidence: { proof: { kind: 'unknown_user' } } },
    },
  ],
});
