-- The mailing list, group or message stream that the event names. Null if it names none, and for events that were stored before.
ALTER TABLE delivery_events ADD COLUMN list TEXT;
