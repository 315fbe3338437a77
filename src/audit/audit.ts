// The audit log: who did something that exports data or that cannot be undone, and when. An entry holds ids and hashes, never an
// address.

export const auditActions = [
  'key_created',
  'key_rotated',
  'key_revoked',
  'override_set',
  'override_removed',
  'suppression_lifted',
  'incident_lifted',
  'suppressions_imported',
  'suppressions_exported',
  'events_exported',
  'list_exported',
  'person_erased',
] as const;

export type AuditAction = (typeof auditActions)[number];

export const actorKinds = ['key', 'admin_key', 'no_key', 'command_line'] as const;

/** Who did it: the holder of an API key or of ADMIN_KEY, a caller of a service without keys, or the command line. */
export interface Actor {
  readonly kind: (typeof actorKinds)[number];
  /** The id of the API key; null for the other kinds. */
  readonly keyId: string | null;
}

export const commandLineActor: Actor = { kind: 'command_line', keyId: null };

export interface NewAuditEntry {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly actor: Actor;
  readonly action: AuditAction;
  /**
   * The object of the act: the id of a key or a list, a domain, or the hash of an address. Null if the act has no single object.
   */
  readonly subject: string | null;
  /** Number of objects, such as entries or rows, that the act was about; null if it is not known. */
  readonly amount: number | null;
}

export interface AuditEntry extends NewAuditEntry {
  /** Grows with each entry. */
  readonly id: number;
}

/** An entry must match all given properties. `from` and `to` are epoch milliseconds; `to` is excluded. */
export interface AuditFilter {
  readonly action?: AuditAction | undefined;
  readonly actor?: Actor['kind'] | undefined;
  readonly keyId?: string | undefined;
  readonly subject?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** The port that each storage engine implements. It sees only the entries of one workspace, and changes none. */
export interface AuditRepository {
  add(entry: NewAuditEntry): Promise<void>;
  /** Returns at most `limit` entries before the entry with the id `before` (null: the latest ones), the latest first. */
  page(filter: AuditFilter, before: number | null, limit: number): Promise<AuditEntry[]>;
  /** Deletes the entries of acts before `at` (epoch milliseconds). */
  deleteBefore(at: number): Promise<void>;
}

/** An act by an actor, for the functions that record it; undefined if no person did it. */
export const auditEntry = (
  actor: Actor | undefined,
  action: AuditAction,
  { at, subject = null, amount = null }: Pick<NewAuditEntry, 'at'> & Partial<NewAuditEntry>,
): NewAuditEntry | undefined => actor && { at, actor, action, subject, amount };
