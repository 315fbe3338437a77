// SQL statements that record deliveries and bounces as the outcomes of predictions. A trigger on the table
// `predictions` then adds each outcome to the sums in other tables.

import type { EventOutcomes } from '../../events/event-repository.ts';
import { correctedWithinMs, outcomeWithinMs, reportsDeliveriesWithinMs } from '../../learning/outcomes.ts';
import type { Statement } from '../database.ts';

const noteTellers = `
  INSERT INTO delivery_tellers (workspace, teller, at) SELECT ?, value ->> 0, value ->> 1 FROM json_each(?)
  WHERE true ON CONFLICT DO UPDATE SET at = excluded.at WHERE excluded.at > delivery_tellers.at`;

// Updates existing predictions. It is an INSERT whose rows always conflict, and not an UPDATE, because an UPDATE would
// scan all predictions. Here CROSS JOIN makes SQLite start from the few reported outcomes.
const resolve = `
  INSERT INTO predictions (
    workspace, key_id, address_hash, at, kind, provider, segment, age, source, probability, prior, bounced, resolved_at,
    weight
  )
  SELECT
    workspace, key_id, address_hash, predictions.at, kind, provider, segment, age, source, probability, prior,
    told.bounced, told.at, coalesce(weight, told.told_weight)
  FROM (
    SELECT
      value ->> 0 AS hash, value ->> 1 AS at, value ->> 2 AS bounced, value ->> 3 AS told_weight, value ->> 4 AS teller
    FROM json_each(?3)
  ) AS told
  CROSS JOIN predictions ON workspace = ?1 AND key_id = ?2 AND address_hash = told.hash
  WHERE told.at >= predictions.at AND told.at < predictions.at + ?4
    AND (
      (predictions.bounced IS NULL AND (told.bounced = 0 OR EXISTS (
        SELECT 1 FROM delivery_tellers
        WHERE workspace = ?1 AND teller = told.teller AND delivery_tellers.at > told.at - ?6
      )))
      OR (predictions.bounced = 0 AND told.bounced = 1 AND told.at < predictions.resolved_at + ?5)
    )
  ON CONFLICT DO UPDATE SET
    bounced = excluded.bounced, resolved_at = excluded.resolved_at, weight = excluded.weight`;

/**
 * Returns the statements to add to the transaction that stores the events. If there are no outcomes, there are no
 * statements.
 */
export function outcomeStatements(
  workspace: string,
  keyId: string,
  { outcomes, deliveries }: EventOutcomes,
): Statement[] {
  if (outcomes.length === 0) return [];
  const rows = outcomes.map(({ addressHash, at, bounced, weight, reportedBy }) => [
    addressHash,
    at,
    bounced ? 1 : 0,
    weight,
    reportedBy,
  ]);
  const limits = [outcomeWithinMs, correctedWithinMs, reportsDeliveriesWithinMs];
  return [
    ...(deliveries.size > 0
      ? [{ sql: noteTellers, params: [workspace, JSON.stringify([...deliveries])] }]
      : []),
    { sql: resolve, params: [workspace, keyId, JSON.stringify(rows), ...limits] },
  ];
}
