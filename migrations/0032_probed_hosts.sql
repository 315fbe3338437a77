-- Domains whose mail hosts were asked about a name that cannot exist, to learn whether they take mail for any name.
CREATE TABLE probed_domains (
  workspace TEXT NOT NULL DEFAULT 'default',
  -- The domain as HMAC-SHA-256 under the key named by key_id, since a domain can be one person's.
  key_id TEXT NOT NULL,
  domain_hash TEXT NOT NULL,
  -- catch_all, selective, ambiguous or waiting.
  finding TEXT NOT NULL,
  -- The local part that is asked about again while the finding is `waiting`.
  made_up_name TEXT,
  checked_at INTEGER NOT NULL,
  retry_at INTEGER,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, key_id, domain_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX probed_domains_expired ON probed_domains (workspace, expires_at);

-- How often each mail host was asked, by all processes together, and when it may be asked again.
CREATE TABLE probed_hosts (
  workspace TEXT NOT NULL DEFAULT 'default',
  -- The registrable domain of the host, as HMAC-SHA-256 under the key named by key_id.
  key_id TEXT NOT NULL,
  host_hash TEXT NOT NULL,
  -- The session in progress. One that ends without a word, such as that of a killed process, is over at `lease_until`.
  lease TEXT,
  lease_until INTEGER NOT NULL DEFAULT 0,
  -- RCPT commands that the session in progress may send. They are in the counts already.
  granted INTEGER NOT NULL DEFAULT 0,
  -- The hour and the day (starts, epoch milliseconds), and the RCPT commands in each.
  hour INTEGER NOT NULL DEFAULT 0,
  hour_asked INTEGER NOT NULL DEFAULT 0,
  day INTEGER NOT NULL DEFAULT 0,
  day_asked INTEGER NOT NULL DEFAULT 0,
  -- How many of the day were answered with "no such mailbox".
  day_unknown INTEGER NOT NULL DEFAULT 0,
  -- Sessions in a row that the host refused.
  refusals INTEGER NOT NULL DEFAULT 0,
  -- Not asked before this time, and why: the cause of a refusal, or mostly_unknown.
  rest_until INTEGER NOT NULL DEFAULT 0,
  rest_cause TEXT,
  next_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (workspace, key_id, host_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX probed_hosts_day ON probed_hosts (workspace, day);
