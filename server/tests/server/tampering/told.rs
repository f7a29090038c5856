//! What offices were told, what the staff did, what was published.

use pishkhan_protocol::feed::{FeedBody, FeedItem};
use pishkhan_server::audit::Wrong;
use pishkhan_server::values;

use super::{Copy, Original, names, ways};

pub(super) async fn every_way(original: &Original) {
    ways! { original:
        "an officer's decision is changed", copy => {
            let item = changed_decision(&copy).await;
            copy.write("UPDATE feed SET item = $1 WHERE number = 5", values![item.as_slice()]).await;
        } => ("feed", FeedLink, Some(5));
        "a decision of a day with a root is changed in every table, and the feed linked again", copy => {
            let row = &copy.rows("SELECT item FROM feed WHERE number = 4", vec![]).await[0];
            let mut item = FeedItem::from_bytes(&row.bytes("item").unwrap()).unwrap();
            let FeedBody::Returned(returned) = &mut item.body else { panic!("a return") };
            returned.note = "دیگر".to_owned();
            let id = returned.application.to_string();
            copy.write("UPDATE feed SET item = $1 WHERE number = 4", values![item.to_bytes().as_slice()]).await;
            copy.link_feed_again().await;
            copy.write("UPDATE acts SET text = 'دیگر' WHERE application = $1 AND kind = 'returned'", values![id.as_str()]).await;
            copy.write("UPDATE applications SET note = 'دیگر' WHERE application = $1", values![id.as_str()]).await;
        } => ("day_root_leaves", LeafDiffers, Some(4));
        "an item is deleted", copy => {
            copy.write("DELETE FROM feed WHERE number = 2", vec![]).await;
        } => ("feed", FeedMissing, Some(2)), ("acts", ActForeign, None);
        "the last item is deleted", copy => {
            copy.write("DELETE FROM feed WHERE number = 7", vec![]).await;
        } => ("feed", FeedMissing, Some(7)), ("offices", FeedEnd, Some(7));
        "the last decision is deleted with all after it and the end set back", copy => {
            copy.write("DELETE FROM feed WHERE number >= 5", vec![]).await;
            copy.link_feed_again().await;
        } => ("acts", ActForeign, Some(5)), ("day_root_leaves", LeafDiffers, Some(6));
        "two items change places", copy => {
            for (from, to) in [(2_u64, 99_u64), (3, 2), (99, 3)] {
                copy.write("UPDATE feed SET number = $2 WHERE number = $1", values![from, to]).await;
            }
        } => ("feed", FeedLink, Some(2));
        "the time of an item is changed", copy => {
            copy.write("UPDATE feed SET created_at = created_at - 1 WHERE number = 2", vec![]).await;
        } => ("feed", FeedTime, Some(2));
        "an item cannot be read", copy => {
            copy.write("UPDATE feed SET item = $1 WHERE number = 3", values![[1_u8; 4]]).await;
        } => ("feed", Unreadable, Some(3));
        "an entry of the staff's log is changed", copy => {
            copy.write("UPDATE audit_log SET username = 'nobody' WHERE number = 2", vec![]).await;
        } => ("audit_log", LogLink, Some(2));
        "an entry of the staff's log is deleted", copy => {
            copy.write("DELETE FROM audit_log WHERE number = 2", vec![]).await;
        } => ("audit_log", LogMissing, Some(2));
        "the last entry of the staff's log is deleted", copy => {
            copy.write("DELETE FROM audit_log WHERE number = (SELECT max(number) FROM audit_log)", vec![]).await;
        } => ("audit_log_end", LogEnd, None), ("audit_log", LogMissing, None);
        "the staff's log is cut to its first entry, and its end set back", copy => {
            copy.write("DELETE FROM audit_log WHERE number > 1", vec![]).await;
            let hash = copy.rows("SELECT hash FROM audit_log", vec![]).await[0].bytes("hash").unwrap();
            copy.write("UPDATE audit_log_end SET number = 1, hash = $1", values![hash.as_slice()]).await;
        } => ("day_root_leaves", LeafDiffers, None), ("day_roots", RootNotInLog, None);
        "a publication is changed", copy => {
            copy.write("UPDATE publications SET bytes = $1", values![b"{}".as_slice()]).await;
        } => ("publications", PublicationWrong, Some(1));
        "a publication is given a later number", copy => {
            copy.write("UPDATE publications SET number = number + 100", vec![]).await;
        } => ("publications", PublicationMissing, Some(1));
        "a publication is deleted", copy => {
            copy.write("DELETE FROM publications", vec![]).await;
        } => ("publications", PublicationMissing, Some(1));
    }
}

async fn changed_decision(copy: &Copy) -> Vec<u8> {
    let row = &copy.rows("SELECT item FROM feed WHERE number = 5", vec![]).await[0];
    let mut item = FeedItem::from_bytes(&row.bytes("item").unwrap()).unwrap();
    let FeedBody::Approved(approved) = &mut item.body else { panic!("an approval") };
    approved.note = "دیگر".to_owned();
    item.to_bytes()
}
