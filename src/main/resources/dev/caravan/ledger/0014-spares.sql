-- Further copies that a rebuild met of a version which has one on the same target already: kept until the one it took was read back.
CREATE TABLE spare (
  target_id INTEGER NOT NULL REFERENCES target,
  version_id INTEGER NOT NULL REFERENCES version,
  object_id INTEGER NOT NULL REFERENCES object,
  offset INTEGER NOT NULL,
  written_at INTEGER NOT NULL,
  bad INTEGER NOT NULL DEFAULT 0 CHECK (bad IN (0, 1)),
  PRIMARY KEY (version_id, target_id, object_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX spare_in_object ON spare (object_id);

CREATE TRIGGER spare_goes_with_its_version AFTER DELETE ON version
BEGIN
  DELETE FROM spare WHERE version_id = OLD.id;
END;

-- Sets of parts are kept in the same way, where they are collected.
ALTER TABLE found_part ADD COLUMN bad INTEGER NOT NULL DEFAULT 0 CHECK (bad IN (0, 1));
