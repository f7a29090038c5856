-- The centre's own identity: one row. The seed and the secret never leave the centre.
CREATE TABLE centre_identity (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    key_seed BLOB NOT NULL,
    secret BLOB NOT NULL,
    epoch BLOB NOT NULL,
    device_number INTEGER NOT NULL DEFAULT 0,
    publication_number INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;

-- The office's row is the lock of everything that is the office's.
CREATE TABLE offices (
    office TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    district_title TEXT NOT NULL DEFAULT '',
    feed_number INTEGER NOT NULL DEFAULT 0,
    feed_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Only hashes of codes are kept. Used once.
CREATE TABLE enrolment_codes (
    code_hash BLOB NOT NULL PRIMARY KEY,
    office TEXT NOT NULL REFERENCES offices (office),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    device INTEGER
) STRICT;

-- Which office a device number belongs to. Small, and the same on every shard.
CREATE TABLE device_numbers (
    device INTEGER NOT NULL PRIMARY KEY,
    office TEXT NOT NULL REFERENCES offices (office)
) STRICT;

CREATE TABLE devices (
    office TEXT NOT NULL REFERENCES offices (office),
    device INTEGER NOT NULL,
    public_key BLOB NOT NULL,
    secret BLOB NOT NULL,
    machine TEXT NOT NULL DEFAULT '',
    agent TEXT NOT NULL DEFAULT '',
    head_seq INTEGER NOT NULL DEFAULT 0,
    head_hash BLOB NOT NULL,
    -- The leases are of this epoch; a device that has shown one has heard of it.
    lease_epoch BLOB,
    lease_shown INTEGER NOT NULL DEFAULT 0,
    lease_current BLOB,
    lease_previous BLOB,
    log_seq INTEGER NOT NULL DEFAULT 0,
    oldest_waiting_at INTEGER,
    enrolled_at INTEGER NOT NULL,
    last_contact_at INTEGER,
    revoked_at INTEGER,
    PRIMARY KEY (office, device)
) STRICT;

-- As received, for ever.
CREATE TABLE events (
    office TEXT NOT NULL,
    device INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    id BLOB NOT NULL,
    kind INTEGER NOT NULL,
    device_time_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    core BLOB NOT NULL,
    rest BLOB NOT NULL,
    body BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (office, device, seq),
    FOREIGN KEY (office, device) REFERENCES devices (office, device)
) STRICT;
CREATE INDEX events_by_id ON events (office, id);
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

-- What contradicts the log, or came from a revoked device: kept aside, never dropped.
CREATE TABLE forks (
    office TEXT NOT NULL,
    device INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    reason TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    core BLOB NOT NULL,
    rest BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (office, device, seq, hash)
) STRICT;

-- What comes down to an office; numbers without gaps, taken under the lock of the office's row.
CREATE TABLE feed (
    office TEXT NOT NULL REFERENCES offices (office),
    number INTEGER NOT NULL,
    item BLOB NOT NULL,
    hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (office, number)
) STRICT;
CREATE TRIGGER feed_is_never_changed BEFORE UPDATE ON feed
BEGIN SELECT RAISE(ABORT, 'the feed is append-only'); END;
CREATE TRIGGER feed_is_never_deleted BEFORE DELETE ON feed
BEGIN SELECT RAISE(ABORT, 'the feed is append-only'); END;

-- Computed from events and acts. `content` is JSON: applicant, form, documents as they stand.
CREATE TABLE applications (
    office TEXT NOT NULL,
    application TEXT NOT NULL,
    tracking_code INTEGER NOT NULL,
    device INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    service TEXT NOT NULL,
    card_version TEXT NOT NULL,
    agency TEXT NOT NULL,
    applicant_name TEXT NOT NULL,
    last_four TEXT NOT NULL,
    content TEXT NOT NULL,
    fee_rial INTEGER NOT NULL,
    due_on TEXT NOT NULL,
    state TEXT NOT NULL,
    filed_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    defects TEXT NOT NULL DEFAULT '[]',
    note TEXT NOT NULL DEFAULT '',
    reason_code TEXT NOT NULL DEFAULT '',
    copies_printed INTEGER NOT NULL DEFAULT 0,
    act_number INTEGER NOT NULL DEFAULT 0,
    -- The last entry of its device about it that was stored, whether it was of use or not.
    last_seq INTEGER NOT NULL,
    PRIMARY KEY (office, application),
    UNIQUE (office, tracking_code)
) STRICT;
CREATE INDEX applications_by_id ON applications (application);
CREATE INDEX applications_queue ON applications (agency, filed_at, application);

-- The history that people read. `applied` is 0 for an act that arrived too late.
CREATE TABLE acts (
    office TEXT NOT NULL,
    application TEXT NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    place TEXT NOT NULL,
    actor TEXT NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    defects TEXT NOT NULL DEFAULT '[]',
    applied INTEGER NOT NULL DEFAULT 1,
    acted_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (office, application, number)
) STRICT;

CREATE TABLE operators (
    office TEXT NOT NULL,
    operator TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (office, operator)
) STRICT;

CREATE TABLE documents (
    office TEXT NOT NULL,
    hash TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    announced_at INTEGER NOT NULL,
    received_at INTEGER,
    PRIMARY KEY (office, hash)
) STRICT;

-- Numbers without gaps, taken under the lock of the centre's row.
CREATE TABLE publications (
    number INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    version TEXT NOT NULL,
    bytes BLOB NOT NULL,
    signature BLOB NOT NULL,
    published_at INTEGER NOT NULL
) STRICT;

CREATE TABLE agencies (
    agency TEXT NOT NULL PRIMARY KEY,
    title_fa TEXT NOT NULL,
    title_en TEXT NOT NULL
) STRICT;

CREATE TABLE staff (
    username TEXT NOT NULL PRIMARY KEY,
    agency TEXT NOT NULL REFERENCES agencies (agency),
    display_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;

CREATE TABLE sessions (
    token_hash BLOB NOT NULL PRIMARY KEY,
    username TEXT NOT NULL REFERENCES staff (username),
    csrf TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT;
