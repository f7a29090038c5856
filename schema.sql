-- The office's store (SQLite through SQLCipher), to be read from top to bottom.
--
-- 1. Facts, which only grow: who this device is, what the office did (events), what the centre
--    said (feed, publications, acknowledgements).
-- 2. What is not in the log: where synchronisation stands, drafts, documents, notices read, settings.
-- 3. Projections: computed from the facts, thrown away and computed again at will.
--
-- Conventions: columns that end in _at are milliseconds since 1970-01-01T00:00:00Z; those that end
-- in _on are days, ISO 8601 Gregorian; ids are the 16 bytes of a UUID; hashes are 32 bytes of
-- SHA-256; x'' and 0 stand for "none". The outbox is no table: it is the events whose seq is
-- greater than the acknowledged one, so that it can never disagree with the log.

-- === 1. Facts ====================================================================================

-- Who this device is, as the centre certified it at enrolment. One row, written once.
CREATE TABLE identity (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    device INTEGER NOT NULL,
    office TEXT NOT NULL,
    office_title TEXT NOT NULL,
    district_title TEXT NOT NULL,
    centre_url TEXT NOT NULL,
    public_url TEXT NOT NULL,
    certificate BLOB NOT NULL,
    centre_key BLOB NOT NULL,
    key_seed BLOB NOT NULL,
    secret BLOB NOT NULL,
    epoch BLOB NOT NULL
) STRICT;

-- The log: every act of this office on this device, in order, as the exact bytes that were hashed.
CREATE TABLE events (
    seq INTEGER NOT NULL PRIMARY KEY CHECK (seq > 0),
    -- Hash of this event; the next one names it.
    hash BLOB NOT NULL,
    kind INTEGER NOT NULL,
    device_time_at INTEGER NOT NULL,
    -- The application it is about, or x''.
    application BLOB NOT NULL DEFAULT x'',
    core BLOB NOT NULL,
    rest BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE INDEX events_by_application ON events (application, seq);

CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'the log only grows');
END;

CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'the log only grows');
END;

-- What the centre and the agencies did, as numbered and hash-linked by the centre. A feed that
-- starts over (the centre was restored from a backup) is a new run; former runs stay as evidence.
CREATE TABLE feed (
    run INTEGER NOT NULL,
    number INTEGER NOT NULL,
    item BLOB NOT NULL,
    -- Hash of the run up to here.
    hash BLOB NOT NULL,
    came_at INTEGER NOT NULL,
    -- Read out of the item: the application it is about; x'' for none and for kinds not known yet.
    application BLOB NOT NULL DEFAULT x'',
    PRIMARY KEY (run, number)
) STRICT;

CREATE INDEX feed_by_application ON feed (application, run, number);

CREATE TRIGGER feed_is_not_changed
BEFORE UPDATE OF run, number, item, hash, came_at ON feed
BEGIN
    SELECT RAISE(ABORT, 'the feed only grows');
END;

CREATE TRIGGER feed_is_not_deleted BEFORE DELETE ON feed
BEGIN
    SELECT RAISE(ABORT, 'the feed only grows');
END;

-- The catalogue, every version that ever came: an application keeps the card it was filed under.
CREATE TABLE publications (
    id INTEGER NOT NULL PRIMARY KEY,
    -- The newest one of a service has the highest number; 0 after the centre was restored, until
    -- it is published again.
    number INTEGER NOT NULL,
    -- Hash of the bytes.
    version BLOB NOT NULL UNIQUE,
    -- service_card, working_calendar, or '' for a kind not known yet.
    kind TEXT NOT NULL DEFAULT '',
    service TEXT NOT NULL DEFAULT '',
    bytes BLOB NOT NULL,
    signature BLOB NOT NULL,
    came_at INTEGER NOT NULL
) STRICT;

CREATE INDEX publications_by_service ON publications (kind, service, number, id);

-- Roots of days that the centre signed, as they came: evidence that others may ask for. Each was
-- checked against the log and the feed here.
CREATE TABLE day_roots (
    -- Exact bytes that were signed.
    statement BLOB NOT NULL PRIMARY KEY,
    -- The day that it closes; '' when it could not be read.
    day TEXT NOT NULL,
    signature BLOB NOT NULL,
    -- Of the feed's item.
    number INTEGER NOT NULL,
    -- What is wrong with it, or ''.
    fault TEXT NOT NULL DEFAULT '',
    came_at INTEGER NOT NULL
) STRICT;

CREATE INDEX day_roots_by_day ON day_roots (day);

-- When the centre acknowledged how much. Rows beyond what a restored centre still holds are taken
-- back: they are no longer true.
CREATE TABLE acknowledgements (
    seq INTEGER NOT NULL PRIMARY KEY,
    came_at INTEGER NOT NULL
) STRICT;

-- === 2. What is not in the log ===================================================================

-- Where synchronisation stands. One row, changed in the transaction that stores the data.
CREATE TABLE sync_state (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    -- What the centre durably holds of the log.
    acknowledged_seq INTEGER NOT NULL DEFAULT 0,
    -- Up to here its backup has it.
    safe_seq INTEGER NOT NULL DEFAULT 0,
    epoch BLOB NOT NULL,
    lease BLOB NOT NULL DEFAULT x'',
    anchor_at INTEGER NOT NULL DEFAULT 0,
    anchor_nonce BLOB NOT NULL DEFAULT x'',
    feed_run INTEGER NOT NULL DEFAULT 1,
    feed_cursor INTEGER NOT NULL DEFAULT 0,
    catalogue_cursor INTEGER NOT NULL DEFAULT 0,
    last_contact_at INTEGER NOT NULL DEFAULT 0,
    last_received_at INTEGER NOT NULL DEFAULT 0,
    -- Device's clock minus centre's clock; NULL until measured, since 0 is a measurement.
    clock_offset_ms INTEGER
) STRICT;

-- What is typed before it is filed; belongs to the office, not to an operator.
CREATE TABLE drafts (
    id BLOB NOT NULL PRIMARY KEY,
    -- JSON as given.
    entry TEXT NOT NULL,
    -- The returned application that it mends, or x''.
    mends BLOB NOT NULL DEFAULT x'',
    operator BLOB NOT NULL,
    saved_at INTEGER NOT NULL
) STRICT;

-- Copies of papers. The bytes are in encrypted files named by the hash.
CREATE TABLE documents (
    hash BLOB NOT NULL PRIMARY KEY,
    media_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    stored_at INTEGER NOT NULL,
    -- Bytes that the centre has, as last heard.
    sent_bytes INTEGER NOT NULL DEFAULT 0,
    -- When the centre confirmed the whole of it, or 0.
    uploaded_at INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX documents_not_uploaded ON documents (hash) WHERE uploaded_at = 0;

-- Messages of the centre to the office; by the id of their item, so that one that comes again
-- after the feed started over stays read.
CREATE TABLE notices (
    item_id BLOB NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    at INTEGER NOT NULL,
    read_at INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Files that this device has written for the centre, to be carried. A number is never used twice.
CREATE TABLE courier_files (
    number INTEGER NOT NULL PRIMARY KEY,
    -- Random; also in the file, so that two files of one number are told apart.
    id BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    -- Where it was written; '' and 0 bytes until it was read back from there.
    path TEXT NOT NULL DEFAULT '',
    entries INTEGER NOT NULL DEFAULT 0,
    documents INTEGER NOT NULL DEFAULT 0,
    size_bytes INTEGER NOT NULL DEFAULT 0,
    -- When an answer to it, or to a later one that came whole, was read here; or 0.
    answered_at INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What this PC remembers of its user's choices: JSON by name.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- === 3. Projections ==============================================================================

-- The version of the rules by which the projections were computed.
CREATE TABLE projection (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
) STRICT;

-- Applications as the lists show them. What was filed is read from the event at content_seq.
CREATE TABLE applications (
    -- Of the event that recorded it: the order of filing.
    seq INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    tracking_code INTEGER NOT NULL UNIQUE,
    service TEXT NOT NULL,
    card_version BLOB NOT NULL,
    applicant_name TEXT NOT NULL,
    -- National or legal id; '' for a person without papers.
    applicant_code TEXT NOT NULL DEFAULT '',
    recorded_at INTEGER NOT NULL,
    due_on TEXT NOT NULL,
    -- recorded, accepted, returned, resubmitted, approved, refused, delivered, withdrawn. That it
    -- was received is computed from the acknowledgement.
    state TEXT NOT NULL,
    -- The office's last act that moved it, which the centre must acknowledge.
    state_seq INTEGER NOT NULL,
    -- The event that holds its present content.
    content_seq INTEGER NOT NULL,
    -- Has an officer ever taken it up?
    accepted INTEGER NOT NULL DEFAULT 0,
    -- Defects of the last return while it is returned, as CBOR, or x''.
    defects BLOB NOT NULL DEFAULT x'',
    copies_printed INTEGER NOT NULL DEFAULT 0,
    parked INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX applications_by_day ON applications (recorded_at);
CREATE INDEX applications_by_applicant ON applications (applicant_code, seq);
CREATE INDEX applications_by_state_seq ON applications (state_seq);
CREATE INDEX applications_returned ON applications (seq) WHERE state = 'returned';
CREATE INDEX applications_to_deliver ON applications (seq) WHERE state IN ('approved', 'refused');
CREATE INDEX applications_undecided ON applications (due_on, seq)
WHERE state IN ('recorded', 'accepted', 'resubmitted');
CREATE INDEX applications_to_print ON applications (seq)
WHERE copies_printed = 0 AND state <> 'withdrawn';
CREATE INDEX applications_parked ON applications (seq) WHERE parked = 1;

-- Words of each application, folded to one spelling; rowid is its seq, so newest first costs
-- nothing. Only rowids are asked for, so no positions and no text are kept.
CREATE VIRTUAL TABLE application_words USING fts5 (
    words,
    content = '',
    contentless_delete = 1,
    detail = 'none',
    prefix = '1 2 3 4 5',
    tokenize = 'unicode61 remove_diacritics 0'
);

-- Which event names which document.
CREATE TABLE document_uses (
    hash BLOB NOT NULL,
    seq INTEGER NOT NULL,
    application BLOB NOT NULL,
    PRIMARY KEY (hash, seq)
) STRICT;

CREATE INDEX document_uses_by_application ON document_uses (application);

-- Entries that the centre could not use and nobody has mended since; number is of the feed's item.
CREATE TABLE parked_entries (
    seq INTEGER NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL,
    application BLOB NOT NULL DEFAULT x''
) STRICT;

CREATE INDEX parked_entries_by_application ON parked_entries (application);

-- Names of operators as enrolled on this device.
CREATE TABLE operators (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;

-- How often each service was recorded.
CREATE TABLE service_counts (
    service TEXT NOT NULL PRIMARY KEY,
    recorded INTEGER NOT NULL
) STRICT;

-- How many applications each list of work holds: what is counted anew each time would be a walk
-- along an index of a million. undecided is by due day, since which of them are late changes at
-- midnight; the others have ''. Nothing is kept of an empty list.
CREATE TABLE application_counts (
    list TEXT NOT NULL,
    due_on TEXT NOT NULL DEFAULT '',
    applications INTEGER NOT NULL,
    PRIMARY KEY (list, due_on)
) STRICT;
