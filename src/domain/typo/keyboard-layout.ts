// Reads a domain that was typed while another keyboard layout was active, such as пьфшд.сщь for gmail.com, or that is written by
// its sound in another script, such as гмаил.ком.

/** The letter keys of a QWERTY keyboard, and `.`, which is one of the letters on several layouts. */
const keys = 'qwertyuiopasdfghjklzxcvbnm.';

// What each of `keys` types on a layout; a space where it is no letter. Sources: the standard layouts of Windows.
const layouts = [
  'йцукенгшщзфывапролдячсмитью', // Russian
  'йцукенгшщзфівапролдячсмитью', // Ukrainian
  'йцукенгшўзфывапролдячсмітью', // Belarusian
  ';ςερτυθιοπασδφγηξκλζχψωβνμ ', // Greek
  "/'קראטוןםפשדגכעיחלךזסבהנמצץ", // Hebrew
  'ضصثقفغعهخحشسيبلاتنمئءؤر ىةز', // Arabic
  'ๆไ พะัีรนยฟหกดเ้่าสผปแอิืทใ', // Thai (Kedmanee)
];
/** Letters that are more than one character, with their key. */
const longLetters: readonly (readonly [string, string])[] = [
  ['لا', 'b'], // Arabic lam-alef
  ['ํา', 'e'], // Thai sara am, as Unicode normalization decomposes it
];

// The keys of the parts of Korean syllables (two-set layout), in the order of Unicode: initial consonants, vowels, final
// consonants. Some vowels and final consonants take two keys. Upper case: with Shift.
const korean: readonly (readonly [number, string])[] = [
  [0x1100, 'r R s e E f a q Q t T d w W c z x v g'],
  [0x1161, 'k o i O j p u P h hk ho hl y n nj np nl b m ml l'],
  [0x11a8, 'r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g'],
];

// Cyrillic and Greek letters by their sound.
const sounds =
  'а=a б=b в=v г=g д=d е=e ё=e ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=h ц=c ч=ch ш=sh щ=sch ы=y ь= ъ= э=e ю=yu я=ya і=i ї=i є=e ў=u ' +
  'α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t υ=y φ=f χ=h ψ=ps ω=o';

const layoutMaps = (): ReadonlyMap<string, string>[] => {
  const maps = layouts.map(
    (letters) => new Map([...letters].flatMap((letter, i) => (letter === ' ' ? [] : [[letter, keys[i]!]]))),
  );
  const parts = korean.flatMap(([first, texts]) =>
    texts.split(' ').map((text, i) => [String.fromCharCode(first + i), text.toLowerCase()] as const),
  );
  return [...maps, new Map(parts)];
};

const soundMap = (): ReadonlyMap<string, string> =>
  new Map(sounds.split(' ').map((pair) => [pair[0]!, pair.slice(2)]));

let readings: {
  readonly typed: readonly ReadonlyMap<string, string>[];
  readonly sounds: ReadonlyMap<string, string>;
} | null = null;

/** `text` with each character of `map` replaced. Null if a character is neither in `map` nor in ASCII. */
const replaced = (text: string, map: ReadonlyMap<string, string>): string | null => {
  let result = '';
  for (const character of text) {
    const other = map.get(character);
    if (other === undefined && character > '\u007f') return null;
    result += other ?? character;
  }
  return result;
};

export interface LayoutReading {
  /** ASCII text. It may contain marks and need not be a domain. */
  readonly text: string;
  /** Whether the letters were typed with another layout, rather than written by their sound. */
  readonly isTyped: boolean;
}

/**
 * The texts that may have been meant by `text`, which contains letters of another script: the same keys on a QWERTY keyboard,
 * and the sounds in Latin letters. `text` is in lower case and in Unicode form NFKC, and its labels are not encoded.
 */
export const layoutReadings = (text: string): readonly LayoutReading[] => {
  readings ??= { typed: layoutMaps(), sounds: soundMap() };
  let joined = text;
  for (const [letters, key] of longLetters) joined = joined.replaceAll(letters, key);
  const found: LayoutReading[] = [];
  for (const map of readings.typed) {
    const typed = replaced(joined, map) ?? replaced(joined.normalize('NFD'), map);
    if (typed !== null) found.push({ text: typed, isTyped: true });
  }
  const spoken = replaced(text, readings.sounds);
  return spoken === null ? found : [...found, { text: spoken, isTyped: false }];
};

// Keys of AZERTY and QWERTZ keyboards that type another character on QWERTY, in both directions.
const latinLayouts: readonly ReadonlyMap<string, string>[] = [
  new Map([...'qawz;,:<'].map((key, i) => [key, 'aqzwmm..'[i]!])),
  new Map([...'yz'].map((key, i) => [key, 'zy'[i]!])),
];
/** With fewer characters that differ, the typing costs decide. */
const fewestChanges = 2;

/**
 * The texts that may have been meant by `text`, in lower case, if it was typed on an AZERTY or QWERTZ keyboard as on QWERTY, or
 * the other way round: `g;qil.co;` and `g,qil:co,` for gmail.com. Many are not domains.
 */
export const latinReadings = (text: string): string[] =>
  latinLayouts.flatMap((map) => {
    let changes = 0;
    const read = text.replace(/./gu, (character) => {
      const other = map.get(character);
      if (other !== undefined) changes += 1;
      return other ?? character;
    });
    return changes >= fewestChanges ? [read] : [];
  });
