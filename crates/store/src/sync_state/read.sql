SELECT
    state.acknowledged_seq,
    events.hash AS acknowledged_hash,
    state.safe_seq,
    state.epoch,
    state.lease,
    state.anchor_at,
    state.anchor_nonce,
    state.feed_cursor,
    feed.hash AS feed_hash,
    state.catalogue_cursor,
    state.last_contact_at,
    state.last_received_at,
    state.clock_offset_ms
FROM sync_state AS state
LEFT JOIN events ON events.seq = state.acknowledged_seq
LEFT JOIN feed ON feed.run = state.feed_run AND feed.number = state.feed_cursor
