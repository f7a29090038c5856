-- What a device signed of its log, each time that entries of it were stored: one signature for all
-- entries after `after_seq` up to `seq`. `link` is over this row and the device's row before.
CREATE TABLE received_heads (
    office TEXT NOT NULL,
    device BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    after_seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    link BYTEA NOT NULL,
    PRIMARY KEY (office, device, seq)
);
CREATE TRIGGER received_heads_are_never_changed BEFORE UPDATE OR DELETE ON received_heads
FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Link of the device's last received head.
ALTER TABLE devices ADD COLUMN received_link BYTEA NOT NULL
DEFAULT decode(repeat('00', 32), 'hex');
-- Entries up to here came before signed heads were kept.
ALTER TABLE devices ADD COLUMN unsigned_seq BIGINT NOT NULL DEFAULT 0;
UPDATE devices SET unsigned_seq = head_seq;
-- Entries up to here are in a backup that was read back.
ALTER TABLE devices ADD COLUMN safe_seq BIGINT NOT NULL DEFAULT 0;
-- Since when there are such backups.
ALTER TABLE centre_identity ADD COLUMN backed_up_at BIGINT;

-- One signed root for each day, for ever.
CREATE TABLE day_roots (
    day TEXT NOT NULL PRIMARY KEY,
    statement BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE TRIGGER day_roots_are_never_changed BEFORE UPDATE OR DELETE ON day_roots
FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The leaves of a day's tree that are new or other than on the day before.
CREATE TABLE day_root_leaves (
    leaf_key TEXT NOT NULL,
    day TEXT NOT NULL,
    leaf BYTEA NOT NULL,
    PRIMARY KEY (leaf_key, day)
);
CREATE INDEX day_root_leaves_by_day ON day_root_leaves (day, leaf_key);
CREATE TRIGGER day_root_leaves_are_never_changed BEFORE UPDATE OR DELETE ON day_root_leaves
FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The newest root that an office was told.
ALTER TABLE offices ADD COLUMN told_root TEXT NOT NULL DEFAULT '';

-- Tokens of agencies' own systems; only hashes.
CREATE TABLE agency_tokens (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    agency TEXT NOT NULL REFERENCES agencies (agency),
    title TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX agency_tokens_by_agency ON agency_tokens (agency, created_at);

-- What an agency's system has not seen yet is what changed after its cursor.
CREATE INDEX applications_changed ON applications (agency, changed_at, application);
