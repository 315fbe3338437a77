// The registrable domain of a name: its public suffix and one label more.

import { getDomain } from 'tldts';

const fast = { extractHostname: false, validateHostname: false, detectIp: false } as const;

/**
 * The registrable domain by the ICANN part of the public suffix list; null where there is none, as for `co.uk`.
 * `domain` is in lower-case A-labels and no IP address: tldts skips its own checks, which on anything else would
 * give wrong answers (`1.2.3.4` → `3.4`).
 *
 * The private part of the list (`blogspot.com`, `ddns.net`) is left out: who runs such a suffix answers for the mail
 * of what is under it, and the facts about a name are those of its operator. That nobody condemns a whole private
 * suffix for one tenant is seen to where the lists are packed.
 */
export const registrableDomain = (domain: string): string | null => getDomain(domain, fast);
