// The shared strings of a workbook. A list has up to a million of them, so they are kept as UTF-8 bytes in a few large blocks
// and decoded when they are needed.

import { unescaped } from './escapes.ts';
import { lookOf } from './look.ts';
import { appended, readWholeXml, type XmlEvents } from './read-xml.ts';
import { beyondLimit } from './workbook-fault.ts';

export interface SharedStrings {
  readonly count: number;
  /** The string at `index`; undefined if there is none. */
  at(index: number): string | undefined;
  /** The length of a string in bytes. */
  bytesOf(index: number): number;
  /** What a string looks like: one of `looks`. */
  lookOf(index: number): number;
}

/** The size of a block is a power of two, so that a position has the number of its block in its upper bits. */
const blockBits = 20;
const blockBytes = 2 ** blockBits;

export const noSharedStrings: SharedStrings = {
  count: 0,
  at: () => undefined,
  bytesOf: () => 0,
  lookOf: () => 0,
};

/** Reads the part `sharedStrings.xml`. `most`: the maximum number of bytes of all strings. */
export async function readSharedStrings(
  bytes: AsyncIterable<Uint8Array>,
  most: number,
): Promise<SharedStrings> {
  const blocks: Uint8Array[] = [];
  /** Bytes that are free in the last block begin at `next`. A long string has a block of its own. */
  let next = 0;
  let total = 0;
  let count = 0;
  let starts = new Uint32Array(1024);
  let lengths = new Uint32Array(1024);
  let looksLike = new Uint8Array(1024);
  const encoder = new TextEncoder();
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  const add = (text: string): void => {
    if (count === starts.length) {
      starts = enlarged(starts, new Uint32Array(count * 2));
      lengths = enlarged(lengths, new Uint32Array(count * 2));
      looksLike = enlarged(looksLike, new Uint8Array(count * 2));
    }
    let place = blocks.length === 0 ? blockBytes : next;
    // In UTF-8, a UTF-16 code unit has at most three bytes.
    if (place + text.length * 3 > blockBytes) {
      blocks.push(new Uint8Array(Math.max(blockBytes, text.length * 3)));
      place = 0;
    }
    const block = blocks.length - 1;
    const { written } = encoder.encodeInto(text, blocks[block]!.subarray(place));
    starts[count] = block * blockBytes + place;
    lengths[count] = written;
    looksLike[count] = lookOf(text);
    next = Math.min(place + written, blockBytes);
    // Besides the text, twelve bytes of numbers are kept for each string.
    total += written + 12;
    if (total > most) throw beyondLimit(`needs more than ${most} bytes of memory for the texts in its cells`);
    count++;
  };

  await readWholeXml(bytes, stringItems('si', 2, add));
  return {
    count,
    at(index) {
      if (!(index >= 0 && index < count)) return undefined;
      const start = starts[index]!;
      const place = start % blockBytes;
      return decoder.decode(blocks[start >>> blockBits]!.subarray(place, place + lengths[index]!));
    },
    bytesOf: (index) => (index >= 0 && index < count ? lengths[index]! : 0),
    lookOf: (index) => (index >= 0 && index < count ? looksLike[index]! : 0),
  };
}

function enlarged<Numbers extends Uint32Array | Uint8Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}

/**
 * Events that collect the texts of the elements called `item` at `depth`: their `t` elements, in rich text too (`r`), but not
 * the pronunciation of Japanese names (`rPh`).
 */
function stringItems(item: string, depth: number, onText: (text: string) => void): XmlEvents {
  let text = '';
  let isInside = false;
  let spoken = 0;
  let collects = false;
  return {
    open(name, _, at) {
      if (at === depth && name === item) {
        isInside = true;
        text = '';
      } else if (isInside && name === 'rPh') spoken++;
      else if (isInside && name === 't') collects = spoken === 0;
    },
    close(name, at) {
      if (name === 't') collects = false;
      else if (isInside && name === 'rPh') spoken--;
      else if (isInside && at === depth) {
        isInside = false;
        onText(unescaped(text));
      }
    },
    text(piece) {
      if (collects) text = appended(text, piece);
    },
  };
}
