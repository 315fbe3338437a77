import { domainSignal } from './signal.ts';

export const disposableMailHost = domainSignal({
  reason: 'disposable_mail_host',
  label: 'Disposable mail server',
  acceptsAnyName: true,
  outcomes: [
    {
      fires: ({ mailHostFacts }) => mailHostFacts.disposable,
      result: 'risky',
      action: 'confirm',
      bounce: null,
      // The same prior as that of `disposable_domain`, because the same services run these hosts.
      prior: { probability: 0.3, low: 0.1, high: 0.6, basis: 'guess' },
      topic: 'temporary',
      message: 'The mail server belongs to a disposable-mail service.',
      when: 'The MX host belongs to a disposable-mail service.',
      form: 'warn',
      sandbox: {
        mailbox: 'disposable-mail-host',
        evidence: { mailHostFacts: { provider: null, gateway: null, disposable: true, parked: false } },
      },
    },
  ],
});
