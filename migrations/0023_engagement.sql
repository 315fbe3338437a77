-- When a person was last mailed, and when they last opened, clicked or replied: one row for each address.
CREATE TABLE engagement (
  workspace TEXT NOT NULL DEFAULT 'default',
  -- The recipient as HMAC-SHA-256 under the key named by key_id.
  key_id TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  -- Epoch milliseconds, like all times. Only deliveries by providers in engagement_tellers count.
  first_seen INTEGER NOT NULL,
  last_delivered INTEGER,
  last_open INTEGER,
  last_click INTEGER,
  last_reply INTEGER,
  -- Where the address was acquired.
  source TEXT,
  -- Days since 1970-01-01 of the latest time, for retention.
  latest_day INTEGER NOT NULL,
  PRIMARY KEY (workspace, key_id, address_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX engagement_latest ON engagement (workspace, latest_day);

-- The providers that report opens, clicks or replies of people: the times of the first and the latest one.
CREATE TABLE engagement_tellers (
  workspace TEXT NOT NULL DEFAULT 'default',
  teller TEXT NOT NULL,
  since INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (workspace, teller)
) STRICT, WITHOUT ROWID;
