//! Letters and the registers that number them.

use pishkhan_server::audit::Wrong;
use pishkhan_server::values;

use super::{Original, names, ways};

pub(super) async fn every_way(original: &Original) {
    let id =
        |seq: usize| pishkhan_domain::ids::ApplicationId::from(original.device.log[seq].rest.id);
    let first = id(1).to_string();
    let first = first.as_str();
    ways! { original:
        "a letter is deleted", copy => {
            copy.write("DELETE FROM letters", vec![]).await;
        } => ("letters", LetterMissing, None), ("letter_numbers", LetterGap, Some(1));
        "a letter is deleted with its register", copy => {
            copy.write("DELETE FROM letters", vec![]).await;
            copy.write("DELETE FROM letter_numbers", vec![]).await;
        } => ("letters", LetterMissing, None);
        "what a letter says is changed", copy => {
            copy.write("UPDATE letters SET content = $1", values![&b"another"[..]]).await;
        } => ("letters", LetterDiffers, None), ("letters", LetterNumber, None);
        "a letter gets another number", copy => {
            copy.write("UPDATE letters SET number = 2", vec![]).await;
        } => ("letters", LetterNumber, None), ("letter_numbers", LetterGap, Some(1)), ("letter_numbers", LetterRegister, None);
        "a letter is put into another agency's register", copy => {
            copy.write("UPDATE letters SET agency = 'another'", vec![]).await;
        } => ("letter_numbers", LetterGap, Some(1)), ("letter_numbers", LetterRegister, None);
        "a letter is given to another application", copy => {
            copy.write("UPDATE letters SET application = $1", values![first]).await;
        } => ("letters", LetterForeign, None), ("letters", LetterMissing, None);
        "a letter is made up under a number that is taken", copy => {
            let sql = "INSERT INTO letters (office, application, agency, year, number, content, made_by, made_at) \
                       SELECT office, $1, agency, year, number, content, made_by, made_at FROM letters";
            copy.write(sql, values![first]).await;
        } => ("letters", LetterForeign, None), ("letter_numbers", LetterTwice, Some(1));
        "a register is set back", copy => {
            copy.write("UPDATE letter_numbers SET last_number = 0", vec![]).await;
        } => ("letter_numbers", LetterRegister, Some(0));
    }
}
