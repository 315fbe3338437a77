// Finds the addresses in a cell of a list, and removes what is around them, such as names and quotes.

import { cleanAddress } from '../address/clean.ts';
import { readMailbox } from '../address/nonstandard-names.ts';
import { addressesInText } from './addresses-in-text.ts';

const plainAddress = /^[a-z0-9][\w.+-]*@[a-z0-9][a-z0-9.-]*[a-z0-9]$/i;

/**
 * Whether a cell has the form of an ordinary address and nothing around it, so it needs no cleaning. A quick test: a cell
 * that fails it can still contain an address, so read it with `addressesInCell`.
 */
export const isPlainAddress = (cell: string): boolean => plainAddress.test(cell);

/** Whether a text has only spaces and invisible characters, such as the end-of-file character of DOS (U+001A). */
export const isBlankText = (text: string): boolean => /^[\s\p{Cc}\p{Cf}]*$/u.test(text);

const atSign = /[@\uff20\ufe6b]/;

/**
 * What separates the addresses in a cell. Google Contacts writes ` ::: ` between them. The pieces may have spaces around them.
 * The pattern does not contain `\s+`, because it would take quadratic time on many spaces.
 */
const separators = /:::|[;,|\r\n\t]+|\s\/\s/;

/**
 * Words that programs and people write into a cell to say that there is no address, and the names of rows with totals. `\N` is
 * the NULL of MySQL. A text of punctuation, such as `-`, means the same.
 */
const noAddressText =
  /^(?:n\.?\/?a\.?!?|null|\\n|nil|none|undefined|nan|false|0|empty|blank|unknown|missing|unavailable|refused|declined|pending|tb[acd]|object object|k\. ?a\.?|leer|unbekannt|ausstehend|inconnue?|desconocid[oa]|sconosciut[oa]|desconhecid[oa]|onbekend|nieznany|неизвестно|なし|無し|未登録|未記入|不明|无|無|暂无|没有|沒有|未填写|未填寫|不详|없음|미등록)$|^(?:(?:grand |sub)?totals?|sum|summe|gesamt(?:summe)?|zwischensumme|somme|suma|somma|soma|totale|totaal|łącznie|razem|итого|всего|合計|总计|總計|합계)(?:\b|(?![\p{L}\p{N}]))/iu;

/** A text that begins with `no`, `not` or `without` in one of several languages, such as `no e-mail` or `pas d'adresse`. */
const negativeText =
  /^(?:no|not|non|without|keine?[nrs]?|nicht|ohne|pas|sans|aucune?|sin|ningun[oa]?|ningún|nessun[oa]?|senza|sem|não|nenhuma?|geen|niet|zonder|brak|nie|bez|нет|не|без|yok|ei|ingen|inget|uden|utan|uten|žádný|nincs|fără)(?:$|[\s'’])/iu;

/** What a spreadsheet shows in a cell whose formula fails: `#N/A`, `#VALUE!`, `#BEZUG!`. */
const formulaError = /^#[\p{L}/0]+[!?]?$/u;

/** An Exchange name (X.500) in place of an address: `/o=ExchangeLabs/ou=…/cn=…`. */
const exchangeName = /^(?:x500:|ex:)?\/o=/i;

/**
 * Whether a text may be meant as an address: it has an at sign, or a name with a dot and letters after it, as in
 * `jane2gmail.com`, and at most four words, as in `jane at gmail dot com`.
 */
export const mayBeAddress = (text: string): boolean =>
  atSign.test(text) ||
  (text.trim().split(/\s+/).length < 6 && /\S\.\p{L}{2}|%40| at |[([{]at[)\]}]/iu.test(text));

/** Maximum length of a text that can say that there is no address. */
const longestWords = 100;

const onlyPunctuation = /^[\p{P}|+=~^<>\s]*$/u;
const brackets = /^[([{<"'«]+|[)\]}>"'»]+$/g;

/** Whether a cell says that there is no address, as `n/a`, `NULL`, `-`, `no e-mail` and `Total: 12` do. */
export function saysNoAddress(text: string): boolean {
  if (onlyPunctuation.test(text)) return true;
  if (atSign.test(text)) return false;
  const bare = text.length > longestWords ? '' : text.replace(brackets, '');
  return (
    (noAddressText.test(bare) && !bare.includes('%40')) ||
    formulaError.test(bare) ||
    exchangeName.test(bare) ||
    (negativeText.test(bare) && !mayBeAddress(bare))
  );
}

/**
 * Returns the distinct addresses of a cell, in order. Addresses that differ only in letter case count as one. Removes
 * what is around each: display names, labels, `mailto:`, links, a HYPERLINK formula, HTML, quotes, punctuation and invisible
 * characters. A text without an address is returned without the spaces around it. An empty cell, and one that says that there
 * is no address, such as `n/a`, gives an empty array. `isProse`: addresses may stand among other words.
 */
export function addressesInCell(cell: string, isProse = true): readonly string[] {
  if (isPlainAddress(cell)) return [cell];
  const unmarked = withoutFormula(visible(cell)).replace(listMark, '');
  if (unmarked === '' || saysNoAddress(unmarked)) return [];
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

/** The address in `Email: jane@example.com`, or before a remark in brackets, as in `jane@example.com (work)`. */
function addressWithNote(text: string): string | null {
  const address = /^(?:[\p{L}-]+:\s*(?:\/\/)?)?(\S+?@\S+?)(?:\s*\([^()]*\))?$/u.exec(text)?.[1];
  return address !== undefined && address !== text && readMailbox(address).ok ? address : null;
}
