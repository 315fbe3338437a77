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

/** The character codes of the word that is searched or indexed. */
const codes = new Uint8Array(longest);

/** Reads the first `length` letters of `word`. */
const scan = (word: string, length = word.length) => {
  const last = length - 1;
  let prefix = 0;
  for (let i = 0; i <= last; i += 1) {
    const code = word.charCodeAt(i);
    codes[i] = code;
    const next = (Math.imul(prefix, base) + code) | 0;
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

// Beginnings and ends of the indexed forms. Most words begin and end like no form, so most searches finish without a look at
// the table.

/** Number of letters of a beginning, and of an end. */
const headLength = 4;
const tailLength = 3;
/** Number of bits of a bitmap of pieces for each word. A word has up to 40 pieces, and few other words should match one. */
const bitsOfWord = 256;

/** The five low bits of a character code tell letters apart. A digit may pass for a letter, which only adds candidates. */
const appended = (piece: number, code: number) => ((piece << 5) | (code & 31)) & 0xfffff;

/** A set of beginnings or ends. It may also contain a few that were not added. */
interface PieceSet {
  readonly add: (piece: number) => void;
  readonly has: (piece: number) => boolean;
}

const pieceSet = (words: number): PieceSet => {
  const bits = Math.ceil(Math.log2(bitsOfWord * Math.max(words, 1)));
  const bitmap = new Uint32Array(2 ** (bits - 5));
  const slotOf = (piece: number) => Math.imul(piece, 0x9e3779b1) >>> (32 - bits);
  return {
    add: (piece) => {
      const slot = slotOf(piece);
      bitmap[slot >>> 5]! |= 1 << (slot & 31);
    },
    has: (piece) => {
      const slot = slotOf(piece);
      return (bitmap[slot >>> 5]! & (1 << (slot & 31))) !== 0;
    },
  };
};

/**
 * The first `headLength` letters of the word in `codes`, without the letters at the indexes `skipped` and `alsoSkipped` (-1:
 * none).
 */
const headOf = (skipped: number, alsoSkipped: number): number => {
  let head = 0;
  for (let i = 0, taken = 0; taken < headLength; i += 1) {
    if (i === skipped || i === alsoSkipped) continue;
    head = appended(head, codes[i]!);
    taken += 1;
  }
  return head;
};

/** The last letters of the word of `length` letters in `codes` without the letters `skipped` and `alsoSkipped`. */
const tailOf = (length: number, skipped: number, alsoSkipped: number): number => {
  let tail = 0;
  for (let i = length - 1, taken = 0; taken < tailLength; i -= 1) {
    if (i === skipped || i === alsoSkipped) continue;
    tail = appended(tail, codes[i]!);
    taken += 1;
  }
  return tail;
};

/** Adds the beginnings of the word of `length` letters in `codes`, and of its forms without one letter. */
const addHeads = (heads: PieceSet, length: number): void => {
  if (length === headLength) heads.add(headOf(-1, -1));
  // Without the letter `headLength`, or a later one, the beginning is that of the whole word.
  if (length > headLength) for (let i = 0; i <= headLength; i += 1) heads.add(headOf(i, -1));
};

/** Adds the beginnings of the forms without two letters. */
const addPairHeads = (heads: PieceSet, length: number): void => {
  if (length < headLength + 2) return;
  for (let i = 0; i <= headLength; i += 1)
    for (let j = i + 1; j <= headLength + 1; j += 1) heads.add(headOf(i, j));
};

/** Adds the ends of the word, which has at least `tailLength` + 2 letters, and of its forms without one or two letters. */
const addTails = (tails: PieceSet, length: number): void => {
  const first = length - tailLength - 2;
  for (let i = first; i < length; i += 1)
    for (let j = i + 1; j < length; j += 1) tails.add(tailOf(length, i, j));
};

/**
 * Creates a hash table of word numbers; the number of a word is its index in the list of words. `hashes[i]` is a hash of the
 * word `numbers[i]`. Returns a function that adds the numbers of the words with a given hash to `found`. It checks a bitmap
 * (`filter`) first, which rules out most hashes that the table does not contain.
 */
const hashTable = (hashes: readonly number[], numbers: readonly number[]) => {
  const bits = Math.ceil(Math.log2(hashes.length * 2 + 2));
  const mask = 2 ** bits - 1;
  const keys = new Int32Array(mask + 1);
  const values = new Uint16Array(mask + 1);
  const filterMask = 2 ** (bits + 4) - 1;
  const filter = new Uint32Array((filterMask + 1) >>> 5);
  for (let i = 0; i < hashes.length; i += 1) {
    const hash = hashes[i]!;
    const value = numbers[i]! + 1;
    const mixed = spread(hash);
    filter[(mixed & filterMask) >>> 5]! |= 1 << (mixed & 31);
    let slot = mixed & mask;
    while (values[slot] !== 0 && !(keys[slot] === hash && values[slot] === value)) slot = (slot + 1) & mask;
    keys[slot] = hash;
    values[slot] = value;
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
   * Adds to `found` the indexes of the words in the list that may be similar to `word`, the first `length` letters of `text`.
   * Adds each index once. It finds all words
   * that differ from `word` by one edit. Of the words that `deep` selects, it also finds most of those that differ by two
   * edits, and those of which `word` repeats a part (`gmgmail` for `gmail`). It may also find some that are not similar. The
   * time is limited for any `word`.
   */
  readonly near: (text: string, length: number, found: number[]) => void;
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
  const all = { hashes: [] as number[], numbers: [] as number[], heads: pieceSet(words.length) };
  const pairs = {
    hashes: [] as number[],
    numbers: [] as number[],
    heads: pieceSet(words.length),
    tails: pieceSet(words.length),
  };
  const add = (number: number, hash: number, isDeep: boolean): void => {
    all.hashes.push(hash);
    all.numbers.push(number);
    if (!isDeep) return;
    pairs.hashes.push(hash);
    pairs.numbers.push(number);
  };
  for (const [number, word] of words.entries()) {
    const { length } = word;
    const isDeep = length >= shortestPair && deep(number);
    scan(word);
    addHeads(all.heads, length);
    add(number, whole, isDeep);
    for (let i = 0; i < length; i += 1) add(number, (whole + alone[i]!) | 0, isDeep);
    if (isDeep) {
      addHeads(pairs.heads, length);
      for (const heads of [all.heads, pairs.heads]) addPairHeads(heads, length);
      addTails(pairs.tails, length);
      for (let i = 0; i < length; i += 1)
        for (let j = i + 1; j < length; j += 1) add(number, (whole + before[i]! + alone[j]!) | 0, true);
    }
    const forms = isDeep ? [...stuttered(word), ...others(number)] : others(number);
    for (const form of forms) {
      scan(form);
      if (form.length >= headLength) all.heads.add(headOf(-1, -1));
      add(number, whole, false);
    }
  }
  const probe = hashTable(all.hashes, all.numbers);
  const probePair = hashTable(pairs.hashes, pairs.numbers);

  /** Searches for a word of `length` letters, which was scanned, without the letter `i` and a later one. */
  const probePairs = (i: number, from: number, to: number, found: number[]): void => {
    const first = whole + before[i]!;
    for (let j = from; j < to; j += 1) probePair((first + alone[j]!) | 0, found);
  };

  const nearShort = (word: string, length: number, found: number[]): void => {
    scan(word, length);
    probe(whole, found);
    for (let i = 0; i < length; i += 1) probe((whole + alone[i]!) | 0, found);
    if (length >= shortestPair) for (let i = 0; i < length; i += 1) probePairs(i, i + 1, length, found);
  };

  // A form of the word begins with its first letters, or with those that are left if one of them is deleted. If no indexed
  // form begins so, no form of the word with the same beginning needs a probe.
  const nearLong = (word: string, length: number, found: number[]): void => {
    let isScanned = false;
    const hasPairs = length <= longestPair;
    let first = 0;
    for (let i = 0; i <= headLength; i += 1) first = (first << 5) | (word.charCodeAt(i) & 31);
    for (let i = 0; i <= headLength; i += 1) {
      const below = 5 * (headLength - i);
      const head = ((first >>> (below + 5)) << below) | (first & ((1 << below) - 1));
      if (!all.heads.has(head)) continue;
      if (!isScanned) scan(word, length);
      isScanned = true;
      // With i = headLength, the beginning is that of the whole word, and of all forms without later letters only.
      if (i === headLength) probe(whole, found);
      const last = i === headLength ? length : i + 1;
      for (let at = i; at < last; at += 1) probe((whole + alone[at]!) | 0, found);
      if (!hasPairs || !pairs.heads.has(head)) continue;
      for (let at = i; at < last; at += 1) probePairs(at, Math.max(at, headLength) + 1, length, found);
    }
    if (!hasPairs) return;
    // The remaining forms: both letters are deleted from the beginning.
    if (length - tailLength > headLength) {
      for (let i = length - tailLength; i < length; i += 1) codes[i] = word.charCodeAt(i);
      if (!pairs.tails.has(tailOf(length, -1, -1))) return;
    }
    if (!isScanned) scan(word, length);
    for (let i = 0; i < headLength; i += 1) probePairs(i, i + 1, headLength + 1, found);
  };

  return {
    near: (text, length, found) => {
      if (length === 0 || length > longest) return;
      if (length < headLength + 2) nearShort(text, length, found);
      else nearLong(text, length, found);
    },
  };
};
