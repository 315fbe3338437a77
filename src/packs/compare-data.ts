// Compares a data pack with the data in use, to stop an update that changes more than updates do.

import { dataParts } from './data-parts.ts';
import type { DataPack } from './pack-format.ts';

export interface PartChange {
  /** The name of the part. */
  readonly name: string;
  /** Number of entries in use. */
  readonly before: number;
  /** Number of entries that the pack adds, and that it removes. A changed entry counts as both. */
  readonly added: number;
  readonly removed: number;
  /** Whether the pack adds or removes more than 5% of the entries. */
  readonly tooMuch: boolean;
}

/** The share of the entries that an update may add, and that it may remove. */
const usualShare = 0.05;

/** Number of entries that an update may always add and remove: in a list of 20 entries, 5% is only one. */
const alwaysAllowed = 3;

/** Returns the changes of each part. The parts of the pack must be valid. A part that the pack lacks is built in again. */
export const changesOf = ({ parts }: DataPack): PartChange[] =>
  dataParts.map((part) => {
    const before = new Set(part.entriesOf(part.text()));
    const after = new Set(part.entriesOf(parts.get(part.name) ?? part.builtIn()));
    const added = after.size - commonTo(before, after);
    const removed = before.size - commonTo(before, after);
    const most = Math.max(before.size * usualShare, alwaysAllowed);
    return {
      name: part.name,
      before: before.size,
      added,
      removed,
      tooMuch: added > most || removed > most,
    };
  });

function commonTo(before: ReadonlySet<string>, after: ReadonlySet<string>): number {
  let common = 0;
  for (const entry of after) if (before.has(entry)) common += 1;
  return common;
}
