-- What became of the verdicts: each waits for its outcome, and each outcome is added to its stratum and to its day.

-- The latest verdict given on an address, by its features and never by its name. HMAC-SHA-256 as everywhere.
CREATE TABLE predictions (
  key_id TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  -- Epoch milliseconds at which the verdict was given.
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  provider TEXT NOT NULL,
  segment TEXT NOT NULL,
  age TEXT NOT NULL,
  -- Where the address was acquired; empty where that was not told.
  source TEXT NOT NULL,
  -- The chance of a bounce that was told, and the one by the prior alone.
  probability REAL NOT NULL,
  prior REAL NOT NULL,
  -- The outcome, when it happened and how much it weighs; null until it is known.
  bounced INTEGER CHECK (bounced IN (0, 1)),
  resolved_at INTEGER,
  weight REAL,
  PRIMARY KEY (key_id, address_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX predictions_at ON predictions (at);

-- Outcomes of all addresses with the same features, weighted on a scale that grows with time.
CREATE TABLE strata (
  kind TEXT NOT NULL,
  provider TEXT NOT NULL,
  segment TEXT NOT NULL,
  age TEXT NOT NULL,
  source TEXT NOT NULL,
  outcomes REAL NOT NULL,
  bounces REAL NOT NULL,
  -- The sum of the priors.
  expected REAL NOT NULL,
  PRIMARY KEY (kind, provider, segment, age, source)
) STRICT, WITHOUT ROWID;

-- How good the predictions were: sums over the outcomes of one day. p is the chance that was told, q the one by
-- the prior alone.
CREATE TABLE calibration (
  -- Days since 1970 of the outcome.
  day INTEGER NOT NULL,
  provider TEXT NOT NULL,
  source TEXT NOT NULL,
  -- Which of 20 equal parts of 0 to 1 the chance lies in.
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
  PRIMARY KEY (day, provider, source, p_bin, q_bin)
) STRICT, WITHOUT ROWID;

-- Who tells deliveries, and when last: bounces alone would say that everything bounces.
CREATE TABLE delivery_tellers (
  teller TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The sums cannot disagree with the outcomes, since nothing else writes them. An outcome that is put right (delivered,
-- and sent back later) adds only what it changes.
CREATE TRIGGER predictions_resolved AFTER UPDATE OF bounced ON predictions
WHEN NEW.bounced IS NOT NULL AND NEW.bounced IS NOT OLD.bounced
BEGIN
  INSERT INTO strata (kind, provider, segment, age, source, outcomes, bounces, expected)
  VALUES (
    NEW.kind, NEW.provider, NEW.segment, NEW.age, NEW.source,
    NEW.weight * (OLD.bounced IS NULL), NEW.weight * NEW.bounced, NEW.weight * NEW.prior * (OLD.bounced IS NULL)
  )
  ON CONFLICT DO UPDATE SET
    outcomes = outcomes + excluded.outcomes,
    bounces = bounces + excluded.bounces,
    expected = expected + excluded.expected;

  INSERT INTO calibration (
    day, provider, source, p_bin, q_bin, outcomes, bounces, p, q, p_square, q_square, p_bounced, q_bounced,
    p_log_loss, q_log_loss
  )
  -- A correction belongs to the day of the outcome that it puts right.
  SELECT
    coalesce(OLD.resolved_at, NEW.resolved_at) / 86400000, NEW.provider, NEW.source,
    min(19, CAST(p * 20 AS INTEGER)), min(19, CAST(q * 20 AS INTEGER)),
    counts, NEW.bounced, p * counts, q * counts, p * p * counts, q * q * counts, p * NEW.bounced, q * NEW.bounced,
    -- New: minus the logarithm of what came true. Put right: the bounce's in the place of the delivery's.
    NEW.bounced * -ln(p) + (counts - NEW.bounced) * -ln(1 - p),
    NEW.bounced * -ln(q) + (counts - NEW.bounced) * -ln(1 - q)
  FROM (
    SELECT
      -- No chance is certain: a logarithm of nothing would spoil the whole sum.
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

-- Drifts that somebody was told of, so that each is told once.
CREATE TABLE drift_alarms (
  of TEXT NOT NULL,
  -- Empty: those of which the source or provider was not told.
  name TEXT NOT NULL,
  direction TEXT NOT NULL,
  told_at INTEGER NOT NULL,
  PRIMARY KEY (of, name, direction)
) STRICT, WITHOUT ROWID;
