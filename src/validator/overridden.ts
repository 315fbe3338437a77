// Applies the operator's allow and deny lists to domains. A denied domain is marked as denied. For an allowed domain, what
// presend's own data says against it, such as "disposable", is cleared. The mail hosts that DNS found do not change.

import { allowedFacts, type Overrides, overrideFor } from '../overrides/domain-lists.ts';
import { type BatchFinding, nothingFound } from './evidence-source.ts';
import { type FoundDomain, foundDomain } from './found-domain.ts';

/** Returns a finding whose `toDomain` applies the lists to a domain. Computes the result for each domain only once. */
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
  const { name, expires, generation } = found;
  switch (overrideFor(name, lists)) {
    case 'deny':
      return foundDomain(name, expires, { ...found, denied: true }, generation);
    case 'allow':
      return foundDomain(
        name,
        expires,
        {
          ...found,
          domain: allowedFacts(found.domain),
          mailHostFacts: { ...found.mailHostFacts, disposable: false, parked: false },
        },
        generation,
      );
    default:
      return found;
  }
}
