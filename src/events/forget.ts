// Delivery events go when they have had their time.

import type { Database } from '../storage/database.ts';

/** Some tens of milliseconds of SQLite, which on Node nobody else is answered in. */
const eventsAtOnce = 10_000;

const forget = `
  DELETE FROM delivery_events
  WHERE workspace = 'default'
    AND id IN (SELECT id FROM delivery_events WHERE workspace = 'default' AND at < ? ORDER BY at LIMIT ${eventsAtOnce})`;

/** Deletes the oldest of the events that happened before `before` (epoch milliseconds), as many as one commit should take. */
export async function forgetEvents(database: Database, before: number): Promise<void> {
  await database.run(forget, [before]);
}
