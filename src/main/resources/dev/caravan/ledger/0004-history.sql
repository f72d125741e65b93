-- When items were gone, and what drills showed. Every column is explained in
-- src/main/docs/ledger-schema.md.

-- With the versions this tells what was there at any time.
CREATE TABLE absence (
  item_id INTEGER NOT NULL REFERENCES item,
  from_at INTEGER NOT NULL,
  until_at INTEGER,
  PRIMARY KEY (item_id, from_at),
  CHECK (until_at IS NULL OR until_at >= from_at)
) STRICT, WITHOUT ROWID;

-- Until now only that items are gone was written down, not since when: at the latest since the last
-- scan. A tree of an earlier time then has too much rather than too little.
INSERT INTO absence (item_id, from_at)
SELECT i.id, coalesce(s.last_scan_at, (SELECT max(v.registered_at) FROM version v WHERE v.item_id = i.id), 0)
FROM item i JOIN source s ON s.id = i.source_id
WHERE i.present = 0;

CREATE TABLE drill (
  id INTEGER PRIMARY KEY,
  target_id INTEGER NOT NULL REFERENCES target,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  items INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  seconds REAL NOT NULL CHECK (seconds >= 0)
) STRICT;

CREATE INDEX drill_of_target ON drill (target_id, id);
