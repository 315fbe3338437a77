-- What stood out in the counts of delivery events. Contains no address.
CREATE TABLE incidents (
  id TEXT PRIMARY KEY,
  workspace TEXT NOT NULL DEFAULT 'default',
  kind TEXT NOT NULL,
  -- The kind and the scope. At most one open incident has it.
  scope_key TEXT NOT NULL,
  -- JSON: provider, source, campaign and list, as far as the incident is about one.
  scope TEXT NOT NULL,
  severity TEXT NOT NULL,
  -- Times are in epoch milliseconds.
  opened_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  -- The rate, or the number of messages, when the incident last changed.
  changed_size REAL NOT NULL,
  seen_at INTEGER NOT NULL,
  -- Null while the incident is open.
  closed_at INTEGER,
  -- JSON: counts, rates, statuses, reasons and providers.
  evidence TEXT NOT NULL,
  explanation TEXT NOT NULL,
  advice TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX incidents_open ON incidents (workspace, scope_key) WHERE closed_at IS NULL;
CREATE INDEX incidents_opened ON incidents (workspace, opened_at);

-- When a process last looked for incidents.
CREATE TABLE incident_looks (
  workspace TEXT NOT NULL DEFAULT 'default',
  at INTEGER NOT NULL,
  PRIMARY KEY (workspace)
) STRICT, WITHOUT ROWID;
