// Whether a domain belongs to a disposable mail service, by the packed lists and by its own name.

import { disposable, disposableWords } from '../../data/packed/disposable.js';
import { type HashSet, openHashSet } from './hash-set.ts';

interface Lists {
  readonly domains: HashSet;
  readonly words: RegExp;
}

let lists: Lists | undefined;

const unpack = (): Lists => ({
  domains: openHashSet(disposable),
  words: new RegExp(disposableWords.replaceAll(' ', '|')),
});

/**
 * Whether `domain` belongs to a disposable mail service. `registrable` is the registrable domain of `domain`; both are
 * lower-case A-labels. It is disposable if a list contains it, `registrable` or a domain between the two, or if the name
 * `registrable` contains words such as `tempmail`.
 *
 * The domains are a set of 40-bit hashes: an unlisted name matches with a probability of about 1 in 7 million.
 * That is acceptable, because a disposable domain is `risky` and never `undeliverable`, and the known providers
 * and relays, which carry nearly all mail, are looked up exactly first (see describe.ts).
 */
export const isDisposable = (domain: string, registrable: string): boolean => {
  lists ??= unpack();
  return lists.domains.hasSuffixOf(domain, registrable.length) || lists.words.test(registrable);
};
