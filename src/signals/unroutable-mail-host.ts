import { domainSignal } from './signal.ts';

export const unroutableMailHost = domainSignal({
  reason: 'unroutable_mail_host',
  label: 'Unreachable mail server',
  outcomes: [
    {
      fires: ({ mailHost }) => mailHost.kind === 'unroutable',
      result: 'undeliverable',
      action: 'reject',
      bounce: { class: 'hard', status: '5.4.4' },
      // Lower than the prior of `null_mx`: MX records without a public address are usually mistakes, which are often corrected.
      prior: { probability: 0.95, low: 0.88, high: 0.98, basis: 'guess' },
      topic: 'noMail',
      message: "The domain's mail servers cannot be reached from the internet.",
      when: 'No mail host can be reached: each MX host, or without MX records the domain itself, has no public IP address, or is an IP address instead of a name.',
      form: 'warn',
      sandbox: {
        mailbox: 'unroutable-mail-host',
        example: 'Unreachable server',
        evidence: {
          mailHost: { kind: 'unroutable', exchanges: [{ preference: 10, host: 'mx.presend.test' }] },
        },
      },
    },
  ],
});
