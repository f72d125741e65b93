-- What verifying showed, and how it is found what to verify next. Every column is explained in
-- src/main/docs/ledger-schema.md.

ALTER TABLE evidence ADD COLUMN bytes_read INTEGER;
ALTER TABLE evidence ADD COLUMN place TEXT;
ALTER TABLE object ADD COLUMN sha256 BLOB CHECK (sha256 IS NULL OR length(sha256) = 32);

-- Written, and not counted: what a verify may raise.
CREATE INDEX copy_unproven ON copy (target_id, version_id)
  WHERE state IN ('ACKED', 'SUSPECT', 'LOST');
