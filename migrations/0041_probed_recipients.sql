-- Of how many recipients a mail host said something on the day. Control questions are not counted, nor are they in `day_unknown`.
ALTER TABLE probed_hosts ADD COLUMN day_answered INTEGER NOT NULL DEFAULT 0;
