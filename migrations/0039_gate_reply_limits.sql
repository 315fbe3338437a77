-- What single replies of providers ask of the sender: suspend or slow the mail to a provider until a time
-- (src/reports/gate/reply-limits.ts). Contains no address.
CREATE TABLE gate_reply_limits (
  workspace TEXT NOT NULL,
  provider TEXT NOT NULL,
  -- suspend or slow.
  kind TEXT NOT NULL,
  -- Epoch milliseconds.
  until INTEGER NOT NULL,
  -- The messages in an hour that the reply allows; null if it names no rate.
  per_hour INTEGER,
  said_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, provider, kind)
) STRICT, WITHOUT ROWID;
