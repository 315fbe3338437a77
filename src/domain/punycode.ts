// Decoding of the ASCII form of an internationalised label (RFC 3492).

const base = 36;
const tMin = 1;
const tMax = 26;
const skew = 38;
const damp = 700;

const digitOf = (code: number): number =>
  code >= 48 && code <= 57 ? code - 22 : code >= 97 && code <= 122 ? code - 97 : base;

const adapt = (delta: number, points: number, first: boolean): number => {
  let rest = first ? Math.floor(delta / damp) : delta >> 1;
  rest += Math.floor(rest / points);
  let k = 0;
  while (rest > ((base - tMin) * tMax) >> 1) {
    rest = Math.floor(rest / (base - tMin));
    k += base;
  }
  return k + Math.floor(((base - tMin + 1) * rest) / (rest + skew));
};

/** The Unicode label behind `xn--…` (lower case); a label of another form comes back as it is, a broken one as null. */
export const decodeLabel = (label: string): string | null => {
  if (!label.startsWith('xn--')) return label;
  const end = label.lastIndexOf('-');
  const output = end > 3 ? [...label.slice(4, end)].map((char) => char.charCodeAt(0)) : [];
  let at = end > 3 ? end + 1 : 4;
  let point = 128;
  let i = 0;
  let bias = 72;
  while (at < label.length) {
    const before = i;
    let weight = 1;
    for (let k = base; ; k += base) {
      const digit = at < label.length ? digitOf(label.charCodeAt(at++)) : base;
      if (digit >= base) return null;
      i += digit * weight;
      const threshold = k <= bias ? tMin : k >= bias + tMax ? tMax : k - bias;
      if (digit < threshold) break;
      weight *= base - threshold;
    }
    const points = output.length + 1;
    bias = adapt(i - before, points, before === 0);
    point += Math.floor(i / points);
    if (point > 0x10ffff) return null;
    i %= points;
    output.splice(i++, 0, point);
  }
  return String.fromCodePoint(...output);
};
