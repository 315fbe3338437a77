-- The changes of the gate's decisions, for the alerts about them. The row is stored in the transaction that changes the decision.
CREATE TABLE gate_changes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace TEXT NOT NULL,
  campaign TEXT NOT NULL,
  purpose TEXT NOT NULL,
  before TEXT NOT NULL,
  decision TEXT NOT NULL,
  -- JSON: an array.
  reasons TEXT NOT NULL,
  -- Epoch milliseconds.
  changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX gate_changes_at ON gate_changes (workspace, changed_at);
