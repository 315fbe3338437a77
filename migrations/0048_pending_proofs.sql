-- Verdicts that were given before their mailbox was asked about (`callback_url` of POST /v1/validate, and CRMs): one row until the
-- new verdict has arrived at its receiver. Then the row is deleted.
CREATE TABLE pending_proofs (
  -- Also the id of the webhook.
  id TEXT PRIMARY KEY,
  workspace TEXT NOT NULL DEFAULT 'default',
  -- HMAC of the whole request, so that a repeated request is not kept twice.
  request TEXT NOT NULL,
  -- Who asked: the id of an API key, `admin_key`, `no_key`, or `crm:` with the name of a CRM.
  caller TEXT NOT NULL,
  -- The address as HMAC-SHA-256 under the key named by key_id. For erasure.
  key_id TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  -- `asking`: the mail host is to be asked. `telling`: the receiver is to be told the new verdict.
  state TEXT NOT NULL CHECK (state IN ('asking', 'telling')),
  -- The request or, while telling, the message: AES-256-GCM under a key that is derived from ADDRESS_HASH_KEY.
  sealed TEXT NOT NULL,
  -- Epoch milliseconds, like all times.
  created_at INTEGER NOT NULL,
  -- When the next question or delivery is due.
  next_at INTEGER NOT NULL,
  -- Until when the process that took the lease may work on the row, and the number of the lease.
  lease_until INTEGER NOT NULL DEFAULT 0,
  lease INTEGER NOT NULL DEFAULT 0,
  -- Attempts to deliver.
  attempts INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX pending_proofs_request ON pending_proofs (workspace, request);
CREATE INDEX pending_proofs_due ON pending_proofs (workspace, state, next_at);
CREATE INDEX pending_proofs_caller ON pending_proofs (workspace, caller);
CREATE INDEX pending_proofs_address ON pending_proofs (workspace, key_id, address_hash);
