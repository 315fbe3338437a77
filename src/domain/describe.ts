// Derives the facts of a domain from its name.

import { findImitated } from './confusable.ts';
import { isDisposable } from './disposable.ts';
import type { DomainFacts } from './facts.ts';
import { mailboxProvider } from './mailbox-provider.ts';
import { registrableDomain } from './registrable.ts';
import { relayOperator } from './relay.ts';
import { findRetirement } from './retired.ts';
import { findSpecialUse } from './special-use.ts';
import { suggestDomain, suggestForUnused } from './typo/suggest.ts';

/** The facts of a name, except whether it is a misspelling. */
export type NameFacts = Omit<DomainFacts, 'typo' | 'typoIfUnused' | 'retired'>;

/**
 * The facts of `domain`, which is in lower-case A-labels without a trailing dot, or an address literal in brackets. Looks for
 * providers and relays first: their lists are exact, while a lookup in the list of disposable domains is wrong at times.
 */
export function describeName(domain: string): NameFacts {
  const special = findSpecialUse(domain);
  const registrable = special === null ? registrableDomain(domain) : null;
  const known = special === null ? mailboxProvider(domain) : null;
  const relay = special === null && known === null ? relayOperator(domain) : null;
  const isOther = special === null && known === null && relay === null;
  // A literal with all fields, because creating it is faster than spreading objects.
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
 * All facts of `domain`, written as for `describeName`. Lists of disposable domains contain misspelled providers, because
 * people mistype them in signup forms. Such a domain is a typo and not disposable.
 */
export function describeDomain(domain: string): DomainFacts {
  const facts = describeName(domain);
  const typo = suggestDomain(domain);
  const { registrable, specialUse, relay, free, provider, confusable } = facts;
  const disposable = facts.disposable && typo?.confidence !== 'likely';
  const typoIfUnused = typo === null ? suggestForUnused(domain) : null;
  const retired = findRetirement(domain);
  // A literal with all fields in a fixed order, because creating it is faster than spreading objects.
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
