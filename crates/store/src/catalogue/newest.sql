SELECT bytes, version
FROM publications AS published
WHERE kind = 'service_card'
    AND id = (
        SELECT id FROM publications AS other
        WHERE other.kind = 'service_card' AND other.service = published.service
        ORDER BY number DESC, id DESC
        LIMIT 1
    )
ORDER BY service
