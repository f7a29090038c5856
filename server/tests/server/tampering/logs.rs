//! Entries of devices, and what devices signed.

use pishkhan_protocol::body::{EventBody, NoteAdded};
use pishkhan_protocol::chain::{Entry, link};
use pishkhan_protocol::event::{Core, Rest, event_hash};
use pishkhan_protocol::keys::SecretKey;
use pishkhan_server::audit::Wrong;
use pishkhan_server::values;

use super::{Original, names, ways};

pub(super) async fn every_way(original: &Original) {
    let device = &original.device;
    let number = device.number.0;
    let last = device.log.len() as u64;
    assert_eq!(last, 8);
    ways! { original:
        "the body of an entry is changed", copy => {
            let other = copy.body(device, 6).await;
            let sql = "UPDATE events SET body = $3 WHERE device = $1 AND seq = $2";
            copy.write(sql, values![number, 2_u64, other.as_slice()]).await;
        } => ("events", BodyChanged, Some(2));
        "the time in a header is changed, in column and core", copy => {
            let mut core = device.log[1].core.clone();
            core.device_time_ms -= 86_400_000;
            let sql = "UPDATE events SET core = $3, device_time_at = $4 WHERE device = $1 AND seq = $2";
            let set = values![number, 2_u64, core.to_bytes().as_slice(), core.device_time_ms];
            copy.write(sql, set).await;
        } => ("events", HashWrong, Some(2));
        "the time in the column alone is changed", copy => {
            let sql = "UPDATE events SET device_time_at = device_time_at - 1 WHERE device = $1 AND seq = $2";
            copy.write(sql, values![number, 2_u64]).await;
        } => ("events", EventColumns, Some(2));
        "the header is changed and hashed again", copy => {
            let mut core = device.log[2].core.clone();
            core.device_time_ms -= 1;
            let rest = &device.log[2].rest;
            let hash = event_hash(&core.to_bytes(), &rest.hash());
            let sql = "UPDATE events SET core = $3, device_time_at = $4, hash = $5 WHERE device = $1 AND seq = $2";
            let bytes = core.to_bytes();
            copy.write(sql, values![number, 3_u64, bytes.as_slice(), core.device_time_ms, hash]).await;
        } => ("events", LinkBroken, Some(4)), ("events", HeadDiffers, Some(3));
        "the last entry is deleted", copy => {
            copy.write("DELETE FROM events WHERE device = $1 AND seq = $2", values![number, last]).await;
        } => ("events", EventMissing, Some(last)), ("devices", HeadOfDevice, None);
        "the last entry is deleted and the head set back", copy => {
            copy.write("DELETE FROM events WHERE device = $1 AND seq = $2", values![number, last]).await;
            let before = device.head_at(last - 1);
            let sql = "UPDATE devices SET head_seq = $2, head_hash = $3 WHERE device = $1";
            copy.write(sql, values![number, before.seq, before.hash]).await;
        } => ("events", EventMissing, Some(last));
        "an entry in the middle is deleted", copy => {
            copy.write("DELETE FROM events WHERE device = $1 AND seq = $2", values![number, 3_u64]).await;
        } => ("events", EventMissing, Some(3));
        "two entries change places", copy => {
            for (from, to) in [(2_u64, 99_u64), (3, 2), (99, 3)] {
                let sql = "UPDATE events SET seq = $3 WHERE device = $1 AND seq = $2";
                copy.write(sql, values![number, from, to]).await;
            }
        } => ("events", EventPlace, Some(2)), ("events", EventPlace, Some(3));
        "an entry is dated back", copy => {
            let sql = "UPDATE events SET received_at = received_at - 86400000 WHERE device = $1 AND seq = $2";
            copy.write(sql, values![number, 2_u64]).await;
        } => ("events", ReceivedAtChanged, Some(2));
        "a receipt is dated back in every table, and the heads linked again", copy => {
            for sql in [
                "UPDATE events SET received_at = received_at - 1000 WHERE device = $1 AND seq <= 3",
                "UPDATE received_heads SET received_at = received_at - 1000 WHERE device = $1 AND seq = 3",
            ] {
                copy.write(sql, values![number]).await;
            }
            copy.link_heads_again(device).await;
        } => ("day_root_leaves", LeafDiffers, None);
        "an entry is forged at the end", copy => {
            let body = EventBody::NoteAdded(NoteAdded {
                application: device.log[1].rest.id.into(),
                text: "ساختگی".into(),
            });
            let entry = Entry {
                kind: body.kind(),
                device_time_ms: device.log[last as usize - 1].core.device_time_ms + 1,
                anchor: None,
                operator: device.operator,
                body: body.to_bytes(),
            };
            let forged = link(device.number, &device.secret, &device.head(), entry);
            let sql = "INSERT INTO events (office, device, seq, id, kind, device_time_at, received_at, \
                       core, rest, body, hash) SELECT office, device, $3, $4, 7, $5, received_at, $6, \
                       $7, $8, $9 FROM events WHERE device = $1 AND seq = $2";
            let (core, rest) = (forged.core.to_bytes(), forged.rest.to_bytes());
            let set = values![
                number, last, last + 1, *forged.rest.id.as_bytes(), forged.core.device_time_ms,
                core.as_slice(), rest.as_slice(), forged.body.as_slice(), forged.hash()
            ];
            copy.write(sql, set).await;
            let sql = "UPDATE devices SET head_seq = $2, head_hash = $3 WHERE device = $1";
            copy.write(sql, values![number, last + 1, forged.hash()]).await;
        } => ("events", Unsigned, Some(last + 1));
        "an entry is moved to another office", copy => {
            copy.write("UPDATE device_numbers SET device = 9999 WHERE device = $1", values![number]).await;
        } => ("devices", DeviceNumber, None);
        "the row of a signed head is changed", copy => {
            let sql = "UPDATE received_heads SET hash = $2 WHERE device = $1 AND seq = 3";
            copy.write(sql, values![number, [7_u8; 32]]).await;
        } => ("received_heads", HeadSignature, Some(3)), ("received_heads", HeadLink, Some(3));
        "a signed head is deleted", copy => {
            let sql = "DELETE FROM received_heads WHERE device = $1 AND seq = 3";
            copy.write(sql, values![number]).await;
        } => ("received_heads", HeadLink, Some(6));
        "the last signed head is deleted", copy => {
            let sql = "DELETE FROM received_heads WHERE device = $1 AND seq = $2";
            copy.write(sql, values![number, last]).await;
        } => ("devices", HeadLast, None), ("events", Unsigned, Some(last));
        "a head is signed again by another key, and linked again", copy => {
            let thief = SecretKey::from_seed(&[9; 32]);
            let signature = device.head_at(3).sign(device.number, &thief);
            let sql = "UPDATE received_heads SET signature = $2 WHERE device = $1 AND seq = 3";
            copy.write(sql, values![number, signature.0]).await;
            copy.link_heads_again(device).await;
        } => ("received_heads", HeadSignature, Some(3));
        "the device's key is replaced", copy => {
            let thief = SecretKey::from_seed(&[9; 32]).public();
            copy.write("UPDATE devices SET public_key = $2 WHERE device = $1", values![number, thief.0]).await;
        } => ("devices", DeviceSecret, None), ("day_root_leaves", LeafDiffers, None);
        "a device's head is set elsewhere", copy => {
            copy.write("UPDATE devices SET head_seq = 3 WHERE device = $1", values![number]).await;
        } => ("devices", HeadOfDevice, Some(3));
        "an entry cannot be read", copy => {
            copy.write("UPDATE events SET rest = $2 WHERE device = $1 AND seq = 4", values![number, [1_u8; 4]]).await;
        } => ("events", Unreadable, Some(4));
        "what was kept aside is changed", copy => {
            let sql = "INSERT INTO forks (office, device, seq, hash, reason, received_at, core, rest, body) \
                       SELECT office, device, seq, $2, 'fork', received_at, core, rest, body \
                       FROM events WHERE device = $1 AND seq = 2";
            copy.write(sql, values![number, [7_u8; 32]]).await;
        } => ("forks", AsideWrong, Some(2));
        "another tracking code is in the header, hashed and linked from there on", copy => {
            let (mut before, mut heads) = (device.head_at(1), Vec::new());
            for event in &device.log[1..] {
                let mut core: Core = event.core.clone();
                core.tracking_code = core.tracking_code.map(|code| code + 1);
                let rest = Rest { prev_hash: before.hash, ..event.rest.clone() };
                let hash = event_hash(&core.to_bytes(), &rest.hash());
                before = pishkhan_protocol::head::Head { seq: core.seq, hash };
                heads.push((core, rest, hash));
            }
            for (core, rest, hash) in heads {
                let sql = "UPDATE events SET core = $3, rest = $4, hash = $5 WHERE device = $1 AND seq = $2";
                let (bytes, rest) = (core.to_bytes(), rest.to_bytes());
                copy.write(sql, values![number, core.seq, bytes.as_slice(), rest.as_slice(), hash]).await;
            }
        } => ("events", DerivedWrong, Some(2)), ("events", HeadDiffers, Some(3));
    }
}
