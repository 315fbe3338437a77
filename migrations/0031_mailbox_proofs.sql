-- What mail hosts said about mailboxes: one row for each address that was asked about.
CREATE TABLE mailbox_proofs (
  workspace TEXT NOT NULL DEFAULT 'default',
  -- The address as HMAC-SHA-256 under the key named by key_id.
  key_id TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  -- accepted, unknown_user, disabled, full or undetermined. Whether an accepted address proves a mailbox depends on its domain.
  finding TEXT NOT NULL,
  -- Why the finding is undetermined.
  cause TEXT,
  -- How often the host asked to come back later.
  attempts INTEGER NOT NULL,
  -- Epoch milliseconds, like all times. It is not asked again before `retry_at`, and does not count after `expires_at`.
  checked_at INTEGER NOT NULL,
  retry_at INTEGER,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, key_id, address_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX mailbox_proofs_expired ON mailbox_proofs (workspace, expires_at);
