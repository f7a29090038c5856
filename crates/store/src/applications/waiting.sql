-- The log has no gaps and its times only grow: what waits is a difference, the oldest is the first.
WITH acknowledged AS (SELECT acknowledged_seq AS seq FROM sync_state),
moved AS (
    SELECT count(*) AS applications, min(applications.state_seq) AS first_seq
    FROM applications
    WHERE applications.state_seq > (SELECT seq FROM acknowledged)
)
SELECT
    (SELECT coalesce(sum(recorded), 0) FROM service_counts) AS recorded,
    moved.applications AS applications,
    (
        SELECT coalesce(min(device_time_at), 0) FROM events
        WHERE events.seq = (SELECT seq FROM acknowledged) + 1
    ) AS oldest_at,
    (
        SELECT coalesce(min(device_time_at), 0) FROM events WHERE events.seq = moved.first_seq
    ) AS oldest_application_at,
    (SELECT coalesce(max(seq), 0) FROM events) - (SELECT seq FROM acknowledged)
    - moved.applications AS other_entries
FROM moved
