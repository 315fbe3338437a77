// Finds a line of a text by its first word, without a string for each line.

const lineFeed = 10;
const space = 32;

export interface LineIndex {
  /** The position of the first line of the text that has `word` as its first word, or -1. */
  readonly find: (word: string) => number;
}

/** Number of searches before the lines are indexed. They take about as long as indexing the lines of the built-in lists. */
const searchesBefore = 64;

/**
 * Finds lines of `text` by their first words, which end with a space or with the line. Finds no empty line, and none from `end`
 * on, which is the position of a line feed or the length of the text. The first `searches` searches read the text, since many
 * processes make only a few. The next one indexes the lines.
 */
export const lineIndex = (text: string, end: number, searches = searchesBefore): LineIndex => {
  const isAt = (word: string, start: number): boolean => {
    const after = start + word.length;
    if (after > end) return false;
    for (let i = 0; i < word.length; i += 1) {
      const code = word.charCodeAt(i);
      if (code === space || code === lineFeed || text.charCodeAt(start + i) !== code) return false;
    }
    const next = after === end ? lineFeed : text.charCodeAt(after);
    return next === lineFeed || next === space;
  };

  const search = (word: string): number => {
    if (word === '') return -1;
    if (isAt(word, 0)) return 0;
    for (let at = text.indexOf(`\n${word}`); at >= 0; at = text.indexOf(`\n${word}`, at + 1))
      if (isAt(word, at + 1)) return at + 1;
    return -1;
  };

  let find: LineIndex['find'] | null = null;
  let searched = 0;
  return {
    find: (word) => {
      if (find !== null) return find(word);
      searched += 1;
      if (searched <= searches) return search(word);
      find = indexed(text, end, isAt);
      return find(word);
    },
  };
};

const hashWith = (hash: number, code: number): number => Math.imul(hash ^ code, 0x01000193);

const tagOf = (hash: number): number => (hash & 0xff) | 1;

/** Indexes the lines. `isAt` returns whether the line at a position begins with a word. */
const indexed = (
  text: string,
  end: number,
  isAt: (word: string, start: number) => boolean,
): LineIndex['find'] => {
  const hashes: number[] = [];
  const starts: number[] = [];
  for (let start = 0; start < end; ) {
    let hash = 0;
    let at = start;
    for (; at < end; at += 1) {
      const code = text.charCodeAt(at);
      if (code === space || code === lineFeed) break;
      hash = hashWith(hash, code);
    }
    if (at > start) {
      hashes.push(hash);
      starts.push(start);
    }
    const next = text.indexOf('\n', at);
    start = next < 0 ? end : next + 1;
  }

  const bits = Math.ceil(Math.log2(2 * hashes.length + 2));
  const mask = 2 ** bits - 1;
  const firstSlot = (hash: number): number => Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> (32 - bits);
  // A slot has a tag and a position. The tags are some bits of the hash, and never 0; the tag of a free slot is 0. For most words
  // that begin no line, no tag matches, so the text is not read. The tags fit into the fastest cache of a processor.
  const tags = new Uint8Array(mask + 1);
  const positions = new Int32Array(mask + 1);
  for (let i = 0; i < hashes.length; i += 1) {
    let slot = firstSlot(hashes[i]!);
    while (tags[slot] !== 0) slot = (slot + 1) & mask;
    tags[slot] = tagOf(hashes[i]!);
    positions[slot] = starts[i]!;
  }

  return (word) => {
    let hash = 0;
    for (let i = 0; i < word.length; i += 1) hash = hashWith(hash, word.charCodeAt(i));
    const tag = tagOf(hash);
    for (let slot = firstSlot(hash); tags[slot] !== 0; slot = (slot + 1) & mask)
      if (tags[slot] === tag && isAt(word, positions[slot]!)) return positions[slot]!;
    return -1;
  };
};
