-- How many applications each list of work holds, kept as they change.
CREATE TABLE application_counts (
    list TEXT NOT NULL,
    due_on TEXT NOT NULL DEFAULT '',
    applications INTEGER NOT NULL,
    PRIMARY KEY (list, due_on)
) STRICT;

INSERT INTO application_counts (list, due_on, applications)
SELECT list, due_on, count(*)
FROM (
    SELECT 'returned' AS list, '' AS due_on FROM applications WHERE state = 'returned'
    UNION ALL
    SELECT 'to_deliver', '' FROM applications WHERE state IN ('approved', 'refused')
    UNION ALL
    SELECT 'undecided', due_on FROM applications
    WHERE state IN ('recorded', 'accepted', 'resubmitted')
    UNION ALL
    SELECT 'to_print', '' FROM applications WHERE copies_printed = 0 AND state <> 'withdrawn'
    UNION ALL
    SELECT 'parked', '' FROM applications WHERE parked = 1
    UNION ALL
    SELECT 'accepted', '' FROM applications WHERE accepted = 1
)
GROUP BY list, due_on;
