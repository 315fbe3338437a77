-- What came in through each webhook, by UTC day. Contains no address.
CREATE TABLE hook_counts (
  workspace TEXT NOT NULL DEFAULT 'default',
  -- The provider or CRM, such as sendgrid.
  hook TEXT NOT NULL,
  -- Days since 1970-01-01.
  day INTEGER NOT NULL,
  -- When counting began on this day. Times are in epoch milliseconds.
  since INTEGER NOT NULL,
  events INTEGER NOT NULL,
  naming_nobody INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  last_event_at INTEGER,
  refused_at INTEGER,
  refused_why TEXT,
  PRIMARY KEY (workspace, hook, day)
) STRICT, WITHOUT ROWID;
