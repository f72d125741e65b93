-- The rules of schema 7, said so that SQLite is quick about them. It makes a temporary index for an IN
-- of three or more values, and in a CHECK, a trigger or the condition of an index it makes it anew for
-- every row: half of the time of claiming and recording copies went into that. So those rules
-- compare one value after the other, the frequent ones first. What they forbid and what they keep
-- is the same.

DROP TRIGGER copy_unsettles;
DROP TRIGGER copy_inserted_unsettles;
DROP TRIGGER copy_deleted_unsettles;
DROP TRIGGER copy_inserted_tallies;
DROP TRIGGER copy_deleted_tallies;
DROP TRIGGER copy_tallies;
DROP TRIGGER copy_is_retired_above_the_floor;
DROP INDEX copy_unproven;

CREATE TRIGGER copy_unsettles AFTER UPDATE OF state, object_id, parts ON copy
WHEN (OLD.state <> NEW.state OR OLD.object_id IS NOT NEW.object_id OR OLD.parts <> NEW.parts)
  AND (NEW.state = 'DURABLE' OR NEW.state = 'VERIFIED' OR NEW.state = 'STALE'
       OR NEW.state = 'SUSPECT' OR OLD.state = 'DURABLE' OR OLD.state = 'VERIFIED'
       OR OLD.state = 'STALE' OR OLD.state = 'SUSPECT')
BEGIN
  INSERT OR IGNORE INTO unsettled SELECT item_id FROM version WHERE id = NEW.version_id;
END;
CREATE TRIGGER copy_inserted_unsettles AFTER INSERT ON copy
WHEN NEW.state = 'DURABLE' OR NEW.state = 'VERIFIED' OR NEW.state = 'STALE'
  OR NEW.state = 'SUSPECT'
BEGIN
  INSERT OR IGNORE INTO unsettled SELECT item_id FROM version WHERE id = NEW.version_id;
END;
CREATE TRIGGER copy_deleted_unsettles AFTER DELETE ON copy
WHEN OLD.state = 'DURABLE' OR OLD.state = 'VERIFIED' OR OLD.state = 'STALE'
  OR OLD.state = 'SUSPECT'
BEGIN
  INSERT OR IGNORE INTO unsettled SELECT item_id FROM version WHERE id = OLD.version_id;
END;
CREATE TRIGGER copy_inserted_tallies AFTER INSERT ON copy
BEGIN
  INSERT INTO tally VALUES (NEW.target_id,
      CASE NEW.state WHEN 'WRITING' THEN 'WANTED' WHEN 'DURABLE' THEN 'COUNTED'
           WHEN 'VERIFIED' THEN 'COUNTED' WHEN 'STALE' THEN 'COUNTED' ELSE NEW.state END,
      1, coalesce(NEW.bytes_read, 0))
    ON CONFLICT (target_id, class) DO UPDATE SET copies = copies + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER copy_deleted_tallies AFTER DELETE ON copy
BEGIN
  UPDATE tally SET copies = copies - 1, bytes = bytes - coalesce(OLD.bytes_read, 0)
  WHERE target_id = OLD.target_id AND class =
      CASE OLD.state WHEN 'WRITING' THEN 'WANTED' WHEN 'DURABLE' THEN 'COUNTED'
           WHEN 'VERIFIED' THEN 'COUNTED' WHEN 'STALE' THEN 'COUNTED' ELSE OLD.state END;
END;
CREATE TRIGGER copy_tallies AFTER UPDATE OF state, bytes_read ON copy
WHEN OLD.bytes_read IS NOT NEW.bytes_read
  OR CASE OLD.state WHEN 'WRITING' THEN 'WANTED' WHEN 'DURABLE' THEN 'COUNTED'
          WHEN 'VERIFIED' THEN 'COUNTED' WHEN 'STALE' THEN 'COUNTED' ELSE OLD.state END
  <> CASE NEW.state WHEN 'WRITING' THEN 'WANTED' WHEN 'DURABLE' THEN 'COUNTED'
          WHEN 'VERIFIED' THEN 'COUNTED' WHEN 'STALE' THEN 'COUNTED' ELSE NEW.state END
BEGIN
  UPDATE tally SET copies = copies - 1, bytes = bytes - coalesce(OLD.bytes_read, 0)
  WHERE target_id = OLD.target_id AND class =
      CASE OLD.state WHEN 'WRITING' THEN 'WANTED' WHEN 'DURABLE' THEN 'COUNTED'
           WHEN 'VERIFIED' THEN 'COUNTED' WHEN 'STALE' THEN 'COUNTED' ELSE OLD.state END;
  INSERT INTO tally VALUES (NEW.target_id,
      CASE NEW.state WHEN 'WRITING' THEN 'WANTED' WHEN 'DURABLE' THEN 'COUNTED'
           WHEN 'VERIFIED' THEN 'COUNTED' WHEN 'STALE' THEN 'COUNTED' ELSE NEW.state END,
      1, coalesce(NEW.bytes_read, 0))
    ON CONFLICT (target_id, class) DO UPDATE SET copies = copies + 1, bytes = bytes + excluded.bytes;
END;

-- AFTER, because SQLite reads a row a second time for a trigger that runs before. The floor: whatever
-- the program believes, retention leaves 2 other copies that count, unless the version as a whole
-- has expired; it never takes a copy of what is there, nor one on WORM.
CREATE TRIGGER copy_is_retired_above_the_floor AFTER UPDATE OF state ON copy
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
         WHERE t.id <> NEW.target_id
           AND (c.state = 'DURABLE' OR c.state = 'VERIFIED' OR c.state = 'STALE')) < 2;
END;

CREATE INDEX copy_unproven ON copy (target_id, version_id)
  WHERE state = 'ACKED' OR state = 'SUSPECT' OR state = 'LOST';

-- The end of a scan takes away what it did not meet again, by its age.
CREATE INDEX problem_age ON problem (source_id, at);

-- A CHECK is in the text of its table. This is SQLite's own way to change one without writing all
-- rows anew (sqlite.org/lang_altertable.html, section 8).
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql,
  'state IN (''WANTED'', ''WRITING'', ''ACKED'', ''DURABLE'', ''VERIFIED'',
                                       ''STALE'', ''FAILED'', ''SUSPECT'', ''LOST'', ''RETIRED'')',
  'state = ''WANTED'' OR state = ''WRITING'' OR state = ''DURABLE''
                                   OR state = ''VERIFIED'' OR state = ''STALE'' OR state = ''ACKED''
                                   OR state = ''FAILED'' OR state = ''SUSPECT'' OR state = ''LOST''
                                   OR state = ''RETIRED'''),
  'state NOT IN (''DURABLE'', ''VERIFIED'', ''STALE'')',
  'NOT (state = ''DURABLE'' OR state = ''VERIFIED'' OR state = ''STALE'')')
WHERE type = 'table' AND name = 'copy';
UPDATE sqlite_schema SET sql = replace(sql,
  'kind IN (''FILE'', ''FOLDER'', ''SYMLINK'')',
  'kind = ''FILE'' OR kind = ''FOLDER'' OR kind = ''SYMLINK''')
WHERE type = 'table' AND name = 'version';
UPDATE sqlite_schema SET sql = replace(sql,
  'NEW.state IN (''DURABLE'', ''VERIFIED'', ''STALE'')',
  '(NEW.state = ''DURABLE'' OR NEW.state = ''VERIFIED'' OR NEW.state = ''STALE'')')
WHERE type = 'trigger' AND name = 'copy_counts_with_all_its_parts';
PRAGMA writable_schema = RESET;
