// Domains with the operator's overrides applied. Overrides replace presend's data, never what the DNS says.

import { allowedFacts, type OwnLists, ownWordOn } from '../overrides/own-lists.ts';
import { type BatchFinding, nothingFound } from './evidence-source.ts';
import { type FoundDomain, foundDomain } from './found-domain.ts';

/** Applies the overrides to domains, each domain once. */
export function overriddenBy(lists: OwnLists): BatchFinding {
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

const isEmpty = ({ allow, deny }: OwnLists): boolean =>
  allow.exact.size + allow.beneath.size + deny.exact.size + deny.beneath.size === 0;

function overridden(found: FoundDomain, lists: OwnLists): FoundDomain {
  const { name, expires } = found;
  switch (ownWordOn(name, lists)) {
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
