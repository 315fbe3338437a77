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
 * Whether `domain`, or a parent of it from `registrable` on, belongs to a disposable mail service, or
 * `registrable` says so in plain words (`tempmail`). Both in lower-case A-labels; `registrable` is the registrable
 * domain of `domain`.
 *
 * The domains are a set of 40-bit hashes: an unlisted name matches with a probability of about 1 in 7 million.
 * That is acceptable, because a disposable domain is `risky` and never `undeliverable`, and the known providers
 * and relays, which carry nearly all mail, are looked up exactly first (see describe.ts).
 */
export const isDisposable = (domain: string, registrable: string): boolean => {
  lists ??= unpack();
  return lists.domains.hasSuffixOf(domain, registrable.length) || lists.words.test(registrable);
};
