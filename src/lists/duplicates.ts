// Finds addresses that occurred earlier in a list, in constant memory.

/**
 * Maximum number of slots: 25 MiB at four bytes per slot. Up to about three million distinct addresses every duplicate is
 * found. Beyond that some addresses are forgotten: about 1% of four million, 4% of five million.
 */
const mostSlots = 6_553_600;
/** Slots in which an address may be stored: one cache line of 64 bytes. */
const neighbours = 16;

export interface SeenAddresses {
  /** Whether each address was seen before. Remembers the addresses. Case-insensitive. */
  seen(addresses: readonly string[]): boolean[];
}

/**
 * Stores a 32-bit hash of each address in one of the sixteen slots that a second hash selects. An address is mistaken for
 * a duplicate about once in 300 million rows. `bytes`: the length of the list if known. A short list takes less memory.
 */
export function createSeenAddresses(bytes = Number.POSITIVE_INFINITY): SeenAddresses {
  // Even the shortest rows have about eight bytes, so with one slot per byte hardly any group of sixteen slots fills up.
  const buckets = Math.ceil(Math.min(bytes + 1024, mostSlots) / neighbours);
  const table = new Uint32Array(buckets * neighbours);
  let next = 0;

  const isKnown = (place: number, mark: number): boolean => {
    for (let slot = place; slot < place + neighbours; slot++) {
      if (table[slot] === mark) return true;
      if (table[slot] === 0) {
        table[slot] = mark;
        return false;
      }
    }
    table[place + (next++ % neighbours)] = mark;
    return false;
  };

  return {
    seen(addresses) {
      const places = new Uint32Array(addresses.length);
      const marks = new Uint32Array(addresses.length);
      for (let index = 0; index < addresses.length; index++) {
        const { place, mark } = hashed(addresses[index]!);
        places[index] = Math.floor((place / 2 ** 32) * buckets) * neighbours;
        // The mark 0 is never looked up: rows without an address are not duplicates of each other.
        marks[index] = addresses[index] === '' ? 0 : mark;
      }
      // Keep these lookups in one tight loop so that their cache misses overlap.
      const seen: boolean[] = [];
      for (let index = 0; index < addresses.length; index++)
        seen.push(marks[index] !== 0 && isKnown(places[index]!, marks[index]!));
      return seen;
    },
  };
}

/** Two 32-bit hashes of an address in lower case; the second is not zero, which marks an empty slot. */
function hashed(address: string): { readonly place: number; readonly mark: number } {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  let bits = 0;
  for (let index = 0; index < address.length; index++) {
    let code = address.charCodeAt(index);
    bits |= code;
    if (code >= 65 && code <= 90) code += 32;
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x5bd1e995);
    b ^= b >>> 15;
  }
  if (bits > 0x7f) {
    const lower = address.toLowerCase();
    if (lower !== address) return hashed(lower);
  }
  a ^= a >>> 16;
  a = Math.imul(a, 0x85ebca6b);
  a ^= a >>> 13;
  return { place: a >>> 0, mark: (Math.imul(b, 0xc2b2ae35) ^ (b >>> 16)) >>> 0 || 1 };
}
