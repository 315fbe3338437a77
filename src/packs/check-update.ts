// Decides whether a data pack may replace the data in use.

import { dayMs } from '../durations.ts';
import { changesOf, type PartChange } from './compare-data.ts';
import { compareDataVersions } from './data-version.ts';
import type { DataPack, PackRefusal } from './pack-format.ts';
import { preparePack } from './use-pack.ts';

/** Sentences about a file that is not a data pack of this operator. */
export const packRefusals: Readonly<Record<PackRefusal, string>> = {
  not_a_pack: 'The file is not a data pack.',
  other_format: 'This release of presend cannot read the format of the data pack. Update presend.',
  bad_signature: 'The signature is not from a key in DATA_PUBLIC_KEY, or the file is damaged.',
  malformed: 'The data pack is signed, but it is incomplete or malformed.',
};

export interface UpdateQuestion {
  /** The version of the data in use. */
  readonly present: string;
  /** The version of the data that is built into this release. */
  readonly builtIn: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Accept an older version and unusually large changes. */
  readonly force: boolean;
}

export type UpdateDecision =
  | { readonly kind: 'accepted'; readonly changes: readonly PartChange[] }
  /** The data in use is that of the pack. */
  | { readonly kind: 'current'; readonly changes: readonly PartChange[] }
  /** `why` is a sentence. `changes` is empty if the pack was refused before its parts were compared. */
  | { readonly kind: 'refused'; readonly why: string; readonly changes: readonly PartChange[] };

/** Days by which the date of a pack may be in the future, because of time zones and clocks that differ. */
const aheadDays = 2;

export async function checkUpdate(
  pack: DataPack,
  { present, builtIn, now, force }: UpdateQuestion,
): Promise<UpdateDecision> {
  const { version } = pack;
  if (compareDataVersions(version, builtIn) < 0)
    return refused(`Version ${version} is older than the data of this release (${builtIn}).`);
  if (Date.parse(version.slice(0, 10)) > now + aheadDays * dayMs)
    return refused(`Version ${version} is dated in the future. Check the clock of this computer.`);
  const newer = compareDataVersions(version, present);
  if (newer < 0 && !force) return refused(`Version ${version} is older than the data in use (${present}).`);
  const prepared = await preparePack(pack, async () => {});
  if (!prepared.ok) return refused(`The data pack ${prepared.problem}.`);
  const changes = changesOf(pack);
  if (newer === 0) {
    if (changes.every(({ added, removed }) => added === 0 && removed === 0))
      return { kind: 'current', changes };
    if (!force)
      return refused(
        `Version ${version} is already in use, but this data pack has different entries.`,
        changes,
      );
  }
  const large = changes.filter(({ tooMuch }) => tooMuch).map(({ name }) => name);
  return large.length === 0 || force
    ? { kind: 'accepted', changes }
    : refused(`More than 5% of the entries would change in: ${large.join(', ')}.`, changes);
}

const refused = (why: string, changes: readonly PartChange[] = []): UpdateDecision => ({
  kind: 'refused',
  why,
  changes,
});
