//! Applications, histories and names, as pages show them.

use pishkhan_server::audit::Wrong;
use pishkhan_server::values;

use super::{Original, names, ways};

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
        "an act is marked as come too late", copy => {
            copy.write("UPDATE acts SET applied = 0 WHERE application = $1 AND kind = 'returned'", values![first]).await;
        } => ("acts", ActForeign, None);
        "an operator gets another name", copy => {
            copy.write("UPDATE operators SET name = $1", values!["دیگری"]).await;
        } => ("operators", OperatorName, None);
    }
}
