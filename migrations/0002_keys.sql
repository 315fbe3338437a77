-- API keys. A key is random, so that its SHA-256 tells nothing of it; the text itself is shown once and stored nowhere.
-- Rows stay when a key ends: that one was ever made is what closes a service that began without keys.
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  -- Lower-case hex SHA-256 of the whole key.
  hash TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('secret', 'publishable')),
  name TEXT NOT NULL,
  -- The first characters of the key, to tell one from another.
  prefix TEXT NOT NULL,
  -- JSON list of scopes of a secret key; null: everything.
  scopes TEXT,
  -- JSON list of the origins whose pages may use a publishable key.
  origins TEXT NOT NULL,
  -- Epoch milliseconds.
  created_at INTEGER NOT NULL,
  -- Set by a rotation: the key is valid until then, and this one took its place.
  expires_at INTEGER,
  replaced_by TEXT,
  revoked_at INTEGER,
  -- The day (UTC) of the latest use, such as 2026-11-20.
  last_used_on TEXT
) STRICT, WITHOUT ROWID;
