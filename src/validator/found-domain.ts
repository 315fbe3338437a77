// The type of a domain that was looked up.

import { dataGeneration } from '../data-part.ts';
import type { DomainEvidence } from '../signals/evidence.ts';
import { type DomainProfile, profileOf } from '../verdict/judgement.ts';

/** A domain that was looked up: the evidence about it, and the profile that follows from the evidence. */
export interface FoundDomain extends DomainEvidence {
  /** The domain in lower-case A-labels. */
  readonly name: string;
  readonly profile: DomainProfile;
  /** When the DNS answer expires, in epoch milliseconds. Infinity for a special-use domain, which is not looked up in DNS. */
  readonly expires: number;
  /** The `dataGeneration` of the lists from which the facts about the name and the mail hosts follow. */
  readonly generation: number;
}

export const foundDomain = (
  name: string,
  expires: number,
  evidence: DomainEvidence,
  generation: number = dataGeneration(),
): FoundDomain => {
  const { domain, mailHost, mailHostFacts, denied } = evidence;
  return { name, expires, domain, mailHost, mailHostFacts, denied, profile: profileOf(evidence), generation };
};

/** Whether a cached domain can be used at `now` (epoch milliseconds): DNS and the lists may have changed since. */
export const isCurrent = ({ expires, generation }: FoundDomain, now: number): boolean =>
  now < expires && generation === dataGeneration();
