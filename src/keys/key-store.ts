// Keys in the database.

import type { Key, NewKey } from './key.ts';
import { makeKeyId, makeKeyText, shownPrefix } from './key-text.ts';

/** A new key with its text. Only the hash of the text is stored, so this is the only place that has the text. */
export interface MadeKey {
  readonly text: string;
  readonly key: Key;
}

export type RotateOutcome =
  | ({ readonly kind: 'rotated' } & MadeKey)
  | { readonly kind: 'unknown' }
  /** The key was revoked, has expired, or was rotated before. If it was rotated, rotate its successor instead. */
  | { readonly kind: 'not_current' };

export interface KeyStore {
  create(key: NewKey): Promise<MadeKey>;
  /** All keys ever created, latest first. */
  list(): Promise<Key[]>;
  get(id: string): Promise<Key | null>;
  findByHash(hash: string): Promise<Key | null>;
  /** Whether a key was ever created. */
  anyMade(): Promise<boolean>;
  /** Creates a key with the same rights; the old one stays valid for `overlapMs` milliseconds. */
  rotate(id: string, overlapMs: number): Promise<RotateOutcome>;
  /** Revokes a key at once. False if no key has that id. */
  revoke(id: string): Promise<boolean>;
  /** Records the day on which the key was used. */
  noteUse(id: string, day: string): Promise<void>;
}

/** The port of a storage engine. Keys are those of one workspace. */
export interface KeyRepository {
  /** Stores a new key under the SHA-256 of its text. */
  insert(key: Key, hash: string): Promise<void>;
  /** Returns every key, the latest first. */
  list(): Promise<Key[]>;
  get(id: string): Promise<Key | null>;
  findByHash(hash: string): Promise<Key | null>;
  hasAny(): Promise<boolean>;
  /**
   * Inserts a successor with the rights of the key `id`, which expires at `expiresAt`, in one transaction. Returns false, and
   * changes nothing, if the key is revoked, expired or replaced. Times are epoch milliseconds.
   */
  replace(
    id: string,
    successor: {
      readonly id: string;
      readonly hash: string;
      readonly prefix: string;
      readonly createdAt: number;
    },
    expiresAt: number,
  ): Promise<boolean>;
  /** Revokes a key. A key that is revoked already keeps its time. Returns whether the key exists. */
  revoke(id: string, at: number): Promise<boolean>;
  noteUse(id: string, day: string): Promise<void>;
}

export interface KeyStorePorts {
  readonly repository: KeyRepository;
  /** Lower-case hex SHA-256 of a text as UTF-8. */
  readonly sha256: (text: string) => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Creates, finds, rotates and revokes keys. Its promises reject if storage fails. */
export function createKeyStore({ repository, sha256, now }: KeyStorePorts): KeyStore {
  return {
    get: repository.get,
    list: repository.list,
    findByHash: repository.findByHash,
    anyMade: repository.hasAny,
    noteUse: repository.noteUse,
    async create(key) {
      const text = makeKeyText(key.kind);
      const made: Key = {
        id: makeKeyId(),
        kind: key.kind,
        name: key.name,
        prefix: shownPrefix(text),
        scopes: key.kind === 'secret' ? key.scopes : null,
        origins: key.kind === 'publishable' ? key.origins : [],
        createdAt: now(),
        expiresAt: null,
        revokedAt: null,
        replacedBy: null,
        lastUsedOn: null,
      };
      await repository.insert(made, sha256(text));
      return { text, key: made };
    },
    async rotate(id, overlapMs) {
      const old = await repository.get(id);
      if (old === null) return { kind: 'unknown' };
      const text = makeKeyText(old.kind);
      const successor = {
        id: makeKeyId(),
        hash: sha256(text),
        prefix: shownPrefix(text),
        createdAt: now(),
      };
      const isReplaced = await repository.replace(id, successor, successor.createdAt + overlapMs);
      if (!isReplaced) return { kind: 'not_current' };
      return { kind: 'rotated', text, key: (await repository.get(successor.id))! };
    },
    revoke: (id) => repository.revoke(id, now()),
  };
}
