import { addressSignal } from './signal.ts';

export const impossibleMailbox = addressSignal({
  reason: 'impossible_mailbox',
  label: 'Impossible mailbox name',
  outcomes: [
    {
      fires: ({ name }) => name === 'impossible',
      result: 'undeliverable',
      action: 'reject',
      bounce: { class: 'hard', status: '5.1.1' },
      // The provider's documentation excludes a character of this name, so the mailbox almost certainly does not exist.
      prior: { probability: 0.97, low: 0.9, high: 0.99, basis: 'guess' },
      topic: 'syntax',
      message:
        'The part before the @ breaks the naming rules of the mailbox provider, so this mailbox cannot exist.',
      when: 'The part before the @ contains a character that the mailbox provider excludes in its documentation.',
      form: 'block',
      sandbox: {
        mailbox: 'impossible-mailbox',
        example: 'Impossible name',
        evidence: { name: 'impossible' },
      },
    },
    {
      fires: ({ name }) => name === 'improbable',
      result: 'risky',
      action: 'confirm',
      bounce: { class: 'hard', status: '5.1.1' },
      // Much less certain: the provider's rules are not fully documented, and some old mailboxes break them.
      prior: { probability: 0.6, low: 0.2, high: 0.9, basis: 'guess' },
      topic: 'doubtful',
      message: 'The part before the @ probably breaks the naming rules of the mailbox provider.',
      when: 'The mailbox provider probably does not allow names with this length or these characters.',
      form: 'warn',
      sandbox: { mailbox: 'improbable-mailbox', evidence: { name: 'improbable' } },
    },
  ],
});
