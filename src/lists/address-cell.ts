// Extracts the addresses from a cell of a list, without the noise around them.

import { cleanAddress } from '../address/clean.ts';
import { parseMailbox } from '../address/parse.ts';

const plainAddress = /^[a-z0-9][\w.+-]*@[a-z0-9][a-z0-9.-]*[a-z0-9]$/i;

/** Whether a cell is one address that needs no cleaning. Everything else takes the slow path. */
export const isPlainAddress = (cell: string): boolean => plainAddress.test(cell);

const atSign = /[@\uff20\ufe6b]/;

/** What separates the addresses of a cell. ` ::: ` is the separator of Google Contacts. */
const separators = /\s*:::\s*|[;,|\r\n\t]+|\s+\/\s+/;

/**
 * The distinct addresses of a cell, in order. Removes display names, `mailto:`, a HYPERLINK formula, quotes, punctuation
 * and invisible characters around them. A text without an address is returned as it is; an empty cell gives an empty array.
 */
export function addressesInCell(cell: string): readonly string[] {
  if (isPlainAddress(cell)) return [cell];
  const text = withoutFormula(visible(cell));
  if (text === '') return [];
  if (parseMailbox(text).ok) return [text];
  const whole = decoded(text);
  const parts = countOf(whole) > 1 ? partsOf(whole) : [whole];
  const addresses = parts.map(cleaned);
  const lower = addresses.map((address) => address.toLowerCase());
  return addresses.filter((_, index) => lower.indexOf(lower[index]!) === index);
}

/** The cell without leading and trailing spaces and invisible characters. */
const visible = (cell: string): string => cell.replace(/^[\s\p{Cc}\p{Cf}]+|[\s\p{Cc}\p{Cf}]+$/gu, '');

/** Returns the link of `=HYPERLINK("mailto:…")`, and removes the apostrophe that protects a text such as `'=1+1`. */
function withoutFormula(text: string): string {
  const link = /^=\s*HYPERLINK\(\s*"([^"]*)"/i.exec(text)?.[1];
  return link ?? (/^'[=+@-]/.test(text) ? text.slice(1) : text);
}

/** Decodes percent-encoding, as in `jane%40example.com`. Other text stays unchanged. */
function decoded(text: string): string {
  if (atSign.test(text) || !text.includes('%40')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const countOf = (text: string): number => text.split(atSign).length - 1;

/** Splits a text with several addresses. Drops the parts without an at sign, which are names. */
function partsOf(text: string): string[] {
  const parts = text.split(separators).flatMap((part) => {
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
