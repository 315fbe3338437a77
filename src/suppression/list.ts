// The suppression list over the Database port.

import type { Database, Statement } from '../storage/database.ts';
import { type AddressHasher, suppressionKey } from './address-hash.ts';
import type {
  AddCounts,
  Consent,
  HashedSuppression,
  NewSuppression,
  RemoveOutcome,
  RemoveRefusal,
  Suppression,
  SuppressionEntry,
  SuppressionList,
  SuppressionReason,
} from './suppressions.ts';

/** 67 bytes of JSON a hash and some hundreds a row: well within the 2 MB of one D1 parameter. */
const hashesAtOnce = 10_000;
const rowsAtOnce = 2_000;

const listedAtMost = 5_000;
const listedByDefault = 100;

/** Hash, reason, status, source, since, expires_at. */
type Row = [string, SuppressionReason, string | null, string | null, number, number | null];

/** Clocks of other machines differ by about so much. */
const clockSkewMs = 5 * 60_000;

const find = `
  SELECT asked.key AS position, reason, status, source, since
  FROM json_each(?) AS asked CROSS JOIN suppressions
  WHERE workspace = 'default' AND key_id = ? AND address_hash = asked.value AND (expires_at IS NULL OR expires_at > ?)`;

const findOne = `
  SELECT reason, status, source, since FROM suppressions
  WHERE workspace = 'default' AND key_id = ? AND address_hash = ? AND (expires_at IS NULL OR expires_at > ?)`;

const clearExpired = 'DELETE FROM suppressions WHERE expires_at <= ?';

// `WHERE true` tells SQLite that the ON after it is no join's.
const insert = `
  INSERT INTO suppressions (key_id, address_hash, reason, status, source, since, expires_at)
  SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
  FROM json_each(?) WHERE true ON CONFLICT`;

const insertNew = `${insert} DO NOTHING`;

const strength = (row: string) =>
  `CASE ${row}.reason WHEN 'complaint' THEN 3 WHEN 'unsubscribe' THEN 2 WHEN 'manual' THEN 1 ELSE 0 END`;
const isStronger = `${strength('excluded')} > ${strength('suppressions')}`;
const isEarlier = 'excluded.reason = suppressions.reason AND excluded.since < suppressions.since';

/** Runs after `insertNew`, so that what it changes was there before; an entry that says nothing new changes nothing. */
const strengthen = `${insert} DO UPDATE SET
    reason = iif(${isStronger}, excluded.reason, reason),
    source = iif(${isStronger}, excluded.source, source),
    since = iif(${isStronger} OR ${isEarlier}, excluded.since, since),
    status = coalesce(excluded.status, status),
    expires_at = max(expires_at, excluded.expires_at)
  WHERE ${isStronger} OR ${isEarlier}
    OR suppressions.status IS NOT coalesce(excluded.status, suppressions.status)
    OR suppressions.expires_at IS NOT max(suppressions.expires_at, excluded.expires_at)`;

const recordRemoval = `
  INSERT INTO suppression_removals
    (key_id, address_hash, reason, status, source, since, removed_at, consent_kind, consent_at, evidence)
  SELECT key_id, address_hash, reason, status, source, since, ?, ?, ?, ? FROM suppressions
  WHERE workspace = 'default' AND key_id = ? AND address_hash = ? AND reason = ? AND since = ?`;

const remove = `DELETE FROM suppressions
  WHERE workspace = 'default' AND key_id = ? AND address_hash = ? AND reason = ? AND since = ?`;

const list = `
  SELECT address_hash AS addressHash, key_id AS keyId, reason, status, source, since, expires_at AS expiresAt
  FROM suppressions WHERE workspace = 'default' AND (key_id, address_hash) > (?, ?) AND (expires_at IS NULL OR expires_at > ?)
  ORDER BY key_id, address_hash LIMIT ?`;

const count = 'SELECT count(*) AS entries FROM suppressions WHERE expires_at IS NULL OR expires_at > ?';

/** Jumps from one key to the next in the primary key, so that a million entries cost nothing. */
const otherKeys = `
  WITH RECURSIVE keys (id) AS (
    SELECT min(key_id) FROM suppressions WHERE workspace = 'default'
    UNION ALL
    SELECT (SELECT min(key_id) FROM suppressions WHERE workspace = 'default' AND key_id > id) FROM keys WHERE id IS NOT NULL
  )
  SELECT id FROM keys WHERE id <> ?`;

type Found = Suppression | null;

/** The list in `database`, under the key of `hasher`. `now` gives epoch milliseconds. */
export function createSuppressionList({
  database,
  hasher,
  now,
}: {
  readonly database: Database;
  readonly hasher: AddressHasher;
  readonly now: () => number;
}): SuppressionList {
  const { keyId } = hasher;
  const hashAll = (addresses: readonly string[]) => hasher.hashAll(addresses.map(suppressionKey));

  const findHash = (hash: string) => database.first<Suppression>(findOne, [keyId, hash, now()]);

  function findAll(hashes: readonly string[]): Found[] | Promise<Found[]> {
    if (hashes.length !== 1) return findHashes(hashes);
    const found = findHash(hashes[0]!);
    return found instanceof Promise ? found.then((one) => [one]) : [found];
  }

  async function findHashes(hashes: readonly string[]): Promise<Found[]> {
    const found = new Array<Found>(hashes.length).fill(null);
    for (let start = 0; start < hashes.length; start += hashesAtOnce) {
      const asked = JSON.stringify(hashes.slice(start, start + hashesAtOnce));
      const rows = await database.all<Suppression & { position: number }>(find, [asked, keyId, now()]);
      for (const { position, reason, status, source, since } of rows)
        found[start + position] = { reason, status, source, since };
    }
    return found;
  }

  async function addMany(entries: readonly NewSuppression[]): Promise<AddCounts> {
    const hashes = await hashAll(entries.map(({ address }) => address));
    return addHashed(entries.map((entry, index) => ({ ...entry, addressHash: hashes[index]! })));
  }

  async function addHashed(entries: readonly HashedSuppression[]): Promise<AddCounts> {
    const moment = now();
    const rows = entries.map(
      ({ addressHash, reason, status, source, since, expiresAt }): Row => [
        addressHash,
        reason,
        status ?? null,
        withoutAddresses(source ?? null),
        since ?? moment,
        expiresAt ?? null,
      ],
    );
    // In the order of the primary key a slice touches each page once. Entries of one address keep their order.
    rows.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

    const statements: Statement[] = [{ sql: clearExpired, params: [moment] }];
    for (let start = 0; start < rows.length; start += rowsAtOnce) {
      const params = [keyId, JSON.stringify(rows.slice(start, start + rowsAtOnce))];
      statements.push({ sql: insertNew, params }, { sql: strengthen, params });
    }
    const changes = (await database.batch(statements)).map((result) => result.changes);

    const sum = (sql: string) =>
      changes.reduce((total, n, index) => (statements[index]!.sql === sql ? total + n : total), 0);
    const added = sum(insertNew);
    const updated = sum(strengthen);
    return { added, updated, unchanged: entries.length - added - updated };
  }

  async function removeHash(hash: string, consent: Consent): Promise<RemoveOutcome> {
    const entry = await findHash(hash);
    if (entry === null) return { kind: 'not_listed' };
    const moment = now();
    const why = refusal(entry, consent, moment);
    if (why !== null) return { kind: 'refused', why };

    const { kind, at } = consent;
    const evidence = withoutAddresses(consent.evidence);
    // A complaint may come in after the look: only the very entry that was judged is lifted.
    const judged = [keyId, hash, entry.reason, entry.since];
    const [recorded] = await database.batch([
      { sql: recordRemoval, params: [moment, kind, at, evidence, ...judged] },
      { sql: remove, params: judged },
    ]);
    return recorded!.changes === 1 ? { kind: 'removed', entry } : removeHash(hash, consent);
  }

  return {
    find(addresses) {
      const hashes = hashAll(addresses);
      return hashes instanceof Promise ? hashes.then(findAll) : findAll(hashes);
    },

    keyId,

    addMany,

    addHashed,

    async add(entry) {
      const counts = await addMany([entry]);
      return counts.added === 1 ? 'added' : counts.updated === 1 ? 'updated' : 'unchanged';
    },

    async remove({ address, consent }) {
      const [hash] = await hashAll([address]);
      return removeHash(hash!, consent);
    },

    async list({ cursor, limit = listedByDefault } = {}) {
      const after = cursor === undefined ? ['', ''] : readCursor(cursor);
      if (after === null) return { kind: 'bad_cursor' };
      const size = Math.min(Math.max(Math.trunc(limit), 1), listedAtMost);
      // One more than asked for tells whether there is a next page.
      const rows = await database.all<SuppressionEntry>(list, [...after, now(), size + 1]);
      const entries = rows.slice(0, size);
      return { kind: 'page', entries, next: rows.length > size ? cursorAfter(entries.at(-1)!) : null };
    },

    async count() {
      return (await database.first<{ entries: number }>(count, [now()]))!.entries;
    },

    async otherKeyIds() {
      return (await database.all<{ id: string }>(otherKeys, [keyId])).map(({ id }) => id);
    },
  };
}

function refusal(entry: Suppression, consent: Consent, now: number): RemoveRefusal | null {
  if (entry.reason === 'complaint') return 'complaint';
  if (consent.at + clockSkewMs < entry.since) return 'consent_not_fresh';
  if (consent.at > now + clockSkewMs) return 'consent_in_future';
  if (consent.evidence.trim() === '') return 'evidence_missing';
  return null;
}

const cursorAfter = ({ keyId, addressHash }: SuppressionEntry) => `${keyId}.${addressHash}`;

const readCursor = (cursor: string): [string, string] | null => {
  const parts = /^([0-9a-f]{8})\.([0-9a-f]{64})$/.exec(cursor);
  return parts === null ? null : [parts[1]!, parts[2]!];
};

/** A stolen database names nobody, also not in what people wrote beside an entry. */
function withoutAddresses<T extends string | null>(text: T): T | string {
  return text?.includes('@') ? text.replace(/[^\s<>"',;:@]{1,64}@[^\s<>"',;:@]+/gu, '[address]') : text;
}
