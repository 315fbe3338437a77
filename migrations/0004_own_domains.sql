-- The operator's own lists of domains. `beneath` is 1 where the entry covers the subdomains too.
CREATE TABLE own_domains (
  domain TEXT NOT NULL,
  beneath INTEGER NOT NULL CHECK (beneath IN (0, 1)),
  word TEXT NOT NULL CHECK (word IN ('allow', 'deny')),
  note TEXT,
  since INTEGER NOT NULL,
  PRIMARY KEY (domain, beneath)
) STRICT, WITHOUT ROWID;
