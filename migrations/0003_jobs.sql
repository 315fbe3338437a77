-- Jobs over uploaded lists. No address stands here: rows and verdicts are in files under the job's id.
CREATE TABLE jobs (
  -- 128 random bits: whoever does not know it cannot guess it.
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL
    CHECK (state IN ('queued', 'verifying', 'completed', 'failed', 'cancelled', 'deleting')),
  -- A person's wish; the work that has begun is finished, no more is begun.
  paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
  -- No work is begun before this moment: while no resolver answers, each outage in a row doubles the wait.
  not_before INTEGER NOT NULL DEFAULT 0,
  outages INTEGER NOT NULL DEFAULT 0,
  -- Grows with every change that a caller can see.
  version INTEGER NOT NULL DEFAULT 1,
  name TEXT,
  -- JSON: what was asked for, and once the file was read, how it is written.
  options TEXT NOT NULL,
  layout TEXT,
  bytes INTEGER NOT NULL,
  -- Null until the file was read to its end.
  rows INTEGER,
  rows_done INTEGER NOT NULL DEFAULT 0,
  rows_kept INTEGER NOT NULL DEFAULT 0,
  duplicates INTEGER NOT NULL DEFAULT 0,
  -- JSON: why it failed.
  error TEXT,
  -- JSON: the tallies of all slices of a completed job as one.
  tally TEXT,
  -- Epoch milliseconds, as all times. Every row is judged as of `created_at`, so that work done again gives the same.
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  -- SHA-256 of the Idempotency-Key, and of the request that came with it.
  request_key TEXT UNIQUE,
  request_fingerprint TEXT NOT NULL,
  callback_url TEXT,
  -- Reading the file is one piece of work: its lease, and how often it was begun.
  lease INTEGER NOT NULL DEFAULT 0,
  lease_until INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0,
  -- A list that is kept: until when, when its first verdict is due, and the job that verified it before.
  kept_until INTEGER,
  due_at INTEGER,
  follows TEXT
) STRICT;

CREATE INDEX jobs_by_time ON jobs (created_at, id);
CREATE INDEX jobs_open ON jobs (created_at) WHERE state IN ('queued', 'verifying');
CREATE INDEX jobs_due ON jobs (due_at) WHERE due_at IS NOT NULL;

-- A run of rows that is verified in one go and whose result is one file.
CREATE TABLE job_slices (
  job_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  -- JSON: the place in the file where it begins; and how many bytes of the file it is.
  start TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  -- One bit a row in hex: the address stood further up in the list. Null: no row's did.
  duplicates TEXT,
  done INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1)),
  -- The number of the latest lease: it fences off whoever had an earlier one. The result's file carries it in its name.
  lease INTEGER NOT NULL DEFAULT 0,
  lease_until INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0,
  finished_at INTEGER,
  -- Length of the result's file.
  result_bytes INTEGER,
  -- JSON: what the forecast needs of these rows.
  tally TEXT,
  -- When the first verdict of these rows is due again.
  due_at INTEGER,
  PRIMARY KEY (job_id, position)
) STRICT, WITHOUT ROWID;

-- The lowest open slice of any job comes first, so that a short list does not wait for a long one.
CREATE INDEX job_slices_open ON job_slices (position, job_id) WHERE done = 0;

CREATE TABLE job_counts (
  job_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('result', 'reason', 'action')),
  name TEXT NOT NULL,
  rows INTEGER NOT NULL,
  PRIMARY KEY (job_id, kind, name)
) STRICT, WITHOUT ROWID;

-- How verdicts changed against the job that verified the list before.
CREATE TABLE job_changes (
  job_id TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  rows INTEGER NOT NULL,
  PRIMARY KEY (job_id, before, after)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_callbacks (
  -- The webhook-id: the same however often it is sent.
  id TEXT PRIMARY KEY,
  job_id TEXT NOT NULL UNIQUE,
  event TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  -- What came of the latest attempt, such as "status 500". Never what the receiver wrote.
  outcome TEXT
) STRICT;

CREATE INDEX job_callbacks_pending ON job_callbacks (next_at) WHERE state = 'pending';

-- Uploads under way. One that outlives its request is removed with its file.
CREATE TABLE job_uploads (
  id TEXT PRIMARY KEY,
  began_at INTEGER NOT NULL
) STRICT;
