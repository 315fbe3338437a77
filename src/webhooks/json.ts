// Reads bodies of unknown shape: every function returns a value or null, and none throws.

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text of a body, or null when it is not UTF-8. */
export function textOf(body: Uint8Array): string | null {
  try {
    return utf8.decode(body);
  } catch {
    return null;
  }
}

/**
 * The value of JSON text; undefined if it is not JSON (RFC 8259), nests deeper than any vendor does, or has more than
 * `maxCommas` commas outside strings. Give a limit where nothing has been verified yet: objects with many keys cost the
 * parser most.
 */
export function parseJson(text: string | null, maxCommas = Number.POSITIVE_INFINITY): unknown {
  if (text === null || isTooComplex(text, maxCommas)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** No vendor nests deeper. */
const maxDepth = 64;

/**
 * Whether JSON text nests deeper than `maxDepth` or has more than `maxCommas` commas. Deep JSON costs the parser far more
 * than flat JSON of the same length.
 */
function isTooComplex(text: string, maxCommas: number): boolean {
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

/** Like parseJson, but an integer that a double cannot represent exactly is returned as its text. */
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

/** The value at a path of own properties and indices; undefined when the path leads nowhere. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined;
    here = (here as Record<string | number, unknown>)[step];
  }
  return here;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The text without surrounding spaces, or a number as text. Null for blank text and for every other value. */
export function text(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return null;
  const trimmed = value.trim();
  return trimmed === '' ? null : trimmed;
}

/** The first value that `text` does not turn into null. */
export function firstText(...values: readonly unknown[]): string | null {
  for (const value of values) {
    const found = text(value);
    if (found !== null) return found;
  }
  return null;
}

/**
 * The text that names a recipient: the address in `Jane <jane@example.com>`, or any other text with an @ as it is, because
 * vendors deliver to some addresses that `parseMailbox` refuses. Null for a list of addresses, and for a text without @.
 */
export function address(value: unknown): string | null {
  const written = text(value);
  if (written === null || written.length > longestRecipient || !written.includes('@')) return null;
  const angles = /<([^<>]*)>$/.exec(written)?.[1]?.trim();
  if (angles !== undefined) return angles.includes('@') && !/\s/.test(angles) ? angles : null;
  return /@.*[,;].*@/s.test(written) ? null : written;
}

/** UTF-16 code units. A longer text is not one address. */
const longestRecipient = 1024;

/** Epoch milliseconds of a time in epoch seconds, given as a number or text. Null if it is neither. */
export function fromSeconds(value: unknown): number | null {
  return fromMilliseconds(value, 1000);
}

/** Epoch milliseconds of a time in units of `scale` milliseconds, given as a number or text. Null if it is neither. */
export function fromMilliseconds(value: unknown, scale = 1): number | null {
  const written = text(value);
  if (written === null || !/^\d{1,16}(\.\d+)?$/.test(written)) return null;
  return Math.round(Number(written) * scale);
}

/** Epoch milliseconds of an ISO 8601 time, also with a space as in `2026-11-20 12:00:00`. Without a zone it is UTC. */
export function fromIso(value: unknown): number | null {
  const written = text(value);
  const parts = written?.match(/^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?$/i);
  if (!parts) return null;
  const time = Date.parse(`${parts[1]}T${parts[2]}${(parts[3] ?? '').slice(0, 4)}${parts[4] ?? 'Z'}`);
  return Number.isNaN(time) ? null : time;
}

/** Parses a field that holds JSON as text. A field that already holds an object is returned as it is. */
export function nested(value: unknown): unknown {
  return typeof value === 'string' ? parseJson(value) : value;
}
