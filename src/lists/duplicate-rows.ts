// Finds the duplicates of a list before its rows are verified, in one or more passes over the list. The memory has a limit,
// however long the list is, and nothing is written to disk.

import { createDigester, digestWords } from './digest.ts';
import { DigestTable, notInTable, sectionOf, tableSections } from './digest-table.ts';
import { expectedAddresses, type SeenAddresses } from './duplicates.ts';
import { type MailboxKey, mailboxKeyOf } from './mailbox-keys.ts';
import type { ListPart, ListRow } from './shape.ts';

/** Maximum number of addresses in memory: about 25 MB, or 38 MB by mailbox. */
const mostInMemory = 2_500_000;

export interface DuplicateSearch {
  /** Takes the next rows of the list. Each pass takes all of them, in order. */
  add(rows: readonly ListRow[]): void;
  /** Ends a pass. False if the search needs another one. */
  endPass(): boolean;
  /** Whether the contact with this number, from 0, is a duplicate. Ask after the last pass. */
  isDuplicate(contact: number): boolean;
}

/**
 * Without `byMailbox`, a contact is a duplicate if its address occurs in an earlier row. With it, one contact of each mailbox
 * is kept and the others are duplicates: the first one whose address has the canonical spelling, or else the first one.
 *
 * A pass finds the duplicates among some sections of the digests, as many as fit into memory.
 */
export function createDuplicateSearch({
  byMailbox = false,
  most = mostInMemory,
  bytes = 0,
}: {
  readonly byMailbox?: boolean;
  readonly most?: number;
  /** The length of the list, if known. */
  readonly bytes?: number;
} = {}): DuplicateSearch {
  const digest = createDigester();
  const found = new Uint32Array(digestWords);
  let bits = new Uint8Array(1024);
  const table = new DigestTable({ numbers: byMailbox, expected: expectedAddresses(bytes, most) });
  let first = 0;
  let end = tableSections;
  let contacts = 0;

  const mark = (contact: number): void => {
    if (contact >> 3 >= bits.length) {
      const longer = new Uint8Array(Math.max(2 * bits.length, (contact >> 3) + 1));
      longer.set(bits);
      bits = longer;
    }
    bits[contact >> 3]! |= 1 << (contact & 7);
  };

  const take = (contact: number, { key, isCanonical }: MailboxKey): void => {
    digest(key, found, 0);
    const section = sectionOf(found, 0);
    if (section < first || section >= end) return;
    // The number that is stored with a digest: twice the number of the contact that is kept, plus 1 if its spelling is canonical.
    const number = 2 * contact + (isCanonical ? 1 : 0);
    const kept = table.add(found, 0, number);
    if (kept === notInTable) return;
    if (isCanonical && kept % 2 === 0 && byMailbox) {
      mark(Math.floor(kept / 2));
      table.setNumber(found, 0, number);
    } else mark(contact);
  };

  return {
    add(rows) {
      for (const { fields, email } of rows) {
        if (fields === 0) continue;
        const contact = contacts++;
        if (email !== '') take(contact, byMailbox ? mailboxKeyOf(email) : { key: email, isCanonical: false });
        while (table.size > most && end > first + 1) {
          end = first + Math.ceil((end - first) / 2);
          table.removeFrom(end);
        }
      }
    },
    endPass() {
      const sections = end - first;
      [first, end] = [end, Math.min(end + sections, tableSections)];
      table.clear();
      contacts = 0;
      return first === tableSections;
    },
    isDuplicate: (contact) => ((bits[contact >> 3] ?? 0) & (1 << (contact & 7))) !== 0,
  };
}

/** Reads a list as often as the search needs. `open` returns its parts from the beginning. Ends early at an unreadable part. */
export async function searchDuplicates(
  search: DuplicateSearch,
  open: () => Promise<AsyncIterable<ListPart>>,
): Promise<void> {
  do {
    for await (const part of await open()) {
      if (part.kind === 'error') return;
      search.add(part.rows);
    }
  } while (!search.endPass());
}

/** Answers from a finished search. It must be asked for all contacts of the list, in order. */
export function knownDuplicates(search: DuplicateSearch): SeenAddresses {
  let contact = 0;
  return { seen: (addresses) => addresses.map(() => search.isDuplicate(contact++)) };
}
