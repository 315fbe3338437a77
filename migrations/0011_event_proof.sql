-- How it is known that an event is genuine. Anyone can send a message that looks like a bounce, so a returned message
-- needs evidence: see BOUNCE_TRUST. An unproven event changes nothing, and the reports count it apart.

-- proven: a signed webhook, an authenticated request, or a message with proof. assumed: a message that was trusted on
-- less.
ALTER TABLE delivery_events ADD COLUMN proof TEXT NOT NULL DEFAULT 'proven'
  CHECK (proof IN ('proven', 'assumed', 'unproven'));

-- Returned messages of earlier versions needed no proof, so they prove nothing either.
UPDATE delivery_events SET proof = 'assumed' WHERE teller = 'report';

DROP INDEX delivery_events_volume;
-- SQLite reads this index alone only if every column of the query is in it.
CREATE INDEX delivery_events_volume ON delivery_events (workspace, at, kind, mailbox_provider, source, campaign, proof)
  WHERE kind IN ('sent', 'delivered');

DROP INDEX delivery_events_failures;
CREATE INDEX delivery_events_failures ON delivery_events (workspace, at)
  WHERE echo = 0 AND kind <> 'deferred' AND (class IN ('hard', 'soft', 'policy', 'complaint') OR kind = 'unsubscribed')
    AND proof <> 'unproven';

CREATE INDEX delivery_events_unproven ON delivery_events (workspace, at) WHERE proof = 'unproven';
