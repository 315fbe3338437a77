// Evidence for tests: an ordinary address at an ordinary domain, but for what a test says.

import type { DomainFacts } from '../../src/domain/facts.ts';
import type { Evidence } from '../../src/signals/evidence.ts';

export const ordinaryDomain: DomainFacts = {
  registrable: 'example.com',
  specialUse: null,
  typo: null,
  disposable: false,
  relay: false,
  free: false,
  provider: null,
  confusable: null,
};

export const evidence = (
  differences: Partial<Omit<Evidence, 'domain'>> & { domain?: Partial<DomainFacts> } = {},
): Evidence => ({
  email: 'Jane@Example.com',
  mailbox: {
    localPart: 'Jane',
    domain: 'example.com',
    address: 'Jane@example.com',
    smtputf8: false,
    quoted: false,
  },
  role: false,
  denied: false,
  plusTag: null,
  mailHost: { kind: 'mx', exchanges: [{ preference: 10, host: 'mx.example.com' }] },
  mailHostFacts: { provider: null, gateway: null, disposable: false, parked: false },
  suppression: { kind: 'clear' },
  lastVerifiedAt: null,
  ...differences,
  domain: { ...ordinaryDomain, ...differences.domain },
});
