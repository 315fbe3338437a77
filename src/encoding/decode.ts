// Decodes the bytes of a file: UTF-8, UTF-16, windows-1252, or one of the legacy encodings in detect-encoding.ts.
// Detects the first three from a byte order mark and from the bytes.

import { detectLegacy, type LegacyEncoding, legacyEncodings } from './detect-encoding.ts';
import { decodeUhc } from './uhc.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252' | LegacyEncoding;

/** `ascii` means that all bytes so far were ASCII, so the encoding can still be UTF-8 or windows-1252. */
export type DetectedEncoding = 'ascii' | Encoding;

export interface Decoded {
  /** The decoded text. If there is a fault, at most the text before it. */
  readonly text: string;
  readonly fault: 'mixed_encodings' | 'bad_encoding' | null;
}

export interface Decoder {
  decode(bytes: Uint8Array): Decoded;
  /** Decodes the bytes that `decode` held back because the last character was incomplete. */
  end(): Decoded;
  encoding(): DetectedEncoding;
}

/**
 * Detects the encoding of a file that begins with `bytes`, and the length of its byte order mark in bytes. Without a
 * mark, zero bytes show UTF-16, because every second byte of ASCII text is zero in UTF-16. A list of Chinese names has little
 * ASCII text, but its addresses and delimiters are. `ascii` if nothing shows the encoding.
 */
export function sniffEncoding(bytes: Uint8Array): { encoding: DetectedEncoding; mark: number } {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', mark: 3 };
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', mark: 2 };
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', mark: 2 };
  // PowerShell appends UTF-16 to a file in UTF-8. Read as UTF-16, the rows of the beginning would be garbage that nobody notices.
  if (beginsWithAsciiLine(bytes)) return { encoding: 'ascii', mark: 0 };
  const { little, big, neither } = asciiPairs(bytes.subarray(0, 4096));
  // An address alone has more characters than four.
  const least = Math.max(4, Math.min(bytes.length, 4096) / 2 / 20);
  if (little > least && little > 8 * big && little * 2 > neither) return { encoding: 'utf-16le', mark: 0 };
  if (big > least && big > 8 * little && big * 2 > neither) return { encoding: 'utf-16be', mark: 0 };
  return { encoding: 'ascii', mark: 0 };
}

/** Whether the first line has printable ASCII characters alone, one byte each, and so is not UTF-16. */
function beginsWithAsciiLine(bytes: Uint8Array): boolean {
  const end = bytes.findIndex((byte) => byte !== 0x09 && (byte < 0x20 || byte > 0x7e));
  return end > 3 && (bytes[end] === 0x0a || bytes[end] === 0x0d);
}

/**
 * The numbers of byte pairs that are an ASCII character in UTF-16, little-endian and big-endian. `neither`: both bytes are ASCII
 * or zero, as in text that is not UTF-16.
 */
function asciiPairs(bytes: Uint8Array): { little: number; big: number; neither: number } {
  const counts = { little: 0, big: 0, neither: 0 };
  for (let at = 1; at < bytes.length; at += 2) {
    const [first, second] = [bytes[at - 1]!, bytes[at]!];
    if (first >= 0x80 || second >= 0x80) continue;
    counts[second === 0 && first > 0 ? 'little' : first === 0 && second > 0 ? 'big' : 'neither']++;
  }
  return counts;
}

export interface DecoderOptions {
  /** The caller named the encoding, so letters that look like UTF-8 are not a fault in a windows-1252 file. */
  readonly certain?: boolean;
  /** Bytes that cannot be decoded become U+FFFD, and nothing is a fault. */
  readonly isLenient?: boolean;
}

const nothing = new Uint8Array(0);
const badEncoding: Decoded = { text: '', fault: 'bad_encoding' };

/** Number of bytes, from the first one that is not ASCII, in which a legacy encoding is looked for. */
const legacySample = 4096;

/**
 * Returns a decoder for a file that arrives in pieces. For `ascii`, the first byte that is not ASCII decides: the file
 * is UTF-8 if the byte begins a valid UTF-8 character, else in the legacy encoding that fits the next bytes best. In a UTF-8
 * file, a byte that is not valid UTF-8 is the fault `mixed_encodings`. A UTF-8 letter in a windows-1252 file is this fault too.
 */
export function createDecoder(
  encoding: DetectedEncoding,
  { certain = false, isLenient = false }: DecoderOptions = {},
): Decoder {
  let sofar = encoding;
  let held: Uint8Array = nothing;
  let legacy = isLegacy(encoding) ? new TextDecoder(encoding, { fatal: !isLenient }) : null;
  let isDamaged = false;

  const decodeLegacy = (bytes: Uint8Array, last: boolean): Decoded => {
    try {
      if (sofar === 'euc-kr' && !isDamaged) {
        const { text, rest } = decodeUhc(bytes, last);
        held = rest;
        return { text, fault: null };
      }
      held = nothing;
      return { text: legacy!.decode(bytes, { stream: !last }), fault: null };
    } catch {
      if (!isLenient) return badEncoding;
      // A lenient TextDecoder throws nothing, but `decodeUhc` does.
      isDamaged = true;
      held = nothing;
      return decodeLegacy(bytes, last);
    }
  };

  /** Decodes bytes from the first one on that is neither ASCII nor UTF-8. Waits until there are enough to find the encoding. */
  const decodeUnknown = (bytes: Uint8Array, last: boolean): Decoded => {
    if (!last && bytes.length < legacySample) {
      held = copyFrom(bytes, 0);
      return { text: '', fault: null };
    }
    held = nothing;
    sofar = detectLegacy(bytes.subarray(0, legacySample)) ?? 'windows-1252';
    if (!isLegacy(sofar)) return decode1252(bytes, last);
    legacy = new TextDecoder(sofar, { fatal: !isLenient });
    return decodeLegacy(bytes, last);
  };

  const decodeUtf16 = (bytes: Uint8Array, last: boolean): Decoded => {
    const whole = last ? bytes.length : evenLength(bytes, sofar === 'utf-16be');
    held = copyFrom(bytes, whole);
    const even = sofar === 'utf-16be' ? swapped(bytes.subarray(0, whole)) : bytes.subarray(0, whole);
    if (isLenient) return { text: lenientUtf16le.decode(even), fault: null };
    try {
      return { text: utf16le.decode(even), fault: null };
    } catch {
      return badEncoding;
    }
  };

  /** What to do with bytes that are in another encoding than the text before them. From there on, a lenient decoder reads UTF-8. */
  const mixed = (text: string, foreign: Uint8Array): Decoded => {
    if (!isLenient) return { text, fault: 'mixed_encodings' };
    sofar = 'utf-8';
    return { text: text + lenientUtf8.decode(foreign), fault: null };
  };

  const decodeUtf8 = (bytes: Uint8Array, last: boolean): Decoded => {
    const whole = last ? bytes.length : completeLength(bytes);
    held = copyFrom(bytes, whole);
    const complete = bytes.subarray(0, whole);
    try {
      const text = utf8.decode(complete);
      if (text.length !== whole) sofar = 'utf-8';
      return { text, fault: null };
    } catch {
      const good = validLength(complete);
      const text = utf8.decode(complete.subarray(0, good));
      if (sofar === 'utf-8' || text.length !== good) return mixed(text, complete.subarray(good));
      const rest = decodeUnknown(bytes.subarray(good), last);
      return { text: text + rest.text, fault: rest.fault };
    }
  };

  const decode1252 = (bytes: Uint8Array, last: boolean): Decoded => {
    const whole = !last && bytes.at(-1) === 0xc3 ? bytes.length - 1 : bytes.length;
    held = copyFrom(bytes, whole);
    const foreign = certain ? -1 : utf8LetterIn(bytes);
    if (foreign !== -1) {
      const rest = last ? bytes.length : completeLength(bytes);
      held = isLenient ? copyFrom(bytes, rest) : nothing;
      return mixed(windows1252(bytes.subarray(0, foreign)), bytes.subarray(foreign, rest));
    }
    return { text: windows1252(bytes.subarray(0, whole)), fault: null };
  };

  const decode = (bytes: Uint8Array, last: boolean): Decoded => {
    if (legacy !== null) return decodeLegacy(bytes, last);
    if (sofar === 'utf-16le' || sofar === 'utf-16be') return decodeUtf16(bytes, last);
    return sofar === 'windows-1252' ? decode1252(bytes, last) : decodeUtf8(bytes, last);
  };

  return {
    decode: (bytes) => decode(held.length === 0 ? bytes : joined(held, bytes), false),
    end: () => decode(held, true),
    encoding: () => sofar,
  };
}

/** The number of bytes that `text` has in `encoding`. */
export function encodedLength(text: string, encoding: DetectedEncoding): number {
  if (encoding === 'utf-16le' || encoding === 'utf-16be') return text.length * 2;
  if (encoding === 'utf-8') return new TextEncoder().encode(text).length;
  return hasPairs(encoding) ? legacyLength(text, encoding) : text.length;
}

export const isLegacy = (encoding: DetectedEncoding): encoding is LegacyEncoding =>
  (legacyEncodings as readonly string[]).includes(encoding);

/**
 * Double-byte encodings. The number is the length in bytes that is assumed for a character that `characterLengths` does
 * not find: 4 for `gbk`, because the decoder also reads the four-byte characters of GB18030, and 3 for the three-byte
 * characters of EUC-JP. In Big5 it is 0: some byte pairs are a letter and a combining mark, and the letter already
 * counts two bytes.
 */
const pairEncodings = { shift_jis: 2, gbk: 4, big5: 0, 'euc-kr': 2, 'euc-jp': 3 } as const;
type PairEncoding = keyof typeof pairEncodings;

const hasPairs = (encoding: DetectedEncoding): encoding is PairEncoding =>
  Object.hasOwn(pairEncodings, encoding);

/** Whether the length of a text in bytes follows from the number of its characters. */
export const hasFixedWidth = (encoding: DetectedEncoding): boolean =>
  encoding !== 'utf-8' && !hasPairs(encoding);

/** For each encoding that was needed so far, the length in bytes of each non-ASCII character. */
const lengths = new Map<PairEncoding, Map<string, number>>();

function legacyLength(text: string, encoding: PairEncoding): number {
  if (/^[\0-\x7f]*$/.test(text)) return text.length;
  let known = lengths.get(encoding);
  if (known === undefined) {
    known = characterLengths(encoding);
    lengths.set(encoding, known);
  }
  let length = 0;
  for (const character of text)
    length += character <= '\x7f' ? 1 : (known.get(character) ?? pairEncodings[encoding]);
  return length;
}

/**
 * Finds the non-ASCII characters of one or two bytes, with their length in bytes. Decodes each byte from 0x80 on, alone and
 * together with each possible second byte.
 */
function characterLengths(encoding: PairEncoding): Map<string, number> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const known = new Map<string, number>();
  const add = (...bytes: number[]): void => {
    try {
      const text = decoder.decode(Uint8Array.from(bytes));
      if ([...text].length === 1 && !known.has(text)) known.set(text, bytes.length);
    } catch {
      // These bytes are not a character in this encoding.
    }
  };
  for (let lead = 0x80; lead <= 0xff; lead++) {
    add(lead);
    for (let trail = 0x40; trail <= 0xfe; trail++) add(lead, trail);
  }
  return known;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf16le = new TextDecoder('utf-16le', { fatal: true, ignoreBOM: true });
const lenientUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const lenientUtf16le = new TextDecoder('utf-16le', { ignoreBOM: true });
const latin1 = new TextDecoder('latin1');

/**
 * What the bytes 0x80 to 0x9f mean in windows-1252. ISO 8859-1 has control characters there. The WHATWG table leaves
 * five of them as control characters.
 */
const between80And9f =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/**
 * Decodes windows-1252. Some runtimes decode the bytes 0x80 to 0x9f as control characters. These characters are replaced
 * here.
 */
const windows1252 = (bytes: Uint8Array): string =>
  latin1
    .decode(bytes)
    .replace(/[\u0080-\u009f]/g, (control) => between80And9f[control.charCodeAt(0) - 0x80]!);

/** A copy of the bytes from `start` on. The source may use its buffer again, and `slice` of a Buffer of Node does not copy. */
const copyFrom = (bytes: Uint8Array, start: number): Uint8Array => new Uint8Array(bytes.subarray(start));

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function swapped(bytes: Uint8Array): Uint8Array {
  const out = copyFrom(bytes, 0);
  for (let index = 1; index < out.length; index += 2) {
    out[index] = bytes[index - 1]!;
    out[index - 1] = bytes[index]!;
  }
  return out;
}

/**
 * The number of bytes that are complete UTF-16 characters. The second half of the last character may not have arrived
 * yet.
 */
function evenLength(bytes: Uint8Array, bigEndian: boolean): number {
  const whole = bytes.length - (bytes.length % 2);
  const high = bytes[bigEndian ? whole - 2 : whole - 1];
  return high !== undefined && high >= 0xd8 && high <= 0xdb ? whole - 2 : whole;
}

/** The number of bytes that are complete UTF-8 characters. The rest of the last character may not have arrived yet. */
function completeLength(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) break;
    if (byte >= 0xc0) return back < sequenceLength(byte) ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

const sequenceLength = (lead: number): number => (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1);

/** The number of bytes before the first one that is not valid UTF-8. There must be such a byte. */
function validLength(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    const end = good + completeLength(bytes.subarray(good, middle));
    if (end === good) break;
    try {
      utf8.decode(bytes.subarray(good, end));
      good = end;
    } catch {
      bad = middle;
    }
  }
  while (good < bad) {
    const length = sequenceLength(bytes[good]!);
    try {
      utf8.decode(bytes.subarray(good, good + length));
    } catch {
      break;
    }
    good += length;
  }
  return good;
}

/**
 * The index of a Latin letter in UTF-8 (0xc3 and a continuation byte), or -1. Read as windows-1252, the two bytes
 * would be Ã and a symbol, which real text hardly has.
 */
function utf8LetterIn(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(0xc3); at !== -1; at = bytes.indexOf(0xc3, at + 1)) {
    const next = bytes[at + 1] ?? 0;
    if (next >= 0x80 && next <= 0xbf) return at;
  }
  return -1;
}
