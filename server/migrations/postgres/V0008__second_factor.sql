-- The second factor's secret while it is being set up, sealed: signing in, or by who is signed in.
ALTER TABLE sign_ins ADD COLUMN factor BYTEA;
ALTER TABLE sessions ADD COLUMN factor BYTEA;
-- When whoever has this session last showed what only he or she knows or has.
ALTER TABLE sessions ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0;
-- Why an account was closed, and why a device was revoked.
ALTER TABLE staff ADD COLUMN closed_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN revoked_reason TEXT NOT NULL DEFAULT '';
