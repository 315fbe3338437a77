// Finds addresses that occurred earlier in a list. Uses at most 25 MiB of memory, however long the list is.

/**
 * Maximum number of slots in the hash table: 25 MiB, at four bytes per slot. Up to about three million distinct
 * addresses, every duplicate is found. In longer lists, new addresses overwrite old ones, so some duplicates are
 * missed: about 1% of the duplicates in a list of four million addresses, 4% in one of five million.
 */
const mostSlots = 6_553_600;
/** Size of a group of slots. An address is stored in a slot of one group. A group fills one cache line (64 bytes). */
const neighbours = 16;

export interface SeenAddresses {
  /** For each address, whether it was seen before. Then remembers it. Ignores letter case. */
  seen(addresses: readonly string[]): boolean[];
}

/**
 * One hash of an address selects a group of sixteen slots, and one of them stores a second, 32-bit hash of it. A new
 * address is taken for a duplicate about once in 300 million rows. `bytes`: the length of the list, if known; a short
 * list then takes less memory.
 */
export function createSeenAddresses(bytes = Number.POSITIVE_INFINITY): SeenAddresses {
  // One slot for each byte of the list. A row has at least about eight bytes, so a group of sixteen slots hardly ever
  // fills up.
  const buckets = Math.ceil(Math.min(bytes + 1024, mostSlots) / neighbours);
  const table = new Uint32Array(buckets * neighbours);
  let next = 0;

  const isKnown = (place: number, mark: number): boolean => {
    if (mark === noMark) return false;
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
        marks[index] = mark;
      }
      // Keep these lookups in one tight loop so their cache misses overlap.
      const seen: boolean[] = [];
      for (let index = 0; index < addresses.length; index++)
        seen.push(isKnown(places[index]!, marks[index]!));
      return seen;
    },
  };
}

/**
 * The content of an empty slot. An empty text has this hash too, because empty texts are not duplicates of each
 * other.
 */
const noMark = 0;
const emptyText = { place: 0, mark: noMark };

/** Two 32-bit hashes of an address in lower case. `mark` is zero (`noMark`) only for an empty text. */
function hashed(address: string): { readonly place: number; readonly mark: number } {
  if (address.length === 0) return emptyText;
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
