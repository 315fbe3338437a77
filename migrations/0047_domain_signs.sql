-- What mail shows about domains: which of their mailboxes suggest that the domain accepts mail to any name, and which it refused.
-- One row for each such mailbox, at most 20 of each kind for a domain (src/storage/sqlite/domain-signs.ts). No row is about a
-- domain of a well-known provider or of a privacy relay.
CREATE TABLE domain_signs (
  workspace TEXT NOT NULL,
  -- The domain and the address as HMAC-SHA-256 under the key named by key_id, since a domain can be one person's.
  key_id TEXT NOT NULL,
  domain_hash TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  -- Epoch milliseconds, like all times: the last delivery to a name that looks random. Null if there is none, or if a person reads
  -- its mail.
  taken_at INTEGER,
  -- The last bounce that says that the mailbox does not exist, the digest of its message, and whether the message had been delivered.
  bounced_at INTEGER,
  message TEXT,
  returned INTEGER NOT NULL DEFAULT 0 CHECK (returned IN (0, 1)),
  -- The later of the two times, for retention.
  latest INTEGER NOT NULL,
  PRIMARY KEY (workspace, key_id, domain_hash, address_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX domain_signs_address ON domain_signs (workspace, key_id, address_hash);
CREATE INDEX domain_signs_latest ON domain_signs (workspace, latest);

-- What was known about the mailbox when the prediction was made (`provenAs` in src/verdict/features.ts), and of a catch-all the
-- domain as an HMAC; empty for others.
DROP TRIGGER predictions_resolved;
ALTER TABLE predictions ADD COLUMN proof TEXT NOT NULL DEFAULT 'none';
ALTER TABLE predictions ADD COLUMN domain TEXT NOT NULL DEFAULT '';

CREATE TABLE strata_rebuilt (
  workspace TEXT NOT NULL DEFAULT 'default',
  kind TEXT NOT NULL,
  provider TEXT NOT NULL,
  segment TEXT NOT NULL,
  age TEXT NOT NULL,
  source TEXT NOT NULL,
  proof TEXT NOT NULL DEFAULT 'none',
  domain TEXT NOT NULL DEFAULT '',
  outcomes REAL NOT NULL,
  bounces REAL NOT NULL,
  -- The sum of the priors.
  expected REAL NOT NULL,
  PRIMARY KEY (workspace, kind, provider, segment, age, source, proof, domain)
) STRICT, WITHOUT ROWID;
INSERT INTO strata_rebuilt (workspace, kind, provider, segment, age, source, outcomes, bounces, expected)
  SELECT workspace, kind, provider, segment, age, source, outcomes, bounces, expected FROM strata;
DROP TABLE strata;
ALTER TABLE strata_rebuilt RENAME TO strata;
CREATE INDEX strata_domain ON strata (workspace, domain) WHERE domain <> '';

CREATE TABLE calibration_rebuilt (
  workspace TEXT NOT NULL DEFAULT 'default',
  -- Days since 1970 of the outcome.
  day INTEGER NOT NULL,
  provider TEXT NOT NULL,
  source TEXT NOT NULL,
  proof TEXT NOT NULL DEFAULT 'none',
  -- Index of the probability's bin among 20 equal bins.
  p_bin INTEGER NOT NULL,
  q_bin INTEGER NOT NULL,
  outcomes INTEGER NOT NULL,
  bounces INTEGER NOT NULL,
  p REAL NOT NULL,
  q REAL NOT NULL,
  -- Sums of p squared, and of p over the bounces: the Brier score is (p_square - 2 p_bounced + bounces) / outcomes.
  p_square REAL NOT NULL,
  q_square REAL NOT NULL,
  p_bounced REAL NOT NULL,
  q_bounced REAL NOT NULL,
  p_log_loss REAL NOT NULL,
  q_log_loss REAL NOT NULL,
  PRIMARY KEY (workspace, day, provider, source, proof, p_bin, q_bin)
) STRICT, WITHOUT ROWID;
INSERT INTO calibration_rebuilt (
    workspace, day, provider, source, p_bin, q_bin, outcomes, bounces, p, q, p_square, q_square, p_bounced, q_bounced,
    p_log_loss, q_log_loss
  )
  SELECT
    workspace, day, provider, source, p_bin, q_bin, outcomes, bounces, p, q, p_square, q_square, p_bounced, q_bounced,
    p_log_loss, q_log_loss
  FROM calibration;
DROP TABLE calibration;
ALTER TABLE calibration_rebuilt RENAME TO calibration;

-- As before, with the columns `proof` and `domain`. Nothing else writes the sums, so they always agree with the outcomes. A
-- corrected outcome (delivered first, bounced later) adds only the difference.
CREATE TRIGGER predictions_resolved AFTER UPDATE OF bounced ON predictions
WHEN NEW.bounced IS NOT NULL AND NEW.bounced IS NOT OLD.bounced
BEGIN
  INSERT INTO strata (workspace, kind, provider, segment, age, source, proof, domain, outcomes, bounces, expected)
  VALUES (
    NEW.workspace, NEW.kind, NEW.provider, NEW.segment, NEW.age, NEW.source, NEW.proof, NEW.domain,
    NEW.weight * (OLD.bounced IS NULL), NEW.weight * NEW.bounced, NEW.weight * NEW.prior * (OLD.bounced IS NULL)
  )
  ON CONFLICT DO UPDATE SET
    outcomes = outcomes + excluded.outcomes,
    bounces = bounces + excluded.bounces,
    expected = expected + excluded.expected;

  INSERT INTO calibration (
    workspace, day, provider, source, proof, p_bin, q_bin, outcomes, bounces, p, q, p_square, q_square, p_bounced,
    q_bounced, p_log_loss, q_log_loss
  )
  -- A correction belongs to the day of the outcome that it corrects.
  SELECT
    NEW.workspace,
    coalesce(OLD.resolved_at, NEW.resolved_at) / 86400000, NEW.provider, NEW.source, NEW.proof,
    min(19, CAST(p * 20 AS INTEGER)), min(19, CAST(q * 20 AS INTEGER)),
    counts, NEW.bounced, p * counts, q * counts, p * p * counts, q * q * counts, p * NEW.bounced, q * NEW.bounced,
    -- A first outcome adds the negative log-likelihood. A correction replaces the delivery's with the bounce's.
    NEW.bounced * -ln(p) + (counts - NEW.bounced) * -ln(1 - p),
    NEW.bounced * -ln(q) + (counts - NEW.bounced) * -ln(1 - q)
  FROM (
    SELECT
      -- Clamped, because the logarithm of 0 would make the sum infinite.
      min(max(NEW.probability, 0.0001), 0.9999) AS p,
      min(max(NEW.prior, 0.0001), 0.9999) AS q,
      OLD.bounced IS NULL AS counts
  )
  WHERE true
  ON CONFLICT DO UPDATE SET
    outcomes = outcomes + excluded.outcomes,
    bounces = bounces + excluded.bounces,
    p = p + excluded.p,
    q = q + excluded.q,
    p_square = p_square + excluded.p_square,
    q_square = q_square + excluded.q_square,
    p_bounced = p_bounced + excluded.p_bounced,
    q_bounced = q_bounced + excluded.q_bounced,
    p_log_loss = p_log_loss + excluded.p_log_loss,
    q_log_loss = q_log_loss + excluded.q_log_loss;
END;

-- What became of the first mail after a mail host was asked about a mailbox: whether it bounced, and when that was reported to have
-- happened. `told` is what the host's answers proved by then: exists, catch_all, unknown_user and so on.
ALTER TABLE mailbox_proofs ADD COLUMN domain_hash TEXT;
ALTER TABLE mailbox_proofs ADD COLUMN bounced INTEGER CHECK (bounced IN (0, 1));
ALTER TABLE mailbox_proofs ADD COLUMN mailed_at INTEGER;
ALTER TABLE mailbox_proofs ADD COLUMN told TEXT;

CREATE TABLE proof_outcomes (
  workspace TEXT NOT NULL,
  -- Days since 1970 of the outcome.
  day INTEGER NOT NULL,
  told TEXT NOT NULL,
  -- Mailboxes that were mailed, and those of them to which the mail hard-bounced.
  mailed INTEGER NOT NULL,
  bounced INTEGER NOT NULL,
  PRIMARY KEY (workspace, day, told)
) STRICT, WITHOUT ROWID;

-- A corrected outcome (delivered first, bounced later) belongs to the day of the delivery.
CREATE TRIGGER mailbox_proofs_mailed AFTER UPDATE OF bounced ON mailbox_proofs
WHEN NEW.bounced IS NOT NULL AND NEW.bounced IS NOT OLD.bounced
BEGIN
  INSERT INTO proof_outcomes (workspace, day, told, mailed, bounced)
  VALUES (
    NEW.workspace, coalesce(OLD.mailed_at, NEW.mailed_at) / 86400000, NEW.told, OLD.bounced IS NULL, NEW.bounced
  )
  ON CONFLICT DO UPDATE SET mailed = mailed + excluded.mailed, bounced = bounced + excluded.bounced;
END;
