// The results of probes and the counts of mail hosts, in SQLite: node:sqlite and D1.

import { dayMs, hourMs, startOfDay, startOfHour } from '../../durations.ts';
import {
  type ProbeRepository,
  type SessionGrant,
  type SessionRecord,
  type SessionRequest,
  type StoredDomain,
  type StoredProof,
  unknownLeast,
  unknownShare,
} from '../../mailbox/probe-repository.ts';
import type { Database, Statement } from '../database.ts';
import { deleteInSteps } from './delete-in-steps.ts';

const selectProofs = `
  SELECT address_hash AS addressHash, finding, cause, position, attempts, checked_at AS checkedAt, retry_at AS retryAt,
    expires_at AS expiresAt
  FROM mailbox_proofs
  WHERE workspace = ?1 AND key_id = ?2 AND address_hash IN (SELECT value FROM json_each(?3)) AND expires_at > ?4`;

const selectDomains = `
  SELECT domain_hash AS domainHash, finding, made_up_name AS madeUpName, checked_at AS checkedAt, retry_at AS retryAt,
    expires_at AS expiresAt
  FROM probed_domains
  WHERE workspace = ?1 AND key_id = ?2 AND domain_hash IN (SELECT value FROM json_each(?3)) AND expires_at > ?4`;

// `WHERE true` is needed because SQLite would otherwise read ON CONFLICT as the condition of a join.
const saveProofs = `
  INSERT INTO mailbox_proofs (
    workspace, key_id, address_hash, finding, cause, attempts, checked_at, retry_at, expires_at, position,
    domain_hash
  )
  SELECT ?1, ?2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
    value ->> 8
  FROM json_each(?3) WHERE true ON CONFLICT DO UPDATE SET
    finding = excluded.finding, cause = excluded.cause, attempts = excluded.attempts, position = excluded.position,
    checked_at = excluded.checked_at, retry_at = excluded.retry_at, expires_at = excluded.expires_at,
    domain_hash = excluded.domain_hash, bounced = NULL, mailed_at = NULL, told = NULL`;

const saveDomains = `
  INSERT INTO probed_domains (workspace, key_id, domain_hash, finding, made_up_name, checked_at, retry_at, expires_at)
  SELECT ?1, ?2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
  FROM json_each(?3) WHERE true ON CONFLICT DO UPDATE SET
    finding = excluded.finding, made_up_name = excluded.made_up_name,
    checked_at = excluded.checked_at, retry_at = excluded.retry_at, expires_at = excluded.expires_at`;

const insertHost = 'INSERT OR IGNORE INTO probed_hosts (workspace, key_id, host_hash) VALUES (?, ?, ?)';

const ofHost = 'workspace = ?1 AND key_id = ?2 AND host_hash = ?3';

// A session in progress continues in the new hour or day, so the commands that were granted to it count there.
const startPeriods = `
  UPDATE probed_hosts SET
    hour_asked = iif(hour = ?4, hour_asked, iif(lease_until > ?6, granted, 0)), hour = ?4,
    day_unknown = iif(day = ?5, day_unknown, 0), day_answered = iif(day = ?5, day_answered, 0),
    day_asked = iif(day = ?5, day_asked, iif(lease_until > ?6, granted, 0)), day = ?5
  WHERE ${ofHost} AND (hour < ?4 OR day < ?5)`;

/**
 * The number of RCPT commands that a session may send: at most the ?7 that it requests, and what is left of ?8 an hour and of ?9
 * a day.
 */
const left = 'min(?7, ?8 - hour_asked, ?9 - day_asked)';

const grant = `
  UPDATE probed_hosts SET
    lease = ?4, lease_until = ?6, granted = ${left}, sent = 0, hour_asked = hour_asked + ${left}, day_asked = day_asked + ${left}
  WHERE ${ofHost} AND lease_until <= ?5 AND rest_until <= ?5 AND next_at <= ?5 AND ${left} >= ?10`;

const selectHost = `
  SELECT lease, lease_until AS leaseUntil, granted, hour_asked AS hourAsked, day_asked AS dayAsked, refusals,
    rest_until AS restUntil, rest_cause AS restCause, next_at AS nextAt
  FROM probed_hosts WHERE ${ofHost}`;

interface HostRow {
  readonly lease: string | null;
  readonly leaseUntil: number;
  readonly granted: number;
  readonly hourAsked: number;
  readonly dayAsked: number;
  readonly refusals: number;
  readonly restUntil: number;
  readonly restCause: string | null;
  readonly nextAt: number;
}

// Ends a session. Commands that were granted to it but not sent no longer count.
const release = `
  UPDATE probed_hosts SET
    lease = NULL, lease_until = 0, granted = 0,
    hour_asked = max(0, hour_asked - granted + ?5), day_asked = max(0, day_asked - granted + ?5),
    day_unknown = day_unknown + ?6, day_answered = day_answered + ?10, next_at = ?7,
    refusals = iif(?8 IS NULL, iif(?5 > 0, 0, refusals), refusals + 1),
    rest_cause = iif(?8 IS NULL, rest_cause, ?8), rest_until = iif(?8 IS NULL, rest_until, ?9)
  WHERE ${ofHost} AND lease = ?4`;

const restForTheDay = `
  UPDATE probed_hosts SET rest_until = day + ${dayMs}, rest_cause = 'mostly_unknown'
  WHERE ${ofHost} AND day_answered >= ${unknownLeast} AND day_unknown > ${unknownShare} * day_answered
    AND rest_until < day + ${dayMs} AND ?4 < day + ${dayMs}`;

/**
 * Milliseconds after which a host with a session in progress is tried again: the other process may end its session before its
 * lease ends.
 */
const busyMs = 15_000;

const deleteExpired = (table: 'mailbox_proofs' | 'probed_domains', hash: string): string => `
  DELETE FROM ${table} WHERE (workspace, key_id, ${hash}) IN (
    SELECT workspace, key_id, ${hash} FROM ${table} INDEXED BY ${table}_expired
    WHERE workspace = ? AND expires_at <= ? LIMIT ?)`;
const deleteRested = `
  DELETE FROM probed_hosts WHERE (workspace, key_id, host_hash) IN (
    SELECT workspace, key_id, host_hash FROM probed_hosts INDEXED BY probed_hosts_day
    WHERE workspace = ? AND day < ? AND rest_until <= ? LIMIT ?)`;

export const createProbeRepository = (database: Database, workspace = 'default'): ProbeRepository => ({
  async proofs(keyId, addressHashes, now) {
    const hashes = JSON.stringify(addressHashes);
    return database.all<StoredProof>(selectProofs, [workspace, keyId, hashes, now]);
  },

  async domains(keyId, domainHashes, now) {
    const hashes = JSON.stringify(domainHashes);
    return database.all<StoredDomain>(selectDomains, [workspace, keyId, hashes, now]);
  },

  async begin(keyId, request) {
    const { hostHash, session, now, leaseMs, wanted, least, perHour, perDay } = request;
    const host = [workspace, keyId, hostHash];
    await database.batch([
      { sql: insertHost, params: host },
      { sql: startPeriods, params: [...host, startOfHour(now), startOfDay(now), now] },
      { sql: grant, params: [...host, session, now, now + leaseMs, wanted, perHour, perDay, least] },
    ]);
    const row = (await database.first<HostRow>(selectHost, host))!;
    return row.lease === session
      ? { kind: 'granted', granted: row.granted, refusals: row.refusals }
      : laterGrant(row, request);
  },

  async end(keyId, record) {
    const host = [workspace, keyId, record.hostHash];
    const { session, asked, answered, unknown, nextAt, refused } = record;
    await database.batch([
      ...resultStatements(workspace, keyId, record),
      {
        sql: release,
        params: [
          ...[...host, session, asked, unknown, nextAt],
          ...[refused?.cause ?? null, refused?.restUntil ?? 0, answered],
        ],
      },
      { sql: restForTheDay, params: [...host, record.now] },
    ]);
  },

  async keep(keyId, results, session) {
    const progress = session && [workspace, keyId, session.hostHash, session.session, session.asked];
    await database.batch([
      ...resultStatements(workspace, keyId, results),
      ...(progress
        ? [{ sql: `UPDATE probed_hosts SET sent = ?5 WHERE ${ofHost} AND lease = ?4`, params: progress }]
        : []),
    ]);
  },

  async endSessions(prefix) {
    await database.run(
      `UPDATE probed_hosts SET
         lease = NULL, lease_until = 0, granted = 0,
         hour_asked = max(0, hour_asked - max(0, granted - sent - 1)),
         day_asked = max(0, day_asked - max(0, granted - sent - 1))
       WHERE workspace = ? AND substr(lease, 1, ?) = ?`,
      [workspace, prefix.length, prefix],
    );
  },

  async deleteExpired(now) {
    await deleteInSteps(database, deleteExpired('mailbox_proofs', 'address_hash'), [workspace, now]);
    await deleteInSteps(database, deleteExpired('probed_domains', 'domain_hash'), [workspace, now]);
    await deleteInSteps(database, deleteRested, [workspace, startOfDay(now) - dayMs, now]);
  },
});

function resultStatements(
  workspace: string,
  keyId: string,
  { proofs, domains }: Pick<SessionRecord, 'proofs' | 'domains'>,
): Statement[] {
  const proofRows = proofs.map((proof) => [
    ...[proof.addressHash, proof.finding, proof.cause, proof.attempts],
    ...[proof.checkedAt, proof.retryAt, proof.expiresAt, proof.position, proof.domainHash ?? null],
  ]);
  const domainRows = domains.map((domain) => [
    ...[domain.domainHash, domain.finding, domain.madeUpName],
    ...[domain.checkedAt, domain.retryAt, domain.expiresAt],
  ]);
  return [
    { sql: saveProofs, params: [workspace, keyId, JSON.stringify(proofRows)] },
    { sql: saveDomains, params: [workspace, keyId, JSON.stringify(domainRows)] },
  ];
}

function laterGrant(row: HostRow, { now, perHour, perDay, least }: SessionRequest): SessionGrant {
  if (row.restUntil > now) return { kind: 'later', notBefore: row.restUntil, cause: row.restCause };
  const times = [
    row.nextAt,
    Math.min(row.leaseUntil, now + busyMs),
    perHour - row.hourAsked < least ? startOfHour(now) + hourMs : 0,
    perDay - row.dayAsked < least ? startOfDay(now) + dayMs : 0,
  ];
  // Another process may have begun and ended a session between the two statements above, so wait at least one second.
  return { kind: 'later', notBefore: Math.max(...times, now + 1000), cause: null };
}
