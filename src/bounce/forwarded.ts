// A bounce of an address to which the mailed address leads. The mailed address may have other recipients, or a mailbox of its own
// (RFC 3461 section 5.2.7), so its own failure is not proved.

import type { Classification } from './bounce.ts';
import { recipientField } from './recipient-field.ts';

/** How Exim (`generated from`), Postfix and Sendmail (`expanded from`) name the address that led to the failed one. */
const source =
  /\(\s{0,9}(?:ultimately\s{1,9})?(?:generated|expanded)\s{1,9}(?:from|by):?\s{1,9}<?([^\s<>()]{3,320})>?\s{0,9}\)/i;

/** The address that, according to the text about a failed recipient, led to it; null if the text names none. */
export function sourceAddress(text: string): string | null {
  const named = source.exec(text)?.[1];
  return named === undefined ? null : recipientField(named);
}

/** Domains that a mail system uses inside only: `.local`, and the routing domains of Exchange Online. */
const internal = /\.(?:local|localdomain|localhost|internal|lan|intra|corp|home\.arpa|onmicrosoft\.com)$/;

/** An Exchange address that encapsulates another one, such as `IMCEAEX-_O=…@example.org`. */
const encapsulated = /^imcea[a-z0-9]+-/i;

/**
 * Whether two addresses mean one mailbox, so one does not forward to the other: the local parts are equal apart from a subaddress
 * (RFC 5233), and a domain belongs to the other or is an internal one. Mail systems rewrite addresses like this on the way.
 */
export function isOneMailbox(one: string, other: string): boolean {
  if (encapsulated.test(one) || encapsulated.test(other)) return true;
  const [a, b] = [split(one), split(other)];
  if (a.user !== b.user) return false;
  return (
    a.domain === b.domain ||
    a.domain.endsWith(`.${b.domain}`) ||
    b.domain.endsWith(`.${a.domain}`) ||
    [a.domain, b.domain].some((domain) => internal.test(`.${domain}`) || !domain.includes('.'))
  );
}

function split(address: string): { user: string; domain: string } {
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at).toLowerCase();
  const [user = ''] = local.split('+');
  return { user: user === '' ? local : user, domain: address.slice(at + 1).toLowerCase() };
}

/**
 * What the failure of an address means for the address that forwards to it: a hard bounce becomes a soft one with the same reason.
 * Soft bounces in a row suppress the address, if no delivery shows that somebody receives its mail.
 */
export function ofForward(verdict: Classification): Classification {
  if (verdict.class !== 'hard') return verdict;
  return {
    ...verdict,
    class: 'soft',
    // The same message must not go to the other recipients again.
    action: 'none',
    advice:
      'The address forwards to another one, which failed. It may have other recipients: stop sending to it if this happens again and again.',
    rule: `${verdict.rule}, where it forwards to`,
  };
}
