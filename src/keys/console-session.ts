// Sessions of the console. A person signs in with an API key once; from then on the browser sends a random text in a cookie.

import { equalText } from './equal-text.ts';
import { type Key, stateOf } from './key.ts';
import type { KeyRing } from './key-ring.ts';
import type { KeyStore, KeyStorePorts } from './key-store.ts';
import { makeSessionText } from './key-text.ts';
import type { Mac } from './verdict-token.ts';

/** Milliseconds after which a person must sign in again. */
export const sessionLifetimeMs = 12 * 3_600_000;

/** Who signed in: the holder of a secret key, or of ADMIN_KEY. */
export type SignedIn = { readonly kind: 'key'; readonly key: Key } | { readonly kind: 'admin' };

export type SignInOutcome =
  | { readonly kind: 'signed_in'; readonly text: string; readonly expiresAt: number }
  | { readonly kind: 'unknown' | 'expired' | 'revoked' }
  /** A publishable key opens nothing but `POST /v1/validate`. */
  | { readonly kind: 'publishable' };

export interface ConsoleSessions {
  /** Begins a session with an API key or ADMIN_KEY. */
  signIn(keyText: string): Promise<SignInOutcome>;
  /** Returns who began the session with this text; null if it ended, or if its key is no longer valid. */
  find(text: string): Promise<SignedIn | null>;
  /** Ends the session. Does nothing if there is none. */
  signOut(text: string): Promise<void>;
  deleteExpired(): Promise<void>;
}

/** A session in storage. Either `keyId` or `adminMark` is null. Times are in epoch milliseconds. */
export interface StoredSession {
  readonly keyId: string | null;
  readonly adminMark: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** The port that each storage engine implements. It finds a session by the SHA-256 of its text. */
export interface SessionRepository {
  insert(hash: string, session: StoredSession): Promise<void>;
  find(hash: string): Promise<StoredSession | null>;
  delete(hash: string): Promise<void>;
  /** Deletes the sessions that ended at `at` or earlier. */
  deleteExpired(at: number): Promise<void>;
}

export interface SessionPorts extends Pick<KeyStorePorts, 'sha256' | 'now'> {
  readonly repository: SessionRepository;
  readonly keyStore: Pick<KeyStore, 'get'>;
  readonly keyRing: Pick<KeyRing, 'isAdmin' | 'hashOf' | 'find'>;
  readonly adminKey: string | null;
  readonly mac: Mac;
}

/** The promises of its functions reject if storage fails. */
export function createConsoleSessions(ports: SessionPorts): ConsoleSessions {
  const { repository, keyStore, keyRing, adminKey, mac, sha256, now } = ports;

  // Use a keyed hash: with a plain hash, anyone who reads the database could find an ADMIN_KEY that is easy to guess.
  const adminMark = async (): Promise<string | null> =>
    adminKey === null ? null : (await mac.hashAll([`console session\n${adminKey}`]))[0]!;

  async function begin(owner: Pick<StoredSession, 'keyId' | 'adminMark'>): Promise<SignInOutcome> {
    const text = makeSessionText();
    const createdAt = now();
    const expiresAt = createdAt + sessionLifetimeMs;
    await repository.insert(sha256(text), { ...owner, createdAt, expiresAt });
    return { kind: 'signed_in', text, expiresAt };
  }

  return {
    async signIn(keyText) {
      if (keyRing.isAdmin(keyText)) return begin({ keyId: null, adminMark: await adminMark() });
      const hash = keyRing.hashOf(keyText);
      const key = hash === null ? null : await keyRing.find(hash);
      if (key === null) return { kind: 'unknown' };
      if (key.kind === 'publishable') return { kind: 'publishable' };
      const state = stateOf(key, now());
      return state === 'valid' ? begin({ keyId: key.id, adminMark: null }) : { kind: state };
    },
    async find(text) {
      const session = await repository.find(sha256(text));
      if (session === null || session.expiresAt <= now()) return null;
      if (session.keyId === null) {
        const mark = await adminMark();
        return mark !== null && equalText(session.adminMark!, mark) ? { kind: 'admin' } : null;
      }
      const key = await keyStore.get(session.keyId);
      return key !== null && stateOf(key, now()) === 'valid' ? { kind: 'key', key } : null;
    },
    signOut: (text) => repository.delete(sha256(text)),
    deleteExpired: () => repository.deleteExpired(now()),
  };
}
