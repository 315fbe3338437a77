// Finds the recipient's address in a text, even if RFC 5321 does not allow the address. Some providers deliver to such
// addresses, for example abc..def@docomo.ne.jp, and their owners' complaints must be stored too. Pure.

import { parseMailbox } from '../address/parse.ts';

/** Maximum length of the text in UTF-16 code units. A longer text cannot be just one address with a display name. */
const longestText = 1024;

/**
 * Returns the address in a text, after removing `mailto:`, a display name, a comment and trailing dots. If `parseMailbox`
 * accepts the rest, returns its canonical form (`Mailbox.address`). If not, but the rest has the form `local@domain`, returns
 * it with the domain in lower case. Returns null for any other text, including one with several addresses.
 */
export function recipientAddress(text: string): string | null {
  if (text.length > longestText || text.includes('\ufffd')) return null;
  const whole = parseMailbox(text);
  if (whole.ok) return whole.mailbox.address;
  const bare = withoutTrailingDots(withoutComment(insideAngles(withoutScheme(text.trim())))).normalize('NFC');
  const parsed = parseMailbox(bare);
  return parsed.ok ? parsed.mailbox.address : rawAddress(bare);
}

/** Returns a sentence for the user that says why `recipientAddress` finds no address in a text. */
export function recipientRefusal(text: string): string {
  if (text.includes('\ufffd'))
    return 'The address contains the character U+FFFD, which replaces bytes that are not UTF-8. Send the original address.';
  const parsed = parseMailbox(text);
  return parsed.ok ? 'The text is too long for one address.' : parsed.failure.message;
}

/**
 * Returns the address in a `mailto:` URL (RFC 6068): removes header fields such as `?subject=Hello` and decodes percent
 * encoding. Returns any other text unchanged.
 */
function withoutScheme(text: string): string {
  if (!/^mailto:/i.test(text)) return text;
  const target = text.slice('mailto:'.length).split('?')[0]!.trim();
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}

/** Returns `jane@example.org` for `Jane <jane@example.org>` (RFC 5322 section 3.4). Returns other texts unchanged. */
function insideAngles(text: string): string {
  const angles = /^(?:[^<>]*)<([^<>]*)>$/.exec(withoutComment(text));
  return angles === null ? text : withoutScheme(angles[1]!.trim());
}

/** Removes a comment in parentheses after the address (RFC 5322 section 3.2.2), as in `jane@example.org (Jane)`. */
const withoutComment = (text: string): string => text.replace(/\s+\([^()@]*\)$/, '').trim();

const withoutTrailingDots = (text: string): string => text.replace(/\.+$/, '');

const rawLocal = /^(?:"[^"\p{Cc}]*"|[^\s\p{Cc}<>,;:"@]+)$/u;
const rawDomain = /^[^\s\p{Cc}<>,;:"@]+$/u;

function rawAddress(text: string): string | null {
  const at = text.lastIndexOf('@');
  const localPart = text.slice(0, Math.max(at, 0));
  const domain = text.slice(at + 1);
  return rawLocal.test(localPart) && rawDomain.test(domain) ? `${localPart}@${domain.toLowerCase()}` : null;
}
