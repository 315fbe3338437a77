import { domainSignal } from './signal.ts';

export const relayAlias = domainSignal({
  reason: 'relay_alias',
  label: 'Privacy alias',
  acceptsAnyName: true,
  outcomes: [
    {
      fires: ({ domain }) => domain.relay,
      result: 'deliverable',
      action: 'accept',
      bounce: null,
      // The alias forwards to a real person, who can switch it off at any time. Mail to it then bounces.
      prior: { probability: 0.03, low: 0.01, high: 0.08, basis: 'guess' },
      topic: 'fine',
      message: 'The address is a privacy alias of a real person.',
      when: 'The address is a privacy alias, which forwards mail to a real person.',
      form: 'allow',
      sandbox: { mailbox: 'relay-alias', example: 'Privacy alias', evidence: { domain: { relay: true } } },
    },
  ],
});
