// A set of names as 40-bit hashes in two typed arrays: loads in milliseconds, holds about six bytes a name, and may
// err on the side of "in it" for about one foreign name in 2^40 / size.

import { someSuffix } from './name-hash.ts';

const buckets = 0x10000;

/** The packed form: one byte a bucket that counts its names, then three bytes a name, in bucket order; base64. */
export const packHashSet = (names: Iterable<string>): string => {
  const byBucket = new Map<number, Set<number>>();
  for (const name of names)
    someSuffix(name, name.length, (bucket, remainder) => {
      const found = byBucket.get(bucket);
      if (found) found.add(remainder);
      else byBucket.set(bucket, new Set([remainder]));
      return false;
    });
  const counts = new Uint8Array(buckets);
  const remainders: number[] = [];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const inBucket = [...(byBucket.get(bucket) ?? [])].sort((x, y) => x - y);
    if (inBucket.length > 255) throw new Error('a bucket holds at most 255 names');
    counts[bucket] = inBucket.length;
    for (const remainder of inBucket)
      remainders.push(remainder >>> 16, (remainder >>> 8) & 255, remainder & 255);
  }
  let binary = '';
  for (const byte of counts) binary += String.fromCharCode(byte);
  for (const byte of remainders) binary += String.fromCharCode(byte);
  return btoa(binary);
};

export interface HashSet {
  /** Whether `name`, or a parent of it that has at least `shortest` characters, is in the set. */
  hasSuffixOf(name: string, shortest: number): boolean;
}

export const unpackHashSet = (packed: string): HashSet => {
  const binary = atob(packed);
  const starts = new Uint32Array(buckets + 1);
  for (let bucket = 0; bucket < buckets; bucket++)
    starts[bucket + 1] = starts[bucket]! + binary.charCodeAt(bucket);
  const remainders = new Uint32Array(starts[buckets]!);
  for (let i = 0, at = buckets; i < remainders.length; i++, at += 3)
    remainders[i] =
      (binary.charCodeAt(at) << 16) | (binary.charCodeAt(at + 1) << 8) | binary.charCodeAt(at + 2);
  const probe = (bucket: number, remainder: number): boolean => {
    const end = starts[bucket + 1]!;
    for (let i = starts[bucket]!; i < end; i++) if (remainders[i] === remainder) return true;
    return false;
  };
  return { hasSuffixOf: (name, shortest) => someSuffix(name, shortest, probe) };
};
