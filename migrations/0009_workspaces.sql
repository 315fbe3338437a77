-- Every table carries a workspace: the tenant that a row belongs to. Today all rows belong to `default`.
--
-- Where the identity of a row depends on the tenant, the workspace leads the key, and the table is rebuilt because
-- SQLite cannot alter a key. Random ids (jobs, API keys) are unique across workspaces and keep their key.

ALTER TABLE suppression_removals ADD COLUMN workspace TEXT NOT NULL DEFAULT 'default';
DROP INDEX suppression_removals_address;
CREATE INDEX suppression_removals_address ON suppression_removals (workspace, key_id, address_hash);

CREATE TABLE suppressions_rebuilt (
  workspace TEXT NOT NULL DEFAULT 'default',
  key_id TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason IN ('bounce', 'complaint', 'unsubscribe', 'manual')),
  -- Enhanced status code (RFC 3463) of the latest reported bounce.
  status TEXT,
  -- Where the entry came from: a provider, an import, a person. Never an address.
  source TEXT,
  -- Epoch milliseconds. An entry without `expires_at` is permanent.
  since INTEGER NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (workspace, key_id, address_hash)
) STRICT, WITHOUT ROWID;
INSERT INTO suppressions_rebuilt (key_id, address_hash, reason, status, source, since, expires_at)
  SELECT key_id, address_hash, reason, status, source, since, expires_at FROM suppressions;
DROP TABLE suppressions;
ALTER TABLE suppressions_rebuilt RENAME TO suppressions;
CREATE INDEX suppressions_expiring ON suppressions (expires_at) WHERE expires_at IS NOT NULL;

ALTER TABLE api_keys ADD COLUMN workspace TEXT NOT NULL DEFAULT 'default';

CREATE TABLE jobs_rebuilt (
  -- 128 random bits, so that an id cannot be guessed.
  id TEXT PRIMARY KEY,
  workspace TEXT NOT NULL DEFAULT 'default',
  state TEXT NOT NULL
    CHECK (state IN ('queued', 'verifying', 'completed', 'failed', 'cancelled', 'deleting')),
  -- Requested by a person: running work is finished, no new work starts.
  paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
  -- No work starts before this time: each consecutive resolver outage doubles the wait.
  not_before INTEGER NOT NULL DEFAULT 0,
  outages INTEGER NOT NULL DEFAULT 0,
  -- Increases with every change that a caller can see.
  version INTEGER NOT NULL DEFAULT 1,
  name TEXT,
  -- JSON: the request's options, and the layout of the file once it was read.
  options TEXT NOT NULL,
  layout TEXT,
  bytes INTEGER NOT NULL,
  -- Null until the whole file was read.
  rows INTEGER,
  rows_done INTEGER NOT NULL DEFAULT 0,
  rows_kept INTEGER NOT NULL DEFAULT 0,
  duplicates INTEGER NOT NULL DEFAULT 0,
  -- JSON: why it failed.
  error TEXT,
  -- JSON: the combined tally of all slices of a completed job.
  tally TEXT,
  -- Epoch milliseconds, like all times. Every row is judged as of `created_at`, so that repeated work gives the same result.
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  -- SHA-256 of the Idempotency-Key, and of its request.
  request_key TEXT,
  request_fingerprint TEXT NOT NULL,
  callback_url TEXT,
  -- Reading the file is one unit of work: its lease, and how often it was started.
  lease INTEGER NOT NULL DEFAULT 0,
  lease_until INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0,
  -- A list that is kept: until when, when its first verdict is due, and the job that verified it before.
  kept_until INTEGER,
  due_at INTEGER,
  follows TEXT,
  UNIQUE (workspace, request_key)
) STRICT;
INSERT INTO jobs_rebuilt (
    id, state, paused, not_before, outages, version, name, options, layout, bytes, rows, rows_done, rows_kept,
    duplicates, error, tally, created_at, updated_at, started_at, finished_at, request_key, request_fingerprint,
    callback_url, lease, lease_until, tries, kept_until, due_at, follows
  )
  SELECT
    id, state, paused, not_before, outages, version, name, options, layout, bytes, rows, rows_done, rows_kept,
    duplicates, error, tally, created_at, updated_at, started_at, finished_at, request_key, request_fingerprint,
    callback_url, lease, lease_until, tries, kept_until, due_at, follows
  FROM jobs;
DROP TABLE jobs;
ALTER TABLE jobs_rebuilt RENAME TO jobs;
CREATE INDEX jobs_by_time ON jobs (workspace, created_at, id);
-- The job runner looks for work across all workspaces.
CREATE INDEX jobs_open ON jobs (created_at) WHERE state IN ('queued', 'verifying');
CREATE INDEX jobs_due ON jobs (due_at) WHERE due_at IS NOT NULL;

ALTER TABLE job_slices ADD COLUMN workspace TEXT NOT NULL DEFAULT 'default';
ALTER TABLE job_counts ADD COLUMN workspace TEXT NOT NULL DEFAULT 'default';
ALTER TABLE job_changes ADD COLUMN workspace TEXT NOT NULL DEFAULT 'default';
ALTER TABLE job_callbacks ADD COLUMN workspace TEXT NOT NULL DEFAULT 'default';
ALTER TABLE job_uploads ADD COLUMN workspace TEXT NOT NULL DEFAULT 'default';

CREATE TABLE own_domains_rebuilt (
  workspace TEXT NOT NULL DEFAULT 'default',
  domain TEXT NOT NULL,
  -- 1: the entry covers the subdomains too.
  beneath INTEGER NOT NULL CHECK (beneath IN (0, 1)),
  word TEXT NOT NULL CHECK (word IN ('allow', 'deny')),
  note TEXT,
  since INTEGER NOT NULL,
  PRIMARY KEY (workspace, domain, beneath)
) STRICT, WITHOUT ROWID;
INSERT INTO own_domains_rebuilt (domain, beneath, word, note, since)
  SELECT domain, beneath, word, note, since FROM own_domains;
DROP TABLE own_domains;
ALTER TABLE own_domains_rebuilt RENAME TO own_domains;

CREATE TABLE delivery_events_rebuilt (
  workspace TEXT NOT NULL DEFAULT 'default',
  -- A keyed hash of the event's identity; it does not reveal an address.
  id TEXT NOT NULL,
  -- Epoch milliseconds: when the event happened, and when it was received.
  at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  -- The slug of the provider that reported the event, or `report` for POST /v1/bounces.
  teller TEXT NOT NULL,
  kind TEXT NOT NULL,
  class TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- Enhanced status code (RFC 3463).
  status TEXT,
  -- The provider's own suppression list stopped the message: not a new bounce.
  echo INTEGER NOT NULL CHECK (echo IN (0, 1)),
  -- The recipient as HMAC-SHA-256 under the key named by key_id; null if the recipient is unknown.
  key_id TEXT NOT NULL,
  address_hash TEXT,
  -- The recipient's mailbox provider, from the domain's name, such as gmail.
  mailbox_provider TEXT,
  -- A digest of the message id, so that a message that is retried for days counts once.
  message TEXT,
  campaign TEXT,
  -- Where the address was acquired.
  source TEXT,
  -- The id leads: with the workspace in front, SQLite's planner prefers this key to the indexes of an address.
  PRIMARY KEY (id, workspace)
) STRICT, WITHOUT ROWID;
INSERT INTO delivery_events_rebuilt (
    id, at, received_at, teller, kind, class, reason, status, echo, key_id, address_hash, mailbox_provider, message,
    campaign, source
  )
  SELECT
    id, at, received_at, teller, kind, class, reason, status, echo, key_id, address_hash, mailbox_provider, message,
    campaign, source
  FROM delivery_events;
DROP TABLE delivery_events;
ALTER TABLE delivery_events_rebuilt RENAME TO delivery_events;
CREATE INDEX delivery_events_at ON delivery_events (workspace, at);
-- For the soft-bounce rule: the events of one address that lengthen or end a run.
CREATE INDEX delivery_events_run ON delivery_events (workspace, key_id, address_hash, at)
  WHERE class = 'soft' OR kind = 'delivered';
-- For erasure: the events of one address that delivery_events_run leaves out. Each event is in one of the two.
CREATE INDEX delivery_events_other ON delivery_events (workspace, key_id, address_hash)
  WHERE NOT (class = 'soft' OR kind = 'delivered');
-- For reports. This index alone answers how much was sent; failures are few.
CREATE INDEX delivery_events_volume ON delivery_events (workspace, at, kind, mailbox_provider, source, campaign)
  WHERE kind IN ('sent', 'delivered');
CREATE INDEX delivery_events_failures ON delivery_events (workspace, at)
  WHERE echo = 0 AND kind <> 'deferred' AND (class IN ('hard', 'soft', 'policy', 'complaint') OR kind = 'unsubscribed');

-- RENAME fails while a trigger refers to a table that was dropped, so the trigger goes first.
DROP TRIGGER predictions_resolved;

CREATE TABLE predictions_rebuilt (
  workspace TEXT NOT NULL DEFAULT 'default',
  key_id TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  -- Epoch milliseconds of the verdict.
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  provider TEXT NOT NULL,
  segment TEXT NOT NULL,
  age TEXT NOT NULL,
  -- Where the address was acquired; empty if unknown.
  source TEXT NOT NULL,
  -- The predicted bounce probability, and the one from the prior alone.
  probability REAL NOT NULL,
  prior REAL NOT NULL,
  -- The outcome, its time and its weight; null until the outcome is known.
  bounced INTEGER CHECK (bounced IN (0, 1)),
  resolved_at INTEGER,
  weight REAL,
  PRIMARY KEY (workspace, key_id, address_hash)
) STRICT, WITHOUT ROWID;
INSERT INTO predictions_rebuilt (
    key_id, address_hash, at, kind, provider, segment, age, source, probability, prior, bounced, resolved_at, weight
  )
  SELECT
    key_id, address_hash, at, kind, provider, segment, age, source, probability, prior, bounced, resolved_at, weight
  FROM predictions;
DROP TABLE predictions;
ALTER TABLE predictions_rebuilt RENAME TO predictions;
CREATE INDEX predictions_at ON predictions (at);

CREATE TABLE strata_rebuilt (
  workspace TEXT NOT NULL DEFAULT 'default',
  kind TEXT NOT NULL,
  provider TEXT NOT NULL,
  segment TEXT NOT NULL,
  age TEXT NOT NULL,
  source TEXT NOT NULL,
  outcomes REAL NOT NULL,
  bounces REAL NOT NULL,
  -- The sum of the priors.
  expected REAL NOT NULL,
  PRIMARY KEY (workspace, kind, provider, segment, age, source)
) STRICT, WITHOUT ROWID;
INSERT INTO strata_rebuilt (kind, provider, segment, age, source, outcomes, bounces, expected)
  SELECT kind, provider, segment, age, source, outcomes, bounces, expected FROM strata;
DROP TABLE strata;
ALTER TABLE strata_rebuilt RENAME TO strata;

CREATE TABLE calibration_rebuilt (
  workspace TEXT NOT NULL DEFAULT 'default',
  -- Days since 1970 of the outcome.
  day INTEGER NOT NULL,
  provider TEXT NOT NULL,
  source TEXT NOT NULL,
  -- Index of the probability's bin among 20 equal bins.
  p_bin INTEGER NOT NULL,
  q_bin INTEGER NOT NULL,
  outcomes INTEGER NOT NULL,
  bounces INTEGER NOT NULL,
  p REAL NOT NULL,
  q REAL NOT NULL,
  -- Sums of p squared, and of p over the bounces: the Brier score is (p_square - 2 p_bounced + bounces) / outcomes.
  p_square REAL NOT NULL,
  q_square REAL NOT NULL,
  p_bounced REAL NOT NULL,
  q_bounced REAL NOT NULL,
  p_log_loss REAL NOT NULL,
  q_log_loss REAL NOT NULL,
  PRIMARY KEY (workspace, day, provider, source, p_bin, q_bin)
) STRICT, WITHOUT ROWID;
INSERT INTO calibration_rebuilt (
    day, provider, source, p_bin, q_bin, outcomes, bounces, p, q, p_square, q_square, p_bounced, q_bounced,
    p_log_loss, q_log_loss
  )
  SELECT
    day, provider, source, p_bin, q_bin, outcomes, bounces, p, q, p_square, q_square, p_bounced, q_bounced,
    p_log_loss, q_log_loss
  FROM calibration;
DROP TABLE calibration;
ALTER TABLE calibration_rebuilt RENAME TO calibration;

CREATE TABLE delivery_tellers_rebuilt (
  workspace TEXT NOT NULL DEFAULT 'default',
  teller TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (workspace, teller)
) STRICT, WITHOUT ROWID;
INSERT INTO delivery_tellers_rebuilt (teller, at) SELECT teller, at FROM delivery_tellers;
DROP TABLE delivery_tellers;
ALTER TABLE delivery_tellers_rebuilt RENAME TO delivery_tellers;

CREATE TABLE drift_alarms_rebuilt (
  workspace TEXT NOT NULL DEFAULT 'default',
  of TEXT NOT NULL,
  -- Empty: the source or provider is unknown.
  name TEXT NOT NULL,
  direction TEXT NOT NULL,
  told_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, of, name, direction)
) STRICT, WITHOUT ROWID;
INSERT INTO drift_alarms_rebuilt (of, name, direction, told_at)
  SELECT of, name, direction, told_at FROM drift_alarms;
DROP TABLE drift_alarms;
ALTER TABLE drift_alarms_rebuilt RENAME TO drift_alarms;

-- Nothing else writes the sums, so they always agree with the outcomes. A corrected outcome (delivered first, bounced
-- later) adds only the difference.
CREATE TRIGGER predictions_resolved AFTER UPDATE OF bounced ON predictions
WHEN NEW.bounced IS NOT NULL AND NEW.bounced IS NOT OLD.bounced
BEGIN
  INSERT INTO strata (workspace, kind, provider, segment, age, source, outcomes, bounces, expected)
  VALUES (
    NEW.workspace, NEW.kind, NEW.provider, NEW.segment, NEW.age, NEW.source,
    NEW.weight * (OLD.bounced IS NULL), NEW.weight * NEW.bounced, NEW.weight * NEW.prior * (OLD.bounced IS NULL)
  )
  ON CONFLICT DO UPDATE SET
    outcomes = outcomes + excluded.outcomes,
    bounces = bounces + excluded.bounces,
    expected = expected + excluded.expected;

  INSERT INTO calibration (
    workspace, day, provider, source, p_bin, q_bin, outcomes, bounces, p, q, p_square, q_square, p_bounced, q_bounced,
    p_log_loss, q_log_loss
  )
  -- A correction belongs to the day of the outcome that it corrects.
  SELECT
    NEW.workspace,
    coalesce(OLD.resolved_at, NEW.resolved_at) / 86400000, NEW.provider, NEW.source,
    min(19, CAST(p * 20 AS INTEGER)), min(19, CAST(q * 20 AS INTEGER)),
    counts, NEW.bounced, p * counts, q * counts, p * p * counts, q * q * counts, p * NEW.bounced, q * NEW.bounced,
    -- A first outcome adds the negative log-likelihood. A correction replaces the delivery's with the bounce's.
    NEW.bounced * -ln(p) + (counts - NEW.bounced) * -ln(1 - p),
    NEW.bounced * -ln(q) + (counts - NEW.bounced) * -ln(1 - q)
  FROM (
    SELECT
      -- Clamped, because the logarithm of 0 would make the sum infinite.
      min(max(NEW.probability, 0.0001), 0.9999) AS p,
      min(max(NEW.prior, 0.0001), 0.9999) AS q,
      OLD.bounced IS NULL AS counts
  )
  WHERE true
  ON CONFLICT DO UPDATE SET
    outcomes = outcomes + excluded.outcomes,
    bounces = bounces + excluded.bounces,
    p = p + excluded.p,
    q = q + excluded.q,
    p_square = p_square + excluded.p_square,
    q_square = q_square + excluded.q_square,
    p_bounced = p_bounced + excluded.p_bounced,
    q_bounced = q_bounced + excluded.q_bounced,
    p_log_loss = p_log_loss + excluded.p_log_loss,
    q_log_loss = q_log_loss + excluded.q_log_loss;
END;
