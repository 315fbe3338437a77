// Computes 40-bit hashes of a domain name and of each of its parent domains, in one pass and without allocating memory.

/**
 * Calls `probe` with the hash of each parent domain of `name` and of `name` itself, shortest first. Leaves out those with
 * fewer than `shortest` characters. Stops and returns true as soon as `probe` returns true.
 *
 * The hash is computed from the last character to the first. So the hashes of `com` and `example.com` are by-products of the
 * hash of `mail.example.com`. A hash consists of two parts: `bucket` (16 bits) and `remainder` (24 bits).
 */
export const anySuffixMatches = (
  name: string,
  shortest: number,
  probe: (bucket: number, remainder: number) => boolean,
): boolean => {
  let a = 0x2545f491;
  let b = 0x6c8e9cf5;
  const longestStart = name.length - shortest;
  for (let i = name.length - 1; i >= 0; i--) {
    const code = name.charCodeAt(i);
    a = Math.imul(a ^ code, 0x9e3779b1);
    a ^= a >>> 15;
    b = Math.imul(b ^ code, 0x85ebca77);
    b ^= b >>> 13;
    if (i > longestStart || (i !== 0 && name.charCodeAt(i - 1) !== 46)) continue;
    let x = Math.imul(a ^ (b >>> 16), 0xc2b2ae3d);
    let y = Math.imul(b ^ (a >>> 16), 0x27d4eb2f);
    x ^= x >>> 16;
    y ^= y >>> 15;
    if (probe(x & 0xffff, y & 0xffffff)) return true;
  }
  return false;
};
