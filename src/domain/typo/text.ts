// Turns the text after the @ of an address, such as `GMAIL,com`, into a domain in lower-case ASCII letters. It replaces
// look-alike letters, accents, and commas and other marks in place of dots, and removes marks at both ends.

import { foldLookAlikes, stripAccents } from '../../address/look-alikes.ts';
import { decodeLabel } from '../../address/punycode.ts';

export interface PlainText {
  /** Lower-case letters, digits, hyphens and single dots; neither the first nor the last character is a dot. */
  readonly text: string;
  /**
   * What was changed. `none`: nothing, or only upper to lower case. `marks`: other marks were replaced by dots, or removed at
   * the ends. `accents`: accents were removed too. `letters`: look-alike letters were replaced too.
   */
  readonly repaired: 'none' | 'marks' | 'accents' | 'letters';
}

/** Maximum length of the text. A domain has up to 253 characters (RFC 1035 section 2.3.4). The rest is for stray marks. */
const longestText = 300;

/** Whether `text` consists only of labels of lower-case letters, digits and hyphens, with single dots between them. */
export const isPlain = (text: string): boolean => {
  let previous = 46;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    const letterOrDigit = (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 45;
    if (!letterOrDigit && (code !== 46 || previous === 46)) return false;
    previous = code;
  }
  return previous !== 46;
};

/** Characters that people type in place of a dot: near its key, with Shift (`>`), or on another keyboard. */
const separators = /[\s.,;:>|/\\·•。．｡،、]+/gu;
/** What people type in place of each dot, if they type no dot at all: `gmail_com`. */
const underscores = /[_+]+/gu;
/** What may remain in front of a domain that was copied from a link. */
const scheme = /^(?:mailto|https?):(?:\/\/)?(?=.*\.)/u;
/** What may remain after a domain that was copied from a link, a page, a source text, or a list with labels. */
const leftover = /(?<=\.[a-z]{2,})(?:[?#&].*|%[0-9a-f]{2}.*|\\[nrt].*|\s*[([][\p{L}\s]*[)\]])$/u;
/** Characters that do not belong to the domain, at the beginning or end of the text. */
const stray = /^[\s.,;:<>()[\]{}"'`´“”‘’!?*=@_]+|[\s.,;:<>()[\]{}"'`´“”‘’!?*=_]+$/gu;

const decoded = (text: string): string =>
  text.includes('xn--')
    ? text
        .split('.')
        .map((label) => decodeLabel(label) ?? label)
        .join('.')
    : text;

/** `raw` in lower case and in Unicode form NFKC, with its A-labels decoded. Null if it is too long. */
export const unicodeText = (raw: string): string | null =>
  raw.length > longestText ? null : decoded(raw.normalize('NFKC').toLowerCase());

/**
 * Turns `raw` into a domain as the first lines of this file describe. Returns null if `raw` is too long or contains characters
 * that cannot be replaced. The time is proportional to the length.
 */
export const plainText = (raw: string): PlainText | null => {
  if (raw.length > longestText) return null;
  if (isPlain(raw) && !raw.includes('xn--')) return { text: raw, repaired: 'none' };
  const lower = raw.normalize('NFKC').toLowerCase().trim();
  // NFKC turns an acute accent without a letter into a space and a combining mark.
  const copied = lower
    .replace(/ \u0301/gu, "'")
    .replace(scheme, '')
    .replace(leftover, '');
  const dotted = copied.includes('.') ? copied : copied.replace(underscores, '.');
  const marked = dotted.replace(separators, '.').replace(stray, '');
  if (isPlain(marked) && !marked.includes('xn--'))
    return { text: marked, repaired: marked === raw.toLowerCase() ? 'none' : 'marks' };
  const bare = stripAccents(decoded(marked)).replace(separators, '.');
  const latin = foldLookAlikes(bare);
  if (!isPlain(latin)) return null;
  return { text: latin, repaired: latin === bare ? 'accents' : 'letters' };
};
