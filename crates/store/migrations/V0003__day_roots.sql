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
