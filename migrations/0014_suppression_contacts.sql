-- The id of the contact at the vendor whose event caused an entry, for the webhook suppression.added. Null if the event had none.
ALTER TABLE suppressions ADD COLUMN contact TEXT;
ALTER TABLE suppression_changes ADD COLUMN contact TEXT;

DROP TRIGGER suppression_added;
CREATE TRIGGER suppression_added AFTER INSERT ON suppressions
WHEN EXISTS (SELECT 1 FROM suppression_webhook)
BEGIN
  INSERT INTO suppression_changes
    (workspace, kind, key_id, address_hash, scope, reason, status, source, at, contact)
  VALUES (
    NEW.workspace, 'added', NEW.key_id, NEW.address_hash, NEW.scope, NEW.reason, NEW.status, NEW.source, NEW.since, NEW.contact
  );
END;
