// Reads multipart/form-data (RFC 7578, RFC 2046 section 5.1) as a stream. Files of any size pass through without
// being held in memory.

import type { Bytes } from '../storage/files/file-store.ts';

export type FormPart =
  | { readonly kind: 'field'; readonly name: string; readonly value: string }
  /** `content` can be read only until the next part of the form is requested. */
  | {
      readonly kind: 'file';
      readonly name: string;
      /** The media type in lower case, without parameters. */
      readonly mediaType: string;
      /** The name of the file on the sender's computer, which can be any text. Empty: it is not known. */
      readonly fileName: string;
      readonly content: AsyncIterable<Bytes>;
    };

/** Thrown if the form is malformed, or if a field or the headers of a part are too long. */
export class MalformedForm extends Error {}

const longestHead = 16 * 1024;
const longestField = 16 * 1024;

const ascii = (text: string): Bytes => Uint8Array.from(text, (char) => char.charCodeAt(0));
const blankLine = ascii('\r\n\r\n');

/** The boundary that the header Content-Type names, or null. */
export function formBoundary(contentType: string): string | null {
  if (!/^multipart\/form-data\s*;/i.test(contentType)) return null;
  const found = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  return found?.[1] ?? found?.[2] ?? null;
}

/**
 * Yields the parts of a form in order. Throws `MalformedForm`, also while the content of a file is read. Rejects if
 * `body` does.
 */
export async function* formParts(body: AsyncIterable<Bytes>, boundary: string): AsyncGenerator<FormPart> {
  // A delimiter begins with a line break, but the first one may be at the very start of the body. So put a line break
  // in front.
  const input = window(body, ascii('\r\n'));
  const delimiter = ascii(`\r\n--${boundary}`);
  for await (const _ of upTo(input, delimiter)) {
    // RFC 2046: ignore the text before the first delimiter.
  }
  for (;;) {
    // Do not consume the line break. In a part without headers it is the first half of the blank line that ends the
    // headers.
    const mark = new TextDecoder('latin1').decode(await input.peek(2));
    if (mark === '--') return;
    if (mark !== '\r\n') throw new MalformedForm('text after a boundary');
    const { name, isFile, mediaType, fileName } = readHead(
      await collect(upTo(input, blankLine), longestHead),
    );
    if (isFile) {
      const content = upTo(input, delimiter);
      yield { kind: 'file', name, mediaType, fileName, content };
      for await (const _ of content) {
        // Skip what the caller did not read.
      }
    } else yield { kind: 'field', name, value: await collect(upTo(input, delimiter), longestField) };
  }
}

function readHead(head: string) {
  const headers = new Map<string, string>();
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const disposition = headers.get('content-disposition') ?? '';
  const name = /;\s*name="([^"]*)"/i.exec(disposition)?.[1];
  if (!/^form-data\s*;/i.test(disposition) || name === undefined)
    throw new MalformedForm('a part of the form has no name');
  const mediaType = (headers.get('content-type') ?? 'text/plain').split(';')[0]!.trim().toLowerCase();
  const fileName = /;\s*filename="([^"]*)"/i.exec(disposition)?.[1] ?? '';
  return { name, isFile: /;\s*filename\*?=/i.test(disposition), mediaType, fileName };
}

async function collect(content: AsyncIterable<Bytes>, longest: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of content) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > longest) throw new MalformedForm('a field or a header of the form is too long');
  }
  return text + decoder.decode();
}

/** Yields the bytes of `input` before the next `end`, and consumes `end` as well. */
async function* upTo(input: Window, end: Bytes): AsyncGenerator<Bytes> {
  for (;;) {
    const found = indexOf(input.bytes(), end);
    if (found !== -1) {
      const before = await input.take(found);
      await input.take(end.length);
      if (before.length > 0) yield before;
      return;
    }
    // Keep the last bytes, because they may be the start of `end`.
    const safe = input.bytes().length - end.length + 1;
    if (safe > 0) yield await input.take(safe);
    await input.more();
  }
}

interface Window {
  /** The bytes that have arrived and are not consumed. */
  bytes(): Bytes;
  /** Returns the next `count` bytes without consuming them. */
  peek(count: number): Promise<Bytes>;
  take(count: number): Promise<Bytes>;
  /** Waits for the next chunk of the body. Throws if the body has ended. */
  more(): Promise<void>;
}

/**
 * A window on `beginning` followed by the body. When a chunk arrives while earlier bytes are still held, both are
 * copied into one array.
 */
function window(body: AsyncIterable<Bytes>, beginning: Bytes): Window {
  const chunks = body[Symbol.asyncIterator]();
  let held = beginning;
  const self: Window = {
    bytes: () => held,
    async peek(count) {
      while (held.length < count) await self.more();
      return held.subarray(0, count);
    },
    async take(count) {
      const taken = await self.peek(count);
      held = held.subarray(count);
      return taken;
    },
    async more() {
      const next = await chunks.next();
      if (next.done) throw new MalformedForm('the form ends before its last boundary');
      held = held.length === 0 ? next.value : joined(held, next.value);
    },
  };
  return self;
}

function joined(a: Bytes, b: Bytes): Bytes {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function indexOf(bytes: Bytes, wanted: Bytes): number {
  const last = bytes.length - wanted.length;
  for (let at = bytes.indexOf(wanted[0]!); at !== -1 && at <= last; at = bytes.indexOf(wanted[0]!, at + 1)) {
    let matched = 1;
    while (matched < wanted.length && bytes[at + matched] === wanted[matched]) matched++;
    if (matched === wanted.length) return at;
  }
  return -1;
}
