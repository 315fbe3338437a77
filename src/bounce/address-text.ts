// Finds addresses in running text, and the recipient that a return path encodes (VERP). The addresses in the fields of a
// report are read by recipient-field.ts.

// Letters beyond ASCII belong to internationalized addresses (RFC 6531). Spaces and punctuation beyond ASCII, such as the
// colon in `收件人：jane@example.org`, separate an address from the words around it.
const localCharacter =
  /[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-\u00c0-\u1fff\u2070-\u2fff\u3005-\u3007\u3021-\uff00\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffef]|[\ud800-\udfff]/;
const domainCharacter =
  /[A-Za-z0-9.\-\u00c0-\u1fff\u2070-\u2fff\u3005-\u3007\u3021-\uff00\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffef]|[\ud800-\udfff]/;
/** Text glued to the end of a domain, as in `jane@example.org不存在`: no top-level domain mixes ASCII with another script. */
const gluedToDomain = /(?<=\.[A-Za-z]{2,24})[^\x00-\x7f].*$/su;
const longestLocal = 128;
const longestDomain = 255;

export interface FoundAddress {
  /** The address, with its domain in lower case. */
  readonly address: string;
  /**
   * Index in the text of the first character of the address. Quotation marks and brackets around the address are not part
   * of it.
   */
  readonly start: number;
  /** Index in the text after the last character of the address. */
  readonly end: number;
}

/**
 * All addresses in a text, in order. To save time, at most 128 characters before each `@` can belong to the local part, and at
 * most 255 after it to the domain.
 */
export function addressesIn(text: string): FoundAddress[] {
  const found: FoundAddress[] = [];
  let beyond = 0;
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    if (at < beyond) continue;
    const start = startOfLocal(text, at);
    let end = at + 1;
    if (text[end] === '[') {
      // Search only as far as a domain can reach. A search to the end of the text would make many `@[` take quadratic time.
      const close = text.slice(end, end + longestDomain + 1).indexOf(']');
      if (close === -1) continue;
      end += close + 1;
    } else {
      while (end < text.length && end - at <= longestDomain && domainCharacter.test(text[end]!)) end++;
      end -= gluedToDomain.exec(text.slice(at, end))?.[0].length ?? 0;
      while (end > at + 1 && /[.-]/.test(text[end - 1]!)) end--;
    }
    if (start === at || end === at + 1) continue;
    found.push({ address: `${text.slice(start, at)}@${text.slice(at + 1, end).toLowerCase()}`, start, end });
    beyond = end;
  }
  return found;
}

function startOfLocal(text: string, at: number): number {
  let start = at;
  if (text[at - 1] === '"') {
    const open = text.lastIndexOf('"', at - 2);
    if (open !== -1 && at - open <= longestLocal && !text.slice(open, at).includes('\n')) return open;
    return at;
  }
  while (start > 0 && at - start < longestLocal && localCharacter.test(text[start - 1]!)) start--;
  while (start < at && /['`*=/|]/.test(text[start]!)) start++;
  return start;
}

/**
 * The recipient that a variable envelope return path (VERP) encodes, or null. Both
 * `bounce+jane=example.org@lists.example.com` and `bounces-123-jane=example.org@lists.example.com` give
 * `jane@example.org`.
 */
export function verpRecipient(returnPath: string): string | null {
  const local = returnPath.slice(0, Math.max(0, returnPath.lastIndexOf('@')));
  const equals = local.lastIndexOf('=');
  if (equals === -1) return null;
  const domain = local.slice(equals + 1).toLowerCase();
  if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(domain)) return null;
  const before = local.slice(0, equals);
  const plus = before.indexOf('+');
  const tagged =
    plus === -1 ? /^(?:[a-z]+-)*?(?:bounces?|return|returns|verp|errors?|b)-(?:\d+-)*/i.exec(before) : null;
  const mailbox =
    plus !== -1
      ? before.slice(plus + 1).replace(/^\d+-(?:[0-9a-f]{4}-)?/, '')
      : tagged
        ? before.slice(tagged[0].length)
        : null;
  return mailbox ? `${mailbox}@${domain}` : null;
}
