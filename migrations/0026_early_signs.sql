-- An open or a click may be reported before the delivery of its message. When the delivery comes, it may prove that a security
-- scanner opened or clicked. Then the time before takes its place. All columns are null for most people.
ALTER TABLE engagement ADD COLUMN open_before INTEGER;
ALTER TABLE engagement ADD COLUMN click_before INTEGER;
-- The message that was opened or clicked last, while its delivery is not recorded; empty if the message is unknown.
ALTER TABLE engagement ADD COLUMN open_message TEXT;
ALTER TABLE engagement ADD COLUMN click_message TEXT;
