// Deletes expired delivery events.

import type { Database } from '../storage/database.ts';

/** Takes SQLite some tens of milliseconds, during which Node answers no other request. */
const eventsAtOnce = 10_000;

const forget = `
  DELETE FROM delivery_events
  WHERE workspace = 'default'
    AND id IN (SELECT id FROM delivery_events WHERE workspace = 'default' AND at < ? ORDER BY at LIMIT ${eventsAtOnce})`;

/** Deletes the oldest events from before `before` (epoch milliseconds), as many as fit into one commit. */
export async function forgetEvents(database: Database, before: number): Promise<void> {
  await database.run(forget, [before]);
}
