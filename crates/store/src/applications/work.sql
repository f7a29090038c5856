-- Kept counts, and two that are counted: an index of today and a table of a few rows each.
WITH kept AS (SELECT list, applications FROM application_counts WHERE due_on = '')
SELECT
    (SELECT count(*) FROM applications WHERE recorded_at >= :day_begins_at) AS today,
    coalesce((SELECT applications FROM kept WHERE list = 'returned'), 0) AS returned,
    coalesce((SELECT applications FROM kept WHERE list = 'to_deliver'), 0) AS to_deliver,
    (
        SELECT coalesce(sum(applications), 0) FROM application_counts
        WHERE list = 'undecided' AND due_on < :today
    ) AS late,
    coalesce((SELECT applications FROM kept WHERE list = 'to_print'), 0) AS to_print,
    coalesce((SELECT applications FROM kept WHERE list = 'parked'), 0) AS parked,
    (SELECT count(*) FROM drafts) AS drafts,
    (SELECT count(*) FROM notices WHERE read_at = 0) AS notices_unread
