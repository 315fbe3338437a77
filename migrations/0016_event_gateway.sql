-- The mail gateway in front of the recipient's mailbox, such as mimecast; null if there is none or if it is unknown. Since this
-- version, the MX records also tell the mailbox_provider of custom domains.
ALTER TABLE delivery_events ADD COLUMN gateway TEXT;

DROP INDEX delivery_events_volume;
-- SQLite reads this index alone only if every column of the query is in it.
CREATE INDEX delivery_events_volume
  ON delivery_events (workspace, at, kind, mailbox_provider, source, campaign, proof, gateway)
  WHERE kind IN ('sent', 'delivered');
