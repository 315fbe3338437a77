// An in-memory cache of domains that were looked up.

import type { DomainProfile } from '../verdict/judgement.ts';

/** A cache of facts about domains. `name` is a domain in lower-case A-labels. */
export interface DomainMemory<Kept> {
  get(name: string): Kept | undefined;
  /** Looks up many names, faster than one by one. The result for a null name is undefined. */
  getAll(names: readonly (string | null)[]): (Kept | undefined)[];
  /** The cache keeps the text `name` in memory. Pass a copy (`detached`) if it was cut from a longer text. */
  set(name: string, kept: Kept): void;
}

/** The profiles of the domains of one list. They are used until the list is done, even if the TTLs of their DNS answers end. */
export type KnownDomains = DomainMemory<DomainProfile>;

export const createKnownDomains = (most?: number): KnownDomains => rememberDomains(most);

/** Creates a cache of at most `most` domains. When it is full, it drops the half that has not been used recently. */
export function rememberDomains<Kept extends object>(most = 200_000): DomainMemory<Kept> {
  let recent = new NameTable<Kept>();
  let older = new NameTable<Kept>();

  const keep = (name: string, hash: number, kept: Kept): void => {
    const slot = recent.find(name, hash);
    if (recent.keptIn(slot) !== undefined) {
      recent.replace(slot, kept);
      return;
    }
    if (recent.size >= most / 2) {
      older = recent;
      recent = new NameTable();
    }
    recent.add(name, hash, kept);
  };

  const find = (name: string, hash: number): Kept | undefined => {
    const known = recent.keptIn(recent.find(name, hash));
    if (known !== undefined) return known;
    if (older.size === 0) return undefined;
    const slot = older.find(name, hash);
    const found = older.keptIn(slot);
    if (found !== undefined) keep(older.nameIn(slot), hash, found);
    return found;
  };

  return {
    get: (name) => find(name, hashOf(name)),
    getAll(names) {
      const hashes = new Uint32Array(names.length);
      for (let index = 0; index < names.length; index++)
        if (names[index] !== null) hashes[index] = hashOf(names[index]!);
      recent.touch(hashes);
      return names.map((name, index) => (name === null ? undefined : find(name, hashes[index]!)));
    },
    set: (name, kept) => keep(name, hashOf(name), kept),
  };
}

/**
 * A hash table of names. A `Map` takes three times as long to find a name that was just cut from a row: it computes the
 * hash outside the compiled code, and follows a pointer to each name that it compares.
 */
class NameTable<Kept extends object> {
  size = 0;
  /** The hash of the name in each slot; 0 if the slot is empty. */
  #hashes = new Uint32Array(64);
  #names: string[] = new Array<string>(64).fill('');
  #kept: (Kept | undefined)[] = new Array<undefined>(64).fill(undefined);
  /** What `touch` read last. Nothing uses the value, but without it the engine would leave out the reads. */
  touched = 0;

  /** The slot of a name, or the empty slot where it belongs. */
  find(name: string, hash: number): number {
    const hashes = this.#hashes;
    const last = hashes.length - 1;
    let slot = hash & last;
    for (;;) {
      const found = hashes[slot]!;
      if (found === 0 || (found === hash && this.#names[slot] === name)) return slot;
      slot = (slot + 1) & last;
    }
  }

  /**
   * Reads the slots at which the search for these hashes begins, and the lengths of the names there. This makes the calls of
   * `find` that follow faster: in such a loop, the CPU fetches many parts of the memory at the same time, and they are then in
   * its cache.
   */
  touch(hashes: Uint32Array): void {
    const last = this.#hashes.length - 1;
    let read = 0;
    for (let index = 0; index < hashes.length; index++) read ^= this.#hashes[hashes[index]! & last]!;
    for (let index = 0; index < hashes.length; index++) read ^= this.#names[hashes[index]! & last]!.length;
    this.touched = read;
  }

  nameIn(slot: number): string {
    return this.#names[slot]!;
  }

  /** Undefined if the slot is empty. */
  keptIn(slot: number): Kept | undefined {
    return this.#kept[slot];
  }

  replace(slot: number, kept: Kept): void {
    this.#kept[slot] = kept;
  }

  /** Adds a name that the table does not have. */
  add(name: string, hash: number, kept: Kept): void {
    if (2 * this.size >= this.#hashes.length) this.#grow();
    const slot = this.find(name, hash);
    this.#hashes[slot] = hash;
    this.#names[slot] = name;
    this.#kept[slot] = kept;
    this.size++;
  }

  #grow(): void {
    const [hashes, names, kept] = [this.#hashes, this.#names, this.#kept];
    const slots = 2 * hashes.length;
    this.#hashes = new Uint32Array(slots);
    this.#names = new Array<string>(slots).fill('');
    this.#kept = new Array<undefined>(slots).fill(undefined);
    for (let from = 0; from < hashes.length; from++) {
      if (hashes[from] === 0) continue;
      const slot = this.find(names[from]!, hashes[from]!);
      this.#hashes[slot] = hashes[from]!;
      this.#names[slot] = names[from]!;
      this.#kept[slot] = kept[from];
    }
  }
}

/** A random start, so that strangers cannot choose names with equal hashes. Workers have no random numbers before a request. */
let start = 0;

/** A hash of 32 bits, never 0: FNV-1a, with the last steps of MurmurHash3. */
function hashOf(name: string): number {
  if (start === 0) start = crypto.getRandomValues(new Uint32Array(1))[0]! || 1;
  let hash = start;
  for (let index = 0; index < name.length; index++)
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0 || 1;
}

/**
 * Copies a name. JavaScript engines may store a substring as a reference to the whole text. Without the copy, a name that was
 * cut from a long text would keep that text in memory.
 */
export const detached = (text: string): string => decoder.decode(encoder.encode(text));

const encoder = new TextEncoder();
const decoder = new TextDecoder();
