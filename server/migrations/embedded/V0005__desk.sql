-- What the desk looks an application up by; written with every change of it. Rows of an older
-- release are filled afterwards, a few at a time: they are those with `desk_at` below `changed_at`.
-- Ten digits of a person, eleven of a body.
ALTER TABLE applications ADD COLUMN national_id TEXT NOT NULL DEFAULT '';
ALTER TABLE applications ADD COLUMN mobile TEXT NOT NULL DEFAULT '';
-- Folded, without spaces; first name first, and family name first.
ALTER TABLE applications ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE applications ADD COLUMN family_key TEXT NOT NULL DEFAULT '';
-- The due day moved by the working days that the citizen had the application.
ALTER TABLE applications ADD COLUMN answer_due_on TEXT NOT NULL DEFAULT '';
ALTER TABLE applications ADD COLUMN desk_at INTEGER NOT NULL DEFAULT 0;

CREATE INDEX applications_not_at_desk ON applications (office, application)
WHERE desk_at < changed_at;
CREATE INDEX applications_by_state
ON applications (agency, state, filed_at, application, received_at);
CREATE INDEX applications_by_service ON applications (agency, service, state, filed_at, application);
CREATE INDEX applications_by_office ON applications (office, state, filed_at, application);
CREATE INDEX applications_by_due_day ON applications (agency, answer_due_on, application)
WHERE state IN ('received', 'accepted', 'resubmitted');
CREATE INDEX applications_by_national_id ON applications (agency, national_id, filed_at)
WHERE national_id <> '';
CREATE INDEX applications_by_mobile ON applications (agency, mobile, filed_at)
WHERE mobile <> '';
CREATE INDEX applications_by_name ON applications (agency, name_key, application);
CREATE INDEX applications_by_family ON applications (agency, family_key, application);

-- Taken up while an older one of the same service waited, and why.
CREATE TABLE taken_out_of_order (
    office TEXT NOT NULL,
    application TEXT NOT NULL,
    taken_at INTEGER NOT NULL,
    agency TEXT NOT NULL,
    service TEXT NOT NULL,
    username TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (office, application, taken_at)
) STRICT;
CREATE INDEX taken_out_of_order_by_agency ON taken_out_of_order (agency, taken_at);

-- Filters of the queue under a name; each member's own.
CREATE TABLE saved_views (
    username TEXT NOT NULL REFERENCES staff (username),
    name TEXT NOT NULL,
    filters TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (username, name)
) STRICT;

-- Ready reasons for a return, kept by the agency's supervisor for each service.
CREATE TABLE return_reasons (
    agency TEXT NOT NULL REFERENCES agencies (agency),
    service TEXT NOT NULL,
    place INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (agency, service, place)
) STRICT;
