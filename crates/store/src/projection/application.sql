INSERT INTO applications (
    seq, id, tracking_code, service, card_version, applicant_name, applicant_code, recorded_at,
    due_on, state, state_seq, content_seq, accepted, defects, copies_printed, parked
) VALUES (
    :seq, :id, :tracking_code, :service, :card_version, :applicant_name, :applicant_code,
    :recorded_at, :due_on, :state, :state_seq, :content_seq, :accepted, :defects,
    :copies_printed, :parked
)
ON CONFLICT (seq) DO UPDATE SET
    applicant_name = excluded.applicant_name,
    applicant_code = excluded.applicant_code,
    state = excluded.state,
    state_seq = excluded.state_seq,
    content_seq = excluded.content_seq,
    accepted = excluded.accepted,
    defects = excluded.defects,
    copies_printed = excluded.copies_printed,
    parked = excluded.parked
