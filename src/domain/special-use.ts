// Finds special-use names (RFC 6761 and later registrations): domains that can never receive mail from the Internet.

import { parse } from 'tldts';

/**
 * Why a domain can never receive mail from the Internet. `ip_address`: it is an address literal such as `[192.0.2.1]` (RFC
 * 5321 section 4.1.3), or an IPv4 address without brackets. `single_label`: it has no dot, and no top-level domain should
 * receive mail (RFC 7085, ICANN SAC 053). Any other value is the reserved top-level domain: `test`, `localhost`, `onion` …
 */
export type SpecialUse = 'ip_address' | 'single_label' | (string & {});

const options = {
  extractHostname: false,
  validateHostname: false,
  detectIp: false,
  detectSpecialUse: true,
} as const;

/** Further top-level domains under which nothing receives mail. tldts knows only the names in IANA's special-use registry. */
const unlisted: ReadonlySet<string> = new Set([
  'internal', // ICANN Board resolution 2024.07.29.06
  'arpa', // RFC 3172: infrastructure only. The registry contains only names under it, such as home.arpa.
]);

/**
 * Top-level domains under which no name counts as special-use. RFC 6761 section 6.5 reserves example.com, example.net and
 * example.org, but they need no exception here: DNS shows by their null MX records that they accept no mail.
 */
const registered: ReadonlySet<string> = new Set(['com', 'net', 'org']);

/** Why `domain` (lower-case A-labels, or an address literal in brackets) can never receive mail. Null if it can. */
export const findSpecialUse = (domain: string): SpecialUse | null => {
  if (domain.startsWith('[')) return 'ip_address';
  const dot = domain.lastIndexOf('.');
  const top = domain.slice(dot + 1);
  if (registered.has(top)) return dot === -1 ? 'single_label' : null;
  if (unlisted.has(top) || parse(domain, options).isSpecialUse) return top;
  if (dot === -1) return 'single_label';
  const code = domain.charCodeAt(dot + 1);
  // A top-level domain is never all digits (RFC 3696 section 2), so such a name is an IPv4 address.
  return code >= 48 && code <= 57 && /^\d+$/.test(top) ? 'ip_address' : null;
};
