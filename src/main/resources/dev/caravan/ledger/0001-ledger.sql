-- The ledger, schema 1. Every column is explained in src/main/docs/ledger-schema.md.
-- Times called *_at are nanoseconds since 1970-01-01T00:00:00Z.

CREATE TABLE home (
  id TEXT NOT NULL PRIMARY KEY,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE source (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  root BLOB NOT NULL,
  last_scan_at INTEGER
) STRICT;

CREATE TABLE target (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  media_kind TEXT NOT NULL CHECK (media_kind IN ('disk', 'tape', 'object-store', 'optical')),
  site TEXT NOT NULL,
  offsite INTEGER NOT NULL CHECK (offsite IN (0, 1)),
  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  identity TEXT,
  state TEXT NOT NULL DEFAULT 'READY' CHECK (state IN ('READY', 'WAITING', 'STOPPED')),
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL DEFAULT 0,
  last_error TEXT
) STRICT;

CREATE TABLE item (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES source,
  path BLOB NOT NULL,
  present INTEGER NOT NULL CHECK (present IN (0, 1)),
  seen INTEGER NOT NULL DEFAULT 1 CHECK (seen IN (0, 1)),
  version_id INTEGER,
  UNIQUE (source_id, path)
) STRICT;

-- AUTOINCREMENT: an id is never given twice, because history files and manifests carry it.
CREATE TABLE version (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  item_id INTEGER NOT NULL REFERENCES item,
  number INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('FILE', 'FOLDER', 'SYMLINK')),
  size INTEGER NOT NULL,
  modified_s INTEGER NOT NULL,
  modified_ns INTEGER NOT NULL,
  mode INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  gid INTEGER NOT NULL,
  link_target BLOB,
  links INTEGER NOT NULL,
  xattrs TEXT,
  device INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  changed_s INTEGER NOT NULL,
  changed_ns INTEGER NOT NULL,
  sha256 BLOB CHECK (sha256 IS NULL OR length(sha256) = 32),
  registered_at INTEGER NOT NULL,
  UNIQUE (item_id, number)
) STRICT;

CREATE TABLE volume (
  id INTEGER PRIMARY KEY,
  target_id INTEGER NOT NULL REFERENCES target,
  name TEXT NOT NULL,
  uuid TEXT NOT NULL,
  UNIQUE (target_id, name, uuid)
) STRICT;

CREATE TABLE object (
  id INTEGER PRIMARY KEY,
  target_id INTEGER NOT NULL REFERENCES target,
  name TEXT NOT NULL,
  volume_id INTEGER REFERENCES volume,
  tape_file INTEGER,
  block INTEGER,
  bytes INTEGER NOT NULL,
  segment INTEGER NOT NULL CHECK (segment IN (0, 1)),
  recorded_at INTEGER NOT NULL,
  UNIQUE (target_id, name)
) STRICT;

CREATE TABLE evidence (
  id INTEGER PRIMARY KEY,
  method TEXT NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('V1', 'V2', 'V3', 'V4')),
  at INTEGER NOT NULL,
  program TEXT NOT NULL
) STRICT;

CREATE TABLE lease (
  id INTEGER PRIMARY KEY,
  owner TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

-- One row per version and target: running anything twice is harmless.
CREATE TABLE copy (
  target_id INTEGER NOT NULL REFERENCES target,
  version_id INTEGER NOT NULL REFERENCES version,
  state TEXT NOT NULL CHECK (state IN ('WANTED', 'WRITING', 'ACKED', 'DURABLE', 'VERIFIED',
                                       'STALE', 'FAILED', 'SUSPECT', 'LOST', 'RETIRED')),
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL DEFAULT 0,
  last_error TEXT,
  lease_id INTEGER REFERENCES lease,
  wanted_at INTEGER NOT NULL,
  object_id INTEGER REFERENCES object,
  offset INTEGER,
  evidence_id INTEGER REFERENCES evidence,
  sha256 BLOB,
  bytes_read INTEGER,
  recorded_at INTEGER,
  verified_at INTEGER,
  withdrawn INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1)),
  PRIMARY KEY (target_id, version_id),
  -- I2: a copy counts only with evidence
  CHECK (state NOT IN ('DURABLE', 'VERIFIED', 'STALE')
         OR (evidence_id IS NOT NULL AND recorded_at IS NOT NULL)),
  CHECK (state <> 'VERIFIED' OR verified_at IS NOT NULL),
  CHECK ((state = 'WRITING') = (lease_id IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX copy_wanted ON copy (target_id, version_id) WHERE state = 'WANTED';
CREATE INDEX copy_writing ON copy (target_id, version_id) WHERE state = 'WRITING';
CREATE INDEX copy_failed ON copy (target_id, version_id) WHERE state = 'FAILED';
CREATE INDEX item_gone ON item (source_id, id) WHERE present = 0;
CREATE INDEX version_linked ON version (device, inode) WHERE links > 1 AND kind = 'FILE';

-- What the last scan saw and could not protect: nothing is skipped in silence.
CREATE TABLE problem (
  source_id INTEGER NOT NULL REFERENCES source,
  path BLOB NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('SKIPPED', 'UNREADABLE', 'UNSTABLE', 'OVER_LONG')),
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (source_id, path, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  outcome TEXT,
  items INTEGER NOT NULL DEFAULT 0,
  versions INTEGER NOT NULL DEFAULT 0,
  copies INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  run_id INTEGER REFERENCES run,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event
BEGIN SELECT raise(ABORT, 'the event log is append-only'); END;
CREATE TRIGGER event_is_not_deleted BEFORE DELETE ON event
BEGIN SELECT raise(ABORT, 'the event log is append-only'); END;
