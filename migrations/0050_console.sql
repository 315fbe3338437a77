-- Calls with a key that were refused, because of its state, its scopes, its origins or its rate limits. They are not in `calls`.
ALTER TABLE key_uses ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
-- The page of a list links to the job that checked the list again.
CREATE INDEX jobs_follows ON jobs (follows) WHERE follows IS NOT NULL;
