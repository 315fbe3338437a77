// A symmetric-delete index: words of a list that are within a few edits of a given one, found without comparing them all.

// The hash is a polynomial in 32-bit arithmetic, so that the hash of a word without one or two of its letters follows from
// those of its parts. Collisions cost a comparison, never a wrong answer: callers measure what they are given.
const base = 0x01000193;
const longest = 24;
const power = new Int32Array(longest + 1);
power[0] = 1;
for (let i = 1; i <= longest; i += 1) power[i] = Math.imul(power[i - 1]!, base);

const prefix = new Int32Array(longest + 1);

const scan = (word: string) => {
  let hash = 0;
  for (let i = 0; i < word.length; i += 1) {
    hash = (Math.imul(hash, base) + word.charCodeAt(i)) | 0;
    prefix[i + 1] = hash;
  }
};

/** The hash of letters [from, to) of the word last scanned. */
const part = (from: number, to: number) => (prefix[to]! - Math.imul(prefix[from]!, power[to - from]!)) | 0;

const join = (left: number, right: number, rightLength: number) =>
  (Math.imul(left, power[rightLength]!) + right) | 0;

// The low bits of a polynomial hash depend on few letters.
const spread = (hash: number) => {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 0;
};

/** Calls `visit` with the hash of the word, of it less one letter, and, with depth 2, of it less two. */
const eachDeletion = (word: string, depth: 1 | 2, visit: (hash: number) => void) => {
  const length = word.length;
  scan(word);
  visit(prefix[length]!);
  for (let i = 0; i < length; i += 1) {
    visit(join(prefix[i]!, part(i + 1, length), length - i - 1));
    if (depth === 2)
      for (let j = i + 1; j < length; j += 1)
        visit(join(join(prefix[i]!, part(i + 1, j), j - i - 1), part(j + 1, length), length - j - 1));
  }
};

export interface DeletionIndex {
  /**
   * Adds to `found` the numbers of words that may be near `word`, each once. Every word within one edit is among them, and those of
   * the deeply indexed within two; others may be too. The time is bounded by the longest word.
   */
  readonly near: (word: string, found: number[]) => void;
}

/** Numbers by hash, behind a bitmap that turns most strangers away with one look. */
const hashTable = (entries: readonly (readonly [hash: number, number: number])[]) => {
  const bits = Math.ceil(Math.log2(entries.length * 2 + 2));
  const mask = 2 ** bits - 1;
  const keys = new Int32Array(mask + 1);
  const values = new Uint16Array(mask + 1);
  const filterMask = 2 ** (bits + 4) - 1;
  const filter = new Uint32Array((filterMask + 1) >>> 5);
  for (const [hash, number] of entries) {
    const mixed = spread(hash);
    filter[(mixed & filterMask) >>> 5]! |= 1 << (mixed & 31);
    let slot = mixed & mask;
    while (values[slot] !== 0 && !(keys[slot] === hash && values[slot] === number + 1))
      slot = (slot + 1) & mask;
    keys[slot] = hash;
    values[slot] = number + 1;
  }
  return (hash: number, found: number[]) => {
    const mixed = spread(hash);
    if ((filter[(mixed & filterMask) >>> 5]! & (1 << (mixed & 31))) === 0) return;
    for (let slot = mixed & mask; values[slot] !== 0; slot = (slot + 1) & mask)
      if (keys[slot] === hash) {
        const number = values[slot]! - 1;
        if (!found.includes(number)) found.push(number);
      }
  };
};

/** Shorter words have nothing left to compare after two deletions, longer ones too many pairs of letters. */
const shortestPair = 5;
const longestPair = 14;

/** Indexes `words` (at most 24 letters each, at most 65,535 of them); `deep` tells which are looked for two edits away. */
export const deletionIndex = (words: readonly string[], deep: (number: number) => boolean): DeletionIndex => {
  const all: [number, number][] = [];
  const paired: [number, number][] = [];
  for (const [number, word] of words.entries()) {
    eachDeletion(word, 1, (hash) => all.push([hash, number]));
    if (deep(number)) eachDeletion(word, 2, (hash) => paired.push([hash, number]));
  }
  const probe = hashTable(all);
  const probePair = hashTable(paired);

  return {
    near: (word, found) => {
      const length = word.length;
      if (length === 0 || length > longest) return;
      const pairs = length >= shortestPair && length <= longestPair;
      scan(word);
      probe(prefix[length]!, found);
      probePair(prefix[length]!, found);
      for (let i = 0; i < length; i += 1) {
        const without = join(prefix[i]!, part(i + 1, length), length - i - 1);
        probe(without, found);
        probePair(without, found);
        if (!pairs) continue;
        for (let j = i + 1; j < length; j += 1) {
          const left = join(prefix[i]!, part(i + 1, j), j - i - 1);
          probePair(join(left, part(j + 1, length), length - j - 1), found);
        }
      }
    },
  };
};
