// Takes a random sample of a list, from which its bounce forecast can be estimated in seconds.

import type { ListPart, ListRow, SetAside } from './shape.ts';

/** Returns a generator of random numbers in [0, 1), the same in every run (mulberry32). */
function createRandom(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Yields one part with `size` random contacts, in the order of the list; fewer if the list is shorter. Every contact is
 * equally likely to be chosen (reservoir sampling). Contacts without an address are left out. The same list gives the
 * same sample. The part has all records of the list that cannot be read. Calls `onCounted` with the number of contacts in the
 * list from which the sample was chosen.
 */
export async function* sampledParts(
  parts: AsyncGenerator<ListPart>,
  size: number,
  onCounted: (contacts: number) => void,
): AsyncGenerator<ListPart> {
  const random = createRandom();
  const sample: { readonly at: number; readonly row: ListRow }[] = [];
  let contacts = 0;
  let last: (ListPart & { kind: 'rows' }) | null = null;
  const setAside: SetAside[] = [];
  for await (const part of parts) {
    if (part.kind === 'error') {
      yield part;
      return;
    }
    last = part;
    setAside.push(...part.setAside);
    for (const row of part.rows) {
      if (row.fields === 0 || row.email === '') continue;
      const at = contacts++;
      const place = at < size ? at : Math.floor(random() * contacts);
      if (place < size) sample[place] = { at, row };
    }
  }
  onCounted(contacts);
  if (last === null) return;
  const rows = sample
    .toSorted((a, b) => a.at - b.at)
    .map(({ row }) => ({ ...row, ending: row.ending || '\n' }));
  yield { kind: 'rows', rows, next: last.next, setAside };
}
