// Delivery events in SQLite: node:sqlite and D1.

import { hourMs, startOfHour } from '../../durations.ts';
import type { EventProof } from '../../events/delivery-event.ts';
import type {
  BounceSelection,
  EventRepository,
  MailOnRecord,
  RecordedBounceCounts,
  RemovalTime,
  SoftBounce,
  SoftBounceEnds,
} from '../../events/event-repository.ts';
import type { Database } from '../database.ts';
import { knownColdIds } from './cold-ids.ts';
import { domainSignStatements } from './domain-signs.ts';
import { engagementStatements } from './engagement-repository.ts';
import { isOfRun } from './event-columns.ts';
import { deleteCountsBefore } from './event-counting.ts';
import { storeAndCount } from './event-store.ts';
import { scoreStatements } from './gate-repository.ts';
import { hookCountStatements } from './hook-repository.ts';
import { outcomeStatements } from './outcome-statements.ts';

const known = `
  SELECT id, proof FROM delivery_events WHERE workspace = ?1 AND id IN (SELECT value FROM json_each(?2))
  UNION ALL ${knownColdIds}`;

/**
 * A query that uses one of the two partial indexes of `delivery_events`; each event is in exactly one of them. For each
 * of the given addresses, it returns when mail to it was last recorded, and whether one of the given messages is among
 * its events. SQLite uses a partial index only if the query repeats the condition of the index.
 */
const mailIn = (index: string, condition: string) => `
  SELECT address_hash AS addressHash, max(iif(kind IN ('sent', 'delivered', 'deferred'), at, NULL)) AS mailedAt,
    max(coalesce(message IN (SELECT value FROM json_each(?4)), 0)) AS isMessageKnown
  FROM json_each(?3) AS asked CROSS JOIN delivery_events INDEXED BY ${index}
  WHERE workspace = ?1 AND key_id = ?2 AND address_hash = asked.value AND ${condition} AND proof = 'proven'
  GROUP BY 1`;

const mailOnRecord = `
  SELECT addressHash, max(mailedAt) AS mailedAt, max(isMessageKnown) AS isMessageKnown FROM (
    ${mailIn('delivery_events_run', isOfRun)} UNION ALL ${mailIn('delivery_events_other', `NOT ${isOfRun}`)}
  ) GROUP BY 1`;

const lastDelivery = (hash: string): string => `(SELECT max(at) FROM delivery_events AS delivery
      WHERE delivery.workspace = ?1 AND delivery.key_id = ?2 AND delivery.address_hash = ${hash}
        AND delivery.kind = 'delivered' AND delivery.proof <> 'unproven')`;
// A delivery that was reported late undid an entry that should not have been. It is no new beginning.
const lastLift = (hash: string): string => `(SELECT max(removed_at) FROM suppression_removals AS removal
      WHERE removal.workspace = ?1 AND removal.key_id = ?2 AND removal.address_hash = ${hash}
        AND removal.consent_kind <> 'delivery' AND (removal.scope = 'all' OR removal.consent_kind = 'double_opt_in'))`;

// Without CROSS JOIN and INDEXED BY, SQLite would read all events of the workspace in the order of time.
const softBouncesAfter = (condition: string): string => `
  SELECT address_hash AS addressHash, kind, class, reason, status, message, at
  FROM json_each(?3) AS asked CROSS JOIN delivery_events AS event INDEXED BY delivery_events_run
  WHERE workspace = ?1 AND key_id = ?2 AND address_hash = asked.value AND ${isOfRun} AND class = 'soft'
    AND kind <> 'deferred' AND echo = 0 AND proof <> 'unproven'
    ${condition}
    AND at > coalesce(${lastLift('event.address_hash')}, 0)
  ORDER BY at`;

const softBounces = {
  row: softBouncesAfter(`AND at > coalesce(${lastDelivery('event.address_hash')}, 0)`),
  total: softBouncesAfter(''),
} as const;

const softBounceEnds = `
  SELECT asked.value AS addressHash, ${lastDelivery('asked.value')} AS deliveredAt, ${lastLift('asked.value')} AS liftedAt
  FROM json_each(?3) AS asked`;

// The selection of `countBounces` and `hardBouncedAmong`: ?1 is the workspace, ?2 the key id, ?3 and ?4 the period, ?5 the
// campaign and ?6 the source, or null for any.
const isSelected = `workspace = ?1 AND at >= ?3 AND at < ?4 AND proof <> 'unproven'
  AND (?5 IS NULL OR campaign = ?5) AND (?6 IS NULL OR source = ?6)`;

// Whether mail of the selection was sent or delivered. ?7 and ?8 are ?3 and ?4 rounded to whole hours.
const isMailKnown = {
  campaign: `EXISTS (
      SELECT 1 FROM delivery_events INDEXED BY delivery_events_campaign
      WHERE campaign = ?5 AND kind IN ('sent', 'delivered') AND ${isSelected}
    )`,
  source: mailCounted("dimension = 'source' AND name = ?6"),
  any: mailCounted("dimension = 'provider'"),
} as const;

function mailCounted(isCounted: string): string {
  return `EXISTS (
      SELECT 1 FROM event_tallies
      WHERE workspace = ?1 AND every = 'hour' AND ${isCounted} AND start >= ?7 AND start < ?8 AND sent + delivered > 0
    )`;
}

// The condition of the partial index `delivery_events_failures`, word for word.
const countBounces = (isKnown: keyof typeof isMailKnown) => `
  SELECT
    count(DISTINCT iif(class = 'hard' AND key_id = ?2, address_hash, NULL)) AS hard,
    coalesce(sum(class <> 'hard'), 0) AS notHard,
    coalesce(sum(class = 'hard' AND (address_hash IS NULL OR key_id <> ?2)), 0) AS unreadable,
    count(*) > 0 OR ${isMailKnown[isKnown]} AS isKnown
  FROM delivery_events
  WHERE echo = 0 AND kind <> 'deferred'
    AND (class IN ('hard', 'soft', 'policy', 'complaint') OR kind = 'unsubscribed') AND ${isSelected}`;

const hardBouncedAmong = `
  SELECT DISTINCT address_hash AS hash
  FROM json_each(?7) AS asked CROSS JOIN delivery_events INDEXED BY delivery_events_other
  WHERE key_id = ?2 AND address_hash = asked.value AND NOT ${isOfRun}
    AND class = 'hard' AND echo = 0 AND kind <> 'deferred' AND ${isSelected}`;

const selectionParams = (
  workspace: string,
  keyId: string,
  { from, to, campaign, source }: BounceSelection,
): (string | number | null)[] => [workspace, keyId, from, to, campaign ?? null, source ?? null];

const removalTimes = `
  SELECT address_hash AS addressHash, iif(consent_kind = 'double_opt_in', NULL, scope) AS scope,
    max(iif(consent_kind = 'resubscribe', consent_at, removed_at)) AS at
  FROM suppression_removals
  WHERE workspace = ? AND key_id = ? AND address_hash IN (SELECT value FROM json_each(?))
    AND consent_kind <> 'delivery'
  GROUP BY 1, 2`;

const deleteBefore = `
  DELETE FROM delivery_events
  WHERE workspace = ?1
    AND id IN (SELECT id FROM delivery_events WHERE workspace = ?1 AND at < ?2 ORDER BY at LIMIT ?3)`;

export const createEventRepository = (database: Database, workspace = 'default'): EventRepository => ({
  async knownIds(ids, oldIds = []) {
    const rows = await database.all<{ id: string; proof: EventProof }>(known, [
      workspace,
      JSON.stringify(ids),
      JSON.stringify(oldIds),
    ]);
    return new Map(rows.map(({ id, proof }) => [id, proof]));
  },

  async mailOnRecord(keyId, addressHashes, messages) {
    const params = [workspace, keyId, JSON.stringify(addressHashes), JSON.stringify(messages)];
    const rows = await database.all<Omit<MailOnRecord, 'isMessageKnown'> & { isMessageKnown: 0 | 1 }>(
      mailOnRecord,
      params,
    );
    return rows.map((row) => ({ ...row, isMessageKnown: row.isMessageKnown === 1 }));
  },

  softBounces: async (keyId, addressHashes, count = 'row') =>
    database.all<SoftBounce>(softBounces[count], [workspace, keyId, JSON.stringify(addressHashes)]),

  softBounceEnds: async (keyId, addressHashes) =>
    database.all<SoftBounceEnds>(softBounceEnds, [workspace, keyId, JSON.stringify(addressHashes)]),

  async removalTimes(keyId, addressHashes) {
    return database.all<RemovalTime>(removalTimes, [workspace, keyId, JSON.stringify(addressHashes)]);
  },

  async countBounces(keyId, selection) {
    const { from, to, campaign, source } = selection;
    const known = campaign !== undefined ? 'campaign' : source !== undefined ? 'source' : 'any';
    const params = selectionParams(workspace, keyId, selection);
    const row = await database.first<Omit<RecordedBounceCounts, 'isKnown'> & { isKnown: 0 | 1 }>(
      countBounces(known),
      known === 'campaign' ? params : [...params, startOfHour(from), Math.ceil(to / hourMs) * hourMs],
    );
    return { ...row!, isKnown: row!.isKnown === 1 };
  },

  async hardBouncedAmong(keyId, selection, addressHashes) {
    const params = [...selectionParams(workspace, keyId, selection), JSON.stringify(addressHashes)];
    return (await database.all<{ hash: string }>(hardBouncedAmong, params)).map(({ hash }) => hash);
  },

  async store(events, keyId, outcomes, received, signs = [], scores = undefined, domains = undefined) {
    await storeAndCount(database, workspace, events, [
      ...outcomeStatements(workspace, keyId, outcomes),
      ...engagementStatements(workspace, keyId, signs),
      ...(received === undefined ? [] : hookCountStatements(workspace, received)),
      ...(scores === undefined ? [] : scoreStatements(workspace, scores)),
      ...(domains === undefined ? [] : domainSignStatements(workspace, keyId, domains)),
    ]);
  },

  deleteBefore: async (before, limit) =>
    (await database.run(deleteBefore, [workspace, before, limit])).changes,

  async deleteCountsBefore(before) {
    await database.batch(deleteCountsBefore(workspace, before));
  },
});
