SELECT
    (SELECT count(*) FROM applications WHERE recorded_at >= :day_begins_at) AS today,
    (SELECT count(*) FROM applications WHERE state = 'returned') AS returned,
    (SELECT count(*) FROM applications WHERE state IN ('approved', 'refused')) AS to_deliver,
    (
        SELECT count(*) FROM applications
        WHERE state IN ('recorded', 'accepted', 'resubmitted') AND due_on < :today
    ) AS late,
    (
        SELECT count(*) FROM applications WHERE copies_printed = 0 AND state <> 'withdrawn'
    ) AS to_print,
    (SELECT count(*) FROM applications WHERE parked = 1) AS parked,
    (SELECT count(*) FROM drafts) AS drafts,
    (SELECT count(*) FROM notices WHERE read_at = 0) AS notices_unread
