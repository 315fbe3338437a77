-- The watched domains of the sender (PREFLIGHT_DOMAINS): what their DNS said last. Times are in epoch milliseconds.
CREATE TABLE sender_watches (
  workspace TEXT NOT NULL DEFAULT 'default',
  domain TEXT NOT NULL,
  -- JSON: facts and findings. Null before the first check that was answered.
  state TEXT,
  checked_at INTEGER,
  -- The last check, if no resolver answered it.
  failed_at INTEGER,
  due_at INTEGER NOT NULL,
  -- Who checks the domain now, and until when that counts. Null if nobody does.
  lease TEXT,
  lease_until INTEGER,
  PRIMARY KEY (workspace, domain)
) STRICT, WITHOUT ROWID;

-- What changed from one check to the next.
CREATE TABLE sender_changes (
  id TEXT PRIMARY KEY,
  workspace TEXT NOT NULL DEFAULT 'default',
  domain TEXT NOT NULL,
  at INTEGER NOT NULL,
  -- The check before.
  since INTEGER NOT NULL,
  -- JSON: the values before and after, and the findings that appeared or are gone.
  change TEXT NOT NULL,
  -- Whether the callback accepted it.
  told INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX sender_changes_at ON sender_changes (workspace, domain, at);
CREATE INDEX sender_changes_untold ON sender_changes (workspace, at) WHERE told = 0;
