// The suppression list in SQLite: node:sqlite and D1.

import type { MaybePromise } from '../../maybe-promise.ts';
import type { SuppressionScope } from '../../suppression/scope.ts';
import type {
  AddressHashes,
  Incident,
  LiftRecord,
  NewSuppression,
  SuppressionEntry,
  SuppressionReason,
  SuppressionRepository,
} from '../../suppression/suppressions.ts';
import type { Database, SqlValue, Statement } from '../database.ts';
import { countingAuditStatement } from './audit-repository.ts';

/**
 * Maximum number of hashes that one query looks up (`hashesAtOnce`), and of rows that one statement writes
 * (`rowsAtOnce`). They are passed as one JSON parameter, which D1 limits to 2 MB. A hash takes 67 bytes of JSON, a row
 * a few hundred.
 */
const hashesAtOnce = 10_000;
const rowsAtOnce = 2_000;

/**
 * The values of one entry, in the order of the columns in `insert`: address hash, person hash, scope, reason, status,
 * source, since, expires_at, contact. The person hash is the same for all spellings of one mailbox (`personKey`).
 */
type Row = [
  string,
  string | null,
  SuppressionScope,
  SuppressionReason,
  string | null,
  string | null,
  number,
  number | null,
  string | null,
];

const columns = `key_id AS keyId, address_hash AS addressHash, person_hash AS personHash, scope, reason, status, source,
  since, expires_at AS expiresAt`;

const isCurrent = '(expires_at IS NULL OR expires_at > ?)';

const findExact = `
  SELECT ${columns} FROM suppressions WHERE workspace = ? AND key_id = ? AND address_hash = ? AND ${isCurrent}`;

// Without INDEXED BY, SQLite would search the primary key and read all entries with the same key id.
const byPerson = 'suppressions INDEXED BY suppressions_person';

const findPerson = `
  SELECT ${columns} FROM ${byPerson}
  WHERE workspace = ? AND key_id = ? AND person_hash = ? AND address_hash <> ? AND ${isCurrent}`;

const findAllExact = `
  SELECT asked.key AS position, ${columns} FROM json_each(?) AS asked CROSS JOIN suppressions
  WHERE workspace = ? AND key_id = ? AND address_hash = asked.value AND ${isCurrent}`;

/**
 * Finds entries by person hash, except those that `findAllExact` finds. The first parameter is a JSON array with one
 * element for each address: its index in the list of addresses, its person hash and its exact hash.
 */
const findAllPersons = `
  SELECT asked.value ->> 0 AS position, ${columns} FROM json_each(?) AS asked CROSS JOIN ${byPerson}
  WHERE workspace = ? AND key_id = ? AND person_hash = asked.value ->> 1 AND address_hash <> asked.value ->> 2
    AND ${isCurrent}`;

const clearExpired = 'DELETE FROM suppressions WHERE workspace = ? AND expires_at <= ?';

// `WHERE true` is needed because SQLite would otherwise read ON CONFLICT as the condition of a join.
const insert = `
  INSERT INTO suppressions
    (workspace, key_id, address_hash, person_hash, scope, reason, status, source, since, expires_at, contact)
  SELECT ?, ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
    value ->> 8
  FROM json_each(?) WHERE true ON CONFLICT`;

const insertNew = `${insert} DO NOTHING`;

const strength = (row: string) =>
  `CASE ${row}.reason WHEN 'complaint' THEN 3 WHEN 'unsubscribe' THEN 2 WHEN 'manual' THEN 1 ELSE 0 END`;
const isStronger = `${strength('excluded')} > ${strength('suppressions')}`;
const isEarlier = 'excluded.reason = suppressions.reason AND excluded.since < suppressions.since';

/**
 * Updates the entries that already existed. It runs after `insertNew` with the same rows. A row that `insertNew` has
 * just added, or that adds nothing to an existing entry, changes nothing and is not counted.
 */
const strengthen = `${insert} DO UPDATE SET
    person_hash = coalesce(excluded.person_hash, person_hash),
    reason = iif(${isStronger}, excluded.reason, reason),
    source = iif(${isStronger}, excluded.source, source),
    contact = iif(${isStronger}, excluded.contact, contact),
    since = iif(${isStronger} OR ${isEarlier}, excluded.since, since),
    status = coalesce(excluded.status, status),
    expires_at = max(expires_at, excluded.expires_at)
  WHERE ${isStronger} OR ${isEarlier}
    OR suppressions.person_hash IS NOT coalesce(excluded.person_hash, suppressions.person_hash)
    OR suppressions.status IS NOT coalesce(excluded.status, suppressions.status)
    OR suppressions.expires_at IS NOT max(suppressions.expires_at, excluded.expires_at)`;

/** The entries that are to be lifted: those of the JSON array that did not change since they were read. */
const judgedEntries = `FROM json_each(?) AS judged CROSS JOIN suppressions
  WHERE workspace = ? AND key_id = ? AND address_hash = judged.value ->> 0 AND scope = judged.value ->> 1
    AND reason = judged.value ->> 2 AND since = judged.value ->> 3`;

/**
 * Copies the entries that are to be lifted to `suppression_removals`, before `deleteLifted` deletes them. Each element
 * of the JSON array has the hash, scope, reason and date (`since`) of an entry as it was read. If an entry has changed
 * since then, it does not match and is not lifted.
 */
const recordLifted = `
  INSERT INTO suppression_removals
    (workspace, key_id, address_hash, scope, reason, status, source, since, removed_at, consent_kind, consent_at, evidence)
  SELECT workspace, key_id, address_hash, scope, reason, status, source, since, ?, ?, ?, ?
  ${judgedEntries}`;

const deleteLifted = `
  DELETE FROM suppressions
  WHERE workspace = ? AND key_id = ? AND (address_hash, scope, reason, since) IN (
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?)
  )`;

const page = `
  SELECT ${columns} FROM suppressions
  WHERE workspace = ? AND (key_id, address_hash, scope) > (?, ?, ?) AND ${isCurrent}
  ORDER BY key_id, address_hash, scope LIMIT ?`;

const count = `SELECT count(*) AS entries FROM suppressions WHERE workspace = ? AND ${isCurrent}`;

/**
 * Finds the key ids that occur in the suppression list, except ?2. It jumps from one key id to the next in the primary
 * key, so its cost does not grow with the number of entries.
 */
const otherKeys = `
  WITH RECURSIVE keys (id) AS (
    SELECT min(key_id) FROM suppressions WHERE workspace = ?1
    UNION ALL
    SELECT (SELECT min(key_id) FROM suppressions WHERE workspace = ?1 AND key_id > id) FROM keys WHERE id IS NOT NULL
  )
  SELECT id FROM keys WHERE id <> ?2`;

const none: readonly SuppressionEntry[] = [];

export function createSuppressionRepository(
  database: Database,
  workspace = 'default',
): SuppressionRepository {
  // Returns the entries that a query finds. Asks with `first` before `all`, because most addresses have no entry, and `first` is
  // then faster.
  function entriesOf(sql: string, params: readonly SqlValue[]): MaybePromise<readonly SuppressionEntry[]> {
    const entry = database.first<SuppressionEntry>(sql, params);
    const rest = (one: SuppressionEntry | null) =>
      one === null ? none : database.all<SuppressionEntry>(sql, params);
    return entry instanceof Promise ? entry.then(rest) : rest(entry);
  }

  /**
   * Finds the entries of one address. On node:sqlite it returns without a promise, so a single verdict does not
   * have to wait.
   */
  function findOne(keyId: string, { exact, person }: AddressHashes, at: number) {
    const found = entriesOf(findExact, [workspace, keyId, exact, at]);
    if (person === null) return found;
    const others = entriesOf(findPerson, [workspace, keyId, person, exact, at]);
    return found instanceof Promise || others instanceof Promise
      ? Promise.all([found, others]).then((both) => both.flat())
      : [...found, ...others];
  }

  async function findMany(keyId: string, asked: readonly AddressHashes[], at: number) {
    const found = new Array<readonly SuppressionEntry[]>(asked.length).fill(none);
    const place = (offset: number, rows: readonly (SuppressionEntry & { position: number })[]) => {
      for (const { position, ...entry } of rows)
        found[offset + position] = [...found[offset + position]!, entry];
    };
    for (let start = 0; start < asked.length; start += hashesAtOnce) {
      const slice = asked.slice(start, start + hashesAtOnce);
      const exact = JSON.stringify(slice.map((hashes) => hashes.exact));
      place(start, await database.all(findAllExact, [exact, workspace, keyId, at]));
      const persons = slice.flatMap(({ exact, person }, index) =>
        person === null ? [] : [[index, person, exact]],
      );
      if (persons.length > 0)
        place(start, await database.all(findAllPersons, [JSON.stringify(persons), workspace, keyId, at]));
    }
    return found;
  }

  async function lift(keyId: string, entries: readonly SuppressionEntry[], record: LiftRecord) {
    const judged = JSON.stringify(
      entries.map(({ addressHash, scope, reason, since }) => [addressHash, scope, reason, since]),
    );
    const { removedAt, ground, groundAt, evidence, audit } = record;
    const params = [judged, workspace, keyId];
    const [recorded] = await database.batch([
      { sql: recordLifted, params: [removedAt, ground, groundAt, evidence, ...params] },
      ...(audit === undefined
        ? []
        : [countingAuditStatement(workspace, audit, { sql: judgedEntries, params })]),
      { sql: deleteLifted, params: [workspace, keyId, judged] },
    ]);
    return recorded!.changes;
  }

  return {
    find(keyId, asked, at) {
      if (asked.length !== 1) return findMany(keyId, asked, at);
      const found = findOne(keyId, asked[0]!, at);
      return found instanceof Promise ? found.then((entries) => [entries]) : [found];
    },

    async add(entries, at) {
      const statements: Statement[] = [{ sql: clearExpired, params: [workspace, at] }];
      for (const [keyId, ofKey] of Map.groupBy(entries, (entry) => entry.keyId)) {
        const rows = ofKey.map(rowOf);
        // Sorted by address hash, as in the primary key, so each page of the database is written once. Entries of
        // the same address keep their order.
        rows.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
        for (let start = 0; start < rows.length; start += rowsAtOnce) {
          const params = [workspace, keyId, JSON.stringify(rows.slice(start, start + rowsAtOnce))];
          statements.push({ sql: insertNew, params }, { sql: strengthen, params });
        }
      }
      const changes = (await database.batch(statements)).map((result) => result.changes);
      const sum = (sql: string) =>
        changes.reduce((total, n, index) => (statements[index]!.sql === sql ? total + n : total), 0);
      const added = sum(insertNew);
      const updated = sum(strengthen);
      return { added, updated, unchanged: entries.length - added - updated };
    },

    async lift(entries, record) {
      let lifted = 0;
      for (const [keyId, ofKey] of Map.groupBy(entries, (entry) => entry.keyId))
        lifted += await lift(keyId, ofKey, record);
      return lifted;
    },

    async findIncident(keyId, incident, limit, at) {
      const { from, params } = bouncesOf(workspace, keyId, incident, at);
      return database.all<SuppressionEntry>(`SELECT ${columnsOf('entry')} ${from} LIMIT ?`, [
        ...params,
        limit,
      ]);
    },

    async countIncident(keyId, incident, at) {
      const { from, params } = bouncesOf(workspace, keyId, incident, at);
      return (await database.first<{ entries: number }>(`SELECT count(*) AS entries ${from}`, params))!
        .entries;
    },

    async page(after, limit, at) {
      const { keyId = '', addressHash = '', scope = '' } = after ?? {};
      return database.all<SuppressionEntry>(page, [workspace, keyId, addressHash, scope, at, limit]);
    },

    async count(at) {
      return (await database.first<{ entries: number }>(count, [workspace, at]))!.entries;
    },

    async otherKeyIds(keyId) {
      return (await database.all<{ id: string }>(otherKeys, [workspace, keyId])).map(({ id }) => id);
    },
  };
}

const rowOf = (entry: SuppressionEntry & Pick<NewSuppression, 'contact'>): Row => [
  entry.addressHash,
  entry.personHash,
  entry.scope,
  entry.reason,
  entry.status,
  entry.source,
  entry.since,
  entry.expiresAt,
  entry.contact ?? null,
];

const columnsOf = (table: string) => columns.replace(/\b([a-z_]+)(?=( AS \w+)?(,|$))/g, `${table}.$1`);

const eventColumns = {
  provider: 'mailbox_provider',
  mailHost: 'mail_host',
  source: 'source',
  campaign: 'campaign',
} as const;

/**
 * Returns the FROM and WHERE clauses that select the bounce entries of an incident, such as a provider that refused
 * live mailboxes for a day. If the incident names a provider, mail host, source or campaign, the query starts from the delivery
 * events of that time, which are few compared with the suppression list.
 */
function bouncesOf(
  workspace: string,
  keyId: string,
  incident: Incident,
  at: number,
): { readonly from: string; readonly params: SqlValue[] } {
  const { from, to, status } = incident;
  const asked = (['provider', 'mailHost', 'source', 'campaign'] as const).filter(
    (name) => incident[name] !== undefined,
  );
  const entry = `entry.workspace = ? AND entry.key_id = ? AND entry.reason = 'bounce'
    AND entry.since >= ? AND entry.since < ? AND ${isCurrent.replaceAll('expires_at', 'entry.expires_at')}
    ${status === undefined ? '' : 'AND entry.status = ?'}`;
  const params: SqlValue[] = [workspace, keyId, from, to, at, ...(status === undefined ? [] : [status])];
  if (asked.length === 0) return { from: `FROM suppressions AS entry WHERE ${entry}`, params };
  const bounced = `
    SELECT DISTINCT address_hash AS hash FROM delivery_events
    WHERE workspace = ? AND at >= ? AND at < ? AND echo = 0 AND kind <> 'deferred'
      AND (class IN ('hard', 'soft', 'policy', 'complaint') OR kind = 'unsubscribed') AND proof <> 'unproven'
      AND class IN ('hard', 'soft') AND key_id = ? AND address_hash IS NOT NULL
      ${asked.map((name) => `AND ${eventColumns[name]} = ?`).join(' ')}`;
  // The plus sign keeps the planner from the index by time: it would read every bounce of that time for each address.
  const ofHash = entry.replaceAll('entry.since', '+entry.since');
  return {
    from: `FROM (${bounced}) AS bounced CROSS JOIN suppressions AS entry
      WHERE ${ofHash} AND entry.address_hash = bounced.hash`,
    params: [workspace, from, to, keyId, ...asked.map((name) => incident[name]!), ...params],
  };
}
