// What the migration to workspaces must do on every engine: a database of the version before keeps all of its data.

import { describe, expect, test } from 'vitest';
import type { Database, SqlValue } from '../../src/storage/database.ts';

const workspaceMigration = '0009_workspaces.sql';
export const isBeforeWorkspaces = (migration: { readonly name: string }) =>
  migration.name < workspaceMigration;
export const isUpToWorkspaces = (migration: { readonly name: string }) =>
  migration.name <= workspaceMigration;

type Row = Readonly<Record<string, SqlValue>>;

const event = {
  at: 1_700_000_000_000,
  received_at: 1_700_000_000_500,
  teller: 'postmark',
  reason: 'mailbox_full',
  status: '4.2.2',
  echo: 0,
  key_id: '01234567',
  address_hash: 'aa',
  mailbox_provider: 'gmail',
  message: 'm1',
  campaign: 'spring',
  source: 'form',
};

const prediction = {
  key_id: '01234567',
  at: 1_700_000_000_000,
  kind: 'no_known_obstacle',
  provider: 'gmail',
  segment: 'free',
  age: 'fresh',
  source: '',
  probability: 0.04,
  prior: 0.05,
  bounced: null,
  resolved_at: null,
  weight: null,
};

const job = {
  id: 'job_1',
  state: 'verifying',
  options: '{"a":1}',
  bytes: 12,
  created_at: 1,
  updated_at: 2,
  request_key: 'request 1',
  request_fingerprint: 'f',
};

/** Rows of the version before, at least one in each of its tables. */
const oldRows: Readonly<Record<string, readonly Row[]>> = {
  suppressions: [
    {
      key_id: '01234567',
      address_hash: 'aa',
      reason: 'complaint',
      status: null,
      source: 'postmark',
      since: 5,
    },
    {
      key_id: '01234567',
      address_hash: 'bb',
      reason: 'bounce',
      status: '5.1.1',
      source: null,
      since: 6,
      expires_at: 7,
    },
  ],
  suppression_removals: [
    {
      key_id: '01234567',
      address_hash: 'cc',
      reason: 'bounce',
      status: '5.1.1',
      source: 'ses',
      since: 1,
      removed_at: 2,
      consent_kind: 'double_opt_in',
      consent_at: 2,
      evidence: 'form 7',
    },
  ],
  api_keys: [
    {
      id: 'key_1',
      hash: 'h1',
      kind: 'secret',
      name: 'crm',
      prefix: 'ps_sec_1',
      scopes: null,
      origins: '[]',
      created_at: 1,
    },
  ],
  jobs: [
    job,
    { ...job, id: 'job_2', state: 'completed', request_key: null, rows: 3, tally: '{}', due_at: 9 },
  ],
  job_slices: [{ job_id: 'job_1', position: 0, start: '{}', bytes: 12, rows: 3, done: 1, lease: 4 }],
  job_counts: [{ job_id: 'job_1', kind: 'result', name: 'deliverable', rows: 3 }],
  job_changes: [{ job_id: 'job_1', before: 'risky', after: 'deliverable', rows: 2 }],
  job_callbacks: [{ id: 'msg_1', job_id: 'job_1', event: 'job.completed', next_at: 3 }],
  job_uploads: [{ id: 'upload_1', began_at: 8 }],
  own_domains: [{ domain: 'example.com', beneath: 1, word: 'deny', note: 'competitor', since: 3 }],
  delivery_events: [
    { ...event, id: 'e1', kind: 'bounce', class: 'soft' },
    { ...event, id: 'e2', kind: 'delivered', class: 'none', address_hash: null },
  ],
  predictions: [
    { ...prediction, address_hash: 'aa' },
    { ...prediction, address_hash: 'bb', bounced: 0, resolved_at: 1_700_000_100_000, weight: 1.5 },
  ],
  strata: [
    {
      kind: 'no_known_obstacle',
      provider: 'gmail',
      segment: 'free',
      age: 'fresh',
      source: '',
      outcomes: 1.5,
      bounces: 0,
      expected: 0.06,
    },
  ],
  calibration: [
    {
      day: 19_675,
      provider: 'gmail',
      source: '',
      p_bin: 0,
      q_bin: 1,
      outcomes: 1,
      bounces: 0,
      p: 0.04,
      q: 0.05,
      p_square: 0.0016,
      q_square: 0.0025,
      p_bounced: 0,
      q_bounced: 0,
      p_log_loss: 0.0408,
      q_log_loss: 0.0513,
    },
  ],
  delivery_tellers: [{ teller: 'postmark', at: 4 }],
  drift_alarms: [{ of: 'source', name: 'form', direction: 'worse', told_at: 6 }],
};

const tablesOf = async (database: Database) =>
  (
    await database.all<{ name: string }>(
      `SELECT name FROM sqlite_master
       WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%' AND name <> 'd1_migrations'
       ORDER BY name`,
    )
  ).map(({ name }) => name);

const rowsOf = async (database: Database, table: string) =>
  (await database.all<Row>(`SELECT * FROM ${table}`)).map((row) =>
    JSON.stringify(Object.entries(row).toSorted()),
  );

export interface OldDatabase {
  readonly database: Database;
  /** Applies the migration to workspaces. */
  readonly migrate: () => Promise<void>;
}

/** `open` gives an empty database with the migrations before the one to workspaces. */
export function workspaceMigrationBattery(name: string, open: () => Promise<OldDatabase>): void {
  async function migrated() {
    const { database, migrate } = await open();
    for (const [table, rows] of Object.entries(oldRows))
      for (const row of rows) {
        const columns = Object.keys(row);
        await database.run(
          `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
          Object.values(row),
        );
      }
    const tables = await tablesOf(database);
    const before = new Map<string, string[]>();
    for (const table of tables)
      before.set(
        table,
        (await database.all<Row>(`SELECT * FROM ${table}`)).map((row) =>
          JSON.stringify(Object.entries({ ...row, workspace: 'default' }).toSorted()),
        ),
      );
    await migrate();
    return { database, tables, before };
  }

  describe(`Workspaces on ${name}`, () => {
    test('every row of every table is kept and belongs to the default workspace', async () => {
      const { database, tables, before } = await migrated();
      expect(await tablesOf(database)).toEqual(tables);
      for (const table of tables) {
        expect(before.get(table)!.length, table).toBeGreaterThan(0);
        expect(await rowsOf(database, table), table).toEqual(before.get(table));
      }
    });

    test('two workspaces can hold the same address, event, domain and idempotency key, one workspace cannot', async () => {
      const { database } = await migrated();
      const statements: readonly [string, readonly SqlValue[]][] = [
        [
          `INSERT INTO suppressions (workspace, key_id, address_hash, reason, since) VALUES (?, '01234567', 'aa', 'manual', 1)`,
          [],
        ],
        [
          `INSERT INTO delivery_events (workspace, id, at, received_at, teller, kind, class, reason, echo, key_id)
           VALUES (?, 'e1', 1, 1, 'ses', 'bounce', 'hard', 'mailbox_unknown', 0, '01234567')`,
          [],
        ],
        [
          `INSERT INTO own_domains (workspace, domain, beneath, word, since) VALUES (?, 'example.com', 1, 'allow', 1)`,
          [],
        ],
        [
          `INSERT INTO jobs (workspace, id, state, options, bytes, created_at, updated_at, request_key, request_fingerprint)
           VALUES (?, lower(hex(randomblob(16))), 'queued', '{}', 1, 1, 1, 'request 1', 'f')`,
          [],
        ],
      ];
      for (const [sql, params] of statements) {
        await expect(database.run(sql, ['default', ...params])).rejects.toThrow(/UNIQUE/);
        expect((await database.run(sql, ['agency', ...params])).changes).toBe(1);
        await expect(database.run(sql, ['agency', ...params])).rejects.toThrow(/UNIQUE/);
      }
    });

    test('an outcome is added to the sums of its own workspace', async () => {
      const { database } = await migrated();
      const columns = Object.keys(prediction);
      await database.run(
        `INSERT INTO predictions (workspace, address_hash, ${columns}) VALUES ('agency', 'aa', ${columns.map(() => '?')})`,
        Object.values(prediction),
      );
      await database.run(
        "UPDATE predictions SET bounced = 1, resolved_at = at, weight = 2 WHERE workspace = 'agency' AND address_hash = 'aa'",
      );
      expect(
        await database.all('SELECT workspace, outcomes, bounces FROM strata ORDER BY workspace'),
      ).toEqual([
        { workspace: 'agency', outcomes: 2, bounces: 2 },
        { workspace: 'default', outcomes: 1.5, bounces: 0 },
      ]);
      expect(
        await database.all('SELECT workspace, outcomes, bounces FROM calibration ORDER BY workspace'),
      ).toEqual([
        { workspace: 'agency', outcomes: 1, bounces: 1 },
        { workspace: 'default', outcomes: 1, bounces: 0 },
      ]);
    });

    test('the record of lifted entries still refuses changes', async () => {
      const { database } = await migrated();
      await expect(database.run('DELETE FROM suppression_removals')).rejects.toThrow(/append-only/);
      await expect(database.run('UPDATE suppression_removals SET since = 9')).rejects.toThrow(/append-only/);
    });
  });
}
