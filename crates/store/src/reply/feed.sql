INSERT INTO feed (
    run, number, item, hash, came_at, application
) VALUES (
    (SELECT feed_run FROM sync_state),
    :number, :item, :hash, :came_at, :application
)
