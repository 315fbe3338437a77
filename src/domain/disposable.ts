// Decides whether a domain belongs to a disposable mail service, by a list of domains and a list of typical words.

import { disposable, disposableWords } from '../../data/packed/disposable.js';
import { dataPart, entriesBy } from '../data-part.ts';
import { hashSetEntries, isHashSet, openHashSet } from './hash-set.ts';

export const disposableDomains = dataPart({
  name: 'disposable-domains',
  builtIn: () => disposable,
  isValid: isHashSet,
  entriesOf: hashSetEntries,
  build: openHashSet,
});

export const typicalWords = dataPart({
  name: 'disposable-words',
  builtIn: () => disposableWords,
  ...entriesBy(' ', /^[a-z0-9-]{6,}$/),
  build: (text) => new RegExp(text.replaceAll(' ', '|')),
});

/**
 * Whether `domain` belongs to a disposable mail service. `registrable` is the registrable domain of `domain`; both are
 * lower-case A-labels. A domain is disposable if the list of domains contains it, its registrable domain or a domain between
 * the two. It is also disposable if a word such as `tempmail` occurs in `registrable`.
 *
 * The list contains a 40-bit hash of each domain, so a domain that is not in it matches with a probability of about 1 in 8
 * million. This is acceptable for two reasons. A disposable domain is only `risky`, never `undeliverable`. And the known
 * providers and relays, which carry nearly all mail, are not looked up here (see describe.ts).
 */
export const isDisposable = (domain: string, registrable: string): boolean =>
  disposableDomains.current().hasSuffixOf(domain, registrable.length) ||
  typicalWords.current().test(registrable);
