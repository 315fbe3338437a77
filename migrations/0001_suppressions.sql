-- The suppression list. An address stands here only as lower-case hex HMAC-SHA-256 under the key named by key_id.
CREATE TABLE suppressions (
  address_hash TEXT NOT NULL,
  key_id TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason IN ('bounce', 'complaint', 'unsubscribe', 'manual')),
  status TEXT,
  source TEXT,
  since INTEGER NOT NULL,
  PRIMARY KEY (address_hash, key_id)
) WITHOUT ROWID;
