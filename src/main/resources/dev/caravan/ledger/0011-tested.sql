-- When a target was tried out last ('caravan target test'), in nanoseconds since the epoch, and what it does not do, in
-- words; null if it never was, and if it does all. Nothing is taken for proven on an endpoint of a kind unknown to Caravan
-- before that.
ALTER TABLE target ADD COLUMN tested_at INTEGER;
ALTER TABLE target ADD COLUMN test_failure TEXT CHECK (test_failure IS NULL OR tested_at IS NOT NULL);
