INSERT INTO feed (
    run, number, item, hash, after_seq, until_seq, came_at, item_id, application
) VALUES (
    (SELECT feed_run FROM sync_state),
    :number, :item, :hash, :after_seq, :until_seq, :came_at, :item_id, :application
)
