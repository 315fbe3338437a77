// What the migration to scopes must do on every engine with the entries of the version before.

import { describe, expect, test } from 'vitest';
import type { Database, SqlValue } from '../../src/storage/database.ts';

const scopeMigration = '0010_suppression_scopes.sql';
export const isBeforeScopes = (migration: { readonly name: string }) => migration.name < scopeMigration;
export const isUpToScopes = (migration: { readonly name: string }) => migration.name <= scopeMigration;

/** `open` gives an empty database with the migrations before the one to scopes. */
export function scopeMigrationBattery(
  name: string,
  open: () => Promise<{ readonly database: Database; readonly migrate: () => Promise<void> }>,
): void {
  type Entry = readonly [
    reason: string,
    status: string | null,
    source: string | null,
    expiresAt: number | null,
  ];
  type Event = readonly [kind: string, bounceClass: string, at: number, echo?: 1];

  async function migrated(entry: Entry, events: readonly Event[] = [], liftedAt: number | null = null) {
    const { database, migrate } = await open();
    await database.run(
      `INSERT INTO suppressions (workspace, key_id, address_hash, reason, status, source, since, expires_at)
       VALUES ('agency', '01234567', 'aa', ?, ?, ?, 50, ?)`,
      entry as unknown as SqlValue[],
    );
    for (const [index, [kind, bounceClass, at, echo = 0]] of events.entries())
      await database.run(
        `INSERT INTO delivery_events (workspace, id, at, received_at, teller, kind, class, reason, status, echo, key_id,
           address_hash)
         VALUES ('agency', ?, ?, 0, 'ses', ?, ?, 'mailbox_unknown', '5.1.10', ?, '01234567', 'aa')`,
        [`e${index}`, at, kind, bounceClass, echo],
      );
    if (liftedAt !== null)
      await database.run(
        `INSERT INTO suppression_removals (workspace, key_id, address_hash, reason, since, removed_at, consent_kind,
           consent_at, evidence)
         VALUES ('agency', '01234567', 'aa', 'bounce', 1, ?, 'double_opt_in', 1, 'x')`,
        [liftedAt],
      );
    await migrate();
    return database.all(
      `SELECT scope, reason, status, source, since, expires_at AS expiresAt FROM suppressions
       WHERE workspace = 'agency' AND key_id = '01234567' AND address_hash = 'aa' AND person_hash IS NULL ORDER BY scope`,
    );
  }

  const unsubscribed = {
    scope: 'marketing',
    reason: 'unsubscribe',
    status: null,
    source: 'brevo',
    since: 50,
    expiresAt: null,
  };
  const bounced = {
    scope: 'all',
    reason: 'bounce',
    status: '5.1.10',
    source: 'ses',
    since: 40,
    expiresAt: null,
  };
  const unsubscribe = ['unsubscribe', null, 'brevo', null] as const;

  describe(`Scopes of suppressions on ${name}`, () => {
    test.each([
      ['bounce', '5.1.1', 'ses', null],
      ['bounce', '4.2.2', 'ses', 900],
      ['complaint', null, 'postmark', null],
      ['manual', null, null, null],
    ] as const)('a %s covers all mail', async (...entry) => {
      const [reason, status, source, expiresAt] = entry;
      expect(await migrated(entry)).toEqual([{ scope: 'all', reason, status, source, since: 50, expiresAt }]);
    });

    test('an unsubscribe covers marketing', async () => {
      expect(await migrated(unsubscribe)).toEqual([unsubscribed]);
    });

    test('a 5.x.x status beside an unsubscribe is a bounce that covers all mail', async () => {
      expect(await migrated(['unsubscribe', '5.1.1', 'brevo', null])).toEqual([
        { ...bounced, status: '5.1.1', source: 'brevo', since: 50 },
        { ...unsubscribed, status: '5.1.1' },
      ]);
      expect(await migrated(['unsubscribe', '4.2.2', 'brevo', null])).toEqual([
        { ...unsubscribed, status: '4.2.2' },
      ]);
    });

    test('a hard bounce among the events covers all mail, dated from the first event', async () => {
      const events = [
        ['bounce', 'hard', 60],
        ['bounce', 'hard', 40],
      ] as const;
      expect(await migrated(unsubscribe, events)).toEqual([bounced, unsubscribed]);
    });

    test.each([
      ['a soft bounce', [['bounce', 'soft', 40]], null],
      ['a bounce that only the provider’s own list reported', [['bounce', 'hard', 40, 1]], null],
      ['a deferral', [['deferred', 'hard', 40]], null],
      ['a hard bounce from before consent lifted an entry', [['bounce', 'hard', 40]], 40],
    ] as const)('%s is not', async (_, events, liftedAt) => {
      expect(await migrated(unsubscribe, events, liftedAt)).toEqual([unsubscribed]);
    });

    test('a hard bounce after consent lifted an entry is', async () => {
      expect(await migrated(unsubscribe, [['bounce', 'hard', 40]], 39)).toEqual([bounced, unsubscribed]);
    });
  });
}
