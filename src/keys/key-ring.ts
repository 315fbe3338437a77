// Recognizes keys without asking storage each time.

import { LRUCache } from 'lru-cache';
import { withTimeout } from '../maybe-promise.ts';
import { equalText } from './equal-text.ts';
import type { Key } from './key.ts';
import type { KeyStore, KeyStorePorts } from './key-store.ts';
import { isKeyText } from './key-text.ts';

/** Milliseconds until a revocation in another process takes effect. */
export const cachedMs = 10_000;
/** While storage fails, a key that was found within this many milliseconds stays valid, so forms survive an outage. */
const cachedDuringOutageMs = 5 * 60_000;
const rememberedKeys = 10_000;

export interface KeyRing {
  isAdmin(text: string): boolean;
  /** The name under which a key is looked up; null for text that is not a key. */
  hashOf(text: string): string | null;
  /** Returns a key from memory if it was found within `cachedMs`. `stateOf` shows whether the key is valid. */
  recall(hash: string): Key | undefined;
  /** Finds a key in storage. If storage fails, returns a key from memory, or rejects if there is none. */
  find(hash: string): Promise<Key | null>;
  /** Whether a key was ever created; asks storage at most every ten seconds until one was. */
  anyMade(): boolean | Promise<boolean>;
  /** Called after this process created, rotated or revoked a key. Clears the cache. */
  keysChanged(): void;
}

export interface KeyRingPorts extends Pick<KeyStorePorts, 'sha256' | 'now'> {
  readonly store: KeyStore;
  /** A key with all rights; null: there is none. */
  readonly adminKey: string | null;
  /** Storage timeout in milliseconds. */
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
    // Digests have equal length, so comparing them reveals nothing about the key's length.
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
      // The day is for display only: a request must not fail because the day could not be stored.
      if (key.lastUsedOn !== today)
        await withTimeout(store.noteUse(key.id, today), timeoutMs).catch(() => {});
      return key;
    },
    anyMade() {
      if (made) return true;
      if (noneMadeAt !== null && now() - noneMadeAt < cachedMs) return false;
      const at = now();
      return withTimeout(store.anyMade(), timeoutMs).then((answer) => {
        // Keep a `true` that `keysChanged` has set while storage was read.
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
