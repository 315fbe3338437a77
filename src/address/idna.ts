// Converts a domain to A-labels by UTS 46 (internationalized domain names). The runtime's `URL` does the conversion.

// A non-ASCII label that is appended to each domain before `URL` converts it. Because of it, `URL` validates the `xn--`
// labels even if the domain itself is all ASCII, and does not read a domain that ends in a number as an IPv4 address. The
// letter is written from left to right, so it breaks no bidi rule.
const SENTINEL = '.\u00e9';
const SENTINEL_ASCII = '.xn--9ca';

/**
 * The domain in lower-case A-labels, or null if UTS 46 (nontransitional, with the bidi and joiner rules) rejects it.
 * Underscores are accepted: host names may not contain them, but other DNS names do. Label lengths are not checked.
 *
 * The caller must make sure that the only ASCII characters in `domain` are letters, digits, hyphens, underscores and
 * dots. Any other, such as `/`, could end the host in the URL.
 */
export function toALabels(domain: string): string | null {
  if (domain.split('.').some(isReserved)) return null;
  const host = URL.parse(`http://${domain}${SENTINEL}`)?.hostname;
  if (host === undefined || !host.endsWith(SENTINEL_ASCII)) return null;
  const ascii = host.slice(0, -SENTINEL_ASCII.length);
  // UTS 46 maps some characters to dots. Reject a domain in which that adds labels.
  const labels = ascii.split('.');
  return labels.length === domain.split('.').length && labels.every(isDnsLabel) ? ascii : null;
}

/** Whether a non-ASCII label has hyphens as its third and fourth characters. RFC 5891 section 4.2.3.1 forbids that. */
const isReserved = (label: string): boolean => label.startsWith('--', 2) && /[^\0-\x7f]/.test(label);

const isDnsLabel = (label: string): boolean => /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/.test(label);
