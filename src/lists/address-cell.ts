// A cell of a list → the addresses in it, without the noise around them.

import { cleanAddress } from '../address/clean.ts';
import { parseMailbox } from '../address/parse.ts';

const plainAddress = /^[a-z0-9][\w.+-]*@[a-z0-9][a-z0-9.-]*[a-z0-9]$/i;

/** Whether a cell is one address that needs no cleaning. Everything else takes the slow path. */
export const isPlainAddress = (cell: string): boolean => plainAddress.test(cell);

const atSign = /[@\uff20\ufe6b]/;

/** Google Contacts joins values by ` ::: `. */
const separators = /\s*:::\s*|[;,|\r\n\t]+|\s+\/\s+/;

/**
 * The distinct addresses of a cell, in order: without a display name, `mailto:`, a HYPERLINK formula, quotes,
 * punctuation and invisible characters around them. A single text that is not an address stays unchanged; an empty
 * cell has none.
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

/** Without space and invisible characters around it. */
const visible = (cell: string): string => cell.replace(/^[\s\p{Cc}\p{Cf}]+|[\s\p{Cc}\p{Cf}]+$/gu, '');

/** The displayed text of `=HYPERLINK("mailto:…")`, and a text that was guarded by an apostrophe. */
function withoutFormula(text: string): string {
  const link = /^=\s*HYPERLINK\(\s*"([^"]*)"/i.exec(text)?.[1];
  return link ?? (/^'[=+@-]/.test(text) ? text.slice(1) : text);
}

/** `jane%40example.com` and `mailto:` with percent-encoding. */
function decoded(text: string): string {
  if (atSign.test(text) || !text.includes('%40')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const countOf = (text: string): number => text.split(atSign).length - 1;

/** The parts that hold an at sign; the others are names. */
function partsOf(text: string): string[] {
  const parts = text.split(separators).flatMap((part) => {
    if (countOf(part) < 2) return [part];
    // `a@x.org/b@x.org` and `a@x.org b@x.org`, but not `Jane@Home <jane@x.org>`.
    const pieces = part.split(/\/|\s+/);
    return pieces.every((piece) => countOf(piece) === 1 && !/[<>]/.test(piece)) ? pieces : [part];
  });
  return parts.filter((part) => atSign.test(part));
}

function cleaned(text: string): string {
  const trimmed = visible(text);
  return atSign.test(trimmed) ? (cleanAddress(trimmed) ?? trimmed) : trimmed;
}
