// The registrable domain of a name: its public suffix and one more label.

import { getDomain } from 'tldts';

const fast = { extractHostname: false, validateHostname: false, detectIp: false } as const;

/**
 * The registrable domain by the ICANN part of the public suffix list; null if there is none, as for `co.uk`. `domain`
 * is in lower-case A-labels and not an IP address: tldts skips its own checks, and would be wrong for anything else
 * (`1.2.3.4` → `3.4`).
 *
 * The private part of the list (`blogspot.com`, `ddns.net`) is not used: the operator of such a suffix runs the mail
 * of the names under it, so they share its facts. The packer makes sure that no whole private suffix is listed
 * because of one tenant.
 */
export const registrableDomain = (domain: string): string | null => getDomain(domain, fast);
