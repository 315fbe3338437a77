import { domainSignal } from './signal.ts';

export const nullMx = domainSignal({
  reason: 'null_mx',
  label: 'Accepts no mail (null MX)',
  outcomes: [
    {
      fires: ({ mailHost }) => mailHost.kind === 'null_mx',
      result: 'undeliverable',
      action: 'reject',
      bounce: { class: 'hard', status: '5.1.10' },
      // Nearly certain: the owner of the domain declares that it accepts no mail (RFC 7505).
      prior: { probability: 0.995, low: 0.98, high: 1, basis: 'guess' },
      topic: 'noMail',
      message: 'The domain declares that it accepts no mail.',
      when: 'The domain declares that it accepts no mail (RFC 7505).',
      form: 'block',
      sandbox: { mailbox: 'null-mx', example: 'Takes no mail', evidence: { mailHost: { kind: 'null_mx' } } },
    },
  ],
});
