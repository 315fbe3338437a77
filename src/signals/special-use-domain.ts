import { domainSignal } from './signal.ts';

export const specialUseDomain = domainSignal({
  reason: 'special_use_domain',
  label: 'Reserved domain',
  outcomes: [
    {
      fires: ({ domain }) => domain.specialUse !== null,
      result: 'undeliverable',
      action: 'reject',
      bounce: { class: 'hard', status: '5.1.2' },
      // Reserved names (RFC 6761), such as `test`, have no mail servers on the public Internet. Names without a dot and IP
      // addresses practically never accept mail either.
      prior: { probability: 0.995, low: 0.98, high: 1, basis: 'guess' },
      topic: 'noMail',
      message:
        'This domain cannot receive mail from the internet: it is a reserved name, has no dot, or is an IP address.',
      when: 'The domain is a reserved name, a name without a dot, or an IP address.',
      form: 'block',
      sandbox: { mailbox: 'special-use-domain', evidence: { domain: { specialUse: 'test' } } },
    },
  ],
});
