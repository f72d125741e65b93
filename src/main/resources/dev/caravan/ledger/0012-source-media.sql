-- What the originals of a source are on: a bucket is no disk, and a copy in another bucket is no second media kind.
ALTER TABLE source ADD COLUMN media_kind TEXT NOT NULL DEFAULT 'disk' CHECK (media_kind IN ('disk', 'tape', 'object-store', 'optical'));
