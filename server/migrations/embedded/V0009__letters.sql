-- What letters of an agency say, by service, kept by its supervisor. A version is never changed, so
-- that a letter names what it was made from; one that is withdrawn is a version too.
CREATE TABLE letter_templates (
    agency TEXT NOT NULL REFERENCES agencies (agency),
    service TEXT NOT NULL,
    template INTEGER NOT NULL,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- Paragraphs, one a line; names in braces are filled in.
    body TEXT NOT NULL,
    -- 1 when it is offered no more.
    withdrawn INTEGER NOT NULL,
    written_by TEXT NOT NULL,
    written_at INTEGER NOT NULL,
    PRIMARY KEY (agency, service, template, version)
) STRICT;

-- The last number of an agency's register in a Jalali year. The row is the lock: a number is taken
-- in the transaction that approves, so that none is left out and none is given twice.
CREATE TABLE letter_numbers (
    agency TEXT NOT NULL REFERENCES agencies (agency),
    year INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    PRIMARY KEY (agency, year)
) STRICT;

-- A letter that went with an approval; the office has the same bytes in its feed.
CREATE TABLE letters (
    office TEXT NOT NULL,
    application TEXT NOT NULL,
    agency TEXT NOT NULL,
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,
    content BLOB NOT NULL,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (office, application)
) STRICT;
