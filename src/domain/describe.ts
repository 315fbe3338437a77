// Collects the facts that follow from the name of a domain, without DNS.

import { findImitated } from './confusable.ts';
import { isDisposable } from './disposable.ts';
import type { DomainFacts } from './facts.ts';
import { mailboxProvider } from './mailbox-provider.ts';
import { registrableDomain } from './registrable.ts';
import { relayOperator } from './relay.ts';
import { findRetirement } from './retired.ts';
import { findSpecialUse } from './special-use.ts';
import { suggestDomain, suggestForUnused } from './typo/suggest.ts';

/** The facts of a domain, except whether it is a misspelling and whether its provider closed. */
export type NameFacts = Omit<DomainFacts, 'typo' | 'typoIfUnused' | 'retired'>;

/**
 * The facts of `domain`, which is in lower-case A-labels without a trailing dot, or an address literal in brackets. Known
 * providers and relays are never disposable. This matters because the list of disposable domains, which is stored as hashes,
 * matches a few other names by chance (see disposable.ts). The lists of providers and relays are exact.
 */
export function describeName(domain: string): NameFacts {
  const special = findSpecialUse(domain);
  const registrable = special === null ? registrableDomain(domain) : null;
  const known = special === null ? mailboxProvider(domain) : null;
  const relay = special === null && known === null ? relayOperator(domain) : null;
  const isOther = special === null && known === null && relay === null;
  // List all fields instead of spreading objects, because that is faster.
  return {
    registrable,
    specialUse: special,
    disposable: isOther && registrable !== null && isDisposable(domain, registrable),
    relay: relay !== null,
    free: known?.kind === 'free',
    provider: known?.slug ?? relay,
    confusable: isOther ? findImitated(domain) : null,
  };
}

/**
 * All facts of `domain`, which has the same form as for `describeName`. A likely misspelling is never reported as disposable:
 * lists of disposable domains also contain misspelled provider domains, which come from typing errors in signup forms.
 */
export function describeDomain(domain: string): DomainFacts {
  const facts = describeName(domain);
  const typo = suggestDomain(domain);
  const { registrable, specialUse, relay, free, provider, confusable } = facts;
  const disposable = facts.disposable && typo?.confidence !== 'likely';
  const typoIfUnused = typo === null ? suggestForUnused(domain) : null;
  const retired = findRetirement(domain);
  // List all fields, always in this order, instead of spreading objects, because that is faster.
  return {
    retired,
    registrable,
    specialUse,
    typo,
    typoIfUnused,
    disposable,
    relay,
    free,
    provider,
    confusable,
  };
}
