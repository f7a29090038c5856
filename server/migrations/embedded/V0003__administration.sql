-- Who belongs to no agency (administrator, auditor, governor) belongs to this one.
INSERT INTO agencies (agency, title_fa, title_en) VALUES ('', '', '');

ALTER TABLE staff ADD COLUMN role TEXT NOT NULL DEFAULT 'officer';
-- A governor's part of the country; empty is all of it.
ALTER TABLE staff ADD COLUMN province TEXT NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN county TEXT NOT NULL DEFAULT '';
-- 1 until whoever was given a password has chosen another.
ALTER TABLE staff ADD COLUMN password_is_given INTEGER NOT NULL DEFAULT 0;
-- The second factor's secret, sealed by a key that the database does not hold alone.
ALTER TABLE staff ADD COLUMN factor BLOB;
-- The step of the last code that was taken: neither it nor an older one is taken again.
ALTER TABLE staff ADD COLUMN factor_step INTEGER NOT NULL DEFAULT 0;

-- Only hashes. Used once.
CREATE TABLE recovery_codes (
    username TEXT NOT NULL REFERENCES staff (username),
    code_hash BLOB NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (username, code_hash)
) STRICT;

-- Whose password was right, and who has more to show before there is a session.
CREATE TABLE sign_ins (
    token_hash BLOB NOT NULL PRIMARY KEY,
    username TEXT NOT NULL REFERENCES staff (username),
    csrf TEXT NOT NULL,
    factor_shown INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;

ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';
CREATE INDEX sessions_by_username ON sessions (username);

CREATE TABLE districts (
    district TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    county TEXT NOT NULL,
    province TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Empty for an office that was added before there were districts.
ALTER TABLE offices ADD COLUMN district TEXT NOT NULL DEFAULT '';
CREATE INDEX offices_by_district ON offices (district);

-- Up to which publication a device has told that it has them.
ALTER TABLE devices ADD COLUMN catalogue_number INTEGER NOT NULL DEFAULT 0;

-- What the staff did and looked at. Numbers without gaps, each entry linked to the one before it.
CREATE TABLE audit_log (
    number INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    username TEXT NOT NULL,
    role TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    hash BLOB NOT NULL
) STRICT;
CREATE INDEX audit_log_by_username ON audit_log (username, number);
CREATE INDEX audit_log_by_act ON audit_log (act, number);
CREATE INDEX audit_log_by_subject ON audit_log (subject, number);
CREATE TRIGGER audit_log_is_never_changed BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_log_is_never_deleted BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- One row: the lock of the log, and where it ends.
CREATE TABLE audit_log_end (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    number INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;
INSERT INTO audit_log_end (id, number, hash)
VALUES (1, 0, zeroblob(32));

-- Cards that somebody works on; nobody else sees them before they are published.
CREATE TABLE card_drafts (
    code TEXT NOT NULL PRIMARY KEY,
    content TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

-- Imports that were shown and not yet applied.
CREATE TABLE import_previews (
    token TEXT NOT NULL PRIMARY KEY,
    username TEXT NOT NULL,
    content TEXT NOT NULL,
    plan_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
