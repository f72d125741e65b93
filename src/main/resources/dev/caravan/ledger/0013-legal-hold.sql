-- Whether the target itself holds a stored object, as a person's hold asks for: nobody can remove it there (S3 legal hold).
ALTER TABLE object ADD COLUMN legal_hold INTEGER NOT NULL DEFAULT 0 CHECK (legal_hold IN (0, 1));
