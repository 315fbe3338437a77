// Recognizes API keys. Caches the keys that were found in storage, so most requests need no storage query.

import { dayName } from '../calendar.ts';
import { withTimeout } from '../maybe-promise.ts';
import { createMemory } from '../memory.ts';
import { equalText } from './equal-text.ts';
import type { Key } from './key.ts';
import type { KeyStore, KeyStorePorts } from './key-store.ts';
import { isKeyText } from './key-text.ts';

/**
 * Milliseconds for which a key that was found is used without asking storage again. So if another process revokes the key,
 * this process may accept it for that long.
 */
export const cachedMs = 10_000;
/**
 * If storage cannot be read, a key that it returned earlier is still accepted for this many milliseconds. Without this, every
 * sign-up form that calls presend would stop working in an outage of the storage.
 */
const cachedDuringOutageMs = 5 * 60_000;
/** Maximum number of keys in the cache. */
const rememberedKeys = 10_000;

export interface KeyRing {
  isAdmin(text: string): boolean;
  /** Returns the SHA-256 of a key's text, by which storage finds the key. Null if the text cannot be a key. */
  hashOf(text: string): string | null;
  /**
   * Returns the cached key if storage returned it within the last `cachedMs`, else undefined. The key may be expired or
   * revoked: check it with `stateOf`.
   */
  recall(hash: string): Key | undefined;
  /**
   * Finds a key in storage; null if there is none. If storage fails, returns the cached key; rejects if there is none, or if
   * it is older than `cachedDuringOutageMs`.
   */
  find(hash: string): Promise<Key | null>;
  /** Whether a key was ever created. The answer "no" is reused for `cachedMs`, the answer "yes" forever. */
  anyMade(): boolean | Promise<boolean>;
  /** Call this after this process created, rotated or revoked a key. Empties the cache. */
  keysChanged(): void;
}

export interface KeyRingPorts extends Pick<KeyStorePorts, 'sha256' | 'now'> {
  readonly store: KeyStore;
  /** The key with all rights, which the operator sets as ADMIN_KEY; null if it is not set. */
  readonly adminKey: string | null;
  /** Milliseconds after which a storage query counts as failed. */
  readonly timeoutMs: number;
}

export function createKeyRing({ store, sha256, now, adminKey, timeoutMs }: KeyRingPorts): KeyRing {
  const adminHash = adminKey === null ? null : sha256(adminKey);
  const remembered = createMemory<{ readonly key: Key; readonly at: number }>(rememberedKeys);
  let made = false;
  let noneMadeAt: number | null = null;

  return {
    // Compare digests: they have the same length, so the time reveals nothing about the length of the key.
    isAdmin: (text) => adminHash !== null && equalText(sha256(text), adminHash),
    hashOf: (text) => (isKeyText(text) ? sha256(text) : null),
    recall(hash) {
      const entry = remembered.get(hash);
      return entry !== undefined && now() - entry.at < cachedMs ? entry.key : undefined;
    },
    async find(hash) {
      const at = now();
      let key: Key | null;
      try {
        key = await withTimeout(store.findByHash(hash), timeoutMs);
      } catch (error) {
        const entry = remembered.get(hash);
        if (entry !== undefined && at - entry.at < cachedDuringOutageMs) return entry.key;
        throw error;
      }
      if (key === null) {
        remembered.delete(hash);
        return null;
      }
      remembered.set(hash, { key, at });
      const today = dayName(at);
      // The day of the last use is only for display, so a request must not fail if storing it fails.
      if (key.lastUsedOn !== today)
        await withTimeout(store.noteUse(key.id, today), timeoutMs).catch(() => {});
      return key;
    },
    anyMade() {
      if (made) return true;
      if (noneMadeAt !== null && now() - noneMadeAt < cachedMs) return false;
      const at = now();
      return withTimeout(store.anyMade(), timeoutMs).then((answer) => {
        // `keysChanged` may have set `made` to true while storage was read, so never set it back.
        made ||= answer;
        noneMadeAt = at;
        return made;
      });
    },
    keysChanged() {
      remembered.clear();
      made = true;
    },
  };
}
