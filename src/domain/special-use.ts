// Names that can never take public mail (RFC 6761 and its kin).

export type SpecialUse =
  /** An address literal such as `[192.0.2.1]` (RFC 5321 section 4.1.3), or a bare IPv4 address. */
  | 'ip_address'
  /** No dot: no top-level domain takes mail (RFC 7085, ICANN SAC 053). */
  | 'single_label'
  | 'localhost'
  | 'test'
  | 'invalid'
  | 'example'
  | 'onion'
  | 'local'
  | 'alt'
  | 'internal'
  | 'arpa';

const topLevel: Readonly<Record<string, SpecialUse>> = {
  localhost: 'localhost', // RFC 6761
  test: 'test', // RFC 6761
  invalid: 'invalid', // RFC 6761
  example: 'example', // RFC 6761
  onion: 'onion', // RFC 7686
  local: 'local', // RFC 6762: multicast DNS
  alt: 'alt', // RFC 9476
  internal: 'internal', // ICANN Board resolution 2024.07.29.06
  arpa: 'arpa', // RFC 3172: infrastructure only, home.arpa (RFC 8375) and resolver.arpa (RFC 9462) included
};

/**
 * Why `domain` (lower-case A-labels, or an address literal in brackets) can never take public mail, or null.
 *
 * example.com, example.net and example.org are not named here: RFC 6761 section 6.5 asks software not to treat
 * them as special, and what they publish, a null MX (RFC 7505), says more exactly what happens to mail.
 */
export const specialUse = (domain: string): SpecialUse | null => {
  if (domain.startsWith('[')) return 'ip_address';
  const dot = domain.lastIndexOf('.');
  const top = domain.slice(dot + 1);
  if (Object.hasOwn(topLevel, top)) return topLevel[top]!;
  if (dot === -1) return 'single_label';
  const code = domain.charCodeAt(dot + 1);
  // A top-level domain is never all digits (RFC 3696 section 2), so that an IPv4 address cannot be mistaken for a name.
  return code >= 48 && code <= 57 && /^\d+$/.test(top) ? 'ip_address' : null;
};
