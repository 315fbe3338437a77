// Creates, finds, rotates and revokes API keys. `KeyRepository` is the port to the database that stores them.

import { type Actor, auditEntry, type NewAuditEntry } from '../audit/audit.ts';
import type { Key, NewKey } from './key.ts';
import { makeKeyId, makeKeyText, shownPrefix } from './key-text.ts';

/** A new key with its text. Storage has only the hash of the text, so the text cannot be shown again later. */
export interface MadeKey {
  readonly text: string;
  readonly key: Key;
}

export type RotateOutcome =
  | ({ readonly kind: 'rotated' } & MadeKey)
  | { readonly kind: 'unknown' }
  /** The key was revoked, has expired, or was already rotated. If it was rotated, rotate the key that replaced it. */
  | { readonly kind: 'not_current' };

/** `by` says who acts, for the audit. */
export interface KeyStore {
  create(key: NewKey, by?: Actor): Promise<MadeKey>;
  /** Returns all keys ever created, the latest first. */
  list(): Promise<Key[]>;
  get(id: string): Promise<Key | null>;
  findByHash(hash: string): Promise<Key | null>;
  /** Whether any key was ever created. */
  anyMade(): Promise<boolean>;
  /** Creates a key with the same rights as the key `id`. The old key stays valid for `overlapMs` milliseconds. */
  rotate(id: string, overlapMs: number, by?: Actor): Promise<RotateOutcome>;
  /** Revokes a key at once. Returns false if no key has this id. */
  revoke(id: string, by?: Actor): Promise<boolean>;
  /** Records the day (UTC, such as `2026-11-20`) on which the key was used. */
  noteUse(id: string, day: string): Promise<void>;
}

/**
 * The port that each storage engine implements. It sees only the keys of one workspace. An `audit` entry is recorded in the same
 * transaction, if the key changed.
 */
export interface KeyRepository {
  /** Stores a new key under the SHA-256 of its text. */
  insert(key: Key, hash: string, audit?: NewAuditEntry): Promise<void>;
  /** Returns every key, the latest first. */
  list(): Promise<Key[]>;
  get(id: string): Promise<Key | null>;
  findByHash(hash: string): Promise<Key | null>;
  hasAny(): Promise<boolean>;
  /**
   * In one transaction, inserts `successor` with the rights of the key `id`, and lets the key `id` expire at
   * `expiresAt`. Returns false, and changes nothing, if the key `id` is revoked, expired or already replaced. Times
   * are epoch milliseconds.
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
    audit?: NewAuditEntry,
  ): Promise<boolean>;
  /**
   * Revokes a key at the time `at`. If it is already revoked, the earlier time stays. Returns whether the key exists.
   */
  revoke(id: string, at: number, audit?: NewAuditEntry): Promise<boolean>;
  noteUse(id: string, day: string): Promise<void>;
}

export interface KeyStorePorts {
  readonly repository: KeyRepository;
  /** The SHA-256 of a text in UTF-8, as lower-case hex. */
  readonly sha256: (text: string) => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Creates a key store. The promises of its functions reject if storage fails. */
export function createKeyStore({ repository, sha256, now }: KeyStorePorts): KeyStore {
  return {
    get: repository.get,
    list: repository.list,
    findByHash: repository.findByHash,
    anyMade: repository.hasAny,
    noteUse: repository.noteUse,
    async create(key, by) {
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
      await repository.insert(
        made,
        sha256(text),
        auditEntry(by, 'key_created', { at: made.createdAt, subject: made.id }),
      );
      return { text, key: made };
    },
    async rotate(id, overlapMs, by) {
      const old = await repository.get(id);
      if (old === null) return { kind: 'unknown' };
      const text = makeKeyText(old.kind);
      const successor = {
        id: makeKeyId(),
        hash: sha256(text),
        prefix: shownPrefix(text),
        createdAt: now(),
      };
      const isReplaced = await repository.replace(
        id,
        successor,
        successor.createdAt + overlapMs,
        auditEntry(by, 'key_rotated', { at: successor.createdAt, subject: id }),
      );
      if (!isReplaced) return { kind: 'not_current' };
      return { kind: 'rotated', text, key: (await repository.get(successor.id))! };
    },
    revoke(id, by) {
      const at = now();
      return repository.revoke(id, at, auditEntry(by, 'key_revoked', { at, subject: id }));
    },
  };
}
