// Internationalized domain names: the A-labels of a domain by UTS 46, as the runtime's URL computes them.

// A final non-ASCII label is appended to each name. It makes `URL` validate xn-- labels in an otherwise ASCII name, and a
// name that ends in a number is not read as an IPv4 address. The label is left-to-right, so it breaks no bidi rule.
const SENTINEL = '.\u00e9';
const SENTINEL_ASCII = '.xn--9ca';

/**
 * The domain in lower-case A-labels, or null if UTS 46 (nontransitional, with the bidi and joiner rules) rejects it.
 * Underscores are accepted: they are not allowed in host names, but DNS names have them. Label lengths are not
 * checked.
 *
 * `domain` may contain no ASCII characters except letters, digits, hyphens, underscores and dots: anything else could
 * end the host of a URL.
 */
export function toALabels(domain: string): string | null {
  if (domain.split('.').some(isReserved)) return null;
  const host = URL.parse(`http://${domain}${SENTINEL}`)?.hostname;
  if (host === undefined || !host.endsWith(SENTINEL_ASCII)) return null;
  const ascii = host.slice(0, -SENTINEL_ASCII.length);
  // UTS 46 maps some characters to dots; the number of labels must stay the same.
  const labels = ascii.split('.');
  return labels.length === domain.split('.').length && labels.every(isDnsLabel) ? ascii : null;
}

/** RFC 5891 section 4.2.3.1: a U-label has no hyphens in its third and fourth position. */
const isReserved = (label: string): boolean => label.startsWith('--', 2) && /[^\0-\x7f]/.test(label);

const isDnsLabel = (label: string): boolean => /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/.test(label);
