// Reads JSON of unknown shape. No function throws. If a value is missing or has the wrong type, the result is null, undefined
// or empty.

import { isCalendarDay } from '../calendar.ts';
import { isRecord } from '../json-object.ts';

export { isRecord };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Decodes a body as UTF-8; null if it is not UTF-8. */
export function textOf(body: Uint8Array): string | null {
  try {
    return utf8.decode(body);
  } catch {
    return null;
  }
}

/**
 * Parses JSON (RFC 8259). Undefined if the text is null or not JSON, nests deeper than `maxDepth`, or has more than `maxCommas`
 * commas outside strings. Set `maxCommas` for a body whose sender is not verified yet: commas separate keys, and objects with
 * many keys take the parser the most time.
 */
export function parseJson(text: string | null, maxCommas = Number.POSITIVE_INFINITY): unknown {
  if (text === null || isTooComplex(text, maxCommas)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Maximum depth of nested objects and arrays. No vendor sends deeper JSON. */
const maxDepth = 64;

/**
 * Whether JSON text nests deeper than `maxDepth`, or has more than `maxCommas` commas outside strings. Deep JSON takes the
 * parser far more time than flat JSON of the same length.
 */
function isTooComplex(text: string, maxCommas: number): boolean {
  if (text.length <= Math.min(maxDepth, maxCommas)) return false;
  let depth = 0;
  let commas = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isInString) {
      if (code === backslash) i++;
      else if (code === quote) isInString = false;
    } else if (code === quote) isInString = true;
    else if (code === openBracket || code === openBrace) {
      if (++depth > maxDepth) return true;
    } else if (code === closeBracket || code === closeBrace) depth--;
    else if (code === comma && ++commas > maxCommas) return true;
  }
  return false;
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const comma = 0x2c;

interface ReviverContext {
  readonly source?: string;
}

/** Like `parseJson`, but returns an integer as its text if a JavaScript number cannot represent it exactly. */
export function parseJsonWithLongIntegers(text: string | null): unknown {
  const keepDigits = (_key: string, value: unknown, context?: ReviverContext) =>
    Number.isInteger(value) && !Number.isSafeInteger(value) ? (context?.source ?? value) : value;
  if (text === null || isTooComplex(text, Number.POSITIVE_INFINITY)) return undefined;
  try {
    return JSON.parse(text, keepDigits);
  } catch {
    return undefined;
  }
}

/** Returns a nested value: `at(event, 'tags', 0)` is `event.tags[0]`. Undefined if a step of the path does not exist. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined;
    here = (here as Record<string | number, unknown>)[step];
  }
  return here;
}

/** The value if it is an array; an empty array otherwise. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Returns a text without white space around it, and a number as text. Null for blank text and for every other value. */
export function text(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return null;
  const trimmed = value.trim();
  return trimmed === '' ? null : trimmed;
}

/** Reads a boolean, which some vendors send as text; null if it is neither. */
export function flag(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  const word = text(value)?.toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : null;
}

/** Returns the first value that is a number or a text that is not blank, as `text` returns it; null if there is none. */
export function firstText(...values: readonly unknown[]): string | null {
  for (const value of values) {
    const found = text(value);
    if (found !== null) return found;
  }
  return null;
}

/**
 * Returns the recipient's address: `jane@example.com` for `Jane <jane@example.com>`, and any other text with an at sign
 * unchanged. The address is not checked, because vendors deliver to some addresses that `parseMailbox` refuses. Null for
 * several addresses, and for a text without an at sign.
 */
export function address(value: unknown): string | null {
  const written = text(value);
  if (written === null || written.length > longestRecipient || !written.includes('@')) return null;
  const angles = /<([^<>]*)>$/.exec(written)?.[1]?.trim();
  if (angles !== undefined) return angles.includes('@') && !/\s/.test(angles) ? angles : null;
  return /[,;]/.test(written.slice(written.indexOf('@'), written.lastIndexOf('@'))) ? null : written;
}

/** Maximum length of a recipient in UTF-16 code units. A longer text is not one address. */
const longestRecipient = 1024;

/** Converts epoch seconds (a number, or digits as text) to epoch milliseconds. Null for any other value. */
export function fromSeconds(value: unknown): number | null {
  return fromMilliseconds(value, 1000);
}

/**
 * Reads epoch milliseconds from a number, or from digits as text. `scale` is the milliseconds in one unit of the value: 1000 if
 * the value is in seconds. Null for any other value.
 */
export function fromMilliseconds(value: unknown, scale = 1): number | null {
  const written = text(value);
  if (written === null || !/^\d{1,16}(\.\d+)?$/.test(written)) return null;
  return Math.round(Number(written) * scale);
}

/**
 * Converts an ISO 8601 time to epoch milliseconds. Accepts a space instead of the T, as in `2026-11-20 12:00:00`. A time
 * without a zone is in UTC. Null for any other value.
 */
export function fromIso(value: unknown): number | null {
  const written = text(value);
  const parts = written?.match(/^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?$/i);
  if (!parts || !isCalendarDay(parts[1]!)) return null;
  const time = Date.parse(`${parts[1]}T${parts[2]}${(parts[3] ?? '').slice(0, 4)}${parts[4] ?? 'Z'}`);
  return Number.isNaN(time) ? null : time;
}

/** Parses a field that contains JSON as text. Returns any other value, such as an object, unchanged. */
export function nested(value: unknown): unknown {
  return typeof value === 'string' ? parseJson(value) : value;
}
