-- The alerts that the operator is told, each once, and the messages that carry them. Contains no address, and no URL of a
-- receiver, because such URLs are secrets.
CREATE TABLE alerts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace TEXT NOT NULL DEFAULT 'default',
  -- Names what is told, such as the state of an incident. What was kept once is not told again.
  key TEXT NOT NULL,
  -- What the alert is about, such as an incident through its whole life.
  thread TEXT NOT NULL,
  kind TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  title TEXT NOT NULL,
  advice TEXT,
  -- JSON: an object.
  details TEXT NOT NULL,
  -- Times are in epoch milliseconds: when it happened, when it was kept, and when its source last reported it.
  at INTEGER NOT NULL,
  kept_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  -- The message that carries the alert; null until one does.
  message TEXT
) STRICT;
CREATE UNIQUE INDEX alerts_key ON alerts (workspace, key);
CREATE INDEX alerts_thread ON alerts (workspace, thread);
CREATE INDEX alerts_waiting ON alerts (workspace, kept_at) WHERE message IS NULL;
CREATE INDEX alerts_message ON alerts (message);

-- One row for each message and receiver.
CREATE TABLE alert_deliveries (
  workspace TEXT NOT NULL DEFAULT 'default',
  message TEXT NOT NULL,
  -- The id of the receiver: a digest of its setting.
  target TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- When the next attempt is due, or when the last one ended.
  next_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
  -- Why the last attempt failed.
  cause TEXT,
  PRIMARY KEY (workspace, message, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_deliveries_due ON alert_deliveries (workspace, state, next_at);
