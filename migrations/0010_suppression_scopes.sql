-- An entry has a scope: all mail, marketing, or one list. An address has one row for each scope.

CREATE TABLE suppressions_rebuilt (
  workspace TEXT NOT NULL DEFAULT 'default',
  key_id TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('all', 'marketing') OR substr(scope, 1, 5) = 'list:'),
  -- Shared by all spellings that the provider delivers to one mailbox; null if there is only one, and in entries of
  -- earlier versions.
  person_hash TEXT,
  reason TEXT NOT NULL CHECK (reason IN ('bounce', 'complaint', 'unsubscribe', 'manual')),
  -- Enhanced status code (RFC 3463) of the latest reported bounce.
  status TEXT,
  -- Where the entry came from: a provider, an import, a person. Never an address.
  source TEXT,
  -- Epoch milliseconds. An entry without `expires_at` is permanent.
  since INTEGER NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (workspace, key_id, address_hash, scope)
) STRICT, WITHOUT ROWID;

INSERT INTO suppressions_rebuilt
  (workspace, key_id, address_hash, scope, reason, status, source, since, expires_at)
  SELECT workspace, key_id, address_hash, iif(reason = 'unsubscribe', 'marketing', 'all'), reason, status, source, since,
    expires_at
  FROM suppressions;

-- An unsubscribe hid a hard bounce of the same address, which still stops all mail: its status is in the entry, or the
-- bounce is among the events, later than the last time that consent lifted an entry.
INSERT INTO suppressions_rebuilt (workspace, key_id, address_hash, scope, reason, status, source, since)
  SELECT entry.workspace, entry.key_id, entry.address_hash, 'all', 'bounce',
    coalesce(iif(entry.status LIKE '5.%', entry.status, NULL), bounce.status),
    coalesce(bounce.teller, entry.source), coalesce(bounce.at, entry.since)
  FROM suppressions AS entry
  LEFT JOIN (
    SELECT event.workspace, event.key_id, event.address_hash, event.status, event.teller, min(event.at) AS at
    FROM delivery_events AS event
    WHERE event.class = 'hard' AND event.echo = 0 AND event.kind <> 'deferred' AND event.at > coalesce((
        SELECT max(removed_at) FROM suppression_removals AS removal
        WHERE removal.workspace = event.workspace AND removal.key_id = event.key_id
          AND removal.address_hash = event.address_hash
      ), 0)
    GROUP BY event.workspace, event.key_id, event.address_hash
  ) AS bounce
    ON bounce.workspace = entry.workspace AND bounce.key_id = entry.key_id AND bounce.address_hash = entry.address_hash
  WHERE entry.reason = 'unsubscribe' AND (entry.status LIKE '5.%' OR bounce.at IS NOT NULL);

DROP TABLE suppressions;
ALTER TABLE suppressions_rebuilt RENAME TO suppressions;
CREATE INDEX suppressions_expiring ON suppressions (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX suppressions_person ON suppressions (workspace, key_id, person_hash) WHERE person_hash IS NOT NULL;

-- What was lifted before covered all mail.
ALTER TABLE suppression_removals ADD COLUMN scope TEXT NOT NULL DEFAULT 'all';
