import { type DomainEvidence, takesNoMail, typoOf } from './evidence.ts';
import { domainSignal } from './signal.ts';

const isLikelyTypo = (evidence: DomainEvidence): boolean => typoOf(evidence)?.confidence === 'likely';

export const domainTypo = domainSignal({
  reason: 'domain_typo',
  label: 'Misspelled domain',
  outcomes: [
    {
      fires: (evidence) => isLikelyTypo(evidence) && takesNoMail(evidence.mailHost),
      result: 'undeliverable',
      action: 'confirm',
      bounce: { class: 'hard', status: '5.1.2' },
      // The DNS says that the domain accepts no mail, so a bounce is nearly certain. A few such domains are still being
      // set up.
      prior: { probability: 0.98, low: 0.95, high: 0.99, basis: 'guess' },
      topic: 'misspelled',
      message: 'The domain looks misspelled and accepts no mail.',
      when: 'The domain looks misspelled and accepts no mail.',
      form: 'block',
      sandbox: {
        mailbox: 'domain-typo',
        example: 'Misspelled domain',
        evidence: {
          domain: { typo: { domain: 'example.com', confidence: 'likely' } },
          mailHost: { kind: 'nxdomain' },
        },
      },
    },
    {
      fires: (evidence) => isLikelyTypo(evidence) && !takesNoMail(evidence.mailHost),
      result: 'risky',
      action: 'confirm',
      bounce: null,
      // As likely as not. Most misspelled domains belong to squatters, whose servers either accept or refuse all mail. A few
      // are real domains.
      prior: { probability: 0.5, low: 0.2, high: 0.8, basis: 'guess' },
      topic: 'misspelled',
      message: 'The domain looks misspelled.',
      when: 'The domain looks misspelled, but it may accept mail.',
      form: 'warn',
      sandbox: {
        mailbox: 'domain-typo-taking-mail',
        evidence: { domain: { typo: { domain: 'example.com', confidence: 'likely' } } },
      },
    },
  ],
});
