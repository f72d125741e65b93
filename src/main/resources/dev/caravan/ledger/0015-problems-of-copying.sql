-- What an attempt to copy found is over when no copy waits for another attempt; what a scan found is over when a later one does not find it.
ALTER TABLE problem ADD COLUMN copying INTEGER NOT NULL DEFAULT 0 CHECK (copying IN (0, 1));
