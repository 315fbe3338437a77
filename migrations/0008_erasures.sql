-- What an erasure asks: the events of one address that delivery_events_run leaves out. Each event is in one of the two.
CREATE INDEX delivery_events_other ON delivery_events (key_id, address_hash)
  WHERE NOT (class = 'soft' OR kind = 'delivered');
