-- What reports ask of delivery_events. How much was sent is counted out of the index alone; failures are few.
CREATE INDEX delivery_events_volume ON delivery_events (at, kind, mailbox_provider, source, campaign)
  WHERE kind IN ('sent', 'delivered');

CREATE INDEX delivery_events_failures ON delivery_events (at)
  WHERE echo = 0 AND kind <> 'deferred' AND (class IN ('hard', 'soft', 'policy', 'complaint') OR kind = 'unsubscribed');
