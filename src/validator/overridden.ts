// Applies the operator's allow and deny lists to domains. A denied domain is marked as denied. For an allowed domain, facts
// from presend's own data that count against it, such as "disposable", are cleared. What the DNS says stays.

import { allowedFacts, type Overrides, overrideFor } from '../overrides/domain-lists.ts';
import { type BatchFinding, nothingFound } from './evidence-source.ts';
import { type FoundDomain, foundDomain } from './found-domain.ts';

/** Returns a finding that applies the lists to each domain. Computes the result for each domain only once. */
export function overriddenBy(lists: Overrides): BatchFinding {
  if (isEmpty(lists)) return nothingFound;
  const done = new Map<FoundDomain, FoundDomain>();
  return {
    toDomain(domain) {
      const known = done.get(domain) ?? overridden(domain, lists);
      done.set(domain, known);
      return known;
    },
  };
}

const isEmpty = ({ allow, deny }: Overrides): boolean =>
  allow.exact.size + allow.includingSubdomains.size + deny.exact.size + deny.includingSubdomains.size === 0;

function overridden(found: FoundDomain, lists: Overrides): FoundDomain {
  const { name, expires } = found;
  switch (overrideFor(name, lists)) {
    case 'deny':
      return foundDomain(name, expires, { ...found, denied: true });
    case 'allow':
      return foundDomain(name, expires, {
        ...found,
        domain: allowedFacts(found.domain),
        mailHostFacts: { ...found.mailHostFacts, disposable: false, parked: false },
      });
    default:
      return found;
  }
}
