-- The messages of the current mailing of a campaign or list, by which the gate tests whether its addresses are bad
-- (src/reports/gate/mailing.ts).
ALTER TABLE gate_scores ADD COLUMN messages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE gate_scores ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
-- When the first of them was reported, in epoch milliseconds. Null: not since this column was added.
ALTER TABLE gate_scores ADD COLUMN since INTEGER;
