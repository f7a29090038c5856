SELECT
    office, application, tracking_code, device, seq, service, card_version, agency, content,
    fee_rial, due_on, state, filed_at, received_at, changed_at, defects, note, reason_code,
    copies_printed, act_number, last_seq, answer_due_on
FROM applications
