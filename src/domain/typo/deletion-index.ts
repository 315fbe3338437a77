// A symmetric-delete index: finds the words of a list within a few edits of a given word without comparing them all.

// The hash of a word is a polynomial in its letters, in 32-bit arithmetic. Deleting a letter changes the hash by a number
// that can be computed without hashing the word again. A collision costs a comparison and never gives a wrong answer.
const base = 0x01000193;
const longest = 24;
const power = new Int32Array(longest + 1);
power[0] = 1;
for (let i = 1; i <= longest; i += 1) power[i] = Math.imul(power[i - 1]!, base);

// For the last scanned word: its hash, and the change of the hash when letter i is deleted, alone or before a
// second deletion.
let whole = 0;
const alone = new Int32Array(longest);
const before = new Int32Array(longest);

const scan = (word: string) => {
  const last = word.length - 1;
  let prefix = 0;
  for (let i = 0; i <= last; i += 1) {
    const next = (Math.imul(prefix, base) + word.charCodeAt(i)) | 0;
    alone[i] = Math.imul(prefix - next, power[last - i]!);
    before[i] = i < last ? Math.imul(prefix - next, power[last - i - 1]!) : 0;
    prefix = next;
  }
  whole = prefix;
};

// Mixes the bits of a hash, because the low bits of a polynomial hash depend on few letters.
const spread = (hash: number) => {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
};

/** A hash table of word numbers. A bitmap in front of it rejects most unknown hashes with one lookup. */
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

export interface DeletionIndex {
  /**
   * Adds to `found` the numbers of words that may be near `word`, each once. These are all words within one edit, most of
   * the deeply indexed words within two edits or with a few doubled letters, and possibly some others. The time is bounded
   * for any `word`.
   */
  readonly near: (word: string, found: number[]) => void;
}

/** Length of words from which two letters are deleted. Shorter words would keep too few letters; longer ones have too many pairs. */
const shortestPair = 5;
const longestPair = 14;

/** `word` with two to four of its letters written twice in a row. */
const stuttered = (word: string): string[] => {
  const forms: string[] = [];
  for (let size = 2; size <= 4; size += 1)
    for (let end = size; end <= word.length && word.length + size <= longest; end += 1)
      forms.push(word.slice(0, end) + word.slice(end - size));
  return forms;
};

/** Indexes `words` (at most 24 letters each, at most 65,535 of them); `deep` selects those to find at two edits. */
export const deletionIndex = (words: readonly string[], deep: (number: number) => boolean): DeletionIndex => {
  const all: [number, number][] = [];
  const deepOnly: [number, number][] = [];
  for (const [number, word] of words.entries()) {
    scan(word);
    const hashes = [whole];
    for (let i = 0; i < word.length; i += 1) hashes.push((whole + alone[i]!) | 0);
    if (deep(number)) {
      for (let i = 0; i < word.length; i += 1)
        for (let j = i + 1; j < word.length; j += 1) hashes.push((whole + before[i]! + alone[j]!) | 0);
      for (const hash of hashes) deepOnly.push([hash, number]);
      for (const form of stuttered(word)) {
        scan(form);
        hashes.push(whole);
      }
    }
    for (const hash of hashes) all.push([hash, number]);
  }
  const probe = hashTable(all);
  const probeDeep = hashTable(deepOnly);

  return {
    near: (word, found) => {
      const length = word.length;
      if (length === 0 || length > longest) return;
      scan(word);
      probe(whole, found);
      for (let i = 0; i < length; i += 1) probe((whole + alone[i]!) | 0, found);
      if (length < shortestPair || length > longestPair) return;
      for (let i = 0; i < length; i += 1) {
        const first = whole + before[i]!;
        for (let j = i + 1; j < length; j += 1) probeDeep((first + alone[j]!) | 0, found);
      }
    },
  };
};
