// What stands after the @, brought to plain lower-case labels: look-alike letters, foreign dots, commas and stray marks undone.

export interface PlainText {
  /** Lower-case letters, digits, hyphens and single dots; neither the first nor the last character is a dot. */
  readonly text: string;
  /** `none`: the text was plain already, but for case. `marks`: separators and stray characters. `letters`: letters as well. */
  readonly repaired: 'none' | 'marks' | 'accents' | 'letters';
}

/** A domain has at most 253 octets (RFC 1035 section 2.3.4); the rest is room for what was pasted along with it. */
const longestText = 300;

// Letters that most typefaces draw like a Latin one (UTS 39), Cyrillic, Greek and Armenian.
const lookAlikes = new Map(
  Object.entries({
    a: 'аαɑ',
    b: 'ьвβƅ',
    c: 'сϲᴄ',
    d: 'ԁ',
    e: 'еєεҽ',
    g: 'ɡց',
    h: 'һհ',
    i: 'іıɩιӏ',
    j: 'јϳ',
    k: 'кκ',
    l: 'ⅼאן',
    m: 'мⅿ',
    n: 'пηո',
    o: 'оοσօө',
    p: 'рρ',
    q: 'ԛգ',
    r: 'гᴦ',
    s: 'ѕꜱ',
    t: 'тτ',
    u: 'υսц',
    v: 'ѵνᴠ',
    w: 'ԝшѡω',
    x: 'хχ',
    y: 'уγү',
    z: 'ᴢ',
  }).flatMap(([latin, others]) => [...others].map((other) => [other, latin] as const)),
);

/** Whether `text` is plain labels already. */
export const isPlain = (text: string): boolean => {
  let previous = 46;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    const letterOrDigit = (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 45;
    if (!letterOrDigit && (code !== 46 || previous === 46)) return false;
    previous = code;
  }
  return previous !== 46;
};

/** One label of Punycode (RFC 3492) after its `xn--`, or null where it is none. */
const decodePunycode = (label: string): string | null => {
  const split = label.lastIndexOf('-');
  const output = split > 0 ? [...label.slice(0, split)] : [];
  let n = 128;
  let i = 0;
  let bias = 72;
  for (let at = split > 0 ? split + 1 : 0; at < label.length; ) {
    const start = i;
    let weight = 1;
    for (let k = 36; ; k += 36) {
      const code = label.charCodeAt(at);
      at += 1;
      const digit = code >= 97 && code <= 122 ? code - 97 : code >= 48 && code <= 57 ? code - 22 : -1;
      if (digit < 0) return null;
      i += digit * weight;
      const threshold = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
      if (digit < threshold) break;
      weight *= 36 - threshold;
    }
    const length = output.length + 1;
    let delta = start === 0 ? Math.floor((i - start) / 700) : Math.floor((i - start) / 2);
    delta += Math.floor(delta / length);
    let k = 0;
    for (; delta > 455; k += 36) delta = Math.floor(delta / 35);
    bias = k + Math.floor((36 * delta) / (delta + 38));
    n += Math.floor(i / length);
    i %= length;
    if (n > 0x10ffff) return null;
    output.splice(i, 0, String.fromCodePoint(n));
    i += 1;
  }
  return output.join('');
};

const decodeLabel = (label: string): string =>
  label.startsWith('xn--') ? (decodePunycode(label.slice(4)) ?? label) : label;

const separators = /[\s.,;:|/\\·•。．｡،、]+/gu;
const stray = /^[\s.,;:<>()[\]{}"'`´“”‘’!?*=@]+|[\s.,;:<>()[\]{}"'`´“”‘’!?*=]+$/gu;

/** Brings `raw` to plain labels, or gives null where too much of it is not a domain. Linear, and bounded by a length. */
export const plainText = (raw: string): PlainText | null => {
  if (raw.length > longestText) return null;
  if (isPlain(raw) && !raw.includes('xn--')) return { text: raw, repaired: 'none' };
  const lower = raw.normalize('NFKC').toLowerCase();
  const marked = lower.replace(separators, '.').replace(stray, '');
  if (isPlain(marked) && !marked.includes('xn--'))
    return { text: marked, repaired: marked === raw.toLowerCase() ? 'none' : 'marks' };
  const decoded = marked.split('.').map(decodeLabel).join('.');
  const bare = decoded.normalize('NFD').replace(/\p{M}+/gu, '');
  const latin = [...bare].map((letter) => lookAlikes.get(letter) ?? letter).join('');
  if (!isPlain(latin)) return null;
  return { text: latin, repaired: latin === bare ? 'accents' : 'letters' };
};
