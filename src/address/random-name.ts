// Tells whether a local part looks as if a program had drawn its characters, such as `xkq7vz2rtb`. No list of names is needed:
// the characters of names follow each other in few ways.

/**
 * The consonants that follow a consonant within names, or where a first name and a surname meet. `y` counts as a vowel.
 */
const followers: Readonly<Record<string, string>> = {
  b: 'bcdhjlmnrst',
  c: 'cdfghklmnpqrstvwz',
  d: 'bdfghjklmnrstvwz',
  f: 'fghjklnrst',
  g: 'bcdghjklmnrstw',
  h: 'bcdhjklmnrstvw',
  j: 'dkn',
  k: 'bchjklmnrstvwz',
  l: 'bcdfghjklmnpqrstvwz',
  m: 'bcdfhklmnpqrstvwz',
  n: 'bcdfghjklmnpqrstvwxz',
  p: 'fhjklmnprst',
  q: 'v',
  r: 'bcdfghjklmnpqrstvwxz',
  s: 'bcdfghjklmnpqrstvwz',
  t: 'bcdfghjklmnpqrstvwxz',
  v: 'cdgklnrsvz',
  w: 'bcdfhklmnrstz',
  x: 'bcdfghklmnprstvwxz',
  z: 'bcdghklmnrstvwz',
};

const isVowel = (code: number): boolean => vowels[code] === 1;
const vowels = new Uint8Array(128);
for (const vowel of 'aeiouy') vowels[vowel.charCodeAt(0)] = 1;

/** Indexed by the codes of two letters: 1 if both are consonants and hardly any name has them in this order. */
const rarePairs = new Uint8Array(128 * 128);
for (const [first, known] of Object.entries(followers))
  for (const second of Object.keys(followers))
    if (!known.includes(second)) rarePairs[first.charCodeAt(0) * 128 + second.charCodeAt(0)] = 1;

const shortest = 8;
/** Minimum number of oddities, and of oddities for each pair of characters. */
const leastOdd = 3;
const leastOddShare = 0.2;

/** Up to two changes between letters and digits are usual: `jane1984`, `4jane2`. */
const usualChanges = 2;
/** Names have up to four consonants in a row, and some compounds of names have six: `knightsbridge`. */
const usualRun = 4;
const mostOddRun = 2;

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isLetter = (code: number): boolean => code >= 97 && code <= 122;

/**
 * Whether a local part looks drawn at random. Misses about a third of the random ones, so that hardly any name of a person is taken
 * for one. Ignores a tag after a plus sign. False for local parts with characters other than ASCII letters, digits, dots, hyphens and
 * underscores: programs make those up with a purpose.
 */
export function looksRandom(localPart: string): boolean {
  const plus = localPart.indexOf('+');
  const name = (plus > 0 ? localPart.slice(0, plus) : localPart).toLowerCase();
  if (name.length < shortest) return false;
  let odd = 0;
  let changes = 0;
  let run = 0;
  let longestRun = 0;
  let characters = 0;
  let before = 0;
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    const isALetter = isLetter(code);
    if (!isALetter && !isDigit(code)) {
      if (code !== 46 && code !== 45 && code !== 95) return false;
      before = 0;
      run = 0;
      continue;
    }
    characters += 1;
    if (before !== 0 && isALetter !== isLetter(before)) changes += 1;
    run = isALetter && !isVowel(code) ? run + 1 : 0;
    longestRun = Math.max(longestRun, run);
    // The first pair can be an initial and a surname, as in `jsmith`, and the last one a surname and an initial.
    if (index > 1 && index < name.length - 1 && before !== 0 && rarePairs[before * 128 + code] === 1)
      odd += 1;
    before = code;
  }
  odd += Math.max(0, changes - usualChanges);
  odd += Math.min(mostOddRun, Math.max(0, longestRun - usualRun));
  return characters >= shortest && odd >= leastOdd && odd >= leastOddShare * (characters - 1);
}
