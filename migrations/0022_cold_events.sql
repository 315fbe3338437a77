-- Delivery events that are older than EVENT_HOT_DAYS are in compressed files. These tables say which, and what is left to do.

-- Each file has events of one UTC day. A file in the store that is in neither this table nor cold_drafts is garbage.
CREATE TABLE cold_files (
  -- Numbers are never used again.
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace TEXT NOT NULL DEFAULT 'default',
  name TEXT NOT NULL UNIQUE,
  -- Epoch milliseconds of the oldest and the newest event.
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  events INTEGER NOT NULL,
  -- Length of the compressed file.
  bytes INTEGER NOT NULL,
  -- Lower-case hex SHA-256 of the content before compression.
  digest TEXT NOT NULL,
  -- The id of the last row of cold_erasures that was applied to this file.
  erased_through INTEGER NOT NULL,
  -- After a failure: when to try again.
  retry_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX cold_files_time ON cold_files (workspace, last_at);
CREATE INDEX cold_files_erased ON cold_files (workspace, erased_through);

-- The events in each file, so that an event that is sent again is not counted again.
CREATE TABLE cold_ids (
  -- The first 16 digits of delivery_events.id.
  id TEXT NOT NULL,
  -- cold_files.number
  file INTEGER NOT NULL,
  PRIMARY KEY (id, file)
) STRICT, WITHOUT ROWID;

-- Files that are not valid: those that are being written, and those that wait to be removed.
CREATE TABLE cold_drafts (
  name TEXT PRIMARY KEY,
  workspace TEXT NOT NULL DEFAULT 'default',
  state TEXT NOT NULL CHECK (state IN ('writing', 'removing')),
  -- Epoch milliseconds.
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Erasures that are not applied to all files yet.
CREATE TABLE cold_erasures (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace TEXT NOT NULL DEFAULT 'default',
  key_id TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  -- Epoch milliseconds.
  at INTEGER NOT NULL
) STRICT;

-- How far the events were moved. One process moves at a time.
CREATE TABLE cold_progress (
  workspace TEXT PRIMARY KEY,
  lease_until INTEGER NOT NULL DEFAULT 0,
  -- Events before this time are moved, or were looked at: up to the event with this time and id, or all of them.
  move_before INTEGER NOT NULL DEFAULT 0,
  at INTEGER NOT NULL DEFAULT 0,
  id TEXT NOT NULL DEFAULT '',
  finished INTEGER NOT NULL DEFAULT 1 CHECK (finished IN (0, 1))
) STRICT, WITHOUT ROWID;
