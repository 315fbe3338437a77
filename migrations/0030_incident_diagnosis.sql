-- What changed in the sender's DNS (kind sender_dns), with both states; and the cause that a diagnosis named. JSON, or null.
ALTER TABLE incidents ADD COLUMN change TEXT;
ALTER TABLE incidents ADD COLUMN diagnosis TEXT;
