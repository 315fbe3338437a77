-- What the event log reads, the latest first. An event that is not one of the five kinds below came back: a bounce, a deferral, a
-- complaint and so on. These events are few, so a filter by class, reason or status reads only them.
CREATE INDEX delivery_events_returned ON delivery_events (workspace, at)
  WHERE class <> 'none' OR kind NOT IN ('queued', 'sent', 'delivered', 'opened', 'clicked');

CREATE INDEX delivery_events_campaign ON delivery_events (workspace, campaign, at) WHERE campaign IS NOT NULL;

CREATE INDEX delivery_events_campaign_returned ON delivery_events (workspace, campaign, at)
  WHERE campaign IS NOT NULL
    AND (class <> 'none' OR kind NOT IN ('queued', 'sent', 'delivered', 'opened', 'clicked'));

-- What came in through each webhook, by hour, for some days. The table hook_counts keeps the days.
CREATE TABLE hook_hours (
  workspace TEXT NOT NULL DEFAULT 'default',
  -- The provider or CRM, such as sendgrid.
  hook TEXT NOT NULL,
  -- The start of the hour, in epoch milliseconds.
  hour INTEGER NOT NULL,
  events INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  PRIMARY KEY (workspace, hook, hour)
) STRICT, WITHOUT ROWID;
