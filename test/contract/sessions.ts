// What sessions of the console do over any database.

import { beforeEach, describe, expect, test } from 'vitest';
import { createConsoleSessions, sessionLifetimeMs } from '../../src/keys/console-session.ts';
import { cachedMs, createKeyRing } from '../../src/keys/key-ring.ts';
import { createKeyStore, type KeyStore } from '../../src/keys/key-store.ts';
import { makeKeyText, makeSessionText } from '../../src/keys/key-text.ts';
import type { Database } from '../../src/storage/database.ts';
import { createKeyRepository } from '../../src/storage/sqlite/key-repository.ts';
import { createSessionRepository } from '../../src/storage/sqlite/session-repository.ts';
import { sha256Hex } from '../../src/webhooks/crypto.ts';

/** `open` gives a database with the schema and nothing in it. */
export function sessionsContract(open: () => Promise<Database>): void {
  let database: Database;
  let keyStore: KeyStore;
  let now: number;
  beforeEach(async () => {
    database = await open();
    now = Date.UTC(2026, 10, 20, 12);
    keyStore = createKeyStore({
      repository: createKeyRepository(database),
      sha256: sha256Hex,
      now: () => now,
    });
  });

  const mac = { hashAll: (texts: readonly string[]) => texts.map((text) => sha256Hex(`mac ${text}`)) };
  const sessionsWith = (adminKey: string | null, workspace = 'default') => {
    const ports = { sha256: sha256Hex, now: () => now, adminKey };
    return createConsoleSessions({
      ...ports,
      repository: createSessionRepository(database, workspace),
      keyStore,
      keyRing: createKeyRing({ ...ports, store: keyStore, timeoutMs: 1000 }),
      mac,
    });
  };
  const begin = async (sessions: ReturnType<typeof sessionsWith>, key: string): Promise<string> => {
    const outcome = await sessions.signIn(key);
    if (outcome.kind !== 'signed_in') throw new Error(outcome.kind);
    return outcome.text;
  };
  const secret = { kind: 'secret', name: 'list owner', scopes: ['jobs'] } as const;

  describe('a session', () => {
    test('has the rights of the key with which it began', async () => {
      const sessions = sessionsWith(null);
      const { text, key } = await keyStore.create(secret);
      const found = await sessions.find(await begin(sessions, text));
      expect(found).toMatchObject({ kind: 'key', key: { id: key.id, scopes: ['jobs'] } });
    });

    test('of ADMIN_KEY ends when ADMIN_KEY is changed or removed', async () => {
      const session = await begin(sessionsWith('an admin key'), 'an admin key');
      expect(await sessionsWith('an admin key').find(session)).toEqual({ kind: 'admin' });
      expect(await sessionsWith('another admin key').find(session)).toBeNull();
      expect(await sessionsWith(null).find(session)).toBeNull();
    });

    test('ends after 12 hours, and its row is deleted', async () => {
      const sessions = sessionsWith(null);
      const session = await begin(sessions, (await keyStore.create(secret)).text);
      now += sessionLifetimeMs - 1;
      await sessions.deleteExpired();
      expect(await sessions.find(session)).not.toBeNull();
      now += 1;
      expect(await sessions.find(session)).toBeNull();
      expect(await database.all('SELECT 1 FROM sessions')).toHaveLength(1);
      await sessions.deleteExpired();
      expect(await database.all('SELECT 1 FROM sessions')).toEqual([]);
    });

    test('ends when its key is revoked or has expired', async () => {
      const sessions = sessionsWith(null);
      const [revoked, rotated] = [await keyStore.create(secret), await keyStore.create(secret)];
      const [ofRevoked, ofRotated] = [
        await begin(sessions, revoked.text),
        await begin(sessions, rotated.text),
      ];
      await keyStore.revoke(revoked.key.id);
      expect(await sessions.find(ofRevoked)).toBeNull();
      await keyStore.rotate(rotated.key.id, 1000);
      expect(await sessions.find(ofRotated)).not.toBeNull();
      now += 1000;
      expect(await sessions.find(ofRotated)).toBeNull();
    });

    test('ends when the person signs out, and no other does', async () => {
      const sessions = sessionsWith(null);
      const { text } = await keyStore.create(secret);
      const [ended, other] = [await begin(sessions, text), await begin(sessions, text)];
      await sessions.signOut(ended);
      await sessions.signOut(makeSessionText());
      expect([await sessions.find(ended), await sessions.find(other)]).toEqual([null, expect.anything()]);
    });

    test('belongs to one workspace', async () => {
      const { text } = await keyStore.create(secret);
      const session = await begin(sessionsWith(null), text);
      const others = sessionsWith(null, 'other');
      expect(await others.find(session)).toBeNull();
      await others.signOut(session);
      now += sessionLifetimeMs;
      await others.deleteExpired();
      expect(await database.all('SELECT 1 FROM sessions')).toHaveLength(1);
    });

    test('neither its text nor the key is stored', async () => {
      const sessions = sessionsWith('an admin key');
      const { text } = await keyStore.create(secret);
      const texts = [await begin(sessions, text), await begin(sessions, 'an admin key')];
      const stored = JSON.stringify(await database.all('SELECT * FROM sessions'));
      for (const hidden of [...texts, text, 'an admin key', sha256Hex('an admin key')])
        expect(stored).not.toContain(hidden);
      expect(stored).toContain(sha256Hex(texts[0]!));
    });
  });

  describe('no session begins', () => {
    test('with a key that is unknown, mistyped or empty', async () => {
      const sessions = sessionsWith(null);
      for (const text of [makeKeyText('secret'), 'sk_wrong', '', 'an admin key'])
        expect(await sessions.signIn(text)).toEqual({ kind: 'unknown' });
    });

    test('with a publishable key', async () => {
      const { text } = await keyStore.create({
        kind: 'publishable',
        name: 'shop',
        origins: ['https://shop.example'],
      });
      expect(await sessionsWith(null).signIn(text)).toEqual({ kind: 'publishable' });
    });

    test('with a key that was revoked or has expired', async () => {
      const sessions = sessionsWith(null);
      const [revoked, rotated] = [await keyStore.create(secret), await keyStore.create(secret)];
      await keyStore.revoke(revoked.key.id);
      await keyStore.rotate(rotated.key.id, 0);
      now += cachedMs;
      expect(await sessions.signIn(revoked.text)).toEqual({ kind: 'revoked' });
      expect(await sessions.signIn(rotated.text)).toEqual({ kind: 'expired' });
    });
  });
}
