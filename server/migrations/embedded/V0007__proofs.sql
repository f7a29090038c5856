-- What a device signed of its log, each time that entries of it were stored: one signature for all
-- entries after `after_seq` up to `seq`. `link` is over this row and the device's row before.
CREATE TABLE received_heads (
    office TEXT NOT NULL,
    device INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    after_seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    signature BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    link BLOB NOT NULL,
    PRIMARY KEY (office, device, seq)
) STRICT;
CREATE TRIGGER received_heads_are_never_changed BEFORE UPDATE ON received_heads
BEGIN SELECT RAISE(ABORT, 'received heads are append-only'); END;
CREATE TRIGGER received_heads_are_never_deleted BEFORE DELETE ON received_heads
BEGIN SELECT RAISE(ABORT, 'received heads are append-only'); END;

-- Link of the device's last received head.
ALTER TABLE devices ADD COLUMN received_link BLOB NOT NULL
DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000';
-- Entries up to here came before signed heads were kept.
ALTER TABLE devices ADD COLUMN unsigned_seq INTEGER NOT NULL DEFAULT 0;
UPDATE devices SET unsigned_seq = head_seq;
-- Entries up to here are in a backup that was read back.
ALTER TABLE devices ADD COLUMN safe_seq INTEGER NOT NULL DEFAULT 0;
-- Since when there are such backups.
ALTER TABLE centre_identity ADD COLUMN backed_up_at INTEGER;

-- One signed root for each day, for ever.
CREATE TABLE day_roots (
    day TEXT NOT NULL PRIMARY KEY,
    statement BLOB NOT NULL,
    signature BLOB NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER day_roots_are_never_changed BEFORE UPDATE ON day_roots
BEGIN SELECT RAISE(ABORT, 'day roots are append-only'); END;
CREATE TRIGGER day_roots_are_never_deleted BEFORE DELETE ON day_roots
BEGIN SELECT RAISE(ABORT, 'day roots are append-only'); END;

-- The leaves of a day's tree that are new or other than on the day before.
CREATE TABLE day_root_leaves (
    leaf_key TEXT NOT NULL,
    day TEXT NOT NULL,
    leaf BLOB NOT NULL,
    PRIMARY KEY (leaf_key, day)
) STRICT;
CREATE INDEX day_root_leaves_by_day ON day_root_leaves (day, leaf_key);
CREATE TRIGGER day_root_leaves_are_never_changed BEFORE UPDATE ON day_root_leaves
BEGIN SELECT RAISE(ABORT, 'leaves of day roots are append-only'); END;
CREATE TRIGGER day_root_leaves_are_never_deleted BEFORE DELETE ON day_root_leaves
BEGIN SELECT RAISE(ABORT, 'leaves of day roots are append-only'); END;

-- The newest root that an office was told.
ALTER TABLE offices ADD COLUMN told_root TEXT NOT NULL DEFAULT '';

-- Tokens of agencies' own systems; only hashes.
CREATE TABLE agency_tokens (
    token_hash BLOB NOT NULL PRIMARY KEY,
    agency TEXT NOT NULL REFERENCES agencies (agency),
    title TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX agency_tokens_by_agency ON agency_tokens (agency, created_at);

-- What an agency's system has not seen yet is what changed after its cursor.
CREATE INDEX applications_changed ON applications (agency, changed_at, application);
