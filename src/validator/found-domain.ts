// The record of a domain that was looked up.

import type { DomainEvidence } from '../signals/evidence.ts';
import { type DomainProfile, profileOf } from '../verdict/judgement.ts';

/** A domain with its evidence. */
export interface FoundDomain extends DomainEvidence {
  readonly name: string;
  readonly profile: DomainProfile;
  /** Epoch milliseconds at which the DNS answer expires. */
  readonly expires: number;
}

export const foundDomain = (name: string, expires: number, evidence: DomainEvidence): FoundDomain => {
  const { domain, mailHost, mailHostFacts, denied } = evidence;
  return { name, expires, domain, mailHost, mailHostFacts, denied, profile: profileOf(evidence) };
};
