-- The suppression list. An address stands here only as lower-case hex HMAC-SHA-256 under the key named by key_id.
CREATE TABLE suppressions (
  key_id TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason IN ('bounce', 'complaint', 'unsubscribe', 'manual')),
  -- Enhanced status code (RFC 3463) of the latest bounce that was reported.
  status TEXT,
  -- Who said so: a provider, an import, a person. Never an address.
  source TEXT,
  -- Epoch milliseconds. An entry without an end does not end.
  since INTEGER NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (key_id, address_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX suppressions_expiring ON suppressions (expires_at) WHERE expires_at IS NOT NULL;

-- Every entry that was lifted, as it was, with the consent that lifted it.
CREATE TABLE suppression_removals (
  id INTEGER PRIMARY KEY,
  key_id TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  reason TEXT NOT NULL,
  status TEXT,
  source TEXT,
  since INTEGER NOT NULL,
  removed_at INTEGER NOT NULL,
  consent_kind TEXT NOT NULL,
  consent_at INTEGER NOT NULL,
  -- Where the consent can be looked up. Never an address.
  evidence TEXT NOT NULL
) STRICT;

CREATE INDEX suppression_removals_address ON suppression_removals (key_id, address_hash);

CREATE TRIGGER suppression_removals_stay BEFORE DELETE ON suppression_removals
BEGIN
  SELECT RAISE(ABORT, 'suppression_removals is append-only');
END;

CREATE TRIGGER suppression_removals_stay_as_they_are BEFORE UPDATE ON suppression_removals
BEGIN
  SELECT RAISE(ABORT, 'suppression_removals is append-only');
END;
