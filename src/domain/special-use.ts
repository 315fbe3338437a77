// Special-use names (RFC 6761 and later registrations): domains that can never receive public mail.

import { parse } from 'tldts';

/**
 * `ip_address`: an address literal such as `[192.0.2.1]` (RFC 5321 section 4.1.3), or a bare IPv4 address.
 * `single_label`: no dot; no top-level domain receives mail (RFC 7085, ICANN SAC 053). Otherwise the reserved
 * top-level domain: `test`, `localhost`, `onion` …
 */
export type SpecialUse = 'ip_address' | 'single_label' | (string & {});

const options = {
  extractHostname: false,
  validateHostname: false,
  detectIp: false,
  detectSpecialUse: true,
} as const;

/** Top-level domains that never receive public mail, but are not in IANA's special-use registry, which tldts contains. */
const unlisted: ReadonlySet<string> = new Set([
  'internal', // ICANN Board resolution 2024.07.29.06
  'arpa', // RFC 3172: infrastructure only; the registry lists home.arpa and others below it
]);

/** example.com, .net and .org are no special names for us (RFC 6761 section 6.5). Their null MX shows that they take no mail. */
const registered: ReadonlySet<string> = new Set(['com', 'net', 'org']);

/** Why `domain` (lower-case A-labels, or an address literal in brackets) can never receive public mail, or null. */
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
