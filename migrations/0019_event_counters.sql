-- Reports read counters. They are updated in the transaction that stores the events, so they can neither lose nor
-- double an event.

-- 1 if the counters include the event, or if another event of the same message stands for it. Events that were stored
-- by earlier versions are counted later, in small steps.
ALTER TABLE delivery_events ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
CREATE INDEX delivery_events_uncounted ON delivery_events (workspace, at) WHERE counted = 0;

-- The failures of one message to one recipient. Of several bounces only the latest counts.
CREATE INDEX delivery_events_message ON delivery_events (workspace, message, address_hash)
  WHERE message IS NOT NULL AND echo = 0 AND kind <> 'deferred'
    AND (class IN ('hard', 'soft', 'policy', 'complaint') OR kind = 'unsubscribed');

-- Messages by hour and by UTC day, and by one property. Contains no address. The rows stay when events are deleted
-- because of an erasure.
CREATE TABLE event_tallies (
  workspace TEXT NOT NULL,
  every TEXT NOT NULL CHECK (every IN ('hour', 'day')),
  -- The property, such as provider or campaign.
  dimension TEXT NOT NULL,
  -- Start of the hour or day, in epoch milliseconds.
  start INTEGER NOT NULL,
  -- The value of the property. Empty if unknown; `other` if the hour or day has too many values.
  name TEXT NOT NULL,
  sent INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  hard INTEGER NOT NULL,
  soft INTEGER NOT NULL,
  policy INTEGER NOT NULL,
  complaint INTEGER NOT NULL,
  unsubscribed INTEGER NOT NULL,
  deferred INTEGER NOT NULL,
  PRIMARY KEY (workspace, every, dimension, start, name)
) STRICT, WITHOUT ROWID;

-- Why the failures in `event_tallies` happened.
CREATE TABLE event_causes (
  workspace TEXT NOT NULL,
  every TEXT NOT NULL CHECK (every IN ('hour', 'day')),
  dimension TEXT NOT NULL,
  start INTEGER NOT NULL,
  name TEXT NOT NULL,
  -- A column of `event_tallies`, such as hard.
  failure TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- Enhanced status code (RFC 3463). Empty if unknown; `other` as in `name`.
  status TEXT NOT NULL,
  messages INTEGER NOT NULL,
  PRIMARY KEY (workspace, every, dimension, start, name, failure, reason, status)
) STRICT, WITHOUT ROWID;

-- Events that nothing proves to be genuine, by hour.
DROP INDEX delivery_events_unproven;
CREATE TABLE unproven_tallies (
  workspace TEXT NOT NULL,
  start INTEGER NOT NULL,
  events INTEGER NOT NULL,
  PRIMARY KEY (workspace, start)
) STRICT, WITHOUT ROWID;

-- Always empty. A transaction inserts 1 to fail if another one has changed the events on which its counts depend.
CREATE TABLE event_conflicts (
  conflict INTEGER NOT NULL CHECK (conflict = 0)
) STRICT;
