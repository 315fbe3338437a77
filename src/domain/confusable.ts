// Finds homographs: domains that look like a well-known one (UTS 39).

import { imitated } from '../../data/packed/confusables.js';
import { foldLookAlikes } from '../address/look-alikes.ts';
import { decodeLabel } from '../address/punycode.ts';

let domainsBySkeleton: ReadonlyMap<string, string> | undefined;

/**
 * The skeleton of a name. Names with the same skeleton look alike. It replaces homoglyphs, writes i and 1 as l, and 0 as o.
 */
const skeletonOf = (name: string): string => foldLookAlikes(name).replace(/[i1]/g, 'l').replaceAll('0', 'o');

// If two domains have the same skeleton, the first one wins.
const unpack = (): ReadonlyMap<string, string> =>
  new Map(
    imitated
      .split(' ')
      .reverse()
      .map((domain) => [skeletonOf(domain), domain] as const),
  );

/**
 * The well-known domain that `name` (in Unicode or folded to ASCII) looks like, or null. A well-known domain looks
 * like itself.
 */
export const findLookAlike = (name: string): string | null => {
  domainsBySkeleton ??= unpack();
  return domainsBySkeleton.get(skeletonOf(name)) ?? null;
};

/**
 * The well-known domain that `domain` (lower-case A-labels) imitates with letters of other scripts or with accents, or
 * null. An ASCII name is never a homograph here: `rn` for `m` is a misspelling.
 */
export const findImitated = (domain: string): string | null => {
  if (!domain.startsWith('xn--') && !domain.includes('.xn--')) return null;
  const labels = domain.split('.').map(decodeLabel);
  return labels.includes(null) ? null : findLookAlike(labels.join('.'));
};
