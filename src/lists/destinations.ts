// Assigns each row of a result to a file by what to do with it.

import type { ListRow } from './shape.ts';

/**
 * `keep`: mail the address. `fix`: ask the person, or correct the address. `retry`: the address could not be checked.
 * `remove`: all other rows. Each row has one destination.
 */
export const destinations = ['keep', 'fix', 'retry', 'remove'] as const;
export type Destination = (typeof destinations)[number];

const byAction: Readonly<Record<string, Destination>> = { accept: 'keep', confirm: 'fix', retry: 'retry' };

/** The destination of a row. `chosen`: whether the goal allows the row. `dropDuplicates`: remove duplicates. */
export function destinationOf(
  { earlier }: ListRow,
  { chosen, dropDuplicates }: { readonly chosen: boolean; readonly dropDuplicates: boolean },
): Destination {
  if (earlier === null || (dropDuplicates && earlier.duplicate === 'true')) return 'remove';
  const destination = byAction[earlier.action] ?? 'remove';
  return destination === 'keep' && !chosen ? 'remove' : destination;
}
