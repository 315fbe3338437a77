-- Who did what that cannot be undone or that lets data out: lifted, exported, erased, changed overrides or keys. Rows are only added,
-- and deleted when AUDIT_RETENTION_DAYS are over.
CREATE TABLE audit_entries (
  -- In the order of the acts.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace TEXT NOT NULL DEFAULT 'default',
  -- Epoch milliseconds.
  at INTEGER NOT NULL,
  -- key, admin_key, no_key or command_line.
  actor TEXT NOT NULL,
  -- The id of the API key; null for other actors.
  key_id TEXT,
  action TEXT NOT NULL,
  -- What it was done to: the id of a key or list, a domain, or the hash of an address. Never an address.
  subject TEXT,
  -- How many things it was done to; null if that is not known.
  amount INTEGER,
  CHECK (subject NOT LIKE '%@%'),
  CHECK ((actor = 'key') = (key_id IS NOT NULL))
) STRICT;
CREATE INDEX audit_entries_time ON audit_entries (workspace, at);

CREATE TRIGGER audit_entries_stay_as_they_are BEFORE UPDATE ON audit_entries
BEGIN
  SELECT RAISE(ABORT, 'audit_entries is append-only');
END;

-- How often each API key was used, by day.
CREATE TABLE key_uses (
  workspace TEXT NOT NULL DEFAULT 'default',
  key_id TEXT NOT NULL,
  -- The day (UTC), such as 2026-11-20.
  day TEXT NOT NULL,
  calls INTEGER NOT NULL,
  PRIMARY KEY (workspace, key_id, day)
) STRICT, WITHOUT ROWID;
