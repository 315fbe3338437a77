// Computes 128-bit digests of addresses, which stand for the addresses in the search for duplicates: Chaskey (Mouha et al.,
// "Chaskey: An Efficient MAC Algorithm for 32-bit Microcontrollers", SAC 2014, ePrint 2014/386).

/** Number of 32-bit words in a digest. */
export const digestWords = 4;

/** Writes the digest of `text` into the four words of `out` from `at` on. The letter case of the text does not matter. */
export type Digester = (text: string, out: Uint32Array, at: number) => void;

/**
 * Returns a function that computes digests under a key of 128 bits. By default the key is random, so nobody can prepare
 * addresses whose digests are equal.
 */
export function createDigester(
  key: Uint32Array = crypto.getRandomValues(new Uint32Array(digestWords)),
): Digester {
  const whole = timesTwo(key);
  const padded = timesTwo(whole);
  const [key0, key1, key2, key3] = key as unknown as Words;
  let bytes = new Uint8Array(256);
  let words = new Uint32Array(bytes.buffer);

  /** Writes the bytes of the text, in lower case, into `bytes`, and returns their number. */
  const write = (text: string): number => {
    if (bytes.length < 3 * text.length + 16) {
      bytes = new Uint8Array(4 * Math.ceil(text.length + 16));
      words = new Uint32Array(bytes.buffer);
    }
    let beyondAscii = 0;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      beyondAscii |= code;
      bytes[index] = code >= 65 && code <= 90 ? code + 32 : code;
    }
    return beyondAscii < 0x80 ? text.length : writeUnits(text.toLowerCase(), bytes);
  };

  return (text, out, at) => {
    const length = write(text);
    const isWhole = length > 0 && length % 16 === 0;
    const blocks = Math.max(1, Math.ceil(length / 16));
    if (!isWhole) {
      bytes[length] = 1;
      bytes.fill(0, length + 1, 16 * blocks);
    }
    const last = isWhole ? whole : padded;
    let v0 = key0;
    let v1 = key1;
    let v2 = key2;
    let v3 = key3;
    for (let block = 0; block < blocks; block++) {
      const word = 4 * block;
      v0 ^= words[word]!;
      v1 ^= words[word + 1]!;
      v2 ^= words[word + 2]!;
      v3 ^= words[word + 3]!;
      if (block === blocks - 1) {
        v0 ^= last[0]!;
        v1 ^= last[1]!;
        v2 ^= last[2]!;
        v3 ^= last[3]!;
      }
      for (let round = 0; round < rounds; round++) {
        v0 = (v0 + v1) | 0;
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
        v0 = (v0 << 16) | (v0 >>> 16);
        v2 = (v2 + v3) | 0;
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
        v0 = (v0 + v3) | 0;
        v3 = ((v3 << 13) | (v3 >>> 19)) ^ v0;
        v2 = (v2 + v1) | 0;
        v1 = ((v1 << 7) | (v1 >>> 25)) ^ v2;
        v2 = (v2 << 16) | (v2 >>> 16);
      }
    }
    out[at] = v0 ^ last[0]!;
    out[at + 1] = v1 ^ last[1]!;
    out[at + 2] = v2 ^ last[2]!;
    out[at + 3] = v3 ^ last[3]!;
  };
}

const rounds = 8;

type Words = [number, number, number, number];

/** Doubles a number in the field GF(2¹²⁸). */
function timesTwo(number: Uint32Array): Uint32Array {
  const [a, b, c, d] = number as unknown as Words;
  return Uint32Array.of(
    (a << 1) ^ (d >>> 31 === 1 ? 0x87 : 0),
    (b << 1) | (a >>> 31),
    (c << 1) | (b >>> 31),
    (d << 1) | (c >>> 31),
  );
}

/**
 * Writes each UTF-16 code unit of a text as one to three bytes, as UTF-8 would. Unlike UTF-8, it also tells halves of
 * surrogate pairs apart. Returns the number of bytes.
 */
function writeUnits(text: string, bytes: Uint8Array): number {
  let at = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) bytes[at++] = code;
    else {
      if (code < 0x800) bytes[at++] = 0xc0 | (code >> 6);
      else {
        bytes[at++] = 0xe0 | (code >> 12);
        bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
      }
      bytes[at++] = 0x80 | (code & 0x3f);
    }
  }
  return at;
}
