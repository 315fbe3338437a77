import { domainSignal } from './signal.ts';

export const dnsUndetermined = domainSignal({
  reason: 'dns_undetermined',
  label: 'DNS did not answer',
  outcomes: [
    {
      fires: ({ mailHost }) => mailHost.kind === 'undetermined' && mailHost.cause !== 'not_checked',
      result: 'unknown',
      action: 'retry',
      bounce: { class: 'soft', status: '4.4.3' },
      // The lookup failed, so it is not known whether the domain accepts mail. Most such domains do. So the probability is
      // low, but higher than the prior of `no_known_obstacle`.
      prior: { probability: 0.05, low: 0.01, high: 0.2, basis: 'guess' },
      topic: 'again',
      message: 'The domain could not be checked right now: check the address again later.',
      when: 'DNS gave no reliable answer in time.',
      form: 'allow',
      sandbox: {
        mailbox: 'dns-undetermined',
        example: 'DNS is down',
        evidence: { mailHost: { kind: 'undetermined', cause: 'servfail' } },
      },
    },
  ],
});
