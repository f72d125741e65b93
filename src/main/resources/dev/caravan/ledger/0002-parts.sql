-- Schema 2: copies of large files that lie on tape in parts. Every column is explained in
-- src/main/docs/ledger-schema.md.

-- The number of parts of a counted copy; 1 for what lies in one piece, which has no rows in part.
ALTER TABLE copy ADD COLUMN parts INTEGER NOT NULL DEFAULT 1 CHECK (parts >= 1);

-- The version of a void part may be forgotten; what lies on tape is not.
CREATE TABLE part (
  id INTEGER PRIMARY KEY,
  target_id INTEGER NOT NULL REFERENCES target,
  version_id INTEGER NOT NULL,
  part_set TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number BETWEEN 1 AND parts),
  parts INTEGER NOT NULL,
  content_offset INTEGER NOT NULL CHECK (content_offset >= 0),
  size INTEGER NOT NULL CHECK (size > 0),
  most_stored INTEGER NOT NULL,
  hidden INTEGER NOT NULL CHECK (hidden IN (0, 1)),
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  object_id INTEGER NOT NULL REFERENCES object,
  offset INTEGER NOT NULL,
  evidence_id INTEGER REFERENCES evidence,
  recorded_at INTEGER NOT NULL,
  verified_at INTEGER,
  suspect INTEGER NOT NULL DEFAULT 0 CHECK (suspect IN (0, 1)),
  void INTEGER NOT NULL DEFAULT 0 CHECK (void IN (0, 1))
) STRICT;

CREATE UNIQUE INDEX part_of_version ON part (version_id, target_id, number) WHERE void = 0;
CREATE INDEX part_in_object ON part (object_id) WHERE void = 0;

-- What a rebuild found of copies in parts, until all parts of a set are found: then they become
-- rows of part. Versions are made of whole sets only.
CREATE TABLE found_part (
  id INTEGER PRIMARY KEY,
  target_id INTEGER NOT NULL REFERENCES target,
  part_set TEXT NOT NULL,
  number INTEGER NOT NULL,
  parts INTEGER NOT NULL,
  content_offset INTEGER NOT NULL,
  size INTEGER NOT NULL,
  stored INTEGER NOT NULL,
  hidden INTEGER NOT NULL CHECK (hidden IN (0, 1)),
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  whole BLOB CHECK (whole IS NULL OR length(whole) = 32),
  object_id INTEGER NOT NULL UNIQUE REFERENCES object,
  offset INTEGER NOT NULL,
  written_at INTEGER NOT NULL,
  source TEXT NOT NULL,
  path BLOB NOT NULL,
  version_size INTEGER NOT NULL,
  modified_s INTEGER NOT NULL,
  modified_ns INTEGER NOT NULL
) STRICT;

CREATE INDEX found_part_of_set ON found_part (target_id, part_set);

-- I2: a copy in parts counts only when every byte of its version is in one of them. What is in one
-- piece never sets parts, and pays nothing.
CREATE TRIGGER copy_counts_with_all_its_parts BEFORE UPDATE OF parts ON copy
WHEN NEW.parts > 1 AND NEW.state IN ('DURABLE', 'VERIFIED', 'STALE')
BEGIN
  SELECT raise(ABORT, 'a copy in parts counts only with all of them')
  WHERE NOT (SELECT count(*) = NEW.parts
                AND min(parts) = NEW.parts
                AND max(parts) = NEW.parts
                AND count(DISTINCT part_set) = 1
                AND count(evidence_id) = NEW.parts
                AND sum(suspect) = 0
                AND sum(content_offset <> before) = 0
                AND sum(size) = (SELECT size FROM version WHERE id = NEW.version_id)
             FROM (SELECT parts, part_set, content_offset, size, evidence_id, suspect,
                          coalesce(sum(size) OVER (ORDER BY number ROWS BETWEEN UNBOUNDED
                                                   PRECEDING AND 1 PRECEDING), 0) AS before
                   FROM part
                   WHERE version_id = NEW.version_id AND target_id = NEW.target_id AND void = 0));
END;

CREATE TRIGGER part_of_a_counted_copy_is_not_void BEFORE UPDATE OF void ON part
WHEN NEW.void = 1 AND OLD.void = 0
BEGIN
  SELECT raise(ABORT, 'a part of a counted copy is not void: first the copy must not count')
  FROM copy
  WHERE target_id = NEW.target_id AND version_id = NEW.version_id AND parts > 1
    AND state IN ('DURABLE', 'VERIFIED', 'STALE');
END;
