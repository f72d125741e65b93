-- What retention retired and why, and what holds forbid it. Every column is explained in
-- src/main/docs/ledger-schema.md.

-- Versions that no target's retention wants: their copies need no others any more.
CREATE TABLE expired (
  version_id INTEGER NOT NULL PRIMARY KEY REFERENCES version,
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE retirement (
  target_id INTEGER NOT NULL REFERENCES target,
  version_id INTEGER NOT NULL REFERENCES version,
  cause TEXT NOT NULL CHECK (cause IN ('RETENTION', 'CARTRIDGE')),
  reason TEXT NOT NULL,
  retired_at INTEGER NOT NULL,
  remove_after INTEGER NOT NULL,
  removed_at INTEGER,
  proof TEXT,
  PRIMARY KEY (target_id, version_id),
  CHECK (remove_after >= retired_at),
  CHECK (removed_at IS NULL OR removed_at >= remove_after)
) STRICT, WITHOUT ROWID;

CREATE INDEX retirement_due ON retirement (target_id, remove_after)
  WHERE removed_at IS NULL AND cause = 'RETENTION';

CREATE TABLE hold (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  source TEXT,
  reason TEXT NOT NULL,
  set_at INTEGER NOT NULL,
  released_at INTEGER
) STRICT;

CREATE UNIQUE INDEX hold_in_force ON hold (name) WHERE released_at IS NULL;

CREATE TABLE hold_path (
  hold_id INTEGER NOT NULL REFERENCES hold,
  path BLOB NOT NULL,
  pattern INTEGER NOT NULL CHECK (pattern IN (0, 1)),
  PRIMARY KEY (hold_id, path, pattern)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER expired_is_no_current_version BEFORE INSERT ON expired
BEGIN
  SELECT raise(ABORT, 'the current version of an item that is there does not expire')
  FROM version v JOIN item i ON i.id = v.item_id
  WHERE v.id = NEW.version_id AND i.present = 1 AND i.version_id = v.id;
END;

-- The floor: whatever the program believes, retention leaves 2 other copies that count, unless the
-- version as a whole has expired; it never takes a copy of what is there, nor one on WORM.
CREATE TRIGGER copy_is_retired_above_the_floor BEFORE UPDATE OF state ON copy
WHEN NEW.state = 'RETIRED' AND OLD.state <> 'RETIRED'
BEGIN
  SELECT raise(ABORT, 'a copy is retired only together with its retirement')
  WHERE NOT EXISTS (SELECT 1 FROM retirement r
                    WHERE r.target_id = NEW.target_id AND r.version_id = NEW.version_id);
  SELECT raise(ABORT, 'retention retires no copy of the current version of an item that is there')
  FROM retirement r JOIN version v ON v.id = r.version_id JOIN item i ON i.id = v.item_id
  WHERE r.target_id = NEW.target_id AND r.version_id = NEW.version_id AND r.cause = 'RETENTION'
    AND i.present = 1 AND i.version_id = v.id;
  SELECT raise(ABORT, 'retention retires no copy on a WORM volume')
  FROM retirement r
  WHERE r.target_id = NEW.target_id AND r.version_id = NEW.version_id AND r.cause = 'RETENTION'
    AND (EXISTS (SELECT 1 FROM object o JOIN volume w ON w.id = o.volume_id
                 WHERE o.id = NEW.object_id AND w.immutable = 1)
         OR EXISTS (SELECT 1 FROM part p JOIN object o ON o.id = p.object_id
                    JOIN volume w ON w.id = o.volume_id
                    WHERE p.version_id = NEW.version_id AND p.target_id = NEW.target_id
                      AND p.void = 0 AND w.immutable = 1));
  SELECT raise(ABORT, 'retention leaves at least 2 other copies that count')
  FROM retirement r
  WHERE r.target_id = NEW.target_id AND r.version_id = NEW.version_id AND r.cause = 'RETENTION'
    AND NOT EXISTS (SELECT 1 FROM expired e WHERE e.version_id = NEW.version_id)
    AND (SELECT count(*) FROM target t CROSS JOIN copy c
         ON c.target_id = t.id AND c.version_id = NEW.version_id
         WHERE t.id <> NEW.target_id AND c.state IN ('DURABLE', 'VERIFIED', 'STALE')) < 2;
END;
CREATE TRIGGER copy_is_not_made_retired BEFORE INSERT ON copy WHEN NEW.state = 'RETIRED'
BEGIN SELECT raise(ABORT, 'a copy is retired only after it was made'); END;

-- What is wanted again is not to be removed any more; and parts of two times are never joined.
CREATE TRIGGER copy_is_back AFTER UPDATE OF state ON copy
WHEN OLD.state = 'RETIRED' AND NEW.state <> 'RETIRED'
BEGIN
  DELETE FROM retirement WHERE target_id = NEW.target_id AND version_id = NEW.version_id;
  DELETE FROM expired WHERE version_id = NEW.version_id;
  UPDATE part SET void = 1
    WHERE version_id = NEW.version_id AND target_id = NEW.target_id AND void = 0;
  UPDATE copy SET parts = 1
    WHERE version_id = NEW.version_id AND target_id = NEW.target_id AND parts > 1;
END;
CREATE TRIGGER copy_deleted_forgets_retirement AFTER DELETE ON copy WHEN OLD.state = 'RETIRED'
BEGIN DELETE FROM retirement WHERE target_id = OLD.target_id AND version_id = OLD.version_id; END;
CREATE TRIGGER version_deleted_forgets_expiry AFTER DELETE ON version
BEGIN DELETE FROM expired WHERE version_id = OLD.id; END;
CREATE TRIGGER item_is_back AFTER UPDATE OF present, version_id ON item
WHEN NEW.present = 1 AND NEW.version_id IS NOT NULL
BEGIN DELETE FROM expired WHERE version_id = NEW.version_id; END;
