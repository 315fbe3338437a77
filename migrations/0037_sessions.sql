-- Sessions of the console: a browser that signed in with an API key or with ADMIN_KEY.
CREATE TABLE sessions (
  workspace TEXT NOT NULL DEFAULT 'default',
  -- Lower-case hex SHA-256 of the text in the cookie, which is random and stored nowhere.
  hash TEXT NOT NULL,
  -- The id of the API key; null if the session began with ADMIN_KEY.
  key_id TEXT,
  -- A keyed hash of ADMIN_KEY, so that the session ends when ADMIN_KEY is changed; null for other sessions.
  admin_mark TEXT,
  -- Epoch milliseconds.
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, hash),
  CHECK ((key_id IS NULL) <> (admin_mark IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_expiry ON sessions (workspace, expires_at);
