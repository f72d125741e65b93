-- Until when nobody can change a stored object. Every column is explained in
-- src/main/docs/ledger-schema.md.

ALTER TABLE object ADD COLUMN locked_until INTEGER;

CREATE INDEX object_lock ON object (target_id, coalesce(locked_until, 0));
