-- Kilometres from the office to the centre of its district, one way; 0 where it is not known.
ALTER TABLE offices ADD COLUMN distance_km INTEGER NOT NULL DEFAULT 0;

-- Sums of an office, by Jalali month (1405-08) and service. The service '' is all of them, the
-- month '' is what stands open now. Computed; can be computed again at any time.
CREATE TABLE office_figures (
    office TEXT NOT NULL,
    month TEXT NOT NULL,
    service TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (office, month, service)
) STRICT;

-- What an office's figures were computed from, and for which district.
CREATE TABLE office_figure_stamps (
    office TEXT NOT NULL PRIMARY KEY,
    district TEXT NOT NULL,
    stamp TEXT NOT NULL,
    computed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX office_figure_stamps_by_district ON office_figure_stamps (district);

-- The same sums of all offices of a district.
CREATE TABLE district_figures (
    district TEXT NOT NULL,
    month TEXT NOT NULL,
    service TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (district, month, service)
) STRICT;

-- Must a district be added up again, and with which number was it last?
CREATE TABLE district_figure_stamps (
    district TEXT NOT NULL PRIMARY KEY,
    outdated INTEGER NOT NULL,
    number INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One row: the last number that was given.
CREATE TABLE figures_end (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    number INTEGER NOT NULL
) STRICT;
INSERT INTO figures_end (id, number) VALUES (1, 0);

-- How satisfied people are: numbers only. Which answer was whose is nowhere.
CREATE TABLE ratings (
    office TEXT NOT NULL,
    month TEXT NOT NULL,
    service TEXT NOT NULL,
    rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
    number INTEGER NOT NULL,
    PRIMARY KEY (office, month, service, rating)
) STRICT;

-- Applications that were asked about and have been answered for: once each.
CREATE TABLE rated_applications (
    office TEXT NOT NULL,
    application TEXT NOT NULL,
    PRIMARY KEY (office, application)
) STRICT;
