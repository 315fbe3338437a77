import { addressSignal } from './signal.ts';

export const mailboxFull = addressSignal({
  reason: 'mailbox_full',
  label: 'Mailbox full',
  outcomes: [
    {
      fires: ({ proof }) => proof?.kind === 'full',
      result: 'risky',
      action: 'accept',
      bounce: { class: 'soft', status: '4.2.2' },
      // Hard bounces only: many full mailboxes are abandoned and closed later.
      prior: { probability: 0.3, low: 0.1, high: 0.6, basis: 'guess' },
      topic: 'doubtful',
      message: 'The mailbox is full: mail to it may come back.',
      when: 'The mail host says that the mailbox is full.',
      form: 'allow',
      sandbox: { mailbox: 'mailbox-full', evidence: { proof: { kind: 'full' } } },
    },
  ],
});
