// A set of digests in memory, each with an optional number.

import { digestWords } from './digest.ts';

/** Number of sections of the table. The first byte of a digest selects its section. */
export const tableSections = 256;

/** A section: a hash table with open addressing. A slot is empty if its third word is 0. */
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

/** Returns the slot of a section at which the search for a digest begins. */
export const homeSlot = (digests: Uint32Array, at: number, slots: number): number =>
  Math.floor(digests[at + 1]! * (slots / 2 ** 32));

export class DigestTable {
  readonly #sections: (DigestSection | null)[] = new Array<null>(tableSections).fill(null);
  readonly #counts = new Uint32Array(tableSections);
  /** Words per slot: those of the digest, and one for the number. */
  readonly #width: number;
  readonly #firstSlots: number;
  #size = 0;

  /**
   * `expected`: number of digests that will be added. The table grows if there are more. It takes about 20 bytes per
   * expected digest, or 25 with numbers.
   */
  constructor({ numbers = false, expected = 0 } = {}) {
    this.#width = digestWords + (numbers ? 1 : 0);
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
    const place = this.#find(section, digests, at);
    const { words } = section;
    if (words[place + 2] !== 0) return this.#width > digestWords ? words[place + digestWords]! : 0;
    words[place] = digests[at]!;
    words[place + 1] = digests[at + 1]!;
    words[place + 2] = digests[at + 2]! || 1;
    words[place + 3] = digests[at + 3]!;
    if (this.#width > digestWords) words[place + digestWords] = number;
    this.#counts[name]!++;
    this.#size++;
    return notInTable;
  }

  /** Replaces the number of a digest that the table has. */
  setNumber(digests: Uint32Array, at: number, number: number): void {
    const section = this.#sections[sectionOf(digests, at)]!;
    section.words[this.#find(section, digests, at) + digestWords] = number;
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
  #find({ words, slots }: DigestSection, digests: Uint32Array, at: number): number {
    const first = digests[at]!;
    const second = digests[at + 1]!;
    const third = digests[at + 2]! || 1;
    const fourth = digests[at + 3]!;
    const width = this.#width;
    let place = homeSlot(digests, at, slots) * width;
    for (;;) {
      const found = words[place + 2]!;
      if (found === 0) return place;
      if (
        found === third &&
        words[place + 3] === fourth &&
        words[place + 1] === second &&
        words[place] === first
      )
        return place;
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
      if (from[at + 2] === 0) continue;
      const place = this.#find(after, from, at);
      for (let word = 0; word < width; word++) after.words[place + word] = from[at + word]!;
    }
    this.#sections[name] = after;
    return after;
  }
}
