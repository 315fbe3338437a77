// Finds addresses that occurred earlier in a list, while the list is read. Exact in lists of any size: digests that do not
// fit into memory go to a file.

import { createDigester, digestWords } from './digest.ts';
import {
  type DigestSection,
  DigestTable,
  homeSlot,
  notInTable,
  sectionOf,
  tableSections,
} from './digest-table.ts';

export interface SeenAddresses {
  /** For each address, whether it was seen before. Then remembers it. Ignores letter case. An empty text is never seen. */
  seen(addresses: readonly string[]): boolean[];
}

/** A temporary file. Positions and lengths are in bytes. */
export interface SpillFile {
  /** Writes bytes at the end of the file, and returns the position at which they begin. */
  append(bytes: Uint8Array): number;
  /** Fills `bytes` with the contents of the file from `position` on. */
  read(position: number, bytes: Uint8Array): void;
}

/** How many digests are kept in memory, and the file for the others. */
export interface Spill {
  readonly file: SpillFile;
  readonly mostInMemory: number;
}

/** Minimum number of bytes in a typical row. */
const leastRowBytes = 16;

/** Returns an estimate of the number of addresses in a list of this many bytes, but at most `most`. */
export const expectedAddresses = (bytes: number, most: number): number =>
  Math.min(Math.ceil(bytes / leastRowBytes), most);

/**
 * Compares addresses by digests of 128 bits under a random key (see `createDigester`). When `spill.mostInMemory` digests are
 * in memory, they are moved to the file, and about 1.3 bytes of each stay in memory. Without `spill`, all stay in memory.
 * `bytes`: the length of the list, if known.
 */
export function createSeenAddresses(spill: Spill | null = null, bytes = 0): SeenAddresses {
  const digest = createDigester();
  const runs: Run[] = [];
  const table = new DigestTable({ expected: expectedAddresses(bytes, spill?.mostInMemory ?? 0) });
  let digests = new Uint32Array(0);

  return {
    seen(addresses) {
      if (digests.length < addresses.length * digestWords)
        digests = new Uint32Array(addresses.length * digestWords);
      for (let index = 0; index < addresses.length; index++)
        digest(addresses[index]!, digests, index * digestWords);
      // Keep these lookups in tight loops so their cache misses overlap.
      const seen: boolean[] = [];
      for (let index = 0; index < addresses.length; index++)
        seen.push(addresses[index] !== '' && table.add(digests, index * digestWords) !== notInTable);
      for (const run of runs)
        for (let index = 0; index < addresses.length; index++)
          if (!seen[index] && addresses[index] !== '') seen[index] = run.has(digests, index * digestWords);
      if (spill !== null && table.size >= spill.mostInMemory) {
        runs.push(writeRun(table.sections(), spill.file));
        table.clear();
      }
      return seen;
    },
  };
}

/** Digests that were moved to the file together. */
interface Run {
  has(digests: Uint32Array, at: number): boolean;
}

const digestBytes = 4 * digestWords;

/**
 * Writes the sections of a table to the file as they are. One byte of each digest stays in memory, so that the file is read
 * for one in about 30 of the digests that it does not have.
 */
function writeRun(sections: readonly (DigestSection | null)[], file: SpillFile): Run {
  const kept = Array.from({ length: tableSections }, (_, name) => {
    const section = sections[name] ?? null;
    return section === null
      ? null
      : { position: file.append(bytesOf(section.words)), marks: marksOf(section) };
  });
  const found = new Uint32Array(digestWords);
  const foundBytes = bytesOf(found);
  return {
    has(digests, at) {
      const section = kept[sectionOf(digests, at)] ?? null;
      if (section === null) return false;
      const { position, marks } = section;
      const mark = markOf(digests[at + 3]!);
      let slot = homeSlot(digests, at, marks.length);
      for (; marks[slot] !== noMark; slot = slot + 1 === marks.length ? 0 : slot + 1) {
        if (marks[slot] !== mark) continue;
        file.read(position + slot * digestBytes, foundBytes);
        if (
          found[0] === digests[at] &&
          found[1] === digests[at + 1] &&
          found[2] === (digests[at + 2]! || 1) &&
          found[3] === digests[at + 3]
        )
          return true;
      }
      return false;
    },
  };
}

const bytesOf = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer);

/** The mark of an empty slot. */
const noMark = 0;

/** The byte of a digest that stays in memory, made from its last word. */
const markOf = (word: number): number => word & 0xff || 1;

function marksOf({ words, slots }: DigestSection): Uint8Array {
  const marks = new Uint8Array(slots);
  for (let slot = 0; slot < slots; slot++) {
    const word = slot * digestWords;
    if (words[word + 2] !== 0) marks[slot] = markOf(words[word + 3]!);
  }
  return marks;
}
