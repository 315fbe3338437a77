// Computes how unlikely it is that one word was typed by mistake for another. The cost is an edit distance in which an edit
// costs less if the keys are neighbors on the keyboard, or if the letters look or sound alike.

import { constants } from './constants.ts';
import { isVowelCode } from './vowels.ts';

/** Maximum length of the words that are compared. The names of all mailbox providers are shorter. */
export const longestWord = 24;

/** The rows of keys on three keyboards: QWERTY, AZERTY and QWERTZ. */
const layouts = [
  ['1234567890-', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'],
  ['1234567890-', 'azertyuiop', 'qsdfghjklm', 'wxcvbn'],
  ['1234567890-', 'qwertzuiop', 'asdfghjkl', 'yxcvbnm'],
];

// Groups of letters that sound or look alike in some language or typeface.
const alike = ['aeiouy', 'ckqs', 'szx', 'bpv', 'dt', 'gjq', 'fv', 'mn', 'ijl', 'uvw', 'jy', 'hn'];
// Digits, each followed by the letters that look like it.
const digits = ['0o', '1ilj', '3e', '4a', '5s', '6bg', '8b', '9gq', '7t', '2z'];

// Two letters, and the single letter that looks or sounds like them.
const pairs: readonly (readonly [string, string])[] = [
  ['rn', 'm'],
  ['nn', 'm'],
  ['vv', 'w'],
  ['cl', 'd'],
  ['ks', 'x'],
  ['ph', 'f'],
  ['ck', 'k'],
  ['ou', 'u'],
  ['ei', 'a'],
  ['li', 'h'],
  ['ge', 'g'],
  ['gi', 'g'],
  ['ai', 'e'],
];

const cost = constants.slip;

// Tables with an entry for each pair of ASCII characters a and b, at a * symbols + b. `substitution`: the cost of typing one
// for the other. `touching`: whether their keys are neighbors on a QWERTY keyboard. `single`: the code of the letter that
// resembles the two characters written one after the other, such as `m` for `rn`; 0 if there is none.
const symbols = 128;
const substitution = new Float64Array(symbols * symbols).fill(cost.stranger);
const touching = new Uint8Array(symbols * symbols);
const single = new Uint8Array(symbols * symbols);

const set = (table: Float64Array, a: string, b: string, value: number) => {
  const left = a.charCodeAt(0);
  const right = b.charCodeAt(0);
  table[left * symbols + right] = Math.min(table[left * symbols + right]!, value);
  table[right * symbols + left] = Math.min(table[right * symbols + left]!, value);
};

const connect = (group: string, value: number) => {
  for (const a of group) for (const b of group) if (a !== b) set(substitution, a, b, value);
};

for (const [number, rows] of layouts.entries())
  for (const [row, keys] of rows.entries())
    for (const [column, key] of [...keys].entries())
      for (const near of [keys[column + 1], rows[row + 1]?.[column], rows[row + 1]?.[column - 1]])
        if (near !== undefined) {
          set(substitution, key, near, number === 0 ? cost.neighbour : cost.neighbourElsewhere);
          if (number > 0) continue;
          touching[key.charCodeAt(0) * symbols + near.charCodeAt(0)] = 1;
          touching[near.charCodeAt(0) * symbols + key.charCodeAt(0)] = 1;
        }
for (const group of alike) connect(group, cost.alike);
for (const group of digits)
  for (const letter of group.slice(1)) set(substitution, group[0]!, letter, cost.digit);
for (const [two, one] of pairs) single[two.charCodeAt(0) * symbols + two.charCodeAt(1)] = one.charCodeAt(0);

/** Maximum length of a sequence of letters that is typed twice by mistake, as in `gmgmail`. */
const longestRepeat = 4;

const width = longestWord + 1;

/**
 * The lowest cost of typing `n` additional letters, by `n`: hyphens, and sequences of letters that are typed twice. Lower than
 * the cost of `n` additional hyphens if `n` is large, because a sequence of four letters costs little more than two hyphens.
 */
const cheapestAdded = new Float64Array(width);
for (let n = 1; n < width; n += 1) {
  cheapestAdded[n] = cheapestAdded[n - 1]! + cost.hyphen;
  for (let size = 2; size <= Math.min(n, longestRepeat); size += 1)
    cheapestAdded[n] = Math.min(cheapestAdded[n]!, cheapestAdded[n - size]! + cost.repeated);
}

/**
 * The cell at i * width + j is the cost of typing the first i letters of the typed word when the first j letters of the
 * intended word were meant.
 */
const table = new Float64Array(width * width);
const hyphen = 45;

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** The character code of `h`. */
const silent = 104;

/** The cost of an additional letter. `before` and `after` are its neighbors in the typed word. */
const insertion = (letter: number, before: number, after: number) => {
  if (letter === hyphen) return cost.hyphen;
  if (isDigit(letter) && !touching[letter * symbols + before] && !touching[letter * symbols + after])
    return cost.addedDigit;
  if (letter === before || letter === after) return cost.doubled;
  // In many languages an h after a consonant is silent, so people add it easily.
  if (letter === silent && before !== 0 && !isVowelCode(before)) return cost.added;
  return touching[letter * symbols + before] || touching[letter * symbols + after]
    ? cost.added
    : cost.addedStranger;
};

/** The cost of a missing letter. `before` and `after` are its neighbors in the intended word. */
const deletion = (letter: number, before: number, after: number) => {
  if (letter === hyphen) return cost.hyphen;
  if (letter === before || letter === after) return cost.doubled;
  return cost.dropped;
};

// The character codes of the typed and the intended word, with three zeros before each word and one after it. Because of the
// zeros, the neighbors of a letter can be read without a check for the ends of the word.
const room = 3;
const writtenCodes = new Uint8Array(longestWord + room + 1);
const meantCodes = new Uint8Array(longestWord + room + 1);

const encode = (word: string, codes: Uint8Array) => {
  for (let i = 0; i < word.length; i += 1) codes[i + room] = word.charCodeAt(i);
  codes[word.length + room] = 0;
};

/**
 * If the first `i` letters of the typed word end with a sequence of two to four letters that is written twice, the length of
 * this sequence: 2 for `gmgm`. Otherwise 0.
 */
const repeatBefore = (i: number): number => {
  const end = i + room;
  for (let size = 2; size <= longestRepeat && 2 * size <= i; size += 1) {
    let same = 1;
    while (same <= size && writtenCodes[end - same] === writtenCodes[end - same - size]) same += 1;
    if (same > size) return size;
  }
  return 0;
};

/**
 * The lowest cost of cell i, j of `table`, including errors at the last two or three letters: letters in the wrong order, one
 * letter typed for two, or two for one. `best` is the lowest cost without these errors.
 */
const combined = (i: number, j: number, best: number): number => {
  const at = i * width + j;
  const w = writtenCodes[i + 2]!;
  const m = meantCodes[j + 2]!;
  const previous = writtenCodes[i + 1]!;
  const earlier = meantCodes[j + 1]!;
  let least = best;
  if (i > 1 && j > 1 && w === earlier && previous === m)
    least = Math.min(least, table[at - 2 * width - 2]! + cost.transposition);
  if (i > 2 && j > 2) {
    const third = writtenCodes[i]!;
    const farthest = meantCodes[j]!;
    const early = w === earlier && previous === farthest && third === m;
    const late = w === farthest && third === earlier && previous === m;
    if (early || late) least = Math.min(least, table[at - 3 * width - 3]! + cost.rotation);
  }
  if (i > 1 && single[previous * symbols + w] === m)
    least = Math.min(least, table[at - 2 * width - 1]! + cost.pair);
  if (j > 1 && single[earlier * symbols + m] === w)
    least = Math.min(least, table[at - width - 2]! + cost.pair);
  return least;
};

/**
 * The cost of typing `written` when `meant` was intended: 0 for equal words, and about 1 for an ordinary typing error. Infinity
 * if the cost exceeds `atMost`. Also infinity if the words differ and one is
 * longer than {@link longestWord}. Both must be ASCII.
 */
export const typingCost = (written: string, meant: string, atMost = Number.POSITIVE_INFINITY): number => {
  if (written === meant) return 0;
  const rows = written.length;
  const columns = meant.length;
  if (rows > longestWord || columns > longestWord) return Number.POSITIVE_INFINITY;
  const cheapest = rows > columns ? cheapestAdded[rows - columns]! : (columns - rows) * cost.hyphen;
  if (cheapest > atMost) return Number.POSITIVE_INFINITY;
  encode(written, writtenCodes);
  encode(meant, meantCodes);

  table[0] = 0;
  for (let j = 1; j <= columns; j += 1)
    table[j] = table[j - 1]! + deletion(meantCodes[j + 2]!, meantCodes[j + 1]!, meantCodes[j + 3]!);
  // A cell depends on at most four rows before it. So if all cells of four consecutive rows exceed `atMost`, all later ones
  // do. These variables hold the lowest cost in each of the last four rows.
  let least = 0;
  let lessRecent = 0;
  let leastRecent = 0;
  let longAgo = 0;
  for (let i = 1; i <= rows; i += 1) {
    if (least > atMost && lessRecent > atMost && leastRecent > atMost && longAgo > atMost)
      return Number.POSITIVE_INFINITY;
    longAgo = leastRecent;
    leastRecent = lessRecent;
    lessRecent = least;
    const w = writtenCodes[i + 2]!;
    const previous = writtenCodes[i + 1]!;
    const added = insertion(w, previous, writtenCodes[i + 3]!);
    const pair = single[previous * symbols + w]!;
    const row = i * width;
    const repeat = repeatBefore(i);
    least = table[row - width]! + added + (added > cost.added ? cost.first : 0);
    table[row] = least;
    for (let j = 1; j <= columns; j += 1) {
      const at = row + j;
      const m = meantCodes[j + 2]!;
      const earlier = meantCodes[j + 1]!;
      let best = table[at - width]! + added;
      const dropped = table[at - 1]! + deletion(m, earlier, meantCodes[j + 3]!);
      if (dropped < best) best = dropped;
      const diagonal = table[at - width - 1]!;
      if (w === m) {
        if (diagonal < best) best = diagonal;
      } else if (diagonal < best) {
        let replaced = diagonal + substitution[w * symbols + m]!;
        if (i === 1 && j === 1 && replaced > cost.neighbour) replaced += cost.first;
        if (replaced < best) best = replaced;
      }
      if (w === earlier || w === meantCodes[j] || pair === m || single[earlier * symbols + m] === w)
        best = combined(i, j, best);
      if (repeat > 0) best = Math.min(best, table[at - repeat * width]! + cost.repeated);
      table[at] = best;
      if (best < least) least = best;
    }
  }
  const total = table[rows * width + columns]!;
  return total > atMost ? Number.POSITIVE_INFINITY : total;
};
