SELECT
    applications.id,
    applications.seq,
    applications.tracking_code,
    applications.service,
    applications.card_version,
    applications.applicant_name,
    applications.applicant_code,
    applications.recorded_at,
    applications.due_on,
    applications.state,
    applications.state_seq,
    applications.accepted,
    applications.defects,
    applications.copies_printed,
    applications.parked,
    EXISTS (
        SELECT 1 FROM parked_entries WHERE parked_entries.seq = applications.content_seq
    ) AS content_parked,
    (
        SELECT count(DISTINCT documents.hash)
        FROM document_uses
        JOIN documents ON documents.hash = document_uses.hash
        WHERE document_uses.application = applications.id AND documents.uploaded_at = 0
    ) AS documents_waiting
FROM applications
