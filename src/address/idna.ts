// Internationalised domain names: the A-labels of a domain by UTS 46, as every runtime's URL computes them.

// A label beyond ASCII at the end makes `URL` check the xn-- labels of an otherwise plain name too, and keeps it from
// reading a name that ends in a number as an IPv4 address. It is left-to-right, so that it breaks no bidi rule.
const SENTINEL = '.\u00e9';
const SENTINEL_ASCII = '.xn--9ca';

/**
 * The domain in lower-case A-labels, or null where UTS 46 (nontransitional, with the bidi and joiner rules) refuses it.
 *
 * `domain` must be free of every ASCII character but letters, digits, hyphens and dots, so that nothing in it can end
 * the host of a URL. Label lengths are not checked here.
 */
export function toALabels(domain: string): string | null {
  if (domain.split('.').some(isReserved)) return null;
  const host = URL.parse(`http://${domain}${SENTINEL}`)?.hostname;
  if (host === undefined || !host.endsWith(SENTINEL_ASCII)) return null;
  const ascii = host.slice(0, -SENTINEL_ASCII.length);
  // UTS 46 maps some characters to dots and to other ASCII; a label may neither appear nor vanish by that.
  const labels = ascii.split('.');
  return labels.length === domain.split('.').length && labels.every(isLdhLabel) ? ascii : null;
}

/** RFC 5891 section 4.2.3.1: a U-label has no hyphens in its third and fourth place. */
const isReserved = (label: string): boolean => label.startsWith('--', 2) && /[^\0-\x7f]/.test(label);

const isLdhLabel = (label: string): boolean => /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label);
