-- Who found a problem: what a scan found is over when a later one does not find it; that a file could not be read while it was copied is over when no copy of it waits for another attempt.
ALTER TABLE problem ADD COLUMN scanned INTEGER NOT NULL DEFAULT 1 CHECK (scanned IN (0, 1));
ALTER TABLE problem ADD COLUMN copying INTEGER NOT NULL DEFAULT 0 CHECK (copying IN (0, 1));

UPDATE problem SET copying = 1 WHERE kind = 'UNREADABLE' AND EXISTS (
  SELECT 1 FROM item i CROSS JOIN target t
  CROSS JOIN copy c ON c.target_id = t.id AND c.version_id = i.version_id
  WHERE i.source_id = problem.source_id AND i.path = problem.path AND i.present = 1
    AND t.active = 1 AND (c.state = 'WANTED' OR c.state = 'WRITING') AND c.attempts > 0);

CREATE TRIGGER copy_made_ends_its_problem AFTER UPDATE OF state ON copy
WHEN OLD.attempts > 0 AND NEW.state <> 'WANTED' AND NEW.state <> 'WRITING'
BEGIN
  UPDATE problem SET copying = 0
  WHERE copying = 1 AND kind = 'UNREADABLE'
    AND (source_id, path) = (SELECT i.source_id, i.path FROM version v
                             JOIN item i ON i.id = v.item_id AND i.version_id = v.id
                             WHERE v.id = NEW.version_id)
    AND NOT EXISTS (SELECT 1 FROM target t
                    CROSS JOIN copy c ON c.target_id = t.id AND c.version_id = NEW.version_id
                    WHERE t.active = 1 AND (c.state = 'WANTED' OR c.state = 'WRITING')
                      AND c.attempts > 0);
END;
CREATE TRIGGER problem_that_nobody_has_goes AFTER UPDATE ON problem
WHEN NEW.scanned = 0 AND NEW.copying = 0
BEGIN
  DELETE FROM problem
  WHERE source_id = NEW.source_id AND path = NEW.path AND kind = NEW.kind;
END;
