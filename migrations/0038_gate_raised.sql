-- Finds the scores that reached their limit in one transaction (src/storage/sqlite/gate-repository.ts).
CREATE INDEX gate_scores_raised ON gate_scores (workspace, raised_at) WHERE raised_at IS NOT NULL;
