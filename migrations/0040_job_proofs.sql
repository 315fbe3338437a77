-- Jobs that ask mail hosts about their addresses before the slices are verified.
-- 1 while hosts are to be asked. The lease of reading the file (lease, lease_until, tries) is then the lease of asking.
ALTER TABLE jobs ADD COLUMN proof_open INTEGER NOT NULL DEFAULT 0;
-- JSON: how many addresses there are and of how many the answer is known. Null before the asking, and if nobody is asked.
ALTER TABLE jobs ADD COLUMN proof TEXT;
CREATE INDEX jobs_proof_open ON jobs (created_at) WHERE proof_open = 1;

-- How many of the RCPT commands that were granted the session in progress has sent, as far as it has told.
ALTER TABLE probed_hosts ADD COLUMN sent INTEGER NOT NULL DEFAULT 0;
