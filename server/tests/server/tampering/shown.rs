//! Applications, histories and names, as pages show them.

use pishkhan_server::audit::Wrong;
use pishkhan_server::values;

use super::{Copy, Original, names, ways};

pub(super) async fn every_way(original: &Original) {
    let id =
        |seq: usize| pishkhan_domain::ids::ApplicationId::from(original.device.log[seq].rest.id);
    let (first, second) = (id(1).to_string(), id(3).to_string());
    let (first, second) = (first.as_str(), second.as_str());
    ways! { original:
        "an application's state is changed", copy => {
            copy.write("UPDATE applications SET state = 'approved' WHERE application = $1", values![first]).await;
        } => ("applications", ApplicationDiffers, None);
        "an application's fee is changed", copy => {
            copy.write("UPDATE applications SET fee_rial = 1 WHERE application = $1", values![first]).await;
        } => ("applications", ApplicationDiffers, None);
        "the name by which it is found is changed", copy => {
            copy.write("UPDATE applications SET applicant_name = 'دیگری' WHERE application = $1", values![first]).await;
        } => ("applications", ApplicationDiffers, None);
        "when it was filed is changed", copy => {
            copy.write("UPDATE applications SET filed_at = filed_at - 1 WHERE application = $1", values![first]).await;
        } => ("applications", ApplicationDiffers, None);
        "what was asked for is changed", copy => {
            copy.write("UPDATE applications SET content = replace(content, 'زهرا', 'مریم') WHERE application = $1", values![first]).await;
        } => ("applications", ApplicationDiffers, None);
        "an application is deleted", copy => {
            copy.write("DELETE FROM applications WHERE application = $1", values![second]).await;
        } => ("applications", ApplicationMissing, Some(4));
        "an application is deleted with its history", copy => {
            copy.write("DELETE FROM applications WHERE application = $1", values![first]).await;
            copy.write("DELETE FROM acts WHERE application = $1", values![first]).await;
        } => ("applications", ApplicationMissing, Some(2)), ("acts", ActMissing, Some(2));
        "an application is made up", copy => {
            copy.write("UPDATE applications SET application = '0199aaaa-0000-7000-8000-000000000000' WHERE application = $1", values![first]).await;
        } => ("applications", ApplicationForeign, None), ("applications", ApplicationMissing, Some(2));
        "an act is deleted", copy => {
            copy.write("DELETE FROM acts WHERE application = $1 AND kind = 'returned'", values![first]).await;
        } => ("acts", ActMissing, None);
        "an act is made up", copy => {
            copy.write("UPDATE acts SET kind = 'approved' WHERE application = $1 AND kind = 'returned'", values![first]).await;
        } => ("acts", ActForeign, None), ("acts", ActMissing, None);
        "an act is dated back", copy => {
            copy.write("UPDATE acts SET acted_at = acted_at - 60000 WHERE application = $1 AND kind = 'accepted'", values![first]).await;
        } => ("acts", ActForeign, Some(4));
        "two acts change places", copy => {
            for (from, to) in [(4_u64, 99_u64), (5, 4), (99, 5)] {
                let sql = "UPDATE acts SET number = $3 WHERE application = $1 AND number = $2";
                copy.write(sql, values![first, from, to]).await;
            }
        } => ("acts", ActOrder, Some(4));
        "an officer's act is put before what the office had sent until then", copy => {
            for (from, to) in [(3_u64, 99_u64), (4, 3), (99, 4)] {
                let sql = "UPDATE acts SET number = $3 WHERE application = $1 AND number = $2";
                copy.write(sql, values![first, from, to]).await;
            }
        } => ("acts", ActOrder, Some(3));
        "what the office did is put before what it did first", copy => {
            for (from, to) in [(1_u64, 99_u64), (3, 1), (99, 3)] {
                let sql = "UPDATE acts SET number = $3 WHERE application = $1 AND number = $2";
                copy.write(sql, values![first, from, to]).await;
            }
        } => ("acts", ActOrder, Some(1));
        "an act is given a later number", copy => {
            copy.write("UPDATE acts SET number = 6 WHERE application = $1 AND number = 5", values![first]).await;
        } => ("acts", ActOrder, Some(6));
        "what the office did is changed", copy => {
            copy.write("UPDATE acts SET text = '2' WHERE application = $1 AND kind = 'printed'", values![first]).await;
        } => ("acts", ActForeign, Some(3)), ("acts", ActMissing, Some(3));
        "when the centre had it is changed in the history", copy => {
            copy.write("UPDATE acts SET acted_at = acted_at - 1 WHERE application = $1 AND kind = 'received'", values![first]).await;
        } => ("acts", ActForeign, Some(2));
        "an act cannot be read", copy => {
            copy.write("UPDATE acts SET place = 'x' WHERE application = $1 AND kind = 'printed'", values![first]).await;
        } => ("acts", Unreadable, Some(3));
        "an application cannot be read", copy => {
            copy.write("UPDATE applications SET content = 'x' WHERE application = $1", values![first]).await;
        } => ("applications", Unreadable, None);
        "an act is marked as come too late", copy => {
            copy.write("UPDATE acts SET applied = 0 WHERE application = $1 AND kind = 'returned'", values![first]).await;
        } => ("acts", ActForeign, None);
        "an operator gets another name", copy => {
            copy.write("UPDATE operators SET name = $1", values!["دیگری"]).await;
        } => ("operators", OperatorName, None);
    }
    each_column(original, first).await;
}

/// Each column of an application, and what it is changed to: any that is not as it follows is named.
const COLUMNS: [(&str, &str); 25] = [
    ("device", "UPDATE applications SET device = device + 1 WHERE application = $1"),
    ("seq", "UPDATE applications SET seq = seq + 1 WHERE application = $1"),
    ("service", "UPDATE applications SET service = 'other' WHERE application = $1"),
    (
        "card_version",
        "UPDATE applications SET card_version = replace(card_version, substr(card_version, 1, 1), CASE WHEN substr(card_version, 1, 1) = '0' THEN '1' ELSE '0' END) WHERE application = $1",
    ),
    ("agency", "UPDATE applications SET agency = 'other' WHERE application = $1"),
    ("applicant_name", "UPDATE applications SET applicant_name = 'دیگری' WHERE application = $1"),
    ("last_four", "UPDATE applications SET last_four = '0000' WHERE application = $1"),
    (
        "content",
        "UPDATE applications SET content = replace(content, 'زهرا', 'مریم') WHERE application = $1",
    ),
    ("fee_rial", "UPDATE applications SET fee_rial = fee_rial + 1 WHERE application = $1"),
    (
        "due_on",
        "UPDATE applications SET due_on = '2027-01-01', answer_due_on = '2027-01-01' WHERE application = $1",
    ),
    ("state", "UPDATE applications SET state = 'approved' WHERE application = $1"),
    ("filed_at", "UPDATE applications SET filed_at = filed_at - 1 WHERE application = $1"),
    ("received_at", "UPDATE applications SET received_at = received_at - 1 WHERE application = $1"),
    ("changed_at", "UPDATE applications SET changed_at = changed_at - 1 WHERE application = $1"),
    ("defects", "UPDATE applications SET defects = '[]' WHERE application = $1"),
    ("note", "UPDATE applications SET note = 'دیگر' WHERE application = $1"),
    ("reason_code", "UPDATE applications SET reason_code = 'other' WHERE application = $1"),
    (
        "copies_printed",
        "UPDATE applications SET copies_printed = copies_printed + 1 WHERE application = $1",
    ),
    ("act_number", "UPDATE applications SET act_number = act_number + 1 WHERE application = $1"),
    ("last_seq", "UPDATE applications SET last_seq = last_seq + 1 WHERE application = $1"),
    (
        "answer_due_on",
        "UPDATE applications SET answer_due_on = '2027-01-01' WHERE application = $1",
    ),
    ("national_id", "UPDATE applications SET national_id = '' WHERE application = $1"),
    ("mobile", "UPDATE applications SET mobile = '' WHERE application = $1"),
    ("name_key", "UPDATE applications SET name_key = '' WHERE application = $1"),
    ("family_key", "UPDATE applications SET family_key = '' WHERE application = $1"),
];

async fn each_column(original: &Original, application: &str) {
    // A code that could have been another's: of an application that is deleted.
    let copy = original.copy().await;
    let code = original.device.log[7].core.tracking_code.unwrap();
    copy.write("DELETE FROM applications WHERE tracking_code = $1", values![code]).await;
    let sql = "UPDATE applications SET tracking_code = $2 WHERE application = $1";
    copy.write(sql, values![application, code]).await;
    named(&copy, application, "tracking_code").await;
    for (column, sql) in COLUMNS {
        let copy = original.copy().await;
        copy.write(sql, values![application]).await;
        named(&copy, application, column).await;
    }
}

async fn named(copy: &Copy, application: &str, column: &str) {
    let findings = copy.audit().await;
    let named = findings.iter().any(|finding| {
        finding.wrong == Wrong::ApplicationDiffers
            && finding.subject == format!("{application} {column}")
    });
    assert!(named, "{column} is not named in {findings:#?}");
}
