//! Columns of an application's row, compared with what follows from its history.

use crate::storage::applications::{Application, searched_by};
use crate::storage::evidence::ApplicationRow;

/// A text as the database keeps it.
pub(super) fn stored(text: &str) -> String {
    text.replace('\0', "")
}

/// The columns in which a row differs from what follows. The due day of one that was mended moved
/// by the calendar of that time, which may have been another: it is only not before the promised.
pub(super) fn differing(
    follows: &Application,
    mended: bool,
    row: &ApplicationRow,
) -> Vec<&'static str> {
    let Ok(stands) = &row.application else { return Vec::new() };
    let name = stored(&follows.content.applicant.full_name());
    let last_four = follows.content.applicant.last_four().unwrap_or_default();
    let columns = [
        ("tracking_code", follows.tracking_code == stands.tracking_code),
        ("device", follows.device == stands.device),
        ("seq", follows.seq == stands.seq),
        ("service", follows.service == stands.service),
        ("card_version", follows.card_version == stands.card_version),
        ("agency", follows.agency == stands.agency),
        ("applicant_name", name == row.applicant_name),
        ("last_four", last_four == row.last_four),
        ("content", follows.content == stands.content),
        ("fee_rial", follows.fee_rial == stands.fee_rial),
        ("due_on", stored(&follows.due_on) == stands.due_on),
        ("state", follows.state == stands.state),
        ("filed_at", follows.filed_at == stands.filed_at),
        ("received_at", follows.received_at == stands.received_at),
        ("changed_at", follows.changed_at == stands.changed_at),
        ("defects", follows.defects == stands.defects),
        ("note", stored(&follows.note) == stands.note),
        ("reason_code", follows.reason_code == stands.reason_code),
        ("copies_printed", follows.copies_printed == stands.copies_printed),
        ("act_number", follows.act_number == stands.act_number),
        ("last_seq", follows.last_seq == stands.last_seq),
    ];
    let due = stands.answer_due_on == stands.due_on
        || (mended && stands.answer_due_on.as_str() > stands.due_on.as_str());
    let searched = searched_by(&follows.content).into_iter().zip(row.searched_by.iter().flatten());
    let searched = searched.map(|((column, text), stands)| (column, stored(&text) == *stands));
    columns
        .into_iter()
        .chain([("answer_due_on", due)])
        .chain(searched)
        .filter(|(_, same)| !same)
        .map(|(column, _)| column)
        .collect()
}
