// Finds the registrable domain of a name: its public suffix and one more label, such as `example.co.uk`.

import { getDomain } from 'tldts';

/** Options with which tldts does not check the name. This takes less time. */
const fast = { extractHostname: false, validateHostname: false, detectIp: false } as const;

/**
 * The registrable domain of `domain`; null if there is none, as for `co.uk`. `domain` must be in lower-case A-labels and not an
 * IP address, because it is not checked: for `1.2.3.4` the result would be `3.4`.
 *
 * Only the ICANN part of the public suffix list is used. Its private part contains domains such as `blogspot.com`, under which
 * a company gives names to its customers. Here the registrable domain of `jane.blogspot.com` is `blogspot.com`, because the
 * company usually runs the mail of all names under its domain. One disposable name under `blogspot.com` does not make the
 * others disposable: data/packer/disposable.ts keeps such domains off the list.
 */
export const registrableDomain = (domain: string): string | null => getDomain(domain, fast);
