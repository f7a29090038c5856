-- What was fixed at filing is never written again.
INSERT INTO applications (
    office, application, tracking_code, device, seq, service, card_version, agency,
    applicant_name, last_four, content, fee_rial, due_on, state, filed_at, received_at,
    changed_at, defects, note, reason_code, copies_printed, act_number,
    last_seq, national_id, mobile, name_key, family_key, answer_due_on, desk_at
)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
    $20, $21, $22, $23, $24, $25, $26, $27, $28, $29
)
ON CONFLICT (office, application) DO UPDATE SET
    applicant_name = excluded.applicant_name,
    last_four = excluded.last_four,
    content = excluded.content,
    state = excluded.state,
    changed_at = excluded.changed_at,
    defects = excluded.defects,
    note = excluded.note,
    reason_code = excluded.reason_code,
    copies_printed = excluded.copies_printed,
    act_number = excluded.act_number,
    last_seq = excluded.last_seq,
    agency = excluded.agency,
    national_id = excluded.national_id,
    mobile = excluded.mobile,
    name_key = excluded.name_key,
    family_key = excluded.family_key,
    answer_due_on = excluded.answer_due_on,
    desk_at = excluded.desk_at
