// Decodes the content of a part: its transfer encoding (RFC 2045 section 6) and its charset. Faults are recorded, never thrown.

import type { MessagePart } from './mime.ts';

export type ContentFault =
  /** The encoding says that the part is ASCII, but it has other characters. */
  | 'not_7bit'
  | 'encoding_unknown'
  | 'encoding_broken'
  | 'charset_unknown'
  | 'charset_missing'
  /** The bytes are not text in the charset. */
  | 'charset_wrong';

export interface DecodedText {
  readonly text: string;
  readonly faults: ReadonlySet<ContentFault>;
  /** Number of bytes after the transfer encoding is removed. */
  readonly bytes: number;
}

/** How many bytes of a part are decoded as text, at most. */
const maxTextBytes = 2_097_152;

const identity = ['7bit', '8bit', 'binary'];

/** Decodes a text part. */
export function decodeText(raw: Uint8Array, part: MessagePart): DecodedText {
  const faults = new Set<ContentFault>();
  const bytes = decodeBytes(raw, part, faults, maxTextBytes);
  return {
    text: charsetDecoded(bytes, part.parameters.get('charset') ?? null, faults),
    faults,
    bytes: bytes.length,
  };
}

/** Removes the transfer encoding of at most `most` encoded bytes. */
export function decodeBytes(
  raw: Uint8Array,
  { from, to, encoding }: MessagePart,
  faults: Set<ContentFault>,
  most: number,
): Uint8Array {
  const body = raw.subarray(from, Math.min(to, from + most));
  if (encoding === 'base64') return fromBase64(body, faults);
  if (encoding === 'quoted-printable') return fromQuotedPrintable(body, faults);
  if (!identity.includes(encoding)) faults.add('encoding_unknown');
  if (encoding === '7bit' && !isAsciiText(body)) faults.add('not_7bit');
  return body;
}

const isAsciiText = (bytes: Uint8Array): boolean => bytes.every((byte) => byte < 0x80);

const base64Digits = new Int8Array(256).fill(-1);
for (const [index, digit] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
].entries())
  base64Digits[digit.charCodeAt(0)] = index;

function fromBase64(body: Uint8Array, faults: Set<ContentFault>): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((body.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let held = 0;
  for (const byte of body) {
    const digit = base64Digits[byte]!;
    if (digit === -1) {
      // Bytes that are not base64 are a fault, except line ends, spaces and padding.
      if (byte !== 0x0a && byte !== 0x0d && byte !== 0x20 && byte !== 0x09 && byte !== 0x3d)
        faults.add('encoding_broken');
      continue;
    }
    bits = ((bits << 6) | digit) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[length++] = (bits >> held) & 0xff;
    }
  }
  return bytes.subarray(0, length);
}

const hexDigit = (byte: number | undefined): number => {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
};

function fromQuotedPrintable(body: Uint8Array, faults: Set<ContentFault>): Uint8Array {
  const bytes = new Uint8Array(body.length);
  let length = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]!;
    if (byte !== 0x3d) {
      if (byte >= 0x80) faults.add('not_7bit');
      bytes[length++] = byte;
      continue;
    }
    const next = body[at + 1];
    if (next === 0x0a) at += 1;
    else if (next === 0x0d && body[at + 2] === 0x0a) at += 2;
    else {
      const high = hexDigit(next);
      const low = hexDigit(body[at + 2]);
      if (high === -1 || low === -1) {
        // At the end of what was read, a "=" is no error, because its digits may be cut off.
        if (at + 2 < body.length) faults.add('encoding_broken');
        bytes[length++] = byte;
      } else {
        bytes[length++] = high * 16 + low;
        at += 2;
      }
    }
  }
  return bytes.subarray(0, length);
}

function charsetDecoded(bytes: Uint8Array, given: string | null, faults: Set<ContentFault>): string {
  const charset = (given ?? 'us-ascii').trim().toLowerCase();
  const isPlain = isAsciiText(bytes);
  if (given === null && !isPlain) faults.add('charset_missing');
  // RFC 2046 section 4.1.2. Browsers read these names as windows-1252, which has other characters too.
  if (charset === 'us-ascii' || charset === 'ascii') {
    if (given !== null && !isPlain) faults.add('charset_wrong');
    return new TextDecoder().decode(bytes);
  }
  const decoder = decoderOf(charset);
  if (decoder === null) {
    faults.add('charset_unknown');
    return new TextDecoder().decode(bytes);
  }
  try {
    // The text may be cut off within a character, so an incomplete character at the end is not an error.
    return decoder.decode(bytes, { stream: true });
  } catch {
    faults.add('charset_wrong');
    return new TextDecoder(charset).decode(bytes);
  }
}

/** Null if the runtime does not know the charset. */
function decoderOf(charset: string) {
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    return null;
  }
}
