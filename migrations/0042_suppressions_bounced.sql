-- Counts the bounces of an incident by their dates without reading the whole list. It covers the count: all columns that the count
-- reads are in it (src/storage/sqlite/suppression-repository.ts).
CREATE INDEX suppressions_bounced ON suppressions (workspace, key_id, since, status, expires_at) WHERE reason = 'bounce';
