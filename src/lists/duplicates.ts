// Which addresses of a list stood further up in it, in memory that does not grow with the list.

/**
 * Slots of four bytes: 25 MiB. Of more than some three million distinct addresses the oldest begin to be forgotten: of four
 * million about 1 %, of five about 4 %.
 */
const mostSlots = 6_553_600;
/** As many as a processor fetches from memory at once. */
const neighbours = 16;

export interface SeenAddresses {
  /** For each address whether it was seen before; from now on it is. Letter case makes no difference. */
  seen(addresses: readonly string[]): boolean[];
}

/**
 * Remembers 32 bits of each address in one of the sixteen slots that other bits of it name. That an address is wrongly
 * taken for a duplicate happens about once in 300 million rows.
 * `bytes`: the length of the list where it is known, so that a short one takes less memory.
 */
export function createSeenAddresses(bytes = Number.POSITIVE_INFINITY): SeenAddresses {
  // A slot for each byte is about eight for each of the shortest rows, so that hardly any neighbours run full.
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
        marks[index] = mark;
      }
      // A loop of its own: look-ups that follow each other closely wait for memory together.
      const seen: boolean[] = [];
      for (let index = 0; index < addresses.length; index++)
        seen.push(isKnown(places[index]!, marks[index]!));
      return seen;
    },
  };
}

/** Two hashes of 32 bits of an address in lower case; the second is not zero, which marks an empty slot. */
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
