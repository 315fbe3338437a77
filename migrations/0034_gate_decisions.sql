-- The last decision about each campaign for which the gate was asked.
CREATE TABLE gate_decisions (
  workspace TEXT NOT NULL,
  campaign TEXT NOT NULL,
  purpose TEXT NOT NULL,
  -- JSON of the question, to decide again when events arrive.
  question TEXT NOT NULL,
  decision TEXT NOT NULL,
  -- Epoch milliseconds.
  asked_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, campaign, purpose)
) STRICT, WITHOUT ROWID;
CREATE INDEX gate_decisions_asked ON gate_decisions (workspace, asked_at);

-- Changes of decisions that wait to be sent as webhooks.
CREATE TABLE gate_messages (
  id TEXT PRIMARY KEY,
  workspace TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX gate_messages_next ON gate_messages (workspace, next_at);
