-- The DKIM selectors with which the operator's own messages were signed, as returned messages show them. Contains no address.
CREATE TABLE seen_selectors (
  workspace TEXT NOT NULL,
  -- The domain in From.
  domain TEXT NOT NULL,
  -- The name of the key, such as s1._domainkey.example.net.
  name TEXT NOT NULL,
  -- When it was last seen, in epoch milliseconds.
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, domain, name)
) STRICT, WITHOUT ROWID;
