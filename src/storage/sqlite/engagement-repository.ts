// Engagement in SQLite: node:sqlite and D1.

import { dayMs } from '../../durations.ts';
import {
  type Engagement,
  type EngagementRepository,
  type EngagementSign,
  type EngagementTeller,
  inactiveAfterMs,
  type SourceEngagement,
  scannedWithinMs,
} from '../../events/engagement.ts';
import { sumOfEngagement } from '../../events/engagement-report.ts';
import type { Database, Statement } from '../database.ts';
import { deleteInSteps } from './delete-in-steps.ts';

/** If a provider reported no opens, clicks or replies for this many milliseconds, it may have stopped reporting them. */
const reportsWithinMs = 30 * dayMs;

/** ?1 is the workspace, ?2 the key id, ?3 the signs as JSON, ?4 `scannedWithinMs`. */
const told = `
  SELECT value ->> 0 AS hash, value ->> 1 AS kind, value ->> 2 AS at, value ->> 3 AS message, value ->> 4 AS source,
    value ->> 5 AS teller
  FROM json_each(?3)`;

// A scanner opens or clicks when the message is delivered, or before the delivery is reported.
const isLife = `
  kind <> 'delivered' AND (kind = 'replied' OR NOT EXISTS (
    SELECT 1 FROM delivery_events AS delivery
    WHERE delivery.workspace = ?1 AND delivery.key_id = ?2 AND delivery.address_hash = told.hash
      AND delivery.kind = 'delivered' AND delivery.at > told.at - ?4
      AND (delivery.at < told.at + ?4 OR delivery.message = told.message)
  ))`;

// `WHERE true` is needed because SQLite would otherwise read ON CONFLICT as the condition of a join.
const noteTellers = `
  INSERT INTO engagement_tellers (workspace, teller, since, at)
  SELECT ?1, teller, min(at), max(at) FROM (${told}) AS told WHERE ${isLife} GROUP BY teller
  ON CONFLICT DO UPDATE SET since = min(since, excluded.since), at = max(at, excluded.at)`;

// The columns of the last open and the last click. `before`: the last one that was clearly earlier. `message`: the message that
// was opened or clicked, as long as no delivery of it is recorded.
const kinds = [
  { kind: 'opened', last: 'last_open', before: 'open_before', message: 'open_message' },
  { kind: 'clicked', last: 'last_click', before: 'click_before', message: 'click_message' },
] as const;
type Columns = (typeof kinds)[number];

/** A scanner follows several links of a message within this many milliseconds. */
const sameScanMs = 2 * scannedWithinMs;

const columns = kinds.flatMap(({ last, before, message }) => [last, before, message]).join(', ');
const values = kinds
  .map(
    ({ kind }) => `
    max(iif(kind = '${kind}', at, NULL)),
    max(iif(kind = '${kind}' AND at < latest - ${sameScanMs}, at, NULL)),
    max(iif(kind = '${kind}' AND at = latest AND NOT isDelivered, coalesce(message, ''), NULL))`,
  )
  .join();

const isDelivered = `EXISTS (
  SELECT 1 FROM delivery_events AS delivery
  WHERE delivery.workspace = ?1 AND delivery.key_id = ?2 AND delivery.address_hash = told.hash
    AND delivery.kind = 'delivered' AND delivery.message = told.message)`;

const upsert = `
  INSERT INTO engagement (
    workspace, key_id, address_hash, first_seen, last_delivered, ${columns}, last_reply, source, latest_day
  )
  SELECT ?1, ?2, hash, min(at), max(iif(kind = 'delivered', at, NULL)), ${values},
    max(iif(kind = 'replied', at, NULL)), max(source), max(at) / ${dayMs}
  FROM (
    SELECT *, max(at) OVER (PARTITION BY hash, kind) AS latest,
      kind IN ('opened', 'clicked') AND ${isDelivered} AS isDelivered
    FROM (${told}) AS told
    WHERE iif(
      kind = 'delivered',
      EXISTS (
        SELECT 1 FROM engagement_tellers AS known
        WHERE known.workspace = ?1 AND known.teller = told.teller AND told.at >= known.since AND told.at < known.at + ?5
      ),
      ${isLife}
    )
  )
  GROUP BY hash
  ON CONFLICT DO UPDATE SET
    first_seen = min(first_seen, excluded.first_seen),
    last_delivered = ${latest('last_delivered')},
    ${kinds.map(updated).join()},
    last_reply = ${latest('last_reply')},
    source = coalesce(source, excluded.source),
    latest_day = max(latest_day, excluded.latest_day)`;

function updated({ last, before, message }: Columns): string {
  const known = (column: string) => `coalesce(${column}, 0)`;
  const end = `max(${known(last)}, ${known(`excluded.${last}`)}) - ${sameScanMs}`;
  const earlier = [last, before, `excluded.${last}`, `excluded.${before}`].map(
    (column) => `iif(${known(column)} < ${end}, ${known(column)}, 0)`,
  );
  return `
    ${before} = nullif(max(${earlier.join()}), 0),
    ${message} = iif(${known(`excluded.${last}`)} > ${known(last)}, excluded.${message}, ${message}),
    ${last} = ${latest(last)}`;
}

/** The later of the stored time and the new one, of which either may be null. */
function latest(column: string): string {
  return `coalesce(max(${column}, excluded.${column}), ${column}, excluded.${column})`;
}

// Takes back opens and clicks if a delivery that was reported after them shows that they are a scanner's. `engagement_tellers` is
// not changed: even an open by a scanner proves that the provider reports opens.
const takeBack = `
  UPDATE engagement SET ${kinds
    .map((each) => {
      const { last, before, message } = each;
      const isByScanner = isScanned(each);
      return `
    ${last} = iif(${isByScanner}, ${before}, ${last}),
    ${before} = iif(${isByScanner}, NULL, ${before}),
    ${message} = iif(${isByScanner}, NULL, ${message})`;
    })
    .join()}
  WHERE workspace = ?1 AND key_id = ?2
    AND address_hash IN (SELECT value ->> 0 FROM json_each(?3) WHERE value ->> 1 = 'delivered')
    AND (open_message IS NOT NULL OR click_message IS NOT NULL)`;

/** Whether one of the deliveries proves that the last open or click was a scanner's: see `isLife`. */
function isScanned({ last, message }: Columns): string {
  return `${message} IS NOT NULL AND EXISTS (
      SELECT 1 FROM (${told}) AS told
      WHERE told.hash = engagement.address_hash AND kind = 'delivered' AND told.at > ${last} - ?4
        AND (told.at < ${last} + ?4 OR told.message = ${message}))`;
}

// Deletes the rows in which nothing is left, because only scanners opened or clicked.
const forget = `
  DELETE FROM engagement
  WHERE workspace = ?1 AND key_id = ?2
    AND address_hash IN (SELECT value ->> 0 FROM json_each(?3) WHERE value ->> 1 = 'delivered')
    AND last_delivered IS NULL AND last_open IS NULL AND last_click IS NULL AND last_reply IS NULL`;

const lastActive = 'nullif(max(coalesce(last_open, 0), coalesce(last_click, 0), coalesce(last_reply, 0)), 0)';

const find = `
  SELECT address_hash AS addressHash, first_seen AS firstSeen, last_delivered AS lastDelivered, ${lastActive} AS lastActive
  FROM json_each(?3) AS asked CROSS JOIN engagement
  WHERE workspace = ?1 AND key_id = ?2 AND address_hash = asked.value`;

// Counts addresses by their state. The conditions must be those of `engagementStateOf`. ?3 is the time of the report. Only
// address hashes between ?4 and ?5 are counted.
const count = `
  SELECT source,
    sum(coalesce(active > ?3 - 30 * ${dayMs}, 0)) AS activeDays30,
    sum(coalesce(active > ?3 - 90 * ${dayMs}, 0)) AS activeDays90,
    sum(coalesce(active > ?3 - 180 * ${dayMs}, 0)) AS activeDays180,
    sum(coalesce(active > ?3 - 365 * ${dayMs}, 0)) AS activeDays365,
    sum(state = 'active') AS active, sum(state = 'inactive_6') AS inactive6, sum(state = 'inactive_12') AS inactive12,
    sum(state = 'unknown') AS unknown
  FROM (
    SELECT source, active, CASE
      WHEN active > ?3 - ${inactiveAfterMs.six} THEN 'active'
      WHEN delivered IS NULL OR delivered - quiet_since < ${inactiveAfterMs.six} THEN 'unknown'
      WHEN quiet_since > ?3 - ${inactiveAfterMs.twelve} THEN 'inactive_6'
      ELSE 'inactive_12' END AS state
    FROM (
      SELECT source, active, last_delivered AS delivered, coalesce(active, first_seen) AS quiet_since
      FROM (
        SELECT source, first_seen, last_delivered, ${lastActive} AS active FROM engagement
        WHERE workspace = ?1 AND key_id = ?2 AND address_hash >= ?4 AND address_hash < ?5
      )
    )
  ) GROUP BY source`;

const deleteBefore = `
  DELETE FROM engagement WHERE (workspace, key_id, address_hash) IN (
    SELECT workspace, key_id, address_hash FROM engagement INDEXED BY engagement_latest
    WHERE workspace = ? AND latest_day < ? LIMIT ?)`;

/** Returns the statements to add to the transaction that stores the events; none if there are no signs. */
export function engagementStatements(
  workspace: string,
  keyId: string,
  signs: readonly EngagementSign[],
): Statement[] {
  if (signs.length === 0) return [];
  const rows = JSON.stringify(
    signs.map(({ addressHash, kind, at, message, source, reportedBy }) => [
      ...[addressHash, kind, at, message, source, reportedBy],
    ]),
  );
  const params = [workspace, keyId, rows, scannedWithinMs];
  const hasLife = signs.some(({ kind }) => kind !== 'delivered');
  const hasDelivery = signs.some(({ kind }) => kind === 'delivered');
  return [
    ...(hasDelivery
      ? [
          { sql: takeBack, params },
          { sql: forget, params: [workspace, keyId, rows] },
        ]
      : []),
    ...(hasLife ? [{ sql: noteTellers, params }] : []),
    { sql: upsert, params: [...params, reportsWithinMs] },
  ];
}

/** The first hexadecimal digits of the hashes. The report reads the addresses of one digit at a time. */
const digits = [...'0123456789abcdef'];

export const createEngagementRepository = (
  database: Database,
  workspace = 'default',
): EngagementRepository => ({
  isReported() {
    const known = database.first<object>(
      'SELECT teller FROM engagement_tellers WHERE workspace = ? LIMIT 1',
      [workspace],
    );
    return known instanceof Promise ? known.then((teller) => teller !== null) : known !== null;
  },

  find(keyId, addressHashes) {
    type Row = Engagement & { readonly addressHash: string };
    const inOrder = (rows: readonly Row[]) => {
      const found = new Map(rows.map(({ addressHash, ...engagement }) => [addressHash, engagement]));
      return addressHashes.map((hash) => found.get(hash) ?? null);
    };
    const rows = database.all<Row>(find, [workspace, keyId, JSON.stringify(addressHashes)]);
    return rows instanceof Promise ? rows.then(inOrder) : inOrder(rows);
  },

  async count(keyId, now) {
    const sums = new Map<string | null, SourceEngagement>();
    for (const [index, digit] of digits.entries()) {
      const end = digits[index + 1] ?? 'g';
      for (const row of await database.all<SourceEngagement>(count, [workspace, keyId, now, digit, end])) {
        const before = sums.get(row.source);
        sums.set(row.source, before === undefined ? row : added(before, row));
      }
      // node:sqlite blocks the process during a statement. Let other work have a turn.
      await new Promise<void>((resolve) => setTimeout(resolve));
    }
    return [...sums.values()];
  },

  async tellers() {
    return database.all<EngagementTeller>(
      'SELECT teller AS name, since, at FROM engagement_tellers WHERE workspace = ? ORDER BY teller',
      [workspace],
    );
  },

  async deleteBefore(before) {
    await deleteInSteps(database, deleteBefore, [workspace, Math.floor(before / dayMs)]);
  },
});

const added = (a: SourceEngagement, b: SourceEngagement): SourceEngagement => ({
  source: a.source,
  ...sumOfEngagement(a, b),
});
