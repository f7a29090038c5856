//! What was published: numbers without gaps, each signed by the centre and named by its bytes.

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::keys::{PublicKey, Purpose};

use super::finding::{Finding, Wrong};
use super::{MOST_NAMED, PAGE};
use crate::storage::{StorageError, Unit, evidence, publications};

pub(super) async fn check(
    unit: &mut dyn Unit,
    key: &PublicKey,
    findings: &mut Vec<Finding>,
) -> Result<(), StorageError> {
    let at = |number, wrong| Finding::new("publications", wrong).at(number);
    let mut number = 0;
    loop {
        let page = publications::after(unit, number, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for found in page {
            let missing = (number + 1..found.number).take(MOST_NAMED);
            findings.extend(missing.map(|number| at(number, Wrong::PublicationMissing)));
            number = found.number;
            let signed = key.verify(Purpose::Publication, &found.bytes, &found.signature);
            if signed.is_err() || ContentHash::of(&found.bytes).to_string() != found.version {
                findings.push(at(number, Wrong::PublicationWrong).about(&found.code));
            }
        }
    }
    let end = evidence::publication_number(unit).await?;
    let missing = (number + 1..=end).take(MOST_NAMED);
    findings.extend(missing.map(|number| at(number, Wrong::PublicationMissing)));
    Ok(())
}
