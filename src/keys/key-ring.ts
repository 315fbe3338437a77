// Recognizes API keys. Keeps the keys it found in memory, so not every request asks storage.

import { LRUCache } from 'lru-cache';
import { withTimeout } from '../maybe-promise.ts';
import { equalText } from './equal-text.ts';
import type { Key } from './key.ts';
import type { KeyStore, KeyStorePorts } from './key-store.ts';
import { isKeyText } from './key-text.ts';

/**
 * Milliseconds for which a key that was found is used without asking storage. If another process revokes the key,
 * this process notices after this time.
 */
export const cachedMs = 10_000;
/** Milliseconds for which a key that was found is used while storage fails, so forms keep working in an outage. */
const cachedDuringOutageMs = 5 * 60_000;
const rememberedKeys = 10_000;

export interface KeyRing {
  isAdmin(text: string): boolean;
  /** The SHA-256 under which storage has the key; null if the text cannot be a key. */
  hashOf(text: string): string | null;
  /**
   * Returns a key that was found within the last `cachedMs`, else undefined. The caller checks with `stateOf` whether
   * it is valid.
   */
  recall(hash: string): Key | undefined;
  /**
   * Finds a key in storage; null if there is none. If storage fails, returns the key from memory, or rejects if
   * memory has no recent one.
   */
  find(hash: string): Promise<Key | null>;
  /** Whether a key was ever created. Until one was, storage is asked at most once in `cachedMs`. */
  anyMade(): boolean | Promise<boolean>;
  /** Call it after this process created, rotated or revoked a key. Clears the memory. */
  keysChanged(): void;
}

export interface KeyRingPorts extends Pick<KeyStorePorts, 'sha256' | 'now'> {
  readonly store: KeyStore;
  /** A key with all rights, from the settings; null if none is set. */
  readonly adminKey: string | null;
  /** Milliseconds after which a storage query counts as failed. */
  readonly timeoutMs: number;
}

export function createKeyRing({ store, sha256, now, adminKey, timeoutMs }: KeyRingPorts): KeyRing {
  const adminHash = adminKey === null ? null : sha256(adminKey);
  const remembered = new LRUCache<string, { readonly key: Key; readonly at: number }>({
    max: rememberedKeys,
  });
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
      const today = new Date(at).toISOString().slice(0, 10);
      // The day is only displayed, so a request must not fail if the day cannot be stored.
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
