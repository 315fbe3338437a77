-- How strongly the latest events speak for a block, a bad list or an overload, one row for each kind and property of the
-- mail (src/reports/gate/score.ts). Contains no address.
CREATE TABLE gate_scores (
  workspace TEXT NOT NULL,
  -- refused, hard or deferred.
  kind TEXT NOT NULL,
  -- provider, campaign or list.
  dimension TEXT NOT NULL,
  -- Empty for mail hosts of no well-known provider.
  name TEXT NOT NULL,
  score REAL NOT NULL,
  -- Times are in epoch milliseconds. Null: none since the score was last 0.
  raised_at INTEGER,
  failed_at INTEGER,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, kind, dimension, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX gate_scores_updated ON gate_scores (workspace, updated_at);
