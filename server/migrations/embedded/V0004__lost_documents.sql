-- When a document that had arrived was found to be missing or damaged; null again when it has come
-- again.
ALTER TABLE documents ADD COLUMN lost_at INTEGER;
CREATE INDEX documents_lost ON documents (office, hash)
WHERE lost_at IS NOT NULL AND received_at IS NULL;
