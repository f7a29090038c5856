-- What letters of an agency say, by service, kept by its supervisor. A version is never changed, so
-- that a letter names what it was made from; one that is withdrawn is a version too.
CREATE TABLE letter_templates (
    agency TEXT NOT NULL REFERENCES agencies (agency),
    service TEXT NOT NULL,
    template BIGINT NOT NULL,
    version BIGINT NOT NULL,
    title TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- Paragraphs, one a line; names in braces are filled in.
    body TEXT NOT NULL,
    -- 1 when it is offered no more.
    withdrawn BIGINT NOT NULL,
    written_by TEXT NOT NULL,
    written_at BIGINT NOT NULL,
    PRIMARY KEY (agency, service, template, version)
);

-- The last number of an agency's register in a Jalali year. The row is the lock: a number is taken
-- in the transaction that approves, so that none is left out and none is given twice.
CREATE TABLE letter_numbers (
    agency TEXT NOT NULL REFERENCES agencies (agency),
    year BIGINT NOT NULL,
    last_number BIGINT NOT NULL,
    PRIMARY KEY (agency, year)
);

-- A letter that went with an approval; the office has the same bytes in its feed.
CREATE TABLE letters (
    office TEXT NOT NULL,
    application TEXT NOT NULL,
    agency TEXT NOT NULL,
    year BIGINT NOT NULL,
    number BIGINT NOT NULL,
    content BYTEA NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (office, application)
);
