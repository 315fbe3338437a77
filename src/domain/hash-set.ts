// A large set of domain names, stored as text that contains a 40-bit hash of each name. Names are looked up in this text
// directly, so opening the set is fast. If the set has n names, a name that is not in it matches by chance with a probability
// of n / 2^40.

import { anySuffixMatches } from './name-hash.ts';

/** Number of buckets. The first 16 bits of a hash are the number of its bucket. */
const buckets = 0x10000;

/** The 64 digits in which the other 24 bits of a hash are written. Each name takes four digits. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const digits = Uint8Array.from(alphabet, (digit) => digit.charCodeAt(0));

/** The number of names in a bucket is written as one character. The code of this character is the number plus `zero`. */
const zero = 48;
/** Maximum number of names in one bucket. */
const mostInABucket = 40;

/**
 * Writes a set as text, which `openHashSet` reads. The text begins with one character for each bucket: the number of names in
 * it. After all these characters, each name has four characters, base64 digits of its hash, bucket by bucket.
 */
export const packHashSet = (names: Iterable<string>): string => {
  const byBucket = Array.from({ length: buckets }, () => new Set<number>());
  for (const name of names)
    anySuffixMatches(name, name.length, (bucket, rest) => {
      byBucket[bucket]!.add(rest);
      return false;
    });
  let counts = '';
  let rests = '';
  for (const bucket of byBucket) {
    if (bucket.size > mostInABucket)
      throw new Error(`more than ${mostInABucket} names in one bucket of a hash set: use more buckets`);
    counts += String.fromCharCode(zero + bucket.size);
    for (const rest of [...bucket].sort((x, y) => x - y))
      for (const shift of [18, 12, 6, 0]) rests += alphabet[(rest >>> shift) & 63];
  }
  return counts + rests;
};

export interface HashSet {
  /** Whether `name`, or a parent of it that has at least `shortest` characters, is in the set. */
  hasSuffixOf(name: string, shortest: number): boolean;
}

/** Whether `text` has the form that `packHashSet` writes. */
export function isHashSet(text: string): boolean {
  let names = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const size = text.charCodeAt(bucket) - zero;
    if (!(size >= 0 && size <= mostInABucket)) return false;
    names += size;
  }
  return text.length === buckets + 4 * names && /^[\w-]*$/.test(text.slice(buckets));
}

/** Returns the hash of each name of a set that `packHashSet` wrote, as text. */
export function hashSetEntries(packed: string): string[] {
  const entries: string[] = [];
  let at = buckets;
  for (let bucket = 0; bucket < buckets; bucket++)
    for (let left = packed.charCodeAt(bucket) - zero; left > 0; left--, at += 4)
      entries.push(`${bucket} ${packed.slice(at, at + 4)}`);
  return entries;
}

/** Opens a set that `packHashSet` wrote. */
export const openHashSet = (packed: string): HashSet => {
  /** For each bucket, the position in the text at which its names begin. */
  const starts = new Uint32Array(buckets + 1);
  let start = buckets;
  for (let bucket = 0; bucket < buckets; bucket++) {
    starts[bucket] = start;
    start += 4 * (packed.charCodeAt(bucket) - zero);
  }
  starts[buckets] = start;
  const has = (bucket: number, rest: number): boolean => {
    const end = starts[bucket + 1]!;
    for (let at = starts[bucket]!; at < end; at += 4)
      if (
        packed.charCodeAt(at) === digits[rest >>> 18] &&
        packed.charCodeAt(at + 1) === digits[(rest >>> 12) & 63] &&
        packed.charCodeAt(at + 2) === digits[(rest >>> 6) & 63] &&
        packed.charCodeAt(at + 3) === digits[rest & 63]
      )
        return true;
    return false;
  };
  return { hasSuffixOf: (name, shortest) => anySuffixMatches(name, shortest, has) };
};
