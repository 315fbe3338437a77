// Normalizes the text after the @ to lower-case labels: folds look-alike letters, foreign dots, commas and stray
// marks.

import { foldLookAlikes, stripAccents } from '../../address/look-alikes.ts';
import { decodeLabel } from '../../address/punycode.ts';

export interface PlainText {
  /** Lower-case letters, digits, hyphens and single dots; neither the first nor the last character is a dot. */
  readonly text: string;
  /**
   * What was changed. `none`: at most the case of letters. `marks`: separators and stray characters. `accents`: also accents.
   * `letters`: also look-alike letters.
   */
  readonly repaired: 'none' | 'marks' | 'accents' | 'letters';
}

/** Maximum length of the text: 253 octets of a domain (RFC 1035 section 2.3.4), and some pasted text around it. */
const longestText = 300;

/** Whether `text` consists of plain labels and needs no repair. */
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

const separators = /[\s.,;:|/\\·•。．｡،、]+/gu;
const stray = /^[\s.,;:<>()[\]{}"'`´“”‘’!?*=@]+|[\s.,;:<>()[\]{}"'`´“”‘’!?*=]+$/gu;

/**
 * Reduces `raw` to plain labels. Null if it contains other characters than a domain and marks, or is too long. Takes linear
 * time.
 */
export const plainText = (raw: string): PlainText | null => {
  if (raw.length > longestText) return null;
  if (isPlain(raw) && !raw.includes('xn--')) return { text: raw, repaired: 'none' };
  const lower = raw.normalize('NFKC').toLowerCase();
  const marked = lower.replace(separators, '.').replace(stray, '');
  if (isPlain(marked) && !marked.includes('xn--'))
    return { text: marked, repaired: marked === raw.toLowerCase() ? 'none' : 'marks' };
  const decoded = marked
    .split('.')
    .map((label) => decodeLabel(label) ?? label)
    .join('.');
  const bare = stripAccents(decoded);
  const latin = foldLookAlikes(bare);
  if (!isPlain(latin)) return null;
  return { text: latin, repaired: latin === bare ? 'accents' : 'letters' };
};
