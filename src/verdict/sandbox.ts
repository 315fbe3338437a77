// Addresses under presend.test: documented outcomes without DNS or storage, for testing one's own code against.

import type { Mailbox } from '../address/mailbox.ts';
import type { DomainFacts } from '../domain/facts.ts';
import type { Evidence } from './evidence.ts';

export const sandboxDomain = 'presend.test';

type Outcome = Partial<Pick<Evidence, 'role' | 'denied' | 'mailHost' | 'mailHostFacts' | 'suppression'>> & {
  readonly domain?: Partial<DomainFacts>;
};

const noProvider = { provider: null, disposable: false, parked: false };

/** By local part, a plus tag ignored; anything else is deliverable. A syntax error needs no entry: `a..b@presend.test`. */
export const sandboxOutcomes: Readonly<Record<string, Outcome>> = {
  deliverable: {},
  suppressed: { suppression: { kind: 'suppressed', bounced: true, status: '5.1.1' } },
  complained: { suppression: { kind: 'suppressed', bounced: false, status: null } },
  'special-use-domain': { domain: { specialUse: 'test' } },
  'domain-typo': {
    domain: { typo: { domain: 'example.com', confidence: 'likely' } },
    mailHost: { kind: 'nxdomain' },
  },
  'domain-typo-taking-mail': { domain: { typo: { domain: 'example.com', confidence: 'likely' } } },
  'domain-nonexistent': { mailHost: { kind: 'nxdomain' } },
  'null-mx': { mailHost: { kind: 'null_mx' } },
  'no-mail-host': { mailHost: { kind: 'no_mail_host' } },
  'unroutable-mail-host': {
    mailHost: { kind: 'unroutable', exchanges: [{ preference: 10, host: 'mx.presend.test' }] },
  },
  'denied-domain': { denied: true },
  'dns-undetermined': { mailHost: { kind: 'undetermined', cause: 'servfail' } },
  'suppression-undetermined': { suppression: { kind: 'undetermined' } },
  'disposable-domain': { domain: { disposable: true } },
  'disposable-mail-host': { mailHostFacts: { ...noProvider, disposable: true } },
  'parked-domain': { mailHostFacts: { ...noProvider, parked: true } },
  'confusable-domain': { domain: { confusable: 'example.com' } },
  'role-account': { role: true },
  'implicit-mx': { mailHost: { kind: 'implicit_mx', via: 'A' } },
  'relay-alias': { domain: { relay: true } },
  'no-known-obstacle': {},
};

/** The evidence for a mailbox under presend.test. */
export function sandboxEvidence(
  email: string,
  mailbox: Mailbox,
  plusTag: string | null,
  lastVerifiedAt: number | null,
): Evidence {
  const { localPart } = mailbox;
  const name = localPart.replace(/\+.*$/s, '').toLowerCase();
  const outcome = Object.hasOwn(sandboxOutcomes, name) ? sandboxOutcomes[name]! : {};
  return {
    email,
    mailbox,
    plusTag,
    lastVerifiedAt,
    role: outcome.role ?? false,
    denied: outcome.denied ?? false,
    domain: {
      registrable: sandboxDomain,
      specialUse: null,
      typo: null,
      disposable: false,
      relay: false,
      free: false,
      provider: null,
      confusable: null,
      ...outcome.domain,
    },
    mailHost: outcome.mailHost ?? { kind: 'mx', exchanges: [{ preference: 10, host: 'mx.presend.test' }] },
    mailHostFacts: outcome.mailHostFacts ?? noProvider,
    suppression: outcome.suppression ?? { kind: 'clear' },
  };
}
