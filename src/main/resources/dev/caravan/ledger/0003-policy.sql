-- What policy is judged by: failure domains, where cartridges are, and how all items stand, kept
-- beside the copies by triggers. Every column is explained in src/main/docs/ledger-schema.md.

ALTER TABLE source ADD COLUMN domain TEXT;
ALTER TABLE target ADD COLUMN domain TEXT;
ALTER TABLE volume ADD COLUMN offline_since INTEGER;
ALTER TABLE volume ADD COLUMN immutable INTEGER NOT NULL DEFAULT 0 CHECK (immutable IN (0, 1));

-- A copy that was found bad and is made anew does not count before it is proven; until then this
-- says what it was.
ALTER TABLE copy ADD COLUMN replaces TEXT CHECK (replaces IN ('SUSPECT', 'LOST'));

ALTER TABLE home ADD COLUMN versions INTEGER NOT NULL DEFAULT 0;
ALTER TABLE home ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;

-- The different ways in which items stand: there are few, and only they are judged by the policy.
CREATE TABLE standing (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES source,
  original INTEGER NOT NULL CHECK (original IN (0, 1)),
  copies TEXT NOT NULL,
  items INTEGER NOT NULL,
  UNIQUE (source_id, original, copies)
) STRICT;

ALTER TABLE item ADD COLUMN standing_id INTEGER REFERENCES standing;

-- Items whose standing may be another one than the row says. Filled by triggers only, so nothing
-- that changes a copy can forget it.
CREATE TABLE unsettled (
  item_id INTEGER PRIMARY KEY
) STRICT;

-- Copies of each target by class of state: WANTED (with WRITING), COUNTED, or the state itself.
CREATE TABLE tally (
  target_id INTEGER NOT NULL REFERENCES target,
  class TEXT NOT NULL,
  copies INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (target_id, class)
) STRICT, WITHOUT ROWID;

UPDATE home SET versions = (SELECT count(*) FROM version),
                bytes = (SELECT coalesce(sum(size), 0) FROM version);
INSERT INTO unsettled SELECT id FROM item WHERE present = 1;
INSERT INTO tally
  SELECT target_id,
         CASE WHEN state IN ('WANTED', 'WRITING') THEN 'WANTED'
              WHEN state IN ('DURABLE', 'VERIFIED', 'STALE') THEN 'COUNTED' ELSE state END AS class,
         count(*), coalesce(sum(bytes_read), 0)
  FROM copy GROUP BY target_id, class;

CREATE INDEX item_standing ON item (standing_id) WHERE standing_id IS NOT NULL;
-- By the age of the last proof: what is too old is found without looking at the rest.
CREATE INDEX copy_proof ON copy (target_id, state, coalesce(verified_at, recorded_at))
  WHERE state = 'DURABLE' OR state = 'VERIFIED' OR state = 'STALE';
CREATE INDEX copy_bad ON copy (target_id, version_id) WHERE state IN ('SUSPECT', 'LOST');
CREATE INDEX copy_waiting ON copy (target_id, wanted_at) WHERE state IN ('WANTED', 'WRITING');
CREATE INDEX copy_erring ON copy (target_id, version_id)
  WHERE last_error IS NOT NULL AND state IN ('WANTED', 'FAILED');

CREATE TRIGGER copy_unsettles AFTER UPDATE OF state, object_id, parts ON copy
WHEN (OLD.state IN ('DURABLE', 'VERIFIED', 'STALE', 'SUSPECT')
      OR NEW.state IN ('DURABLE', 'VERIFIED', 'STALE', 'SUSPECT'))
  AND (OLD.state <> NEW.state OR OLD.object_id IS NOT NEW.object_id OR OLD.parts <> NEW.parts)
BEGIN
  INSERT OR IGNORE INTO unsettled SELECT item_id FROM version WHERE id = NEW.version_id;
END;
CREATE TRIGGER copy_inserted_unsettles AFTER INSERT ON copy
WHEN NEW.state IN ('DURABLE', 'VERIFIED', 'STALE', 'SUSPECT')
BEGIN
  INSERT OR IGNORE INTO unsettled SELECT item_id FROM version WHERE id = NEW.version_id;
END;
CREATE TRIGGER copy_deleted_unsettles AFTER DELETE ON copy
WHEN OLD.state IN ('DURABLE', 'VERIFIED', 'STALE', 'SUSPECT')
BEGIN
  INSERT OR IGNORE INTO unsettled SELECT item_id FROM version WHERE id = OLD.version_id;
END;
CREATE TRIGGER item_inserted_unsettles AFTER INSERT ON item
BEGIN
  INSERT OR IGNORE INTO unsettled VALUES (NEW.id);
END;
CREATE TRIGGER item_unsettles AFTER UPDATE OF present, seen, version_id, source_id, path ON item
WHEN OLD.present <> NEW.present OR OLD.seen <> NEW.seen OR OLD.version_id IS NOT NEW.version_id
  OR OLD.source_id <> NEW.source_id OR OLD.path <> NEW.path
BEGIN
  INSERT OR IGNORE INTO unsettled VALUES (NEW.id);
END;
CREATE TRIGGER item_deleted_settles AFTER DELETE ON item
BEGIN
  UPDATE standing SET items = items - 1 WHERE id = OLD.standing_id;
  DELETE FROM unsettled WHERE item_id = OLD.id;
END;
CREATE TRIGGER problem_unsettles AFTER INSERT ON problem WHEN NEW.kind = 'UNSTABLE'
BEGIN
  INSERT OR IGNORE INTO unsettled
    SELECT id FROM item WHERE source_id = NEW.source_id AND path = NEW.path;
END;
CREATE TRIGGER problem_deleted_unsettles AFTER DELETE ON problem WHEN OLD.kind = 'UNSTABLE'
BEGIN
  INSERT OR IGNORE INTO unsettled
    SELECT id FROM item WHERE source_id = OLD.source_id AND path = OLD.path;
END;
CREATE TRIGGER problem_changed_unsettles AFTER UPDATE ON problem
WHEN OLD.kind = 'UNSTABLE' OR NEW.kind = 'UNSTABLE'
BEGIN
  INSERT OR IGNORE INTO unsettled
    SELECT id FROM item WHERE (source_id = OLD.source_id AND path = OLD.path)
      OR (source_id = NEW.source_id AND path = NEW.path);
END;

CREATE TRIGGER copy_inserted_tallies AFTER INSERT ON copy
BEGIN
  INSERT INTO tally VALUES (NEW.target_id,
      CASE WHEN NEW.state IN ('WANTED', 'WRITING') THEN 'WANTED'
           WHEN NEW.state IN ('DURABLE', 'VERIFIED', 'STALE') THEN 'COUNTED'
           ELSE NEW.state END,
      1, coalesce(NEW.bytes_read, 0))
    ON CONFLICT (target_id, class) DO UPDATE SET copies = copies + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER copy_deleted_tallies AFTER DELETE ON copy
BEGIN
  UPDATE tally SET copies = copies - 1, bytes = bytes - coalesce(OLD.bytes_read, 0)
  WHERE target_id = OLD.target_id AND class =
      CASE WHEN OLD.state IN ('WANTED', 'WRITING') THEN 'WANTED'
           WHEN OLD.state IN ('DURABLE', 'VERIFIED', 'STALE') THEN 'COUNTED'
           ELSE OLD.state END;
END;
-- WANTED and WRITING are one class: a claim changes nothing here.
CREATE TRIGGER copy_tallies AFTER UPDATE OF state, bytes_read ON copy
WHEN NOT (OLD.state IN ('WANTED', 'WRITING') AND NEW.state IN ('WANTED', 'WRITING')
          AND OLD.bytes_read IS NEW.bytes_read)
  AND NOT (OLD.state IN ('DURABLE', 'VERIFIED', 'STALE')
           AND NEW.state IN ('DURABLE', 'VERIFIED', 'STALE')
           AND OLD.bytes_read IS NEW.bytes_read)
BEGIN
  UPDATE tally SET copies = copies - 1, bytes = bytes - coalesce(OLD.bytes_read, 0)
  WHERE target_id = OLD.target_id AND class =
      CASE WHEN OLD.state IN ('WANTED', 'WRITING') THEN 'WANTED'
           WHEN OLD.state IN ('DURABLE', 'VERIFIED', 'STALE') THEN 'COUNTED'
           ELSE OLD.state END;
  INSERT INTO tally VALUES (NEW.target_id,
      CASE WHEN NEW.state IN ('WANTED', 'WRITING') THEN 'WANTED'
           WHEN NEW.state IN ('DURABLE', 'VERIFIED', 'STALE') THEN 'COUNTED'
           ELSE NEW.state END,
      1, coalesce(NEW.bytes_read, 0))
    ON CONFLICT (target_id, class) DO UPDATE SET copies = copies + 1, bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER version_inserted_tallies AFTER INSERT ON version
BEGIN
  UPDATE home SET versions = versions + 1, bytes = bytes + NEW.size;
END;
CREATE TRIGGER version_deleted_tallies AFTER DELETE ON version
BEGIN
  UPDATE home SET versions = versions - 1, bytes = bytes - OLD.size;
END;
CREATE TRIGGER version_changed_tallies AFTER UPDATE OF size ON version WHEN OLD.size <> NEW.size
BEGIN
  UPDATE home SET bytes = bytes + NEW.size - OLD.size;
END;
