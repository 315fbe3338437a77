-- The webhook suppression.lifted carries the contact id of the entry. The entry is deleted after its removal is recorded, in the same
-- transaction. The id is not stored with the removal, which is never deleted.
DROP TRIGGER suppression_lifted;
CREATE TRIGGER suppression_lifted AFTER INSERT ON suppression_removals
WHEN EXISTS (SELECT 1 FROM suppression_webhook)
BEGIN
  INSERT INTO suppression_changes
    (workspace, kind, key_id, address_hash, scope, reason, status, source, at, contact)
  VALUES (
    NEW.workspace, 'lifted', NEW.key_id, NEW.address_hash, NEW.scope, NEW.reason, NEW.status, NEW.source, NEW.removed_at,
    (
      SELECT contact FROM suppressions
      WHERE workspace = NEW.workspace AND key_id = NEW.key_id AND address_hash = NEW.address_hash AND scope = NEW.scope
    )
  );
END;
