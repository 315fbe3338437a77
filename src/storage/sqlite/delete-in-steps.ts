// Deletes many rows in small transactions. While one transaction deletes, no other can write, and node:sqlite blocks its thread.

import type { Database, SqlValue } from '../database.ts';

/** The number of rows that one transaction deletes: it takes some 10 to 20 milliseconds. */
const rowsAtOnce = 500;
/** One call deletes 100,000 rows at most, because D1 limits the statements of one run. The next call goes on. */
const steps = 200;

/** `sql` deletes rows. Its last parameter, which is not in `params`, is the maximum number of rows. */
export async function deleteInSteps(
  database: Pick<Database, 'run'>,
  sql: string,
  params: readonly SqlValue[],
): Promise<void> {
  for (let step = 0; step < steps; step++) {
    const { changes } = await database.run(sql, [...params, rowsAtOnce]);
    if (changes < rowsAtOnce) return;
    // Let other work have a turn.
    await new Promise<void>((resolve) => setTimeout(resolve));
  }
}
