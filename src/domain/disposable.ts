// Whether a domain belongs to a disposable mail service, by the packed lists.

import { disposable } from '../../data/packed/disposable.ts';
import { type HashSet, unpackHashSet } from './hash-set.ts';

let set: HashSet | undefined;

/**
 * Whether `domain`, or a parent of it from `registrable` on, is a disposable mail service's.
 * Both in lower-case A-labels, `registrable` the registrable domain of `domain`.
 *
 * The set is one of 40-bit hashes: a name that is on no list is taken for one about once in 7 million. That is
 * bearable, because the verdict on a disposable domain is `risky` and never `undeliverable`; and the known providers
 * and relays, which carry nearly all of the mail, are looked up exactly and before (see describe.ts).
 */
export const isDisposable = (domain: string, registrable: string): boolean => {
  set ??= unpackHashSet(disposable);
  return set.hasSuffixOf(domain, registrable.length);
};
