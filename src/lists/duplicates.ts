// Finds addresses that occurred earlier in a list, while the list is read. Exact in lists of any size: digests that do not
// fit into memory go to a file.

import { createDigester, digestWords } from './digest.ts';
import {
  type DigestSection,
  DigestTable,
  firstSlotWord,
  homeSlot,
  notInTable,
  secondSlotWord,
  sectionOf,
  slotWords,
  tableSections,
} from './digest-table.ts';

export interface SeenAddresses {
  /**
   * For each address, whether it was seen before. Then remembers it. Ignores letter case. The result for an empty text is always
   * false.
   */
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
 * Compares addresses by digests under a random key (see `createDigester` and `DigestTable`). When `spill.mostInMemory`
 * digests are in memory, they are moved to the file, and about 2.5 bytes of each stay in memory. Without `spill`, all stay
 * in memory.
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
      table.touch(digests, addresses.length);
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

const slotBytes = 4 * slotWords;

/**
 * Writes the sections of a table to the file as they are. Two bytes of each digest stay in memory and are compared first: the
 * file is read only if they match. For a digest that is not in the file, they match once in about 10,000 times.
 */
function writeRun(sections: readonly (DigestSection | null)[], file: SpillFile): Run {
  const kept = Array.from({ length: tableSections }, (_, name) => {
    const section = sections[name] ?? null;
    return section === null
      ? null
      : { position: file.append(bytesOf(section.words)), marks: marksOf(section) };
  });
  const found = new Uint32Array(slotWords);
  const foundBytes = bytesOf(found);
  return {
    has(digests, at) {
      const section = kept[sectionOf(digests, at)] ?? null;
      if (section === null) return false;
      const { position, marks } = section;
      const first = firstSlotWord(digests, at);
      const second = secondSlotWord(digests, at);
      const mark = markOf(second);
      let slot = homeSlot(first, marks.length);
      for (; marks[slot] !== noMark; slot = slot + 1 === marks.length ? 0 : slot + 1) {
        if (marks[slot] !== mark) continue;
        file.read(position + slot * slotBytes, foundBytes);
        if (found[0] === first && found[1] === second) return true;
      }
      return false;
    },
  };
}

const bytesOf = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer);

/** The mark of an empty slot. */
const noMark = 0;

/** The two bytes of a digest that stay in memory, made from its last word. */
const markOf = (word: number): number => word & 0xffff || 1;

function marksOf({ words, slots }: DigestSection): Uint16Array {
  const marks = new Uint16Array(slots);
  for (let slot = 0; slot < slots; slot++) {
    const word = slot * slotWords;
    if (words[word] !== 0) marks[slot] = markOf(words[word + 1]!);
  }
  return marks;
}
