// Guesses the legacy encoding of a file. Decodes the file with each encoding, and takes the one whose text looks most
// like words.

/** The encodings that are detected. If two fit equally well, the earlier one is chosen. */
const detected = [
  'windows-1250',
  'iso-8859-2',
  'windows-1251',
  'koi8-r',
  'macintosh',
  'windows-1253',
  'windows-1254',
  'windows-1257',
  'iso-8859-15',
  'shift_jis',
  'gbk',
  'big5',
  'euc-kr',
  'euc-jp',
] as const;

/** Other encodings of the Encoding Standard with one byte for each character. A caller can name them. */
const named = [
  'ibm866',
  'iso-8859-5',
  'iso-8859-3',
  'iso-8859-4',
  'iso-8859-6',
  'iso-8859-7',
  'iso-8859-8',
  'iso-8859-10',
  'iso-8859-13',
  'iso-8859-14',
  'iso-8859-16',
  'koi8-u',
  'windows-874',
  'windows-1255',
  'windows-1256',
  'windows-1258',
  'x-mac-cyrillic',
] as const;

export const legacyEncodings = [...detected, ...named] as const;

export type LegacyEncoding = (typeof legacyEncodings)[number];

/** How much better than windows-1252 an encoding must score to be chosen, per non-ASCII byte. */
const margin = 0.3;

/**
 * The legacy encoding of `bytes`. Null if they are ASCII or mostly UTF-8, or if no encoding fits clearly better than
 * windows-1252. `bytes` must not be UTF-16.
 */
export function detectLegacy(bytes: Uint8Array): LegacyEncoding | null {
  const sample = bytes.subarray(0, lastLineEnd(bytes));
  let high = 0;
  for (const byte of sample) if (byte > 0x7f) high++;
  if (high === 0 || utf8Bytes(sample) >= high * 0.66) return null;
  let best: LegacyEncoding | null = null;
  const western = scoreOf(sample, 'windows-1252');
  let bestScore = western + margin * high;
  for (const encoding of detected) {
    const score = scoreOf(sample, encoding);
    if (score > bestScore && score > 0) [best, bestScore] = [encoding, score];
  }
  // ISO 8859-15 differs from windows-1252 in few letters only, so the rest of the text does not tell the two apart.
  return best === null && scoreOf(sample, 'iso-8859-15') > western ? 'iso-8859-15' : best;
}

/**
 * The index after the last line ending, or the length of `bytes` if there is none. `bytes` is the beginning of a file, so
 * its last character may be cut off. All characters before a line ending are complete.
 */
const lastLineEnd = (bytes: Uint8Array): number => {
  const end = Math.max(bytes.lastIndexOf(10), bytes.lastIndexOf(13)) + 1;
  return end === 0 ? bytes.length : end;
};

/** The number of bytes in valid UTF-8 sequences of two or more bytes. */
function utf8Bytes(bytes: Uint8Array): number {
  let found = 0;
  for (let at = 0; at < bytes.length; at++) {
    const lead = bytes[at]!;
    const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
    let end = at + 1;
    while (end < at + length && bytes[end]! >= 0x80 && bytes[end]! <= 0xbf) end++;
    if (length > 1 && end === at + length) {
      found += length;
      at = end - 1;
    }
  }
  return found;
}

function scoreOf(bytes: Uint8Array, encoding: LegacyEncoding | 'windows-1252'): number {
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: encoding !== 'euc-kr' }).decode(bytes);
  } catch {
    return Number.NEGATIVE_INFINITY;
  }
  const pairs = pairScores[encoding];
  return pairs === undefined ? letterScore(text, encoding) : pairScore(bytes, pairs);
}

/** For each single-byte encoding, the letters beyond ASCII of each language that is written in it. */
const central = ['ąćęłńóśźż', 'áčďéěíňóřšťúůýž', 'áäčďéíĺľňóôŕšťúýž', 'áéíóöőúüű', 'ăâîşţ', 'čćđšž'];
const icelandic = 'áðéíóúýþæö';
const western = ['éèêëàâäöüßçñíóúáåæøãõôîïûùœ', icelandic];
const cyrillic = ['оеаинтсрвлкмдпуяыьгзбчйхжшюёіїєщцэф'];
const languages: Readonly<Record<string, readonly string[]>> = {
  'windows-1250': central,
  'iso-8859-2': central,
  'windows-1252': western,
  'iso-8859-15': [`${western[0]}šž`],
  macintosh: western,
  'windows-1254': ['çğıöşüâî'],
  'windows-1257': ['ąčęėįšųūž', 'āčēģīķļņšūž', 'äõöüšž'],
  'windows-1251': cyrillic,
  'koi8-r': cyrillic,
  'windows-1253': ['αοιετσνηυρπκμλςγδθάίόήέύώ'],
};

/**
 * Scores how much the non-ASCII characters of a text look like parts of words. Letters of the language that fits best raise
 * the score; other letters, symbols, and capitals inside a word lower it.
 */
function letterScore(text: string, encoding: string): number {
  const letters = new Map<string, number>();
  // Words such as `Łódź` are common in some languages only.
  const perLetterPair = languages[encoding] === western ? 2 : 1;
  let score = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character <= '\x7f') continue;
    const [before, after] = [text[at - 1] ?? ' ', text[at + 1] ?? ' '];
    if (!/\p{L}/u.test(character)) {
      if (/[\x80-\x9f\ufffd]/.test(character)) score -= 10;
      else score -= isLetter(before) || isLetter(after) ? 3 : 0.5;
      continue;
    }
    const lower = character.toLowerCase();
    const isCapital = lower !== character;
    letters.set(lower, (letters.get(lower) ?? 0) + (isCapital ? 0.5 : 1));
    const isLatin = /\p{Script=Latin}/u.test(character);
    if (isCapital && /\p{Ll}/u.test(before)) score -= 3;
    if (before > '\x7f' && isLetter(before) && isLatin) score -= perLetterPair;
    if (!isLatin && (/[a-z]/i.test(before) || /[a-z]/i.test(after))) score -= 3;
  }
  const fits = (languages[encoding] ?? []).map((frequent) => {
    // Turkish is more common, and its letters have the bytes of Icelandic ones.
    const weight = frequent === icelandic ? 1.5 : 2;
    let sum = 0;
    for (const [letter, count] of letters) sum += count * (frequent.includes(letter) ? weight : -0.5);
    return sum;
  });
  return score + Math.max(...fits);
}

const isLetter = (character: string): boolean => /\p{L}/u.test(character);

type PairScore = (lead: number, trail: number) => number;

/** For each double-byte encoding, the score of a byte pair. Pairs that are frequent in real text score high. */
const pairScores: Partial<Record<LegacyEncoding | 'windows-1252', PairScore>> = {
  shift_jis: (lead, trail) =>
    (lead === 0x82 && trail >= 0x9f) || (lead === 0x83 && trail <= 0x96)
      ? 5
      : lead >= 0x88 && lead <= 0x97
        ? 4
        : -2,
  gbk: (lead, trail) => (trail < 0xa1 ? -2 : lead >= 0xb0 && lead <= 0xd7 ? 4 : lead <= 0xa9 ? -1 : -2),
  big5: (lead) => (lead >= 0xa4 && lead <= 0xc6 ? 4 : lead < 0xa4 ? 0 : -1),
  // Syllables that KS X 1001 does not have use other lead or trail bytes. They are rare.
  'euc-kr': (lead, trail) => (trail < 0xa1 || lead < 0xa1 ? 0 : lead >= 0xb0 && lead <= 0xc8 ? 4.2 : -3),
  'euc-jp': (lead) => (lead === 0xa4 || lead === 0xa5 ? 5 : lead >= 0xb0 && lead <= 0xcf ? 3.9 : -3),
};

function pairScore(bytes: Uint8Array, scoreOfPair: PairScore): number {
  let score = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at]! <= 0x7f) continue;
    // The half-width katakana of Shift_JIS and the euro sign of GBK are single bytes. They are so rare that it does
    // not matter that they are read as pairs here.
    score += scoreOfPair(bytes[at]!, bytes[at + 1] ?? 0);
    if (isAsciiLetter(bytes[at - 1]) || isAsciiLetter(bytes[at + 2])) score -= 4;
    at++;
  }
  return score;
}

const isAsciiLetter = (byte = 0): boolean => (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
