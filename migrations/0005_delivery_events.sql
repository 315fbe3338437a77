-- What came back from mailings: one row for each event, told once however often it is sent.
CREATE TABLE delivery_events (
  -- A keyed hash of what tells the event from all others; names nobody.
  id TEXT PRIMARY KEY,
  -- Epoch milliseconds: when it happened, and when it was told.
  at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  -- Who told: the slug of a provider, or `report` for POST /v1/bounces.
  teller TEXT NOT NULL,
  kind TEXT NOT NULL,
  class TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- Enhanced status code (RFC 3463).
  status TEXT,
  -- The provider's own list stopped the message: not a new bounce.
  echo INTEGER NOT NULL CHECK (echo IN (0, 1)),
  -- The recipient as HMAC-SHA-256 under the key named by key_id; null where nobody says who it is.
  key_id TEXT NOT NULL,
  address_hash TEXT,
  -- The recipient's mailbox provider as its domain's name tells it, such as gmail.
  mailbox_provider TEXT,
  -- A digest of the message's id, so that one message that is tried for days counts once.
  message TEXT,
  campaign TEXT,
  -- Where the address was acquired.
  source TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_events_at ON delivery_events (at);

-- What the soft-bounce rule asks: the events of one address that lengthen or end a run.
CREATE INDEX delivery_events_run ON delivery_events (key_id, address_hash, at)
  WHERE class = 'soft' OR kind = 'delivered';
