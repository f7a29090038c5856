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
