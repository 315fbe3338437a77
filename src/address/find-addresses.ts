// Finds the addresses in a text that a person pasted or a program wrote, and removes what is around them, such as names and quotes.

import { addressesInText, announcing } from './addresses-in-text.ts';
import { cleanAddress } from './clean.ts';
import { readMailbox } from './nonstandard-names.ts';

const plainAddress = /^[a-z0-9][\w.+-]*@[a-z0-9][a-z0-9.-]*[a-z0-9]$/i;

/**
 * Whether a text has the form of an ordinary address and nothing around it, so it needs no cleaning. A quick test: a text
 * that fails it can still contain an address.
 */
export const isPlainAddress = (text: string): boolean => plainAddress.test(text);

/** The at sign, also the full-width and the small one. */
export const atSign = /[@\uff20\ufe6b]/;

/**
 * What separates the addresses in a cell. Google Contacts writes ` ::: ` between them. The pieces may have spaces around them.
 * The pattern does not contain `\s+`, because it would take quadratic time on many spaces.
 */
const separators = /:::|[;,|\r\n\t]+|\s\/\s/;

/** Removes spaces and invisible characters around a text, a formula, and the number or bullet of a list before an address. */
export const withoutListMark = (text: string): string => withoutFormula(visible(text)).replace(listMark, '');

/**
 * Returns the distinct addresses in a text from `withoutListMark`, in order. Addresses that differ only in letter case count as
 * one. Removes what is around each: display names, labels, `mailto:`, links, HTML, quotes, punctuation and invisible characters.
 * A text without an address is returned unchanged. `isProse`: addresses may stand among other words.
 */
export function findAddresses(unmarked: string, isProse: boolean): readonly string[] {
  if (readMailbox(unmarked).ok) return [unmarked];
  const withoutTags = withoutMarkup(/^\{[^{}"':]*\}$/.test(unmarked) ? unmarked.slice(1, -1) : unmarked);
  const text = atSign.test(withoutTags) ? withoutTags : unmarked;
  if (readMailbox(text).ok) return [text];
  const whole = decoded(text);
  const parts = countOf(whole) > 1 ? partsOf(whole) : [whole];
  const addresses = distinct(parts.map(cleaned));
  const isComplete = addresses.every((address) => readMailbox(address).ok) && !hasSeveralAngles(whole);
  return isComplete || !isProse || !atSign.test(whole)
    ? addresses
    : distinct(addressesInText(whole) ?? addresses);
}

/** Whether a text has several addresses in angle brackets without a separator, as in `A <a@x.org> B <b@x.org>`. */
const hasSeveralAngles = (text: string): boolean =>
  text.length <= longestMarkup && /<[^<>]*@[^<>]*>[^,;|]*<[^<>]*@[^<>]*>/.test(text);

/** The addresses without those that differ from an earlier one in letter case only. */
function distinct(addresses: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return addresses.filter((address) => {
    const { size } = seen;
    return seen.add(address.toLowerCase()).size > size;
  });
}

/** The number or bullet of a list before an address: `1. jane@example.org`. RFC 5322 would read `1.jane`. */
const listMark = /^(?:\(?\d{1,6}[.)]|[-*•·–—])\s+(?=\S+@)/;

/** Also the braille blank (U+2800) and the fillers of Hangul, which are letters for Unicode. */
const invisible = /^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]$/u;

/** Removes spaces and invisible characters from the start and the end of a cell. */
function visible(cell: string): string {
  let end = cell.length;
  for (let start = end; end > 0; end = start) {
    // An invisible character outside the Basic Multilingual Plane has two code units.
    start = end - (/[\udc00-\udfff]/.test(cell[end - 1]!) && end > 1 ? 2 : 1);
    if (!invisible.test(cell.slice(start, end))) break;
  }
  return cell.slice(0, end).replace(/^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]+/u, '');
}

/**
 * Returns the link in `=HYPERLINK("mailto:…")`, and the text in `="…"`. Removes an apostrophe that marks a cell as text, as in
 * `'=1+1` and `'jane@example.com`. Returns any other text unchanged.
 */
function withoutFormula(text: string): string {
  if (text[0] === '=') return /^=\s*(?:HYPERLINK\(\s*)?"([^"]*)"/i.exec(text)?.[1] ?? text;
  return /^'(?:[=+@-]|[^']+$)/.test(text) ? text.slice(1) : text;
}

/** Maximum length of a text in which links, labels and HTML are looked for, since the patterns may take quadratic time. */
const longestMarkup = 1024;

const entities: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  nbsp: ' ',
  commat: '@',
};

/**
 * Removes HTML: replaces character references and turns tags into line breaks. Reduces a Markdown link to its text.
 */
function withoutMarkup(text: string): string {
  if (text.length > longestMarkup || !/[<&\]]/.test(text)) return text;
  return text
    .replace(/\[([^\][]*@[^\][]*)\]\([^()]*\)/g, '$1')
    .replace(/<\/?(?:a|b|br|div|em|font|i|li|p|span|strong|td|u|ul)(?:\s[^<>]*)?\/?>/gi, '\n')
    .replace(/&(?:#(\d{1,6})|#x([0-9a-f]{1,5})|([a-z]+));/gi, (whole, decimal, hex, name) => {
      const code = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : 0;
      return code > 0 && code < 0x11_0000
        ? String.fromCodePoint(code)
        : (entities[name?.toLowerCase()] ?? whole);
    })
    .trim();
}

/**
 * Decodes percent-encoding, as in `jane%40example.com`, if the text has no at sign. Returns any other text unchanged.
 */
function decoded(text: string): string {
  if (atSign.test(text) || !text.includes('%40')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', '%2B'));
  } catch {
    return text;
  }
}

const countOf = (text: string): number => text.split(atSign).length - 1;

/** Splits a text that has several addresses. Drops the pieces without an at sign, because they are names. */
function partsOf(text: string): string[] {
  const parts = text.split(separators).flatMap((piece) => {
    const part = piece.trim();
    if (countOf(part) < 2) return [part];
    // Split `a@x.org/b@x.org` and `a@x.org b@x.org`, but not `Jane@Home <jane@x.org>`.
    const pieces = part.split(/\/|\s+/);
    return pieces.every((piece) => countOf(piece) === 1 && !/[<>]/.test(piece)) ? pieces : [part];
  });
  return parts.filter((part) => atSign.test(part));
}

function cleaned(text: string): string {
  const trimmed = visible(text);
  if (!atSign.test(trimmed) || trimmed.length > longestMarkup) return trimmed;
  return cleanAddress(trimmed) ?? addressInLink(trimmed) ?? addressWithNote(trimmed) ?? trimmed;
}

/** The address in the query of a link, as in `https://example.com/u?email=jane@example.com&id=3`. Null if there is none. */
function addressInLink(text: string): string | null {
  if (!/^https?:\/\/\S+$/i.test(text)) return null;
  const values = text.split(/[?&#]/).map((part) => part.slice(part.indexOf('=') + 1));
  return values.find((value) => isPlainAddress(value)) ?? null;
}

/**
 * The address in `Home: jane@example.com` and `Email:jane@example.com`, or before a remark in brackets, as in
 * `jane@example.com (work)`. In `jane:doe@example.com`, the colon may stand for a dot.
 */
function addressWithNote(text: string): string | null {
  const [, label, space, address] =
    /^(?:([\p{L}-]+):(\s*(?:\/\/)?))?(\S+?@\S+?)(?:\s*\([^()]*\))?$/u.exec(text) ?? [];
  if (label !== undefined && space === '' && !announcing.test(label)) return null;
  return address !== undefined && address !== text && readMailbox(address).ok ? address : null;
}
