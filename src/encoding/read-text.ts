// Reads the text of a file from a stream of bytes whose encoding is detected.

import {
  createDecoder,
  type Decoded,
  type DetectedEncoding,
  type Encoding,
  sniffEncoding,
} from './decode.ts';
import { detectLegacy } from './detect-encoding.ts';

export type TextFault = NonNullable<Decoded['fault']> | 'binary';

export interface TextPiece {
  readonly text: string;
  /** What is wrong with the bytes after `text`; null if nothing is. */
  readonly fault: TextFault | null;
  readonly last: boolean;
}

export interface TextPieces {
  next(): Promise<TextPiece>;
  encoding(): DetectedEncoding;
}

export interface OpenedText {
  /** The first bytes of the file, with its byte order mark. */
  readonly beginning: Uint8Array;
  /** The encoding that the first bytes show without doubt, and the length of the byte order mark in bytes. */
  readonly encoding: DetectedEncoding;
  readonly mark: number;
  readonly text: TextPieces;
}

/** Opens a text and detects its encoding, unless the caller has named it. Rejects only if `source` does. */
export async function openText(source: AsyncIterable<Uint8Array>, named?: Encoding): Promise<OpenedText> {
  const bytes = source[Symbol.asyncIterator]();
  const beginning = await firstBytes(bytes, someBytes);
  const { encoding, mark } = sniffEncoding(beginning);
  const used = named ?? likelyEncoding(beginning, encoding);
  return {
    ...{ beginning, encoding, mark },
    text: textPieces(withFirst(beginning.subarray(mark), bytes), used, named !== undefined),
  };
}

/** Reads text in an encoding that is known. `certain`: the caller named it. */
export function textPieces(
  source: AsyncIterable<Uint8Array>,
  encoding: DetectedEncoding,
  certain: boolean,
): TextPieces {
  const bytes = source[Symbol.asyncIterator]();
  const decoder = createDecoder(encoding, { certain });
  return {
    encoding: () => decoder.encoding(),
    async next() {
      const chunk = await bytes.next();
      const { text, fault } = chunk.done ? decoder.end() : decoder.decode(chunk.value);
      if (isBinary(text)) {
        const start = text.indexOf('\0');
        const isUtf16 = /^(?:\0[\t\r\n -~]){9}/.test(text.slice(start));
        return { text: text.slice(0, start), fault: isUtf16 ? 'mixed_encodings' : 'binary', last: false };
      }
      return { text, fault, last: chunk.done === true && fault === null };
    },
  };
}

/** Yields the whole text of a file whose encoding is detected. Bytes that cannot be decoded become U+FFFD. */
export async function* lenientText(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const bytes = source[Symbol.asyncIterator]();
  try {
    const beginning = await firstBytes(bytes, someBytes);
    const { encoding, mark } = sniffEncoding(beginning);
    const decoder = createDecoder(likelyEncoding(beginning, encoding), { isLenient: true });
    yield decoder.decode(beginning.subarray(mark)).text;
    for (let chunk = await bytes.next(); !chunk.done; chunk = await bytes.next())
      yield decoder.decode(chunk.value).text;
    yield decoder.end().text;
  } finally {
    await bytes.return?.();
  }
}

const likelyEncoding = (beginning: Uint8Array, sniffed: DetectedEncoding): DetectedEncoding =>
  sniffed === 'ascii' ? (detectLegacy(beginning) ?? sniffed) : sniffed;

/** Number of bytes that are enough to detect an encoding. */
const someBytes = 65_536;

/** The first bytes of a file, at least `least` of them; all bytes if the file is shorter. */
export async function firstBytes(
  bytes: AsyncIterator<Uint8Array>,
  least: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < least) {
    const chunk = await bytes.next();
    if (chunk.done) break;
    // Copy the chunk, because the source may use its buffer again. `slice` would not copy a Buffer of Node.
    chunks.push(new Uint8Array(chunk.value));
    length += chunk.value.length;
  }
  const first = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    first.set(chunk, at);
    at += chunk.length;
  }
  return first;
}

/** Yields `first`, and then the bytes that follow it. */
export async function* withFirst<Piece extends Uint8Array>(
  first: Piece,
  bytes: AsyncIterator<Piece>,
): AsyncGenerator<Piece> {
  yield first;
  for (let chunk = await bytes.next(); !chunk.done; chunk = await bytes.next()) yield chunk.value;
}

/** Whether a text has more than a few zero characters, which programs leave in single cells or at the end of a file. */
function isBinary(text: string): boolean {
  if (!text.includes('\0')) return false;
  const zeros = text.split('\0').length - 1;
  return zeros > 8 && zeros > text.trimEnd().length / 100 && /\0[^\0]/.test(text);
}
