// Reads XML that arrives in pieces, as events. Refuses document types, so no entity is ever declared or loaded.

import { SaxesParser } from 'saxes';
import { beyondLimit, damaged } from './workbook-fault.ts';

export interface XmlEvents {
  /** `name` is the local name, without a namespace prefix. `depth` is 1 for the root element. */
  open(name: string, attributes: Readonly<Record<string, string>>, depth: number): void;
  close(name: string, depth: number): void;
  text(text: string): void;
}

/** Maximum number of characters without a tag, and of a cell. They are kept in memory. */
const longestPiece = 2 ** 18;

/** `text` followed by `piece`. Throws `WorkbookFault` if this is too long for a cell. */
export function appended(text: string, piece: string): string {
  if (text.length + piece.length > longestPiece)
    throw beyondLimit(`has a cell of more than ${longestPiece} characters`);
  return text + piece;
}

const charactersAtOnce = 8192;
const deepest = 64;

/** Passes the events of a document to `events`. Yields after each piece of it. */
export async function* readXml(bytes: AsyncIterable<Uint8Array>, events: XmlEvents): AsyncGenerator<void> {
  const parser = new SaxesParser({ position: false });
  let depth = 0;
  let silent = 0;
  parser.on('error', () => {
    throw damaged('its XML is not well-formed');
  });
  parser.on('doctype', () => {
    throw damaged('its XML has a document type declaration (DOCTYPE), which workbooks never have');
  });
  parser.on('opentag', ({ name, attributes }) => {
    silent = 0;
    if (++depth > deepest) throw damaged('its XML is nested too deeply');
    events.open(localName(name), attributes as Record<string, string>, depth);
  });
  parser.on('closetag', ({ name }) => {
    silent = 0;
    events.close(localName(name), depth--);
  });
  parser.on('text', (text) => events.text(text));
  parser.on('cdata', (text) => events.text(text));
  for await (const text of decoded(bytes)) {
    // Small pieces, because each cell of a piece may refer to a long text.
    for (let at = 0; at < text.length; at += charactersAtOnce) {
      const piece = text.slice(at, at + charactersAtOnce);
      silent += piece.length;
      parser.write(piece);
      if (silent > longestPiece)
        throw beyondLimit(`contains a text that is too long (more than ${longestPiece} characters)`);
      yield;
    }
  }
  parser.close();
}

/** Reads a whole document. */
export async function readWholeXml(bytes: AsyncIterable<Uint8Array>, events: XmlEvents): Promise<void> {
  for await (const _ of readXml(bytes, events));
}

/** The value of the attribute with a local name, such as `id` of `r:id`. */
export function prefixedAttribute(
  attributes: Readonly<Record<string, string>>,
  name: string,
): string | undefined {
  for (const key in attributes) if (key.endsWith(`:${name}`)) return attributes[key];
  return undefined;
}

function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon === -1 ? name : name.slice(colon + 1);
}

async function* decoded(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | null = null;
  let held = new Uint8Array(0);
  const decode = (piece: Uint8Array | undefined): string => {
    try {
      return decoder!.decode(piece, { stream: piece !== undefined });
    } catch {
      throw damaged('its XML has bytes that do not fit its encoding');
    }
  };
  for await (const piece of bytes) {
    if (decoder === null) {
      const joined = new Uint8Array(held.length + piece.length);
      joined.set(held);
      joined.set(piece, held.length);
      held = joined;
      if (held.length < declarationLength) continue;
      decoder = decoderOf(held);
      yield decode(held);
    } else yield decode(piece);
  }
  if (decoder === null) {
    decoder = decoderOf(held);
    yield decode(held);
  }
  yield decode(undefined);
}

/** The XML declaration of a document is within this many bytes from its start. */
const declarationLength = 256;

/** Detects the encoding as XML 1.0, appendix F does: by a byte order mark, zero bytes, or the declaration. */
function decoderOf(bytes: Uint8Array): InstanceType<typeof TextDecoder> {
  const [a, b] = bytes;
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, declarationLength));
  const stated = /^(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1];
  const label =
    (a === 0xff && b === 0xfe) || (a === 0x3c && b === 0)
      ? 'utf-16le'
      : (a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c)
        ? 'utf-16be'
        : stated === undefined || /^utf-?16/i.test(stated)
          ? 'utf-8'
          : stated;
  try {
    return new TextDecoder(label, { fatal: true });
  } catch {
    throw damaged('its XML has an unknown encoding');
  }
}
