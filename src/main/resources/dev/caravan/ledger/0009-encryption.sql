-- For whom an object is encrypted. Every column is explained in src/main/docs/ledger-schema.md.

ALTER TABLE object ADD COLUMN encrypted_for TEXT CHECK (encrypted_for <> '');
