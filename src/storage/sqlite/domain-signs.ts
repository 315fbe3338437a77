// Keeps what the operator's own mail shows about domains, in SQLite: node:sqlite and D1.

import type { DomainSign, DomainSigns } from '../../events/domain-signs.ts';
import type { Statement } from '../database.ts';
import { isOfRun } from './event-columns.ts';

/** Maximum number of rows about one domain, for each of the two kinds: mailboxes that it refused, and others. The latest stay. */
const rowsOfDomain = 20;

// ?1 is the workspace, ?2 the key id, ?3 the rows as JSON.

const isAlive = (hash: string) => `EXISTS (
    SELECT 1 FROM engagement
    WHERE engagement.workspace = ?1 AND engagement.key_id = ?2 AND engagement.address_hash = ${hash}
      AND coalesce(last_open, last_click, last_reply) IS NOT NULL)`;

// `WHERE true` is needed because SQLite would otherwise read ON CONFLICT as the condition of a join.
const addTaken = `
  INSERT INTO domain_signs (workspace, key_id, domain_hash, address_hash, taken_at, latest)
  SELECT ?1, ?2, value ->> 0, value ->> 1, value ->> 2, value ->> 2
  FROM json_each(?3) WHERE NOT ${isAlive('(value ->> 1)')}
  ON CONFLICT DO UPDATE SET
    taken_at = max(coalesce(taken_at, 0), excluded.taken_at), latest = max(latest, excluded.latest)`;

const isDelivered = (hash: string, message: string) => `EXISTS (
    SELECT 1 FROM delivery_events AS delivery
    WHERE delivery.workspace = ?1 AND delivery.key_id = ?2 AND delivery.address_hash = ${hash} AND ${isOfRun}
      AND delivery.kind = 'delivered' AND delivery.proof <> 'unproven' AND delivery.message = ${message})`;

// Of the bounces of an address the last one counts, and of those at the same time the one with the greatest digest.
const addUnknown = `
  INSERT INTO domain_signs (workspace, key_id, domain_hash, address_hash, bounced_at, message, returned, latest)
  SELECT ?1, ?2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, ${isDelivered('(value ->> 1)', '(value ->> 3)')}, value ->> 2
  FROM json_each(?3) WHERE true
  ON CONFLICT DO UPDATE SET
    bounced_at = excluded.bounced_at, message = excluded.message, returned = excluded.returned,
    latest = max(latest, excluded.latest)
  WHERE (excluded.bounced_at, coalesce(excluded.message, '')) > (coalesce(bounced_at, 0), coalesce(message, ''))`;

// A delivery that is reported after its bounce. It is an INSERT whose rows always conflict, and not an UPDATE, so that SQLite starts
// from the few given deliveries.
const addReturned = `
  INSERT INTO domain_signs (workspace, key_id, domain_hash, address_hash, latest)
  SELECT ?1, ?2, domain_hash, address_hash, latest
  FROM json_each(?3) AS given CROSS JOIN domain_signs AS sign INDEXED BY domain_signs_address
  WHERE workspace = ?1 AND key_id = ?2 AND address_hash = given.value ->> 0 AND message = given.value ->> 1
  ON CONFLICT DO UPDATE SET returned = 1`;

const forgetTaken = `
  UPDATE domain_signs INDEXED BY domain_signs_address SET taken_at = NULL
  WHERE workspace = ?1 AND key_id = ?2 AND address_hash IN (SELECT value FROM json_each(?3))
    AND taken_at IS NOT NULL AND ${isAlive('domain_signs.address_hash')}`;

const limitRows = `
  DELETE FROM domain_signs
  WHERE (workspace, key_id, domain_hash, address_hash) IN (
    SELECT ?1, ?2, domain_hash, address_hash FROM (
      SELECT domain_hash, address_hash, row_number() OVER (
        PARTITION BY domain_hash, bounced_at IS NOT NULL AND returned = 0 ORDER BY latest DESC, address_hash
      ) AS place
      FROM json_each(?3) AS given CROSS JOIN domain_signs
      WHERE workspace = ?1 AND key_id = ?2 AND domain_hash = given.value
    ) WHERE place > ${rowsOfDomain}
  )`;

/**
 * Returns the statements to add to the transaction that stores the events, after those that store the engagement. They are
 * idempotent, and their result does not depend on the order in which events arrive.
 */
export function domainSignStatements(
  workspace: string,
  keyId: string,
  { taken, unknown, delivered, alive }: DomainSigns,
): Statement[] {
  const statement = (sql: string, rows: readonly unknown[]): Statement[] =>
    rows.length === 0 ? [] : [{ sql, params: [workspace, keyId, JSON.stringify(rows)] }];
  const rowOfSign = ({ domainHash, addressHash, at, message }: DomainSign) => [
    domainHash,
    addressHash,
    at,
    message,
  ];
  const domains = new Set([...taken, ...unknown].map(({ domainHash }) => domainHash));
  return [
    ...statement(addTaken, taken.map(rowOfSign)),
    ...statement(addUnknown, unknown.map(rowOfSign)),
    ...statement(addReturned, delivered),
    ...statement(forgetTaken, alive),
    ...statement(limitRows, [...domains]),
  ];
}

/** Maximum number of rows that one DELETE statement deletes, so that Node answers requests in between. */
const deletedAtOnce = 10_000;

const deleteBefore = `
  DELETE FROM domain_signs
  WHERE (workspace, key_id, domain_hash, address_hash) IN (
    SELECT workspace, key_id, domain_hash, address_hash FROM domain_signs INDEXED BY domain_signs_latest
    WHERE workspace = ?1 AND latest < ?2 ORDER BY latest LIMIT ${deletedAtOnce})`;

/** Deletes some rows whose times are before `before` (epoch milliseconds), the oldest first. */
export const deleteDomainSignsBefore = (workspace: string, before: number): Statement => ({
  sql: deleteBefore,
  params: [workspace, before],
});

/** Deletes the rows about one address. */
export const eraseDomainSigns =
  'DELETE FROM domain_signs INDEXED BY domain_signs_address WHERE workspace = ? AND key_id = ? AND address_hash = ?';

/**
 * Sums up the rows of each given domain, which the primary key finds: the plus sign keeps SQLite from reading all rows of the workspace by
 * their time. ?3 are the hashes of the domains as JSON, ?4 the earliest time that counts.
 */
export const selectOwnDomains = `
  SELECT domain_hash AS domainHash,
    sum(taken_at > ?4 OR (returned = 1 AND bounced_at > ?4)) AS accepted,
    max(max(iif(taken_at > ?4, taken_at, 0), iif(returned = 1 AND bounced_at > ?4, bounced_at, 0))) AS acceptedAt,
    max(iif(returned = 0 AND bounced_at > ?4, bounced_at, NULL)) AS refusedAt
  FROM json_each(?3) AS asked CROSS JOIN domain_signs
  WHERE workspace = ?1 AND key_id = ?2 AND domain_hash = asked.value AND +latest > ?4
  GROUP BY domain_hash`;
