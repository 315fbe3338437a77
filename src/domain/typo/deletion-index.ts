// Finds the words of a list that differ from a given word by a few letters, without comparing the word with all of them.
//
// The index contains each word, and each word without one or two of its letters. Two similar words become equal if the right
// letters are deleted from both: `gmial` and `gmail` both become `gmil`. This is known as a symmetric-delete index.

// The index stores hashes instead of words. The hash of a word is a polynomial of its letters, in 32-bit arithmetic. So the
// hash of a word without one of its letters can be computed from the hash of the word. Two different words may have the same
// hash by chance. A search then also finds a word that is not similar, so the caller must compare the words themselves.
const base = 0x01000193;
/** Maximum length of a word. */
const longest = 24;
const power = new Int32Array(longest + 1);
power[0] = 1;
for (let i = 1; i <= longest; i += 1) power[i] = Math.imul(power[i - 1]!, base);

// `scan` sets these three for a word. `whole`: its hash. `alone[i]`: the change of the hash if only letter i is deleted.
// `before[i]`: the part of the change that letter i causes if a later letter is deleted too. Deleting the letters i and j
// (i < j) changes the hash by `before[i] + alone[j]`.
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

// Mixes the high bits of a hash into its low bits, which are used as a position in a table.
const spread = (hash: number) => {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
};

/**
 * Creates a hash table of word numbers; the number of a word is its index in the list of words. Returns a function that adds
 * the numbers of the words with a given hash to `found`. It checks a bitmap (`filter`) first, which rules out most hashes that
 * the table does not contain.
 */
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
   * Adds to `found` the indexes of the words in the list that may be similar to `word`, each index once. It finds all words
   * that differ from `word` by one edit. Of the words that `deep` selects, it also finds most of those that differ by two
   * edits, and those of which `word` repeats a part (`gmgmail` for `gmail`). It may also find some that are not similar. The
   * time is limited for any `word`.
   */
  readonly near: (word: string, found: number[]) => void;
}

/**
 * Minimum and maximum length of a searched word from which two letters are deleted. In a shorter word, too few letters would
 * be left. A longer word has too many pairs of letters, so the search would take too long.
 */
const shortestPair = 5;
const longestPair = 14;

/** The forms of `word` in which a sequence of two to four letters is written twice, such as `gmgmail` for `gmail`. */
const stuttered = (word: string): string[] => {
  const forms: string[] = [];
  for (let size = 2; size <= 4; size += 1)
    for (let end = size; end <= word.length && word.length + size <= longest; end += 1)
      forms.push(word.slice(0, end) + word.slice(end - size));
  return forms;
};

/**
 * Creates an index of `words` (at most 65,535 words of at most 24 letters each). `deep` and `others` get the index of a word
 * in `words`. `deep` returns whether the word is also found if two letters differ. `others` returns further spellings under
 * which the word is found.
 */
export const deletionIndex = (
  words: readonly string[],
  deep: (number: number) => boolean,
  others: (number: number) => Iterable<string> = () => [],
): DeletionIndex => {
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
    for (const form of others(number)) {
      scan(form);
      hashes.push(whole);
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
