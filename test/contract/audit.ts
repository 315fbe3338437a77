// What the audit and the uses of keys promise on any database.

import { beforeEach, describe, expect, test } from 'vitest';
import type { Actor, AuditRepository } from '../../src/audit/audit.ts';
import { createErasure } from '../../src/events/erase.ts';
import { createKeyStore, type KeyStore } from '../../src/keys/key-store.ts';
import { createKeyUses, shownUseDays } from '../../src/keys/key-uses.ts';
import { createOverrideStore } from '../../src/overrides/override-store.ts';
import type { Database } from '../../src/storage/database.ts';
import { createAuditRepository } from '../../src/storage/sqlite/audit-repository.ts';
import { createErasureRepository } from '../../src/storage/sqlite/erasure-repository.ts';
import { createKeyRepository } from '../../src/storage/sqlite/key-repository.ts';
import { createKeyUseRepository } from '../../src/storage/sqlite/key-use-repository.ts';
import { createOverrideRepository } from '../../src/storage/sqlite/override-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import { type AddressHasher, suppressionKey } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import type { SuppressionList } from '../../src/suppression/suppressions.ts';
import { sha256Hex } from '../../src/webhooks/crypto.ts';

const day = 86_400_000;
const noon = Date.UTC(2026, 10, 20, 12);
const jane = 'jane@example.org';
const operator: Actor = { kind: 'key', keyId: 'key_operator' };
const consent = { kind: 'double_opt_in', at: noon, evidence: 'confirmation 4711' } as const;

/** `start` gives a database with the schema and nothing in it. */
export function auditBattery(
  name: string,
  start: () => Promise<{ database: Database; hasher: AddressHasher }>,
): void {
  describe(`the audit on ${name}`, () => {
    let database: Database;
    let hasher: AddressHasher;
    let audit: AuditRepository;
    let keys: KeyStore;
    let list: SuppressionList;
    let now: number;

    beforeEach(async () => {
      ({ database, hasher } = await start());
      now = noon;
      const clock = () => now;
      audit = createAuditRepository(database);
      keys = createKeyStore({ repository: createKeyRepository(database), sha256: sha256Hex, now: clock });
      list = createSuppressionList({
        repository: createSuppressionRepository(database),
        hasher,
        now: clock,
      });
    });

    const acts = async () =>
      (await audit.page({}, null, 100)).map(({ action, subject, amount }) => [action, subject, amount]);
    const hashOf = async (address: string) => (await hasher.hashAll([suppressionKey(address)]))[0]!;

    describe('keys', () => {
      test('are created, rotated and revoked by someone', async () => {
        const { key } = await keys.create({ kind: 'secret', name: 'crm', scopes: null }, operator);
        now += 1;
        await keys.rotate(key.id, 0, operator);
        now += 1;
        await keys.revoke(key.id, { kind: 'command_line', keyId: null });
        expect(await audit.page({}, null, 100)).toEqual([
          {
            ...{ id: 3, at: noon + 2, actor: { kind: 'command_line', keyId: null } },
            ...{ action: 'key_revoked', subject: key.id, amount: null },
          },
          {
            ...{ id: 2, at: noon + 1, actor: operator },
            ...{ action: 'key_rotated', subject: key.id, amount: null },
          },
          { id: 1, at: noon, actor: operator, action: 'key_created', subject: key.id, amount: null },
        ]);
      });

      test('what changes nothing is not recorded', async () => {
        const { key } = await keys.create({ kind: 'secret', name: 'crm', scopes: null });
        await keys.revoke(key.id, operator);
        await keys.revoke(key.id, operator);
        await keys.revoke('key_unknown', operator);
        await keys.rotate(key.id, 0, operator);
        expect(await acts()).toEqual([['key_revoked', key.id, null]]);
      });

      test('a key that cannot be stored is not recorded', async () => {
        const repository = createKeyRepository(database);
        const { key } = await keys.create({ kind: 'secret', name: 'crm', scopes: null });
        const entry = {
          at: noon,
          actor: operator,
          action: 'key_created',
          subject: key.id,
          amount: null,
        } as const;
        await expect(repository.insert(key, 'hash', entry)).rejects.toThrow();
        expect(await acts()).toEqual([]);
      });
    });

    test('overrides are set and removed by someone; a full list and an unknown domain leave no entry', async () => {
      const repository = createOverrideRepository(database);
      const overrides = createOverrideStore({ repository, now: () => now, onFailure: () => {} });
      const entry = { domain: 'example.com', includesSubdomains: true } as const;
      await overrides.put({ ...entry, kind: 'deny', note: null }, operator);
      await overrides.put({ ...entry, kind: 'allow', note: null }, operator);
      await overrides.remove(entry, operator);
      await overrides.remove(entry, operator);
      const full = { at: now, actor: operator, action: 'override_set', subject: 'x', amount: null } as const;
      await repository.put({ ...entry, kind: 'deny', note: null, since: now }, 0, full);
      expect(await acts()).toEqual([
        ['override_removed', '*.example.com', null],
        ['override_set', '*.example.com', null],
        ['override_set', '*.example.com', null],
      ]);
    });

    describe('suppressions', () => {
      test('a lift is recorded with the hash of the address, and a refused one is not', async () => {
        await list.add({ address: jane, reason: 'unsubscribe' });
        await list.add({ address: 'john@example.org', reason: 'complaint' });
        await list.remove({ address: jane, consent, by: operator });
        await list.remove({ address: jane, consent, by: operator });
        await list.remove({ address: 'john@example.org', consent, by: operator });
        expect(await acts()).toEqual([['suppression_lifted', await hashOf(jane), 1]]);
      });

      test('an incident is recorded with the number of entries', async () => {
        for (const each of ['a', 'b', 'c'])
          await list.add({ address: `${each}@example.org`, reason: 'bounce', since: noon });
        const incident = { from: noon, to: noon + 1 };
        expect(await list.liftIncident(incident, operator)).toBe(3);
        expect(await list.liftIncident(incident, operator)).toBe(0);
        expect(await acts()).toEqual([['incident_lifted', null, 3]]);
      });

      test('an event of a provider that lifts an entry is nobody’s act', async () => {
        await list.add({ address: jane, reason: 'unsubscribe', since: noon });
        await list.resubscribe({ address: jane, scope: 'marketing', source: 'postmark', at: noon });
        expect(await acts()).toEqual([]);
      });
    });

    test('an erasure is recorded without anything that leads to the person', async () => {
      const repository = createErasureRepository(database);
      const erasure = createErasure({ repository, hasher, suppressionList: list, now: () => now });
      await erasure.erase({ address: jane, keepSuppression: false, by: operator });
      expect(await acts()).toEqual([['person_erased', null, null]]);
      const rows = JSON.stringify(await database.all('SELECT * FROM audit_entries'));
      expect(rows).not.toContain(await hashOf(jane));
      expect(rows).not.toContain('jane');
    });

    const entry = {
      at: noon,
      actor: operator,
      action: 'list_exported',
      subject: 'job_1',
      amount: null,
    } as const;

    test('pages follow each other, the latest entry first, however many have the same time', async () => {
      for (const subject of ['job_1', 'job_2', 'job_3']) await audit.add({ ...entry, subject });
      const first = await audit.page({}, null, 2);
      const second = await audit.page({}, first.at(-1)!.id, 2);
      expect([...first, ...second].map(({ subject }) => subject)).toEqual(['job_3', 'job_2', 'job_1']);
    });

    test('a filter selects by action, actor, key, subject and time', async () => {
      await audit.add(entry);
      await audit.add({
        ...entry,
        at: noon + day,
        actor: { kind: 'admin_key', keyId: null },
        action: 'events_exported',
        subject: null,
      });
      const found = async (filter: Parameters<AuditRepository['page']>[0]) =>
        (await audit.page(filter, null, 9)).map(({ id }) => id);
      expect(await found({})).toEqual([2, 1]);
      expect(await found({ action: 'list_exported' })).toEqual([1]);
      expect(await found({ actor: 'admin_key' })).toEqual([2]);
      expect(await found({ keyId: 'key_operator' })).toEqual([1]);
      expect(await found({ subject: 'job_1' })).toEqual([1]);
      expect(await found({ from: noon + 1 })).toEqual([2]);
      expect(await found({ to: noon + day })).toEqual([1]);
      expect(await found({ action: 'list_exported', actor: 'admin_key' })).toEqual([]);
    });

    test('entries cannot be changed, and cannot hold an address', async () => {
      await audit.add(entry);
      await expect(database.run("UPDATE audit_entries SET action = 'x'")).rejects.toThrow('append-only');
      await expect(audit.add({ ...entry, subject: jane })).rejects.toThrow();
      expect(await acts()).toEqual([['list_exported', 'job_1', null]]);
    });

    test('old entries are deleted, and their ids are not used again', async () => {
      await audit.add(entry);
      await audit.deleteBefore(noon);
      expect(await acts()).toHaveLength(1);
      await audit.deleteBefore(noon + 1);
      expect(await acts()).toEqual([]);
      await audit.add(entry);
      expect((await audit.page({}, null, 1))[0]!.id).toBe(2);
    });

    test('each workspace has its own', async () => {
      const theirs = createAuditRepository(database, 'other');
      await theirs.add(entry);
      expect(await audit.page({}, null, 9)).toEqual([]);
      await audit.deleteBefore(noon + 1);
      expect(await theirs.page({}, null, 9)).toHaveLength(1);
    });
  });

  describe(`the uses of keys on ${name}`, () => {
    test('are counted by day, stored or not, and old days are deleted', async () => {
      const { database } = await start();
      let now = noon;
      const failures: unknown[] = [];
      const repository = createKeyUseRepository(database);
      const uses = createKeyUses({ repository, now: () => now, onFailure: (error) => failures.push(error) });
      const shown = async () =>
        (await uses.read())('key_1')
          .filter(({ calls }) => calls > 0)
          .map(({ day: of, calls }) => [of, calls]);
      uses.count('key_1');
      uses.count('key_2');
      await uses.storeAll();
      uses.count('key_1');
      now += day;
      uses.count('key_1');
      expect(await shown()).toEqual([
        ['2026-11-20', 2],
        ['2026-11-21', 1],
      ]);
      await uses.tend();
      expect(await shown()).toEqual([
        ['2026-11-20', 2],
        ['2026-11-21', 1],
      ]);
      expect((await uses.read())('key_unused')).toHaveLength(shownUseDays);
      now += (shownUseDays - 1) * day;
      await uses.deleteOld();
      expect(await repository.since('2026-01-01')).toEqual([
        { keyId: 'key_1', day: '2026-11-21', calls: 1, refused: 0 },
      ]);
      expect(failures).toEqual([]);
    });

    test('refused calls are counted apart, in memory and stored', async () => {
      const { database } = await start();
      const now = noon;
      const repository = createKeyUseRepository(database);
      const uses = createKeyUses({ repository, now: () => now, onFailure: () => {} });
      const today = async () => (await uses.read())('key_1').at(-1);
      uses.count('key_1');
      uses.countRefused('key_1');
      await uses.storeAll();
      uses.countRefused('key_1');
      const both = { keyId: 'key_1', day: '2026-11-20', calls: 1, refused: 2 };
      expect(await today()).toEqual(both);
      await uses.storeAll();
      expect(await today()).toEqual(both);
    });

    test('what cannot be stored is kept', async () => {
      const { database } = await start();
      const real = createKeyUseRepository(database);
      let isDown = true;
      const repository = {
        ...real,
        add: (uses: Parameters<typeof real.add>[0]) =>
          isDown ? Promise.reject(new Error('down')) : real.add(uses),
      };
      const failures: unknown[] = [];
      const uses = createKeyUses({
        repository,
        now: () => noon,
        onFailure: (error) => failures.push(error),
      });
      uses.count('key_1');
      await uses.storeAll();
      isDown = false;
      await uses.storeAll();
      expect(failures).toHaveLength(1);
      expect(await real.since('2026-11-20')).toEqual([
        { keyId: 'key_1', day: '2026-11-20', calls: 1, refused: 0 },
      ]);
    });
  });
}
