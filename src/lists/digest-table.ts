// A set of digests in memory, each with an optional number. It keeps 64 of the 128 bits of a digest, and 8 more select its
// section. Of five million different addresses, two are taken for the same one with a probability of 3 · 10⁻⁹.

import { digestWords } from './digest.ts';

/** Number of sections of the table. The first byte of a digest selects its section. */
export const tableSections = 256;

/** Number of words of a digest that its slot holds: the third and the fourth. */
export const slotWords = 2;

/** A section: a hash table with open addressing. A slot is empty if its first word is 0. */
export interface DigestSection {
  readonly words: Uint32Array;
  readonly slots: number;
}

/** The number that `add` returns for a digest that the table did not have. */
export const notInTable = -1;

/** Share of the slots that may be in use before a section grows. */
const mostFilled = 0.85;
const growth = 1.5;

/** Returns the number of the section of a digest. */
export const sectionOf = (digests: Uint32Array, at: number): number => digests[at]! >>> 24;

/** The words of a digest that its slot holds. The first is never 0. */
export const firstSlotWord = (digests: Uint32Array, at: number): number => digests[at + 2]! || 1;
export const secondSlotWord = (digests: Uint32Array, at: number): number => digests[at + 3]!;

/** Returns the slot of a section at which the search for a digest begins. `first`: the first word of its slot. */
export const homeSlot = (first: number, slots: number): number => Math.floor(first * (slots / 2 ** 32));

export class DigestTable {
  readonly #sections: (DigestSection | null)[] = new Array<null>(tableSections).fill(null);
  readonly #counts = new Uint32Array(tableSections);
  /** Words per slot: `slotWords`, and one more in a table with numbers. */
  readonly #width: number;
  readonly #firstSlots: number;
  #size = 0;
  /** What `touch` read last. Nothing uses the value, but without it the engine would leave out the reads. */
  touched = 0;

  /**
   * `expected`: number of digests that will be added. The table grows if there are more. It takes about 10 bytes per
   * expected digest, or 15 with numbers.
   */
  constructor({ numbers = false, expected = 0 } = {}) {
    this.#width = slotWords + (numbers ? 1 : 0);
    const perSection = expected / tableSections;
    // Five standard deviations more than the mean, because sections are not equally full.
    this.#firstSlots = Math.ceil((perSection + 5 * Math.sqrt(perSection) + 4) / mostFilled);
  }

  /** Number of digests. */
  get size(): number {
    return this.#size;
  }

  /**
   * Looks for the digest at `digests[at]`. Returns its number (0 in a table without numbers); or adds it with this
   * `number` and returns `notInTable`.
   */
  add(digests: Uint32Array, at: number, number = 0): number {
    const name = sectionOf(digests, at);
    let section = this.#sections[name] ?? null;
    if (section === null || this.#counts[name]! >= section.slots * mostFilled) section = this.#grow(name);
    const first = firstSlotWord(digests, at);
    const second = secondSlotWord(digests, at);
    const place = this.#find(section, first, second);
    const { words } = section;
    if (words[place] !== 0) return this.#width > slotWords ? words[place + slotWords]! : 0;
    words[place] = first;
    words[place + 1] = second;
    if (this.#width > slotWords) words[place + slotWords] = number;
    this.#counts[name]!++;
    this.#size++;
    return notInTable;
  }

  /**
   * Reads the slots at which the searches for the first `count` of these digests begin, before they are searched. The reads are
   * in one tight loop, so their cache misses overlap. The searches then find the slots in the cache.
   */
  touch(digests: Uint32Array, count: number): void {
    let read = 0;
    for (let at = 0; at < count * digestWords; at += digestWords) {
      const section = this.#sections[sectionOf(digests, at)];
      if (section) read ^= section.words[homeSlot(firstSlotWord(digests, at), section.slots) * this.#width]!;
    }
    this.touched = read;
  }

  /** Replaces the number of a digest that the table has. */
  setNumber(digests: Uint32Array, at: number, number: number): void {
    const section = this.#sections[sectionOf(digests, at)]!;
    const place = this.#find(section, firstSlotWord(digests, at), secondSlotWord(digests, at));
    section.words[place + slotWords] = number;
  }

  /** Removes all digests, and keeps the memory for others. */
  clear(): void {
    for (const section of this.#sections) section?.words.fill(0);
    this.#counts.fill(0);
    this.#size = 0;
  }

  /** Removes the digests of the sections from `first` on, and frees their memory. */
  removeFrom(first: number): void {
    for (let name = first; name < tableSections; name++) {
      this.#size -= this.#counts[name]!;
      this.#counts[name] = 0;
      this.#sections[name] = null;
    }
  }

  /** The sections, by number. Null: no digest is in the section. */
  sections(): readonly (DigestSection | null)[] {
    return this.#sections;
  }

  /** The index of the first word of the slot that has the digest, or of the empty slot where it belongs. */
  #find({ words, slots }: DigestSection, first: number, second: number): number {
    const width = this.#width;
    let place = homeSlot(first, slots) * width;
    for (;;) {
      const found = words[place]!;
      if (found === 0 || (found === first && words[place + 1] === second)) return place;
      place += width;
      if (place === words.length) place = 0;
    }
  }

  #grow(name: number): DigestSection {
    const before = this.#sections[name] ?? null;
    const slots = before === null ? this.#firstSlots : Math.ceil(before.slots * growth);
    const width = this.#width;
    const after = { words: new Uint32Array(slots * width), slots };
    const from = before?.words ?? after.words;
    for (let at = 0; at < from.length; at += width) {
      if (from[at] === 0) continue;
      const place = this.#find(after, from[at]!, from[at + 1]!);
      for (let word = 0; word < width; word++) after.words[place + word] = from[at + word]!;
    }
    this.#sections[name] = after;
    return after;
  }
}
