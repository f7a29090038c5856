//! Roots of days and their leaves, and what others have kept of them.

use pishkhan_protocol::day_root::{Leaf, SignedDayRoot};
use pishkhan_protocol::keys::SecretKey;
use pishkhan_server::audit::{Against, Wrong};
use pishkhan_server::day_root::make;
use pishkhan_server::values;

use super::{Original, names, ways};

pub(super) async fn every_way(original: &Original) {
    let key = &original.centre.centre.key;
    let days: Vec<String> =
        original.roots.iter().map(|root| root.verify(&key.public()).unwrap().day).collect();
    let (first, last) = (days[0].as_str(), days[1].as_str());
    ways! { original:
        "a root is changed", copy => {
            let mut statement = original.roots[0].statement.clone();
            *statement.last_mut().unwrap() ^= 1;
            copy.write("UPDATE day_roots SET statement = $2 WHERE day = $1", values![first, statement.as_slice()]).await;
        } => ("day_roots", RootSignature, None), ("day_roots", RootNotInLog, None);
        "a root is signed again over other leaves", copy => {
            let mut root = original.roots[0].verify(&key.public()).unwrap();
            root.root = [7; 32];
            let signed = SignedDayRoot::sign(&root, key);
            let sql = "UPDATE day_roots SET statement = $2, signature = $3 WHERE day = $1";
            copy.write(sql, values![first, signed.statement.as_slice(), signed.signature.0]).await;
        } => ("day_roots", RootTree, None), ("day_roots", RootPrevious, None);
        "the first root is deleted", copy => {
            copy.write("DELETE FROM day_roots WHERE day = $1", values![first]).await;
        } => ("day_roots", RootMissing, None), ("day_roots", RootPrevious, None);
        "the last root is deleted", copy => {
            copy.write("DELETE FROM day_roots WHERE day = $1", values![last]).await;
        } => ("day_roots", RootMissing, None);
        "roots change their days", copy => {
            for (from, to) in [(first, "x"), (last, first), ("x", last)] {
                copy.write("UPDATE day_roots SET day = $2 WHERE day = $1", values![from, to]).await;
            }
        } => ("day_roots", RootDay, None);
        "a leaf is deleted", copy => {
            let sql = "DELETE FROM day_root_leaves WHERE day = $1 AND leaf_key = 'audit-log'";
            copy.write(sql, values![last]).await;
        } => ("day_roots", RootTree, None);
        "a leaf cannot be read", copy => {
            let sql = "UPDATE day_root_leaves SET leaf = $2 WHERE day = $1 AND leaf_key = 'audit-log'";
            copy.write(sql, values![last, [1_u8; 4]]).await;
        } => ("day_root_leaves", Unreadable, None), ("day_roots", RootTree, None);
        "a device's leaf is set back behind that of the day before", copy => {
            let device = &original.device;
            let row = &copy.rows("SELECT leaf_key, leaf FROM day_root_leaves WHERE day = $1", values![last]).await;
            let leaf = row.iter().find_map(|row| match Leaf::from_bytes(&row.bytes("leaf").unwrap()) {
                Ok(Leaf::Device(leaf)) if leaf.device == device.number => {
                    Some((row.text("leaf_key").unwrap(), leaf))
                }
                _ => None,
            });
            let (key, mut leaf) = leaf.unwrap();
            leaf.head = device.head_at(3);
            let bytes = Leaf::Device(leaf).to_bytes();
            let sql = "UPDATE day_root_leaves SET leaf = $3 WHERE day = $1 AND leaf_key = $2";
            copy.write(sql, values![last, key.as_str(), bytes.as_slice()]).await;
        } => ("day_root_leaves", LeafBack, Some(3));
        "a device is deleted with all it sent", copy => {
            let number = original.device.number.0;
            for sql in [
                "DELETE FROM events WHERE device = $1",
                "DELETE FROM received_heads WHERE device = $1",
                "DELETE FROM devices WHERE device = $1",
                "DELETE FROM device_numbers WHERE device = $1",
                "DELETE FROM acts WHERE application IN (SELECT application FROM applications WHERE device = $1)",
                "DELETE FROM applications WHERE device = $1",
            ] {
                copy.write(sql, values![number]).await;
            }
        } => ("day_root_leaves", LeafGone, None);
    }
    // What was kept elsewhere tells what the database alone cannot.
    let copy = original.copy().await;
    let published = Against { published: original.roots.clone(), ..Against::default() };
    assert_eq!(copy.audit_against(&published).await, []);
    let pinned = Against { key: Some(key.public()), ..Against::default() };
    assert_eq!(copy.audit_against(&pinned).await, []);
    let stranger = SecretKey::from_seed(&[9; 32]).public();
    let pinned = Against { key: Some(stranger), ..Against::default() };
    assert!(names(&copy.audit_against(&pinned).await, "centre_identity", Wrong::CentreKey, None));
    for sql in ["DELETE FROM day_roots", "DELETE FROM day_root_leaves", "DELETE FROM audit_log"] {
        copy.write(sql, vec![]).await;
    }
    copy.write("UPDATE audit_log_end SET number = 0, hash = $1", values![[0_u8; 32]]).await;
    make(&copy.storage, key, original.centre.centre.now()).await.unwrap();
    assert_eq!(copy.audit().await, [], "whoever has the centre's key can begin anew");
    let found = copy.audit_against(&published).await;
    assert!(names(&found, "day_roots", Wrong::RootPublished, None), "{found:?}");
}
