-- Files of devices that were carried here, as often as they came.
CREATE TABLE courier_files (
    office TEXT NOT NULL,
    device BIGINT NOT NULL,
    number BIGINT NOT NULL,
    -- Random: tells two files of one number apart.
    id BYTEA NOT NULL,
    -- By the device's clock.
    made_at BIGINT NOT NULL,
    came_at BIGINT NOT NULL,
    last_came_at BIGINT NOT NULL,
    times BIGINT NOT NULL DEFAULT 1,
    -- Did it come with its end, at least once?
    whole BIGINT NOT NULL,
    -- What was new of it, over all its times.
    entries BIGINT NOT NULL,
    documents BIGINT NOT NULL,
    PRIMARY KEY (office, device, number, id)
);
