// Finds the addresses in a cell of a list, and removes what is around them, such as names and quotes.

import { cleanAddress } from '../address/clean.ts';
import { readMailbox } from '../address/nonstandard-names.ts';

const plainAddress = /^[a-z0-9][\w.+-]*@[a-z0-9][a-z0-9.-]*[a-z0-9]$/i;

/**
 * Whether a cell has the form of an ordinary address and nothing around it, so it needs no cleaning. A quick test: a cell
 * that fails it can still contain an address, so read it with `addressesInCell`.
 */
export const isPlainAddress = (cell: string): boolean => plainAddress.test(cell);

const atSign = /[@\uff20\ufe6b]/;

/**
 * What separates the addresses in a cell. Google Contacts writes ` ::: ` between them. The pieces may have spaces around them.
 * The pattern does not contain `\s+`, because it would take quadratic time on many spaces.
 */
const separators = /:::|[;,|\r\n\t]+|\s\/\s/;

/**
 * Returns the distinct addresses of a cell, in order. Addresses that differ only in letter case count as one. Removes
 * what is around each: display names, `mailto:`, a HYPERLINK formula, quotes, punctuation and invisible characters. A
 * text without an address is returned without the spaces around it. An empty cell gives an empty array.
 */
export function addressesInCell(cell: string): readonly string[] {
  if (isPlainAddress(cell)) return [cell];
  const text = withoutFormula(visible(cell));
  if (text === '') return [];
  if (readMailbox(text).ok) return [text];
  const whole = decoded(text);
  const parts = countOf(whole) > 1 ? partsOf(whole) : [whole];
  const seen = new Set<string>();
  return parts.map(cleaned).filter((address) => {
    const { size } = seen;
    return seen.add(address.toLowerCase()).size > size;
  });
}

const invisible = /^[\s\p{Cc}\p{Cf}]$/u;

/** Removes spaces and invisible characters from the start and the end of a cell. */
function visible(cell: string): string {
  let end = cell.length;
  for (let start = end; end > 0; end = start) {
    // An invisible character outside the Basic Multilingual Plane has two code units.
    start = end - (/[\udc00-\udfff]/.test(cell[end - 1]!) && end > 1 ? 2 : 1);
    if (!invisible.test(cell.slice(start, end))) break;
  }
  return cell.slice(0, end).replace(/^[\s\p{Cc}\p{Cf}]+/u, '');
}

/**
 * Returns the link in `=HYPERLINK("mailto:…")`. From a text such as `'=1+1`, removes the apostrophe that marks it as
 * text. Returns any other text unchanged.
 */
function withoutFormula(text: string): string {
  const link = /^=\s*HYPERLINK\(\s*"([^"]*)"/i.exec(text)?.[1];
  return link ?? (/^'[=+@-]/.test(text) ? text.slice(1) : text);
}

/**
 * Decodes percent-encoding, as in `jane%40example.com`, if the text has no at sign. Returns any other text unchanged.
 */
function decoded(text: string): string {
  if (atSign.test(text) || !text.includes('%40')) return text;
  try {
    return decodeURIComponent(text);
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
  return atSign.test(trimmed) ? (cleanAddress(trimmed) ?? trimmed) : trimmed;
}
