INSERT INTO publications (number, version, kind, service, bytes, signature, came_at)
VALUES (:number, :version, :kind, :service, :bytes, :signature, :came_at)
ON CONFLICT (version) DO UPDATE SET
    number = excluded.number,
    kind = excluded.kind,
    service = excluded.service,
    signature = excluded.signature
