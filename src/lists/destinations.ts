// What to do with each row of a result, as separate files.

import type { ListRow } from './shape.ts';

/**
 * `keep`: mail it. `fix`: ask the person, or correct the address. `retry`: it could not be checked. `remove`: the rest. Each
 * row has one destination.
 */
export const destinations = ['keep', 'fix', 'retry', 'remove'] as const;
export type Destination = (typeof destinations)[number];

const byAction: Readonly<Record<string, Destination>> = { accept: 'keep', confirm: 'fix', retry: 'retry' };

/** `chosen`: whether a goal allows the row; `dropDuplicates`: a duplicate is removed. */
export function destinationOf(
  { earlier }: ListRow,
  { chosen, dropDuplicates }: { readonly chosen: boolean; readonly dropDuplicates: boolean },
): Destination {
  if (earlier === null || (dropDuplicates && earlier.duplicate === 'true')) return 'remove';
  const destination = byAction[earlier.action] ?? 'remove';
  return destination === 'keep' && !chosen ? 'remove' : destination;
}
