// Reads the structure of a message (RFC 5322, RFC 2045, RFC 2046) in one pass over its lines. A message may be hostile, so
// everything is limited and nothing is read twice. Faults of the structure are recorded, never thrown.

import { headerParameters, type ParameterValue } from './parameters.ts';

/** Limits for reading a message. Anything above a limit is skipped, and `MessageStructure.exceeded` names the limit. */
export const messageLimits = {
  headerBytes: 262_144,
  headers: 2000,
  parts: 500,
  depth: 20,
} as const;

/** A header field. */
export interface HeaderField {
  /** In lower case. */
  readonly name: string;
  /** Unfolded and trimmed, read as UTF-8. */
  readonly value: string;
  /** Whether the field has only ASCII bytes. */
  readonly isAscii: boolean;
  /** Where the field is in the message, with its line end. */
  readonly from: number;
  readonly to: number;
}

export interface MessagePart {
  readonly headers: readonly HeaderField[];
  /** The media type in lower case, such as `text/plain`. */
  readonly type: string;
  readonly parameters: ParameterValue;
  readonly disposition: { readonly type: string; readonly parameters: ParameterValue };
  /** The transfer encoding in lower case; `7bit` if there is none. */
  readonly encoding: string;
  /** The bytes of the body in the message. */
  readonly from: number;
  readonly to: number;
  /** The type of the multipart in which the part is; null for the message itself. */
  readonly within: string | null;
}

export type StructureFault =
  | 'header_malformed'
  | 'boundary_missing'
  | 'boundary_unused'
  | 'boundary_unclosed'
  | 'multipart_encoded';

export interface MessageStructure {
  /** The header of the message. */
  readonly headers: readonly HeaderField[];
  /** The parts that are not multiparts, in order. */
  readonly parts: readonly MessagePart[];
  readonly faults: ReadonlySet<StructureFault>;
  readonly exceeded: ReadonlySet<keyof typeof messageLimits>;
  /** Length of the longest line in bytes, without its line end. */
  readonly longestLine: number;
  /** The number of line ends of each kind. */
  readonly crlf: number;
  readonly bareLf: number;
  readonly bareCr: number;
  readonly hasNul: boolean;
  /** Where the body of the message begins. */
  readonly bodyFrom: number;
}

/** A part whose header or body is being read. */
interface OpenPart {
  readonly headers: HeaderField[];
  readonly within: string | null;
  readonly depth: number;
  isInBody: boolean;
  from: number;
  isKept: boolean;
}

/** A multipart whose end has not been read. */
interface OpenMultipart {
  readonly boundary: Uint8Array;
  readonly type: string;
  readonly depth: number;
  hasParts: boolean;
}

/** Whether a part of the headers was not read. */
export const isHeaderCut = ({ exceeded }: Pick<MessageStructure, 'exceeded'>): boolean =>
  exceeded.has('headerBytes') || exceeded.has('headers');

const utf8 = new TextDecoder();
const encoder = new TextEncoder();
const lf = 0x0a;
const cr = 0x0d;
const dash = 0x2d;

/** Maximum length of a boundary (RFC 2046 section 5.1.1 says 70; longer ones work everywhere). */
const maxBoundary = 256;

export function readStructure(raw: Uint8Array): MessageStructure {
  const reader = createReader(raw);
  let crlf = 0;
  let bareLf = 0;
  let longestLine = 0;
  let at = 0;
  while (at < raw.length) {
    const found = raw.indexOf(lf, at);
    const next = found === -1 ? raw.length : found + 1;
    const isCrlf = found > at && raw[found - 1] === cr;
    const end = found === -1 ? raw.length : isCrlf ? found - 1 : found;
    if (isCrlf) crlf++;
    else if (found !== -1) bareLf++;
    if (end - at > longestLine) longestLine = end - at;
    reader.line(at, end, next);
    at = next;
  }
  return {
    ...reader.finish(),
    longestLine,
    crlf,
    bareLf,
    bareCr: countBareCr(raw),
    hasNul: raw.includes(0),
  };
}

function countBareCr(raw: Uint8Array): number {
  let count = 0;
  for (let at = raw.indexOf(cr); at !== -1; at = raw.indexOf(cr, at + 1)) if (raw[at + 1] !== lf) count++;
  return count;
}

function createReader(raw: Uint8Array) {
  const parts: MessagePart[] = [];
  const faults = new Set<StructureFault>();
  const exceeded = new Set<keyof typeof messageLimits>();
  const open: OpenMultipart[] = [];
  let part: OpenPart | null = openPart(null, 0);
  const top = part;
  let bodyFrom = raw.length;
  let field: { from: number; to: number } | null = null;
  let headerBytes = 0;
  let headerCount = 0;
  let partCount = 0;

  const endField = (): void => {
    if (field === null || part === null) return;
    const read = headerField(raw, field.from, field.to);
    field = null;
    if (read === null) faults.add('header_malformed');
    else part.headers.push(read);
  };

  const headerLine = (at: number, end: number, next: number): void => {
    headerBytes += next - at;
    if (headerBytes > messageLimits.headerBytes) {
      exceeded.add('headerBytes');
      return;
    }
    const isContinuation = raw[at] === 0x20 || raw[at] === 0x09;
    if (isContinuation && field !== null) {
      field.to = next;
      return;
    }
    endField();
    if (isContinuation || end === at) return void faults.add('header_malformed');
    if (++headerCount > messageLimits.headers) return void exceeded.add('headers');
    field = { from: at, to: next };
  };

  /** Begins the body of the part, which has the parts of a multipart or the content itself. */
  const beginBody = (from: number): void => {
    endField();
    if (part === null) return;
    part.isInBody = true;
    part.from = from;
    if (part === top) bodyFrom = from;
    const { type, parameters, encoding } = describe(part.headers, part.within);
    if (!type.startsWith('multipart/')) return;
    const boundary = parameters.get('boundary')?.trimEnd() ?? '';
    if (boundary === '' || boundary.length > maxBoundary) {
      faults.add('boundary_missing');
      return;
    }
    // RFC 2045 section 6.4: a multipart has no encoding of its own.
    if (encoding === 'base64' || encoding === 'quoted-printable') faults.add('multipart_encoded');
    if (part.depth >= messageLimits.depth) {
      exceeded.add('depth');
      return;
    }
    open.push({ boundary: encoder.encode(boundary), type, depth: part.depth, hasParts: false });
    part = null;
  };

  const endPart = (to: number): void => {
    endField();
    if (part?.isKept) {
      if (!part.isInBody) part.from = to;
      parts.push({
        headers: part.headers,
        within: part.within,
        from: part.from,
        to: Math.max(part.from, to),
        ...describe(part.headers, part.within),
      });
    }
    part = null;
  };

  /** The index in `open` of the multipart whose boundary the line is, and whether it closes it. */
  const boundaryAt = (at: number, end: number): { index: number; isClose: boolean } | null => {
    if (open.length === 0 || end - at < 3 || raw[at] !== dash || raw[at + 1] !== dash) return null;
    for (let index = open.length - 1; index >= 0; index--) {
      const { boundary } = open[index]!;
      if (!startsWith(raw, at + 2, end, boundary)) continue;
      const rest = at + 2 + boundary.length;
      const isClose = raw[rest] === dash && raw[rest + 1] === dash && rest + 2 <= end;
      if (isBlank(raw, isClose ? rest + 2 : rest, end)) return { index, isClose };
    }
    return null;
  };

  return {
    line(at: number, end: number, next: number): void {
      const found = boundaryAt(at, end);
      if (found !== null) {
        endPart(lineEndBefore(raw, at));
        if (found.index < open.length - 1) faults.add('boundary_unclosed');
        open.length = found.index + 1;
        const { type, depth } = open[found.index]!;
        open[found.index]!.hasParts = true;
        if (found.isClose) open.pop();
        else {
          part = openPart(type, depth + 1);
          partCount++;
          if (partCount > messageLimits.parts) {
            exceeded.add('parts');
            part.isKept = false;
          }
        }
      } else if (part !== null && !part.isInBody) {
        if (end === at) beginBody(next);
        else headerLine(at, end, next);
      }
    },
    finish() {
      if (part !== null && !part.isInBody) beginBody(raw.length);
      endPart(raw.length);
      if (open.length > 0)
        faults.add(open.some(({ hasParts }) => hasParts) ? 'boundary_unclosed' : 'boundary_unused');
      return { headers: top.headers, parts, faults, exceeded, bodyFrom };
    },
  };
}

const openPart = (within: string | null, depth: number): OpenPart => ({
  headers: [],
  within,
  depth,
  isInBody: false,
  from: 0,
  isKept: true,
});

/** Where the line before `at` ends: the line end before a boundary belongs to the boundary (RFC 2046 section 5.1.1). */
function lineEndBefore(raw: Uint8Array, at: number): number {
  if (at === 0 || raw[at - 1] !== lf) return at;
  return at > 1 && raw[at - 2] === cr ? at - 2 : at - 1;
}

function startsWith(raw: Uint8Array, at: number, end: number, text: Uint8Array): boolean {
  if (end - at < text.length) return false;
  for (let index = 0; index < text.length; index++) if (raw[at + index] !== text[index]) return false;
  return true;
}

function isBlank(raw: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (raw[at] !== 0x20 && raw[at] !== 0x09) return false;
  return true;
}

/** Null if the bytes have no field name (RFC 5322 section 2.2). */
function headerField(raw: Uint8Array, from: number, to: number): HeaderField | null {
  const bytes = raw.subarray(from, to);
  const text = utf8.decode(bytes);
  const colon = text.indexOf(':');
  const name = text.slice(0, Math.max(colon, 0)).trimEnd();
  if (!/^[\x21-\x39\x3b-\x7e]+$/.test(name)) return null;
  return {
    name: name.toLowerCase(),
    value: text
      .slice(colon + 1)
      .replace(/[\r\n]/g, '')
      .trim(),
    isAscii: bytes.every((byte) => byte < 0x80),
    from,
    to,
  };
}

/** The first value of a header; null if there is none. */
export const headerValue = (headers: readonly HeaderField[], name: string): string | null =>
  headers.find((field) => field.name === name)?.value ?? null;

const describe = (
  headers: readonly HeaderField[],
  within: string | null,
): Pick<MessagePart, 'type' | 'parameters' | 'disposition' | 'encoding'> => {
  // RFC 2046 section 5.1.5: parts of a digest are messages.
  const usual = within === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
  const content = headerParameters(headerValue(headers, 'content-type') ?? '');
  const encoding = headerValue(headers, 'content-transfer-encoding')?.toLowerCase() ?? '';
  const disposition = headerParameters(headerValue(headers, 'content-disposition') ?? '');
  return {
    type: /^[\w.+-]+\/[\w.+-]+$/.test(content.value) ? content.value : usual,
    parameters: content.parameters,
    disposition: { type: disposition.value, parameters: disposition.parameters },
    encoding: /^[\w-]+/.exec(encoding)?.[0] ?? '7bit',
  };
};
