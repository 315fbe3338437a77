// A set of names, stored as 40-bit hashes and searched in its packed text. Opening the set builds only an index of buckets.
// A name outside the set matches with a probability of size / 2^40.

import { anySuffixMatches } from './name-hash.ts';

const buckets = 0x10000;

/** Base-64 digits. The bucket gives 16 bits of a hash; four digits hold the other 24. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const digits = Uint8Array.from(alphabet, (digit) => digit.charCodeAt(0));

/** The number of names in a bucket is packed as one character: its code is the number plus this value. */
const zero = 48;
const mostInABucket = 40;

/** Packs names: one character per bucket with the number of its names, then four digits per name, in bucket order. */
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
