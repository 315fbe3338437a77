// Finds the address in a text that also contains other characters, such as quotation marks or a display name. The result
// is a suggestion: the person must confirm it.

import { parseMailbox } from './parse.ts';

/**
 * Maximum length of a text that is searched for an address, in UTF-16 code units. A longer text is not one address with a
 * few extra characters.
 */
const MAX_TEXT = 1024;

/**
 * `AROUND`: spaces, quotation marks and brackets, which are removed before and after an address. `BEHIND` contains all
 * characters that are removed after an address, and `BEFORE` all that are removed before it.
 */
const AROUND =
  ' \'"`\u00ab\u00b4\u00bb\u2018\u2019\u201a\u201c\u201d\u201e\u2032\u2033\u2039\u203a\u3008\u3009\u300a\u300b\u300c\u300d\u300e\u300f\u3010\u3011<>()[]{}';
const BEHIND = `${AROUND}.,;:!?/\\|\u060c\u061b\u2026\u3001`;
const BEFORE = `${AROUND},;:`;

/**
 * The address in a text that is not itself a valid address. Null if the text is already valid, if it is ambiguous, or if
 * no valid address is found in it.
 *
 * Removes `mailto:`, a display name and angle brackets, quotation marks, spaces around the address or around its dots and
 * at sign, trailing punctuation, invisible characters, and all but one of several at signs in a row. Converts full-width
 * characters to ASCII. Reads `jane at example.com` as an address if only one `at` can be the at sign.
 */
export function cleanAddress(text: string): string | null {
  if (text.length > MAX_TEXT || parseMailbox(text).ok) return null;
  // First keep quotation marks and brackets: they may belong to a quoted local part or an address literal.
  const light = trimmed(text);
  if (light !== text && parseMailbox(light).ok) return light;
  const bare = withoutNoise(text);
  return bare !== text && parseMailbox(bare).ok ? bare : null;
}

/**
 * Splits a text at its last at sign, after removing the same extra characters as `cleanAddress`. The local part is valid.
 * The domain is not empty, but may be invalid: `jane@gmail,com` gives `jane` and `gmail,com`. Null if the text has no
 * valid local part or no domain.
 */
export function splitAtSign(text: string): { localPart: string; domain: string } | null {
  if (text.length > MAX_TEXT) return null;
  const bare = withoutNoise(text);
  const light = trimmed(text);
  return split(bare) ?? (light === bare ? null : split(light));
}

function split(text: string): { localPart: string; domain: string } | null {
  const at = text.lastIndexOf('@');
  if (at < 1 || at === text.length - 1) return null;
  const localPart = text.slice(0, at);
  return parseMailbox(`${localPart}@domain`).ok ? { localPart, domain: text.slice(at + 1) } : null;
}

/**
 * Removes white space around the text, and spaces, dots, commas and semicolons at its end. Keeps quotation marks and
 * brackets, which may belong to a quoted local part or an address literal.
 */
const trimmed = (text: string): string => strip(text.trim(), '', ' .,;');

function withoutNoise(text: string): string {
  const plain = withEncodedAtSign(inAscii(text));
  const address = withoutScheme(insideAngles(withoutScheme(plain.trim())));
  const inner = strip(address, BEFORE, BEHIND);
  // Remove spaces next to a dot or an at sign, because they are mistakes. Keep any other space: it separates two words, and
  // the words joined together could be the address of another mailbox.
  return (inner.includes('@') ? inner : spelledOut(inner)).replace(/ ?([@.]) ?/g, '$1').replace(/@+/g, '@');
}

/** Decodes the at sign of a text that was copied from a link or from HTML, such as `jane%40example.com`. */
const withEncodedAtSign = (text: string): string =>
  text.includes('@') ? text : text.replace(/%40|&(?:#0*64|#x0*40|commat);/i, '@');

/**
 * Replaces full-width characters, ideographic full stops, the small at sign (U+FE6B) and all kinds of white space with
 * ASCII characters. Removes invisible characters.
 */
const inAscii = (text: string): string => (/^[!-~]*$/.test(text) ? text : mappedToAscii(text));

const mappedToAscii = (text: string): string =>
  text
    .replace(/[\uff01-\uff5e]/g, (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0))
    .replace(/[\u3002\uff61]/g, '.')
    .replace(/\ufe6b/g, '@')
    .replace(/[\s\p{Zs}]+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu, '');

/**
 * Returns the address in a `mailto:` URL (RFC 6068), percent-decoded and without the header fields after the question
 * mark. People also write `mailto://`. Returns any other text unchanged.
 */
function withoutScheme(text: string): string {
  const scheme = /^mailto:(?:\/\/)?/i.exec(text)?.[0];
  if (scheme === undefined) return text;
  const address = text.slice(scheme.length).split('?', 1)[0]!.trim();
  try {
    return inAscii(decodeURIComponent(address));
  } catch {
    return address;
  }
}

/** The text inside the last pair of angle brackets, if it contains an at sign; otherwise the whole text. */
function insideAngles(text: string): string {
  const open = text.lastIndexOf('<');
  const close = text.indexOf('>', open);
  if (open === -1 || close === -1) return text;
  const inside = text.slice(open + 1, close).trim();
  return inside.includes('@') ? inside : text;
}

/**
 * Turns `jane at example.com` and `jane (at) example (dot) com` into an address. Returns the text unchanged if no `at`, or
 * more than one, can be the at sign.
 */
function spelledOut(text: string): string {
  const parts = text.split(/ at | ?[([{] ?at ?[)\]}] ?/i);
  if (parts.length !== 2) return text;
  const address = parts.map((part) => part.replace(/ dot | ?[([{] ?dot ?[)\]}] ?/gi, '.')).join('@');
  // If no dot follows, `at` is more likely an ordinary word than the at sign.
  return address.includes('.', address.indexOf('@')) ? address : text;
}

/** Removes leading characters that are in `before`, and trailing characters that are in `behind`. */
function strip(text: string, before: string, behind: string): string {
  let start = 0;
  let end = text.length;
  while (end > 0 && behind.includes(text[end - 1]!)) end--;
  while (start < end && before.includes(text[start]!)) start++;
  return text.slice(start, end);
}
