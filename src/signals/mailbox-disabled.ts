import { addressSignal } from './signal.ts';

export const mailboxDisabled = addressSignal({
  reason: 'mailbox_disabled',
  label: 'Mailbox disabled',
  outcomes: [
    {
      fires: ({ proof }) => proof?.kind === 'disabled',
      result: 'undeliverable',
      action: 'reject',
      bounce: { class: 'hard', status: '5.2.1' },
      // Some mailboxes are only disabled for a time, such as for an unpaid bill.
      prior: { probability: 0.95, low: 0.85, high: 0.99, basis: 'guess' },
      topic: 'doubtful',
      message: 'The mail host says that this mailbox is disabled.',
      when: 'The mail host says that the mailbox is disabled.',
      form: 'warn',
      sandbox: { mailbox: 'mailbox-disabled', evidence: { proof: { kind: 'disabled' } } },
    },
  ],
});
