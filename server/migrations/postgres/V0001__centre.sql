-- The centre's own identity: one row. The seed and the secret never leave the centre.
CREATE TABLE centre_identity (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    key_seed BYTEA NOT NULL,
    secret BYTEA NOT NULL,
    epoch BYTEA NOT NULL,
    device_number BIGINT NOT NULL DEFAULT 0,
    publication_number BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);

-- The office's row is the lock of everything that is the office's.
CREATE TABLE offices (
    office TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    district_title TEXT NOT NULL DEFAULT '',
    feed_number BIGINT NOT NULL DEFAULT 0,
    feed_hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

-- Only hashes of codes are kept. Used once.
CREATE TABLE enrolment_codes (
    code_hash BYTEA NOT NULL PRIMARY KEY,
    office TEXT NOT NULL REFERENCES offices (office),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    device BIGINT
);

-- Which office a device number belongs to. Small, and the same on every shard.
CREATE TABLE device_numbers (
    device BIGINT NOT NULL PRIMARY KEY,
    office TEXT NOT NULL REFERENCES offices (office)
);

CREATE TABLE devices (
    office TEXT NOT NULL REFERENCES offices (office),
    device BIGINT NOT NULL,
    public_key BYTEA NOT NULL,
    secret BYTEA NOT NULL,
    machine TEXT NOT NULL DEFAULT '',
    agent TEXT NOT NULL DEFAULT '',
    head_seq BIGINT NOT NULL DEFAULT 0,
    head_hash BYTEA NOT NULL,
    -- The leases are of this epoch; a device that has shown one has heard of it.
    lease_epoch BYTEA,
    lease_shown BIGINT NOT NULL DEFAULT 0,
    lease_current BYTEA,
    lease_previous BYTEA,
    log_seq BIGINT NOT NULL DEFAULT 0,
    oldest_waiting_at BIGINT,
    enrolled_at BIGINT NOT NULL,
    last_contact_at BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (office, device)
);

-- As received, for ever.
CREATE TABLE events (
    office TEXT NOT NULL,
    device BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    id BYTEA NOT NULL,
    kind BIGINT NOT NULL,
    device_time_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    core BYTEA NOT NULL,
    rest BYTEA NOT NULL,
    body BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (office, device, seq),
    FOREIGN KEY (office, device) REFERENCES devices (office, device)
);
CREATE INDEX events_by_id ON events (office, id);

-- What contradicts the log, or came from a revoked device: kept aside, never dropped.
CREATE TABLE forks (
    office TEXT NOT NULL,
    device BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    reason TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    core BYTEA NOT NULL,
    rest BYTEA NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (office, device, seq, hash)
);

-- What comes down to an office; numbers without gaps, taken under the lock of the office's row.
CREATE TABLE feed (
    office TEXT NOT NULL REFERENCES offices (office),
    number BIGINT NOT NULL,
    item BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (office, number)
);

-- Computed from events and acts. `content` is JSON: applicant, form, documents as they stand.
CREATE TABLE applications (
    office TEXT NOT NULL,
    application TEXT NOT NULL,
    tracking_code BIGINT NOT NULL,
    device BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    service TEXT NOT NULL,
    card_version TEXT NOT NULL,
    agency TEXT NOT NULL,
    applicant_name TEXT NOT NULL,
    last_four TEXT NOT NULL,
    content TEXT NOT NULL,
    fee_rial BIGINT NOT NULL,
    due_on TEXT NOT NULL,
    state TEXT NOT NULL,
    filed_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    defects TEXT NOT NULL DEFAULT '[]',
    note TEXT NOT NULL DEFAULT '',
    reason_code TEXT NOT NULL DEFAULT '',
    copies_printed BIGINT NOT NULL DEFAULT 0,
    act_number BIGINT NOT NULL DEFAULT 0,
    -- The last entry of its device about it that was stored, whether it was of use or not.
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (office, application),
    UNIQUE (office, tracking_code)
);
CREATE INDEX applications_by_id ON applications (application);
CREATE INDEX applications_queue ON applications (agency, filed_at, application);

-- The history that people read. `applied` is 0 for an act that arrived too late.
CREATE TABLE acts (
    office TEXT NOT NULL,
    application TEXT NOT NULL,
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    place TEXT NOT NULL,
    actor TEXT NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    defects TEXT NOT NULL DEFAULT '[]',
    applied BIGINT NOT NULL DEFAULT 1,
    acted_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (office, application, number)
);

CREATE TABLE operators (
    office TEXT NOT NULL,
    operator TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (office, operator)
);

CREATE TABLE documents (
    office TEXT NOT NULL,
    hash TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    announced_at BIGINT NOT NULL,
    received_at BIGINT,
    PRIMARY KEY (office, hash)
);

-- Numbers without gaps, taken under the lock of the centre's row.
CREATE TABLE publications (
    number BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    version TEXT NOT NULL,
    bytes BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    published_at BIGINT NOT NULL
);

CREATE TABLE agencies (
    agency TEXT NOT NULL PRIMARY KEY,
    title_fa TEXT NOT NULL,
    title_en TEXT NOT NULL
);

CREATE TABLE staff (
    username TEXT NOT NULL PRIMARY KEY,
    agency TEXT NOT NULL REFERENCES agencies (agency),
    display_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);

CREATE TABLE sessions (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    username TEXT NOT NULL REFERENCES staff (username),
    csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE OR DELETE ON events
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_is_never_changed BEFORE UPDATE OR DELETE ON feed
FOR EACH ROW EXECUTE FUNCTION refuse_change();
