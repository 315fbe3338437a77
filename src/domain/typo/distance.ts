// The cost of typing one word in place of another: an edit distance weighted by keyboard, sight and sound.

/** Words longer than this are not compared: every mailbox provider's name is much shorter. */
export const longestWord = 24;

const layouts = [
  ['1234567890-', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'],
  ['1234567890-', 'azertyuiop', 'qsdfghjklm', 'wxcvbn'],
  ['1234567890-', 'qwertzuiop', 'asdfghjkl', 'yxcvbnm'],
];

// Letters of one group sound or look alike in some language or typeface.
const alike = ['aeiouy', 'ckqs', 'szx', 'bpv', 'dt', 'gjq', 'fv', 'mn', 'ijl', 'uvw', 'jy', 'hn'];
const digits = ['0o', '1ilj', '3e', '4a', '5s', '6bg', '8b', '9gq', '7t', '2z'];

// A single letter that resembles two letters in writing or sound.
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

const cost = {
  neighbour: 1,
  // A neighbour only on a keyboard that is not QWERTY.
  neighbourElsewhere: 1.25,
  alike: 1.25,
  digit: 0.7,
  stranger: 1.9,
  transposition: 0.9,
  // A letter moved by two positions.
  rotation: 1.4,
  doubled: 0.8,
  // Two to four letters typed twice in a row, as in `gmgmail`.
  repeated: 1.1,
  dropped: 1,
  added: 1,
  addedStranger: 1.45,
  // A digit that is not next to its letter on the keyboard usually belongs to another name, such as mail4.dk.
  addedDigit: 2.2,
  hyphen: 0.5,
  // Extra cost of a different first letter. People notice it, so it is more often a different name.
  first: 0.45,
  pair: 0.8,
} as const;

const symbols = 128;
const substitution = new Float64Array(symbols * symbols).fill(cost.stranger);
const touching = new Uint8Array(symbols * symbols);
/** The single letter that resembles two letters, by the two letters. */
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

/** Maximum letters of a repetition. A longer repetition is not a slip. */
const longestRepeat = 4;

const width = longestWord + 1;
const table = new Float64Array(width * width);
const hyphen = 45;

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

const insertion = (letter: number, before: number, after: number) => {
  if (letter === hyphen) return cost.hyphen;
  if (isDigit(letter) && !touching[letter * symbols + before] && !touching[letter * symbols + after])
    return cost.addedDigit;
  if (letter === before || letter === after) return cost.doubled;
  return touching[letter * symbols + before] || touching[letter * symbols + after]
    ? cost.added
    : cost.addedStranger;
};

const deletion = (letter: number, before: number, after: number) => {
  if (letter === hyphen) return cost.hyphen;
  if (letter === before || letter === after) return cost.doubled;
  return cost.dropped;
};

// The character codes of both words, padded by three zeros in front and one at the end.
const room = 3;
const writtenCodes = new Uint8Array(longestWord + room + 1);
const meantCodes = new Uint8Array(longestWord + room + 1);

const encode = (word: string, codes: Uint8Array) => {
  for (let i = 0; i < word.length; i += 1) codes[i + room] = word.charCodeAt(i);
  codes[word.length + room] = 0;
};

/** If the letters before position `i` repeat the letters before those, their number; else 0. */
const repeatBefore = (i: number): number => {
  const end = i + room;
  for (let size = 2; size <= longestRepeat && 2 * size <= i; size += 1) {
    let same = 1;
    while (same <= size && writtenCodes[end - same] === writtenCodes[end - same - size]) same += 1;
    if (same > size) return size;
  }
  return 0;
};

/** The cost of cell i, j if its last letters are transposed, or if one letter was typed for two. At most `best`. */
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
 * The cost of typing `written` when `meant` was intended: 0 for equal words, about 1 for one ordinary slip, infinity
 * for more than `atMost`. Both are ASCII; a word longer than {@link longestWord} is infinitely far from any other.
 */
export const typingCost = (written: string, meant: string, atMost = Number.POSITIVE_INFINITY): number => {
  if (written === meant) return 0;
  const rows = written.length;
  const columns = meant.length;
  if (rows > longestWord || columns > longestWord) return Number.POSITIVE_INFINITY;
  if (Math.abs(rows - columns) * cost.hyphen > atMost) return Number.POSITIVE_INFINITY;
  encode(written, writtenCodes);
  encode(meant, meantCodes);

  table[0] = 0;
  for (let j = 1; j <= columns; j += 1)
    table[j] = table[j - 1]! + deletion(meantCodes[j + 2]!, meantCodes[j + 1]!, meantCodes[j + 3]!);
  // No edit reaches back more than four rows. If all cells of four rows exceed `atMost`, all later cells do.
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
