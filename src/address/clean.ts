// Finds the address in a text with noise around it. The result is a suggestion and must be confirmed.

import { parseMailbox } from './parse.ts';

/** In UTF-16 code units. A longer text is not one address with a little noise. */
const MAX_TEXT = 1024;

/** Noise around an address: spaces, quotation marks, brackets and trailing punctuation. */
const AROUND = ' \'"`\u00ab\u00bb\u2018\u2019\u201a\u201c\u201d\u201e\u2039\u203a\u300c\u300d<>()[]{}';
const BEHIND = `${AROUND}.,;:!?/\\|\u2026\u3001`;
const BEFORE = `${AROUND},;:`;

/**
 * The address in a text that is not a valid address: removes `mailto:`, a display name and angle brackets, quotation
 * marks, spaces around it or around its dots and at sign, trailing punctuation, invisible characters and full-width
 * forms; reads `jane at example.com` if it is unambiguous. Null if nothing valid is left, if the text is ambiguous,
 * or if the text is valid as it is.
 */
export function cleanAddress(text: string): string | null {
  if (text.length > MAX_TEXT || parseMailbox(text).ok) return null;
  // First keep quotes and brackets, which only belong to a quoted local part and a literal.
  const light = trimmed(text);
  if (parseMailbox(light).ok) return light;
  const bare = withoutNoise(text);
  return parseMailbox(bare).ok ? bare : null;
}

/**
 * Removes the noise and splits at the last at sign, even if the domain is invalid: `jane@gmail,com` gives `jane` and
 * `gmail,com`. The local part is valid. The domain is not checked, but it is not empty. Null if there is no such split.
 */
export function splitAtSign(text: string): { localPart: string; domain: string } | null {
  if (text.length > MAX_TEXT) return null;
  return split(withoutNoise(text)) ?? split(trimmed(text));
}

function split(text: string): { localPart: string; domain: string } | null {
  const at = text.lastIndexOf('@');
  if (at < 1 || at === text.length - 1) return null;
  const localPart = text.slice(0, at);
  return parseMailbox(`${localPart}@domain`).ok ? { localPart, domain: text.slice(at + 1) } : null;
}

/** Removes only characters that cannot belong to a quoted local part or an address literal. */
const trimmed = (text: string): string => strip(text.trim(), '', ' .,;');

function withoutNoise(text: string): string {
  const plain = inAscii(text);
  const address = withoutScheme(insideAngles(withoutScheme(plain.trim())));
  const inner = strip(address, BEFORE, BEHIND);
  // A space next to a dot or an at sign is a slip; elsewhere it separates words, and joining them would name another
  // mailbox.
  return (inner.includes('@') ? inner : spelledOut(inner)).replace(/ ?([@.]) ?/g, '$1').replace(/@+/g, '@');
}

/** Replaces full-width characters and other spaces and full stops by ASCII. Removes invisible characters. */
const inAscii = (text: string): string => (/^[!-~]*$/.test(text) ? text : mappedToAscii(text));

const mappedToAscii = (text: string): string =>
  text
    .replace(/[\uff01-\uff5e]/g, (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0))
    .replace(/[\u3002\uff61]/g, '.')
    .replace(/\ufe6b/g, '@')
    .replace(/[\s\p{Zs}]+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '');

/** Returns the address of a `mailto:` URL (RFC 6068): decodes it, and removes header fields after the question mark. */
function withoutScheme(text: string): string {
  if (!/^mailto:/i.test(text)) return text;
  const address = text.slice('mailto:'.length).split('?', 1)[0]!.trim();
  try {
    return inAscii(decodeURIComponent(address));
  } catch {
    return address;
  }
}

/** The text between the last opening bracket and its closing bracket, if it is an address. */
function insideAngles(text: string): string {
  const open = text.lastIndexOf('<');
  const close = text.indexOf('>', open);
  if (open === -1 || close === -1) return text;
  const inside = text.slice(open + 1, close).trim();
  return inside.includes('@') ? inside : text;
}

/** Reads `jane at example.com` and `jane (at) example (dot) com`, if exactly one word can be the at sign. */
function spelledOut(text: string): string {
  const parts = text.split(/ at | ?[([{] ?at ?[)\]}] ?/i);
  if (parts.length !== 2) return text;
  const address = parts.map((part) => part.replace(/ dot | ?[([{] ?dot ?[)\]}] ?/gi, '.')).join('@');
  // If no dot follows, `at` is more likely an ordinary word.
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
