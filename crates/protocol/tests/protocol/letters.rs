//! A letter within an approval: whole for whoever knows it, nothing to whoever does not.

use minicbor::{Decode, Encode};
use pishkhan_domain::ids::{ApplicationId, EventId};
use pishkhan_protocol::feed::{Approved, FeedBody, FeedItem};
use pishkhan_protocol::letter::Letter;
use pishkhan_testkit::letters::letter;
use uuid::Uuid;

use crate::office::NOON_MS;

/// An approval, as offices knew it until 28 November 2026.
#[derive(Debug, PartialEq, Encode, Decode)]
struct ApprovedBefore {
    #[n(0)]
    application: ApplicationId,
    #[n(1)]
    note: String,
}

/// An item of the feed, as they knew it.
#[derive(Debug, PartialEq, Encode, Decode)]
struct ItemBefore {
    #[n(0)]
    id: EventId,
    #[n(1)]
    at_ms: i64,
    #[n(2)]
    by: String,
    #[n(3)]
    body: BodyBefore,
    #[n(4)]
    after_seq: u64,
}

#[derive(Debug, PartialEq, Encode, Decode)]
enum BodyBefore {
    #[n(3)]
    Approved(#[n(0)] ApprovedBefore),
}

pub(crate) fn approved(letter: Option<Letter>) -> FeedItem {
    let id = |number: u128| Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000 + number);
    FeedItem {
        id: EventId(id(2)),
        at_ms: NOON_MS,
        by: "کارشناس نمونه".to_owned(),
        body: FeedBody::Approved(Approved {
            application: ApplicationId(id(3)),
            note: "آماده است".to_owned(),
            letter: letter.map(Box::new),
        }),
        after_seq: 2,
    }
}

fn as_before(item: &FeedItem) -> ItemBefore {
    let FeedBody::Approved(body) = &item.body else { panic!("{item:?}") };
    ItemBefore {
        id: item.id,
        at_ms: item.at_ms,
        by: item.by.clone(),
        body: BodyBefore::Approved(ApprovedBefore {
            application: body.application,
            note: body.note.clone(),
        }),
        after_seq: item.after_seq,
    }
}

#[test]
fn an_approval_without_a_letter_has_the_bytes_that_it_always_had() {
    let item = approved(None);
    let before = minicbor::to_vec(as_before(&item)).unwrap();
    assert_eq!(item.to_bytes(), before);
    assert_eq!(FeedItem::from_bytes(&before).unwrap(), item);
}

#[test]
fn an_office_that_knows_of_no_letters_reads_the_approval() {
    let item = approved(Some(letter()));
    let bytes = item.to_bytes();
    assert_eq!(FeedItem::from_bytes(&bytes).unwrap(), item);
    let before: ItemBefore = minicbor::decode(&bytes).unwrap();
    assert_eq!(before, as_before(&item));
    let more = bytes.len() - approved(None).to_bytes().len();
    assert!(more < 400, "{more} bytes, not a page of thirty thousand");
}
