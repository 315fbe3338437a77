// Finds homographs (UTS 39): domains that look like a well-known domain, such as gmail.com with a Cyrillic letter for the `a`.

import { imitated } from '../../data/packed/confusables.js';
import { foldLookAlikes } from '../address/look-alikes.ts';
import { decodeLabel } from '../address/punycode.ts';
import { dataPart, entriesBy } from '../data-part.ts';

/**
 * The skeleton of a name. Names with the same skeleton look alike. To get it, letters that look like a Latin letter are
 * replaced by this letter, `i` and `1` by `l`, and `0` by `o`.
 */
const skeletonOf = (name: string): string => foldLookAlikes(name).replace(/[i1]/g, 'l').replaceAll('0', 'o');

// Maps the skeletons of the well-known domains to the domains. If two have the same skeleton, the first in the list is used.
const domainsBySkeleton = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split(' ')
      .reverse()
      .map((domain) => [skeletonOf(domain), domain] as const),
  );

export const imitatedDomains = dataPart({
  name: 'imitated-domains',
  builtIn: () => imitated,
  ...entriesBy(' ', /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/),
  build: domainsBySkeleton,
});

/**
 * The well-known domain that looks like `name`, or null. `name` is in Unicode, or already reduced to ASCII letters. A
 * well-known domain is found too: the result is then usually this domain itself.
 */
export const findLookAlike = (name: string): string | null =>
  imitatedDomains.current().get(skeletonOf(name)) ?? null;

/**
 * The well-known domain that `domain` (lower-case A-labels) imitates with letters of other scripts or with accents, or null.
 * Always null if no label begins with `xn--`: `grnail.com` is treated as a misspelling instead (see `suggestDomain`).
 */
export const findImitated = (domain: string): string | null => {
  if (!domain.startsWith('xn--') && !domain.includes('.xn--')) return null;
  const labels = domain.split('.').map(decodeLabel);
  return labels.includes(null) ? null : findLookAlike(labels.join('.'));
};
