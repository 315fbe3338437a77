// Divides the rows of a result into several files, by what to do with each row.

import type { ListRow } from './shape.ts';

/**
 * What to do with a row. `keep`: mail the address. `fix`: ask the person, or correct the address. `retry`: the
 * address could not be checked, so verify it again. `remove`: do not mail it. Each row has one destination.
 */
export const destinations = ['keep', 'fix', 'retry', 'remove'] as const;
export type Destination = (typeof destinations)[number];

/** Files with the rows of `keep` whose people are inactive (see `engagementStates`), by state. The rows are in `keep` too. */
export const inactiveFiles = { inactive_6: 'reengage', inactive_12: 'inactive' } as const;
export type InactiveFile = (typeof inactiveFiles)[keyof typeof inactiveFiles];

/** The file for a row of `keep` whose person is inactive; null if the person is active, or if that is not known. */
export const inactiveFileOf = ({ earlier }: ListRow): InactiveFile | null =>
  earlier?.engagement === 'inactive_6' || earlier?.engagement === 'inactive_12'
    ? inactiveFiles[earlier.engagement]
    : null;

const byAction: Readonly<Record<string, Destination>> = { accept: 'keep', confirm: 'fix', retry: 'retry' };

/**
 * The destination of a row of a result. `chosen`: the goal for the bounce rate (goal.ts) allows mailing the row, or there
 * is no goal. `dropDuplicates`: the destination of rows whose address occurred earlier in the list is `remove`.
 */
export function destinationOf(
  { earlier }: ListRow,
  { chosen, dropDuplicates }: { readonly chosen: boolean; readonly dropDuplicates: boolean },
): Destination {
  if (earlier === null || (dropDuplicates && earlier.duplicate === 'true')) return 'remove';
  const destination = byAction[earlier.action] ?? 'remove';
  return destination === 'keep' && !chosen ? 'remove' : destination;
}
