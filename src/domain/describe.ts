// Everything that a domain's name alone tells.

import { confusableWith } from './confusable.ts';
import { isDisposable } from './disposable.ts';
import type { DomainFacts } from './facts.ts';
import { mailboxProvider } from './mailbox-provider.ts';
import { registrableDomain } from './registrable.ts';
import { relayOperator } from './relay.ts';
import { specialUse } from './special-use.ts';
import { suggestDomain } from './typo.ts';

/** What the name tells, apart from whether it is a misspelling of another. */
export type NameFacts = Omit<DomainFacts, 'typo'>;

const nothing: NameFacts = {
  registrable: null,
  specialUse: null,
  disposable: false,
  relay: false,
  free: false,
  provider: null,
  confusable: null,
};

/**
 * The facts of `domain`, in lower-case A-labels without a trailing dot, or an address literal in brackets.
 * A provider's or a relay's own domain is never disposable: both are looked up exactly, before the hashed lists.
 */
export const describeName = (domain: string): NameFacts => {
  const special = specialUse(domain);
  if (special !== null) return { ...nothing, specialUse: special };
  const registrable = registrableDomain(domain);
  const known = mailboxProvider(domain);
  if (known !== null) return { ...nothing, registrable, free: known.kind === 'free', provider: known.slug };
  const relay = relayOperator(domain);
  if (relay !== null) return { ...nothing, registrable, relay: true, provider: relay };
  return {
    ...nothing,
    registrable,
    disposable: registrable !== null && isDisposable(domain, registrable),
    confusable: confusableWith(domain),
  };
};

/**
 * All facts of `domain`, the likely misspelling among them; `domain` as for `describeName`. Misspelt providers stand on
 * every disposable list, because people mistype them at signup forms: that somebody meant another domain is the truer word.
 */
export function describeDomain(domain: string): DomainFacts {
  const facts = describeName(domain);
  const typo = suggestDomain(domain);
  return { ...facts, typo, disposable: facts.disposable && typo?.confidence !== 'likely' };
}
