-- Whose mail host refused a message, such as google.com or outlook.com. Null if unknown, if the message did not bounce, or if the
-- domain of the recipient is its own mail host.
ALTER TABLE delivery_events ADD COLUMN mail_host TEXT;
