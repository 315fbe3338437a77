// Finds the address in a text, even if RFC 5321 does not allow the address. Some mail systems deliver to such mailboxes,
// such as abc..def@docomo.ne.jp, and complaints from there count too. Pure.

import { parseMailbox } from '../address/parse.ts';

/** UTF-16 code units. A longer text is not one address with a display name. */
const longestText = 1024;

/**
 * Returns the canonical form (`Mailbox.address`) of an address that `parseMailbox` accepts. The text may add `mailto:`, a
 * display name, a comment or a trailing dot. Returns any other text of the form `local@domain` as it is, with the
 * domain in lower case. Returns null for everything else, and for a text that could name two addresses.
 */
export function recipientAddress(text: string): string | null {
  if (text.length > longestText || text.includes('\ufffd')) return null;
  const whole = parseMailbox(text);
  if (whole.ok) return whole.mailbox.address;
  const bare = withoutTrailingDots(withoutComment(insideAngles(withoutScheme(text.trim())))).normalize('NFC');
  const parsed = parseMailbox(bare);
  return parsed.ok ? parsed.mailbox.address : rawAddress(bare);
}

/** RFC 6068: the address may be percent-encoded, and header fields may follow it. */
function withoutScheme(text: string): string {
  if (!/^mailto:/i.test(text)) return text;
  const target = text.slice('mailto:'.length).split('?')[0]!.trim();
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}

/** `Jane <jane@example.org>` names the address in the angle brackets (RFC 5322 section 3.4). */
function insideAngles(text: string): string {
  const angles = /^(?:[^<>]*)<([^<>]*)>$/.exec(withoutComment(text));
  return angles === null ? text : withoutScheme(angles[1]!.trim());
}

/** A comment in parentheses after the address (RFC 5322 section 3.2.2). */
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
