-- Signed heads of the event log. Every column is explained in src/main/docs/ledger-schema.md.

CREATE TABLE head (
  seq INTEGER PRIMARY KEY,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  at INTEGER NOT NULL,
  public_key BLOB NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  snapshot INTEGER NOT NULL CHECK (snapshot IN (0, 1))
) STRICT;

CREATE INDEX head_by_key ON head (public_key, seq);
CREATE INDEX head_with_snapshot ON head (seq) WHERE snapshot = 1;

CREATE TRIGGER head_is_not_changed BEFORE UPDATE ON head
BEGIN SELECT raise(ABORT, 'signed heads are append-only'); END;
CREATE TRIGGER head_is_not_deleted BEFORE DELETE ON head
BEGIN SELECT raise(ABORT, 'signed heads are append-only'); END;

-- Proofs made before this are too old, whatever a policy allows: a person accepted a ledger that
-- does not know what happened since.
ALTER TABLE home ADD COLUMN doubted_at INTEGER;
