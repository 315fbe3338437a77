// SQL statements that record deliveries and bounces as the outcomes of predictions and of the answers of mail hosts. Triggers then
// add each outcome to the sums in other tables.

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
    workspace, key_id, address_hash, at, kind, provider, segment, age, source, proof, domain, probability, prior, bounced,
    resolved_at, weight
  )
  SELECT
    workspace, key_id, address_hash, predictions.at, kind, provider, segment, age, source, proof, domain, probability, prior,
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

// Notes what became of the first mail to a mailbox after its host was asked, with what the host's answers prove. A trigger then
// adds it to `proof_outcomes`. As above, the rows of this INSERT always conflict.
const resolveProofs = `
  INSERT INTO mailbox_proofs (
    workspace, key_id, address_hash, finding, attempts, checked_at, expires_at, bounced, mailed_at, told
  )
  SELECT ?1, ?2, address_hash, finding, attempts, checked_at, expires_at, now_bounced, coalesce(mailed_at, at), proves
  FROM (
    SELECT proof.*, given.value ->> 1 AS at, given.value ->> 2 AS now_bounced, given.value ->> 4 AS teller,
      coalesce(proof.told, iif(proof.finding = 'accepted', (
        SELECT CASE domain.finding WHEN 'selective' THEN 'exists' WHEN 'catch_all' THEN 'catch_all' END
        FROM probed_domains AS domain
        WHERE domain.workspace = ?1 AND domain.key_id = ?2 AND domain.domain_hash = proof.domain_hash
      ), proof.finding)) AS proves
    FROM json_each(?3) AS given CROSS JOIN mailbox_proofs AS proof
      ON proof.workspace = ?1 AND proof.key_id = ?2 AND proof.address_hash = given.value ->> 0
    WHERE proof.finding IN ('accepted', 'catch_all', 'unknown_user', 'disabled', 'full')
  ) AS known
  WHERE proves IS NOT NULL AND at >= checked_at AND at < expires_at
    AND (
      (bounced IS NULL AND (now_bounced = 0 OR EXISTS (
        SELECT 1 FROM delivery_tellers
        WHERE delivery_tellers.workspace = ?1 AND delivery_tellers.teller = known.teller
          AND delivery_tellers.at > known.at - ?5
      )))
      OR (bounced = 0 AND now_bounced = 1 AND at < mailed_at + ?4)
    )
  ON CONFLICT DO UPDATE SET bounced = excluded.bounced, mailed_at = excluded.mailed_at, told = excluded.told`;

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
  const json = JSON.stringify(rows);
  const limits = [outcomeWithinMs, correctedWithinMs, reportsDeliveriesWithinMs];
  return [
    ...(deliveries.size > 0
      ? [{ sql: noteTellers, params: [workspace, JSON.stringify([...deliveries])] }]
      : []),
    { sql: resolve, params: [workspace, keyId, json, ...limits] },
    { sql: resolveProofs, params: [workspace, keyId, json, correctedWithinMs, reportsDeliveriesWithinMs] },
  ];
}
