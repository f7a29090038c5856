//! The form of a service card: from what was typed to what is kept.
//!
//! Invariant: a [`Form`] holds only fields of its card, each normalised and within its rules.

use std::collections::BTreeMap;

use minicbor::decode::{Decoder, Error};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A checked answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(untagged)]
pub enum Answer {
    /// Yes or no.
    #[n(0)]
    Flag(#[n(0)] bool),
    /// A whole number or an amount in rial.
    #[n(1)]
    Integer(
        #[n(0)]
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        i64,
    ),
    /// Text, a choice's value, a code in Latin digits, an ISO date, a decimal such as `12.5`.
    #[n(2)]
    Text(#[n(0)] String),
    /// Rows of a repeated group.
    #[n(3)]
    Rows(#[n(0)] Vec<BTreeMap<String, Answer>>),
}

/// Checked answers by field key. Sorted, so that its encoding is deterministic.
pub type Form = BTreeMap<String, Answer>;

/// What was typed, by field key: texts (any digits), booleans, numbers, or arrays of objects for
/// repeated groups. Kept in drafts as it is.
pub type FormEntry = BTreeMap<String, serde_json::Value>;

impl<'b, C> Decode<'b, C> for Answer {
    /// Reads what the derived encoding writes, and nothing deeper: rows within rows are refused, so
    /// that bytes from elsewhere cannot nest until the stack is full.
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, Error> {
        match variant(d)? {
            3 => only_member(d)?,
            flat => return flat_answer(flat, d),
        }
        let count = definite(d.array()?)?;
        let rows = (0..count).map(|_| flat_row(d, ctx)).collect::<Result<_, _>>()?;
        Ok(Self::Rows(rows))
    }
}

fn flat_row<C>(d: &mut Decoder<'_>, ctx: &mut C) -> Result<BTreeMap<String, Answer>, Error> {
    let count = definite(d.map()?)?;
    let answer = |_| {
        let key = d.decode_with(ctx)?;
        let number = variant(d)?;
        Ok((key, flat_answer(number, d)?))
    };
    (0..count).map(answer).collect()
}

fn flat_answer(number: u32, d: &mut Decoder<'_>) -> Result<Answer, Error> {
    match number {
        0..=2 => only_member(d)?,
        _ => return Err(Error::unknown_variant(i64::from(number))),
    }
    match number {
        0 => d.bool().map(Answer::Flag),
        1 => d.i64().map(Answer::Integer),
        _ => d.str().map(|text| Answer::Text(text.to_owned())),
    }
}

/// Number of an enum's variant, behind which its array of members follows.
fn variant(d: &mut Decoder<'_>) -> Result<u32, Error> {
    if d.array()? == Some(2) { d.u32() } else { Err(Error::message("an answer has two parts")) }
}

fn only_member(d: &mut Decoder<'_>) -> Result<(), Error> {
    if d.array()? == Some(1) { Ok(()) } else { Err(Error::message("an answer has one value")) }
}

fn definite(length: Option<u64>) -> Result<u64, Error> {
    length.ok_or_else(|| Error::message("rows have a definite length"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn flat() -> impl Strategy<Value = Answer> {
        prop_oneof![
            any::<bool>().prop_map(Answer::Flag),
            any::<i64>().prop_map(Answer::Integer),
            ".{0,20}".prop_map(Answer::Text),
        ]
    }

    fn answer() -> impl Strategy<Value = Answer> {
        let row = prop::collection::btree_map("[a-z]{1,8}", flat(), 0..4);
        prop_oneof![3 => flat(), 1 => prop::collection::vec(row, 0..4).prop_map(Answer::Rows)]
    }

    proptest! {
        #[test]
        fn a_form_reads_as_it_was_written(form in prop::collection::btree_map("[a-z]{1,8}", answer(), 0..6)) {
            let form: Form = form;
            let bytes = minicbor::to_vec(&form).unwrap();
            prop_assert_eq!(minicbor::decode::<Form>(&bytes).unwrap(), form);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = minicbor::decode::<Answer>(&bytes);
        }
    }

    #[test]
    fn rows_within_rows_are_refused_before_the_stack_is_full() {
        let mut nested = Answer::Flag(true);
        for _ in 0..2 {
            nested = Answer::Rows(vec![BTreeMap::from([("a".to_owned(), nested)])]);
        }
        assert!(minicbor::decode::<Answer>(&minicbor::to_vec(&nested).unwrap()).is_err());
        let level = minicbor::to_vec(&nested).unwrap();
        let opening = &level[..7];
        assert!(minicbor::decode::<Answer>(&opening.repeat(1_000_000)).is_err());
    }
}
