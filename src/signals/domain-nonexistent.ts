import { domainSignal } from './signal.ts';

export const domainNonexistent = domainSignal({
  reason: 'domain_nonexistent',
  label: 'Domain does not exist',
  outcomes: [
    {
      fires: ({ mailHost }) => mailHost.kind === 'nxdomain',
      result: 'undeliverable',
      action: 'reject',
      bounce: { class: 'hard', status: '5.1.2' },
      // NXDOMAIN means that the domain does not exist (RFC 8020), so mail bounces. But a few such domains have only expired
      // and will be renewed.
      prior: { probability: 0.98, low: 0.95, high: 0.99, basis: 'guess' },
      topic: 'noMail',
      message: 'The domain does not exist.',
      when: 'The domain does not exist (NXDOMAIN).',
      form: 'block',
      sandbox: {
        mailbox: 'domain-nonexistent',
        example: 'Domain is gone',
        evidence: { mailHost: { kind: 'nxdomain' } },
      },
    },
  ],
});
