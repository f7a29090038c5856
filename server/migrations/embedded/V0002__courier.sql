-- Files of devices that were carried here, as often as they came.
CREATE TABLE courier_files (
    office TEXT NOT NULL,
    device INTEGER NOT NULL,
    number INTEGER NOT NULL,
    -- Random: tells two files of one number apart.
    id BLOB NOT NULL,
    -- By the device's clock.
    made_at INTEGER NOT NULL,
    came_at INTEGER NOT NULL,
    last_came_at INTEGER NOT NULL,
    times INTEGER NOT NULL DEFAULT 1,
    -- Did it come with its end, at least once?
    whole INTEGER NOT NULL,
    -- What was new of it, over all its times.
    entries INTEGER NOT NULL,
    documents INTEGER NOT NULL,
    PRIMARY KEY (office, device, number, id)
) STRICT;
