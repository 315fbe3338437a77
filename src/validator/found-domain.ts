// The type of a domain that was looked up.

import type { DomainEvidence } from '../signals/evidence.ts';
import { type DomainProfile, profileOf } from '../verdict/judgement.ts';

/** A domain that was looked up: the evidence about it, and the profile that follows from the evidence. */
export interface FoundDomain extends DomainEvidence {
  /** The domain in lower-case A-labels. */
  readonly name: string;
  readonly profile: DomainProfile;
  /** When the DNS answer expires, in epoch milliseconds. Infinity for a special-use domain, which is not looked up in DNS. */
  readonly expires: number;
}

export const foundDomain = (name: string, expires: number, evidence: DomainEvidence): FoundDomain => {
  const { domain, mailHost, mailHostFacts, denied } = evidence;
  return { name, expires, domain, mailHost, mailHostFacts, denied, profile: profileOf(evidence) };
};
