SELECT
    documents.hash,
    documents.size_bytes,
    documents.sent_bytes,
    documents.media_type,
    -- SQLite takes the other columns of a min() from the row that has it.
    uses.application,
    min(uses.seq) AS first_seq
FROM documents
JOIN document_uses AS uses ON uses.hash = documents.hash
WHERE documents.uploaded_at = 0
    AND (:unacknowledged_too OR uses.seq <= (SELECT acknowledged_seq FROM sync_state))
GROUP BY documents.hash
ORDER BY first_seq, documents.size_bytes
LIMIT :limit
