// A set of names as 40-bit hashes, searched in its packed text: only an index of buckets is built. A name outside the
// set matches with a probability of size / 2^40.

import { anySuffixMatches } from './name-hash.ts';

const buckets = 0x10000;

/** Base-64 digits; four of them are the 24 bits of a hash that its bucket does not imply. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const digits = Uint8Array.from(alphabet, (digit) => digit.charCodeAt(0));

/** The packed form counts a bucket's names by a character, starting at this one. */
const zero = 48;
const mostInABucket = 40;

/** The packed form: one character per bucket that counts its names, then four digits per name, in bucket order. */
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
    if (bucket.size > mostInABucket) throw new Error('too many names for this form');
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

export const openHashSet = (packed: string): HashSet => {
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
