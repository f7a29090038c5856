DELETE FROM applications;
INSERT INTO application_words (application_words) VALUES ('delete-all');
DELETE FROM document_uses;
DELETE FROM parked_entries;
DELETE FROM operators;
DELETE FROM service_counts;
DELETE FROM application_counts;
