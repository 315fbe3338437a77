// What keys do over any database: made, listed, rotated, revoked, and recognised without asking storage each time.

import { beforeEach, describe, expect, test } from 'vitest';
import { type Key, stateOf } from '../../src/keys/key.ts';
import { cachedMs, createKeyRing, type KeyRing } from '../../src/keys/key-ring.ts';
import { createKeyStore, type KeyStore } from '../../src/keys/key-store.ts';
import type { Database } from '../../src/storage/database.ts';
import { createKeyRepository } from '../../src/storage/sqlite/key-repository.ts';
import { sha256Hex } from '../../src/webhooks/crypto.ts';

/** `open` gives a database with the schema and nothing in it. */
export function keysContract(open: () => Promise<Database>): void {
  let database: Database;
  let store: KeyStore;
  let now: number;
  beforeEach(async () => {
    database = await open();
    now = Date.UTC(2026, 10, 20, 12);
    store = createKeyStore({ repository: createKeyRepository(database), sha256: sha256Hex, now: () => now });
  });

  const secret = { kind: 'secret', name: 'crm', scopes: null } as const;
  const publishable = { kind: 'publishable', name: 'shop', origins: ['https://shop.example'] } as const;

  describe('a key in storage', () => {
    test('is found as it was created, by its hash and by its id', async () => {
      const limited = { ...secret, scopes: ['validate', 'suppressions:read'] } as const;
      for (const wanted of [secret, limited, publishable]) {
        const { text, key } = await store.create(wanted);
        expect(key).toMatchObject(wanted);
        expect(text.startsWith(key.prefix)).toBe(true);
        expect(await store.findByHash(sha256Hex(text))).toEqual(key);
        expect(await store.get(key.id)).toEqual(key);
      }
    });

    test('its text is stored nowhere', async () => {
      const { text } = await store.create(secret);
      const rows = await database.all('SELECT * FROM api_keys');
      expect(JSON.stringify(rows)).not.toContain(text.slice(8));
      expect(JSON.stringify(rows)).toContain(sha256Hex(text));
    });

    test('the list has the latest first, and those that ended', async () => {
      const first = await store.create(secret);
      now += 1000;
      const second = await store.create(publishable);
      await store.revoke(first.key.id);
      expect((await store.list()).map(({ id, revokedAt }) => [id, revokedAt])).toEqual([
        [second.key.id, null],
        [first.key.id, now],
      ]);
    });

    test('storage remembers that a key was ever created', async () => {
      expect(await store.anyMade()).toBe(false);
      const { key } = await store.create(secret);
      await store.revoke(key.id);
      expect(await store.anyMade()).toBe(true);
    });

    test('an unknown id cannot be read, rotated or revoked', async () => {
      expect(await store.get('key_0')).toBeNull();
      expect(await store.rotate('key_0', 0)).toEqual({ kind: 'unknown' });
      expect(await store.revoke('key_0')).toBe(false);
    });
  });

  describe('rotation', () => {
    test('the new key has the rights of the old one, and both are valid until the overlap ends', async () => {
      const old = await store.create(publishable);
      now += 1000;
      const outcome = await store.rotate(old.key.id, 60_000);
      if (outcome.kind !== 'rotated') throw new Error(outcome.kind);
      expect(outcome.text).not.toBe(old.text);
      expect(outcome.key).toMatchObject({ ...publishable, expiresAt: null, createdAt: now });
      const replaced = (await store.get(old.key.id))!;
      expect(replaced).toMatchObject({ expiresAt: now + 60_000, replacedBy: outcome.key.id });
      expect([59_999, 60_000].map((later) => stateOf(replaced, now + later))).toEqual(['valid', 'expired']);
      expect(stateOf(outcome.key, now + 60_000)).toBe('valid');
    });

    test('of two concurrent rotations of a key one fails', async () => {
      const { key } = await store.create(secret);
      const outcomes = await Promise.all([store.rotate(key.id, 1000), store.rotate(key.id, 1000)]);
      expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['not_current', 'rotated']);
      expect(await store.list()).toHaveLength(2);
    });

    test('a revoked key cannot be rotated', async () => {
      const { key } = await store.create(secret);
      await store.revoke(key.id);
      expect(await store.rotate(key.id, 1000)).toEqual({ kind: 'not_current' });
    });
  });

  describe('recognizing a key', () => {
    let asked: string[];
    let failing: boolean;
    let ring: KeyRing;
    beforeEach(() => {
      asked = [];
      failing = false;
      const told =
        <T extends unknown[], R>(call: (...args: T) => Promise<R>, name: string) =>
        (...args: T) => {
          asked.push(name);
          return failing ? Promise.reject(new Error('out of reach')) : call(...args);
        };
      ring = createKeyRing({
        store: {
          ...store,
          findByHash: told(store.findByHash, 'findByHash'),
          anyMade: told(store.anyMade, 'anyMade'),
          noteUse: told(store.noteUse, 'noteUse'),
        },
        sha256: sha256Hex,
        now: () => now,
        adminKey: 'an-admin-key-for-tests',
        timeoutMs: 5000,
      });
    });

    const recognise = async (text: string): Promise<Key | null> => {
      const hash = ring.hashOf(text)!;
      return ring.recall(hash) ?? (await ring.find(hash));
    };

    test('reads storage once in ten seconds and writes the use once a day', async () => {
      const { text, key } = await store.create(secret);
      expect(await recognise(text)).toMatchObject({ id: key.id });
      for (let call = 0; call < 100; call++) await recognise(text);
      expect(asked).toEqual(['findByHash', 'noteUse']);
      now += cachedMs;
      await recognise(text);
      expect(asked).toEqual(['findByHash', 'noteUse', 'findByHash']);
      expect(await store.get(key.id)).toMatchObject({ lastUsedOn: '2026-11-20' });
      now += 24 * 3_600_000;
      await recognise(text);
      expect(await store.get(key.id)).toMatchObject({ lastUsedOn: '2026-11-21' });
    });

    test('a revocation takes effect within ten seconds in other processes, and at once in this one', async () => {
      const { text, key } = await store.create(secret);
      await recognise(text);
      await store.revoke(key.id);
      now += cachedMs - 1;
      expect(stateOf((await recognise(text))!, now)).toBe('valid');
      now += 1;
      expect(stateOf((await recognise(text))!, now)).toBe('revoked');

      const other = await store.create(secret);
      await recognise(other.text);
      await store.revoke(other.key.id);
      ring.keysChanged();
      expect(stateOf((await recognise(other.text))!, now)).toBe('revoked');
    });

    test('a malformed key needs no lookup, and an unknown key is refused', async () => {
      const { text } = await store.create(secret);
      expect(ring.hashOf(`${text.slice(0, -1)}-`)).toBeNull();
      expect(ring.hashOf('an-admin-key-for-tests')).toBeNull();
      await database.run('DELETE FROM api_keys');
      expect(await recognise(text)).toBeNull();
    });

    test('the admin key, and nothing else, is the admin key', () => {
      expect(ring.isAdmin('an-admin-key-for-tests')).toBe(true);
      for (const text of ['', 'an-admin-key-for-test', 'an-admin-key-for-testS'])
        expect(ring.isAdmin(text)).toBe(false);
    });

    test('while storage fails, only keys seen within five minutes stay valid', async () => {
      const { text, key } = await store.create(secret);
      await recognise(text);
      const unseen = await store.create(secret);
      failing = true;
      now += 5 * 60_000 - 1;
      expect(await recognise(text)).toMatchObject({ id: key.id });
      await expect(recognise(unseen.text)).rejects.toThrow('out of reach');
      now += 1;
      await expect(recognise(text)).rejects.toThrow('out of reach');
    });

    test('a use that cannot be recorded is not a failure', async () => {
      const { text, key } = await store.create(secret);
      const forgetful = createKeyRing({
        store: { ...store, noteUse: () => Promise.reject(new Error('disk full')) },
        sha256: sha256Hex,
        now: () => now,
        adminKey: null,
        timeoutMs: 5000,
      });
      expect(await forgetful.find(sha256Hex(text))).toMatchObject({ id: key.id });
    });

    test('storage that hangs counts as failed: remembered keys stay valid and no caller waits', async () => {
      const { text, key } = await store.create(secret);
      let hung = false;
      const hang =
        <T extends unknown[], R>(call: (...args: T) => Promise<R>) =>
        (...args: T) =>
          hung ? new Promise<R>(() => {}) : call(...args);
      const patient = createKeyRing({
        store: {
          ...store,
          findByHash: hang(store.findByHash),
          anyMade: hang(store.anyMade),
          noteUse: () => new Promise(() => {}),
        },
        sha256: sha256Hex,
        now: () => now,
        adminKey: null,
        timeoutMs: 20,
      });
      expect(await patient.find(sha256Hex(text))).toMatchObject({ id: key.id });
      hung = true;
      expect(await patient.find(sha256Hex(text))).toMatchObject({ id: key.id });
      await expect(patient.find(sha256Hex('another'))).rejects.toThrow('no answer within 20 ms');
      await expect(patient.anyMade()).rejects.toThrow('no answer within 20 ms');
    });

    test('asks every ten seconds whether a key exists, until one does', async () => {
      expect(await ring.anyMade()).toBe(false);
      expect(ring.anyMade()).toBe(false);
      await store.create(secret);
      expect(ring.anyMade()).toBe(false);
      now += cachedMs;
      expect(await ring.anyMade()).toBe(true);
      now += 1000 * cachedMs;
      expect(ring.anyMade()).toBe(true);
      expect(asked).toEqual(['anyMade', 'anyMade']);
    });

    test('a key created in this process is known at once, even during a lookup', async () => {
      const answer = ring.anyMade();
      ring.keysChanged();
      expect(await answer).toBe(true);
      expect(ring.anyMade()).toBe(true);
    });
  });
}
