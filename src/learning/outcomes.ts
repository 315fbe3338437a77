// Joins delivery events to the verdict given before.

import type { BounceClass } from '../bounce/bounce.ts';
import type { SqlValue, Statement } from '../storage/database.ts';
import type { AddressHasher } from '../suppression/address-hash.ts';
import { weightAt } from '../verdict/probability-model.ts';

const dayMs = 86_400_000;

/** An event recorded for the first time. */
export interface ToldEvent {
  readonly event: {
    readonly provider: string;
    readonly kind: string;
    readonly class: BounceClass;
    readonly echo: boolean;
  };
  /** Epoch milliseconds at which it happened. */
  readonly at: number;
  readonly addressHash: string | null;
}

/** A verdict is about mail sent within this time; later outcomes say more about the time in between. */
const outcomeWithinMs = 90 * dayMs;

/**
 * A server may accept a message and bounce it later, so a bounce within this time replaces a delivery. Servers retry
 * for four to five days (RFC 5321 section 4.5.4.1), and reports take time.
 */
const correctedWithinMs = 7 * dayMs;

/**
 * A provider that reported no delivery for this long reports bounces only, which would make every message seem to
 * bounce.
 */
const tellsDeliveriesWithinMs = 30 * dayMs;

const noteTellers = `
  INSERT INTO delivery_tellers (teller, at) SELECT value ->> 0, value ->> 1 FROM json_each(?)
  WHERE true ON CONFLICT DO UPDATE SET at = excluded.at WHERE excluded.at > delivery_tellers.at`;

// An upsert of existing rows: an UPDATE would scan every prediction, because only CROSS JOIN fixes the order.
const resolve = `
  INSERT INTO predictions (
    key_id, address_hash, at, kind, provider, segment, age, source, probability, prior, bounced, resolved_at, weight
  )
  SELECT
    key_id, address_hash, predictions.at, kind, provider, segment, age, source, probability, prior,
    told.bounced, told.at, coalesce(weight, told.told_weight)
  FROM (
    SELECT
      value ->> 0 AS hash, value ->> 1 AS at, value ->> 2 AS bounced, value ->> 3 AS told_weight, value ->> 4 AS teller
    FROM json_each(?2)
  ) AS told
  CROSS JOIN predictions ON workspace = 'default' AND key_id = ?1 AND address_hash = told.hash
  WHERE told.at >= predictions.at AND told.at < predictions.at + ?3
    AND (
      (predictions.bounced IS NULL AND (told.bounced = 0 OR EXISTS (
        SELECT 1 FROM delivery_tellers WHERE workspace = 'default' AND teller = told.teller AND delivery_tellers.at > told.at - ?5
      )))
      OR (predictions.bounced = 0 AND told.bounced = 1 AND told.at < predictions.resolved_at + ?4)
    )
  ON CONFLICT DO UPDATE SET
    bounced = excluded.bounced, resolved_at = excluded.resolved_at, weight = excluded.weight`;

interface Outcome {
  readonly hash: string;
  readonly at: number;
  readonly bounced: 0 | 1;
  readonly teller: string;
}

/**
 * The statements that record what the events say about verdicts; none if they say nothing. They belong in the batch
 * that stores the events, so that each event counts exactly once. `now` in epoch milliseconds.
 */
export function outcomeStatements(
  told: readonly ToldEvent[],
  { keyId }: Pick<AddressHasher, 'keyId'>,
  now: number,
): Statement[] {
  const outcomes = new Map<string, Outcome>();
  const tellers = new Map<string, number>();
  for (const { event, at, addressHash } of told) {
    const bounced = bouncedBy(event);
    if (bounced === null || addressHash === null) continue;
    // A clock that is ahead must not give an outcome more weight than all others.
    const outcome = { hash: addressHash, at: Math.min(at, now), bounced, teller: event.provider };
    if (bounced === 0) tellers.set(event.provider, Math.max(outcome.at, tellers.get(event.provider) ?? 0));
    const earlier = outcomes.get(addressHash);
    if (earlier === undefined || bounced > earlier.bounced) outcomes.set(addressHash, outcome);
  }
  if (outcomes.size === 0) return [];
  const rows = [...outcomes.values()].map(({ hash, at, bounced, teller }): SqlValue[] => [
    hash,
    at,
    bounced,
    weightAt(at),
    teller,
  ]);
  const params = [keyId, JSON.stringify(rows), outcomeWithinMs, correctedWithinMs, tellsDeliveriesWithinMs];
  return [
    ...(tellers.size > 0 ? [{ sql: noteTellers, params: [JSON.stringify([...tellers])] }] : []),
    { sql: resolve, params },
  ];
}

/**
 * Whether an event is a bounce: 1 for a hard bounce, 0 for a delivery, null if it says nothing. A policy bounce concerns the sender or the message. A soft bounce is not final. An echo was not attempted.
 */
function bouncedBy({ kind, class: bounceClass, echo }: ToldEvent['event']): 0 | 1 | null {
  if (echo) return null;
  if (kind === 'delivered') return 0;
  return bounceClass === 'hard' ? 1 : null;
}
