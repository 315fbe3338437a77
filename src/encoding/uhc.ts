// Decodes Unified Hangul Code (windows-949), the Korean encoding of Windows. The Encoding Standard calls it euc-kr, but some
// runtimes decode only the characters of KS X 1001 under this name, and damage the other 8,822 syllables.

/** Trail bytes of the syllables that are not in KS X 1001. Below lead byte 0xa1 all of them occur, above it the first 84. */
const trails = [
  ...Array.from({ length: 26 }, (_, index) => 0x41 + index),
  ...Array.from({ length: 26 }, (_, index) => 0x61 + index),
  ...Array.from({ length: 126 }, (_, index) => 0x81 + index),
];

/** The syllables by lead and trail byte (`lead * 256 + trail`). They are in the order of Unicode. */
function createSyllables(): ReadonlyMap<number, string> {
  const decoder = new TextDecoder('euc-kr');
  const inStandard = new Set<string>();
  for (let lead = 0xb0; lead <= 0xc8; lead++)
    for (let trail = 0xa1; trail <= 0xfe; trail++) inStandard.add(decoder.decode(Uint8Array.of(lead, trail)));
  const places = Array.from({ length: 0xc6 - 0x80 }, (_, index) => 0x81 + index).flatMap((lead) =>
    (lead < 0xa1 ? trails : trails.slice(0, 84)).map((trail) => lead * 256 + trail),
  );
  const syllables = new Map<number, string>();
  let place = 0;
  for (let code = 0xac00; code <= 0xd7a3; code++) {
    const syllable = String.fromCharCode(code);
    if (!inStandard.has(syllable)) syllables.set(places[place++]!, syllable);
  }
  return syllables;
}

let known: ReadonlyMap<number, string> | null = null;

/**
 * Decodes bytes that begin with a whole character. `rest` is the first byte of a character that is not complete yet.
 *
 * @throws TypeError if the bytes are invalid
 */
export function decodeUhc(bytes: Uint8Array, last: boolean): { text: string; rest: Uint8Array } {
  known ??= createSyllables();
  const standard = new TextDecoder('euc-kr', { fatal: true });
  let text = '';
  let start = 0;
  let at = 0;
  for (; at < bytes.length; at++) {
    const lead = bytes[at]!;
    if (lead < 0x81) continue;
    if (at + 1 === bytes.length) break;
    const syllable = known.get(lead * 256 + bytes[at + 1]!);
    if (syllable !== undefined) {
      text += standard.decode(bytes.subarray(start, at)) + syllable;
      start = at + 2;
    }
    at++;
  }
  const end = last ? bytes.length : Math.min(at, bytes.length);
  text += standard.decode(bytes.subarray(start, end));
  if (/[\x80-\x9f]/.test(text)) throw new TypeError('invalid euc-kr');
  return { text, rest: new Uint8Array(bytes.subarray(end)) };
}
