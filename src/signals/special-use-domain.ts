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
      // RFC 6761 keeps these names out of the public DNS. They only work in private networks.
      prior: { probability: 0.995, low: 0.98, high: 1, basis: 'guess' },
      message: 'This domain is reserved and accepts no mail from the internet.',
      when: 'A reserved name, a single label, or an IP literal.',
      form: 'block',
      sandbox: { mailbox: 'special-use-domain', evidence: { domain: { specialUse: 'test' } } },
    },
  ],
});
