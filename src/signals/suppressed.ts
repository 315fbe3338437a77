import { addressSignal } from './signal.ts';

export const suppressed = addressSignal({
  reason: 'suppressed',
  label: 'Suppressed',
  outcomes: [
    {
      fires: ({ suppression }) =>
        suppression.kind === 'suppressed' && suppression.bounced && suppression.mayConfirm !== true,
      result: 'undeliverable',
      action: 'reject',
      // The verdict has this status only if the entry of the suppression list has none.
      bounce: { class: 'hard', status: '5.1.1' },
      // A mailbox that hard-bounced rarely comes back. Providers give its name to a new person only after a year or more.
      prior: { probability: 0.97, low: 0.9, high: 0.99, basis: 'guess' },
      topic: 'bounced',
      message: 'This address is on the suppression list, because mail to it bounced before.',
      when: 'The address is on the suppression list because of a bounce.',
      form: 'allow',
      sandbox: {
        mailbox: 'suppressed',
        example: 'Bounced before',
        evidence: { suppression: { kind: 'suppressed', bounced: true, status: '5.1.1' } },
      },
    },
    {
      fires: ({ suppression }) =>
        suppression.kind === 'suppressed' && !suppression.bounced && suppression.mayConfirm !== true,
      result: 'undeliverable',
      action: 'reject',
      bounce: null,
      // The mailbox most likely works: the entry is a complaint, an unsubscribe or a manual entry, and not a bounce.
      prior: { probability: 0.01, low: 0.002, high: 0.03, basis: 'guess' },
      topic: 'unsubscribed',
      message:
        'This address is on the suppression list because of a complaint, an unsubscribe or a manual entry: do not send this mail to it.',
      when: 'The address is on the suppression list because of a complaint, an unsubscribe or a manual entry.',
      form: 'allow',
      sandbox: {
        mailbox: 'complained',
        example: 'Complained before',
        evidence: { suppression: { kind: 'suppressed', bounced: false, status: null } },
      },
    },
    {
      fires: ({ suppression }) => suppression.kind === 'suppressed' && suppression.mayConfirm === true,
      result: 'risky',
      action: 'confirm',
      bounce: null,
      // The mailbox most likely works: usually its owner unsubscribed, and now signs up again.
      prior: { probability: 0.01, low: 0.002, high: 0.03, basis: 'guess' },
      topic: 'unsubscribed',
      message:
        'This address is on the suppression list, usually because of an unsubscribe: ask the person to confirm that they want mail again.',
      when: 'A person signed up again after an unsubscribe or a similar entry of the suppression list: ask the person to confirm.',
      form: 'allow',
      sandbox: {
        mailbox: 'unsubscribed',
        evidence: {
          suppression: { kind: 'suppressed', bounced: false, status: null, mayConfirm: true },
        },
      },
    },
  ],
});
