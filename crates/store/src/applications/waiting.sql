WITH acknowledged AS (SELECT acknowledged_seq AS seq FROM sync_state),
waiting AS (
    SELECT events.seq, events.device_time_at
    FROM events
    WHERE events.seq > (SELECT seq FROM acknowledged)
),
moved AS (
    SELECT applications.state_seq
    FROM applications
    WHERE applications.state_seq > (SELECT seq FROM acknowledged)
)
SELECT
    (SELECT coalesce(sum(recorded), 0) FROM service_counts) AS recorded,
    (SELECT count(*) FROM moved) AS applications,
    (SELECT coalesce(min(device_time_at), 0) FROM waiting) AS oldest_at,
    (
        SELECT coalesce(min(device_time_at), 0) FROM waiting
        WHERE seq IN (SELECT state_seq FROM moved)
    ) AS oldest_application_at,
    (SELECT count(*) FROM waiting WHERE seq NOT IN (SELECT state_seq FROM moved)) AS other_entries
