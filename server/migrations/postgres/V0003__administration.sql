-- Who belongs to no agency (administrator, auditor, governor) belongs to this one.
INSERT INTO agencies (agency, title_fa, title_en) VALUES ('', '', '');

ALTER TABLE staff ADD COLUMN role TEXT NOT NULL DEFAULT 'officer';
-- A governor's part of the country; empty is all of it.
ALTER TABLE staff ADD COLUMN province TEXT NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN county TEXT NOT NULL DEFAULT '';
-- 1 until whoever was given a password has chosen another.
ALTER TABLE staff ADD COLUMN password_is_given BIGINT NOT NULL DEFAULT 0;
-- The second factor's secret, sealed by a key that the database does not hold alone.
ALTER TABLE staff ADD COLUMN factor BYTEA;
-- The step of the last code that was taken: neither it nor an older one is taken again.
ALTER TABLE staff ADD COLUMN factor_step BIGINT NOT NULL DEFAULT 0;

-- Only hashes. Used once.
CREATE TABLE recovery_codes (
    username TEXT NOT NULL REFERENCES staff (username),
    code_hash BYTEA NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (username, code_hash)
);

-- Whose password was right, and who has more to show before there is a session.
CREATE TABLE sign_ins (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    username TEXT NOT NULL REFERENCES staff (username),
    csrf TEXT NOT NULL,
    factor_shown BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);

ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';
CREATE INDEX sessions_by_username ON sessions (username);

CREATE TABLE districts (
    district TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    county TEXT NOT NULL,
    province TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Empty for an office that was added before there were districts.
ALTER TABLE offices ADD COLUMN district TEXT NOT NULL DEFAULT '';
CREATE INDEX offices_by_district ON offices (district);

-- Up to which publication a device has told that it has them.
ALTER TABLE devices ADD COLUMN catalogue_number BIGINT NOT NULL DEFAULT 0;

-- What the staff did and looked at. Numbers without gaps, each entry linked to the one before it.
CREATE TABLE audit_log (
    number BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    username TEXT NOT NULL,
    role TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    hash BYTEA NOT NULL
);
CREATE INDEX audit_log_by_username ON audit_log (username, number);
CREATE INDEX audit_log_by_act ON audit_log (act, number);
CREATE INDEX audit_log_by_subject ON audit_log (subject, number);
CREATE TRIGGER audit_log_is_never_changed BEFORE UPDATE OR DELETE ON audit_log
FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- One row: the lock of the log, and where it ends.
CREATE TABLE audit_log_end (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    number BIGINT NOT NULL,
    hash BYTEA NOT NULL
);
INSERT INTO audit_log_end (id, number, hash)
VALUES (1, 0, decode(repeat('00', 32), 'hex'));

-- Cards that somebody works on; nobody else sees them before they are published.
CREATE TABLE card_drafts (
    code TEXT NOT NULL PRIMARY KEY,
    content TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Imports that were shown and not yet applied.
CREATE TABLE import_previews (
    token TEXT NOT NULL PRIMARY KEY,
    username TEXT NOT NULL,
    content TEXT NOT NULL,
    plan_hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
