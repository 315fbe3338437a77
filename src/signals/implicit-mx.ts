import { domainSignal } from './signal.ts';

export const implicitMx = domainSignal({
  reason: 'implicit_mx',
  label: 'No MX record',
  outcomes: [
    {
      fires: ({ mailHost }) => mailHost.kind === 'implicit_mx',
      result: 'risky',
      action: 'accept',
      bounce: { class: 'soft', status: '4.4.1' },
      // Without an MX record, mail goes to the IP address of the domain (RFC 5321 section 5.1). The host there is usually a web
      // server, which accepts no mail.
      prior: { probability: 0.6, low: 0.35, high: 0.8, basis: 'guess' },
      topic: 'doubtful',
      message:
        'The domain has no MX record, so mail goes to its own IP address, usually a web server that accepts no mail.',
      when: 'The domain has no MX record, only an address record.',
      form: 'allow',
      sandbox: {
        mailbox: 'implicit-mx',
        example: 'Only a web address',
        evidence: { mailHost: { kind: 'implicit_mx', via: 'A' } },
      },
    },
  ],
});
