-- The outbox of the webhooks suppression.added and suppression.lifted. Triggers fill it in the transaction of the change, so
-- that no way of changing the list can forget it and no crash can lose or double a change.

-- One row if the webhook is configured; without it nothing is written.
CREATE TABLE suppression_webhook (
  id INTEGER PRIMARY KEY CHECK (id = 1)
) STRICT;

CREATE TABLE suppression_changes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('added', 'lifted')),
  key_id TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  scope TEXT NOT NULL,
  reason TEXT NOT NULL,
  status TEXT,
  source TEXT,
  -- Epoch milliseconds: since when the entry counts, or when it was lifted.
  at INTEGER NOT NULL,
  -- The message that carries the change; null until one does.
  message TEXT
) STRICT;
-- For erasure.
CREATE INDEX suppression_changes_address ON suppression_changes (workspace, key_id, address_hash);
CREATE INDEX suppression_changes_message ON suppression_changes (message, id);

CREATE TABLE suppression_messages (
  id TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  -- When the next attempt is due, in epoch milliseconds.
  next_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX suppression_messages_due ON suppression_messages (next_at);

CREATE TRIGGER suppression_added AFTER INSERT ON suppressions
WHEN EXISTS (SELECT 1 FROM suppression_webhook)
BEGIN
  INSERT INTO suppression_changes (workspace, kind, key_id, address_hash, scope, reason, status, source, at)
  VALUES (NEW.workspace, 'added', NEW.key_id, NEW.address_hash, NEW.scope, NEW.reason, NEW.status, NEW.source, NEW.since);
END;

CREATE TRIGGER suppression_lifted AFTER INSERT ON suppression_removals
WHEN EXISTS (SELECT 1 FROM suppression_webhook)
BEGIN
  INSERT INTO suppression_changes (workspace, kind, key_id, address_hash, scope, reason, status, source, at)
  VALUES (
    NEW.workspace, 'lifted', NEW.key_id, NEW.address_hash, NEW.scope, NEW.reason, NEW.status, NEW.source, NEW.removed_at
  );
END;
