//! What administration keeps, on both stores.

use pishkhan_server::storage::audit_log::{self, AuditFilter};

use crate::fixture::{TestCentre, on_both_stores};

on_both_stores!(the_audit_log_is_linked_and_cannot_be_changed);

async fn the_audit_log_is_linked_and_cannot_be_changed(centre: TestCentre) {
    let officer = centre.officer();
    let mut unit = centre.centre.storage.begin().await.unwrap();
    let unit_ref = unit.as_mut();
    for act in ["application.viewed", "application.accepted", "document.viewed"] {
        audit_log::record(unit_ref, &officer, act, "a", "", 7).await.unwrap();
    }
    unit.commit().await.unwrap();
    let mut unit = centre.centre.storage.begin().await.unwrap();
    audit_log::record_order(unit.as_mut(), "device.revoked", "4", 8).await.unwrap();
    drop(unit);

    let mut unit = centre.centre.storage.read().await.unwrap();
    let entries = audit_log::after(unit.as_mut(), 0, 10).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.number).collect::<Vec<_>>(), [1, 2, 3]);
    let mut before = [0; 32];
    for entry in &entries {
        assert_eq!(entry.hash, entry.link(&before));
        before = entry.hash;
    }
    let filter = AuditFilter { act: "application.".to_owned(), ..AuditFilter::default() };
    let found = audit_log::newest(unit.as_mut(), &filter, 10).await.unwrap();
    assert_eq!(found.iter().map(|entry| entry.number).collect::<Vec<_>>(), [2, 1]);
    let filter = AuditFilter { before: Some(2), ..AuditFilter::default() };
    assert_eq!(audit_log::newest(unit.as_mut(), &filter, 10).await.unwrap().len(), 1);
    drop(unit);
    for sql in ["UPDATE audit_log SET username = 'x'", "DELETE FROM audit_log"] {
        let mut unit = centre.centre.storage.begin().await.unwrap();
        assert!(unit.execute(sql, vec![vec![]]).await.is_err(), "{sql}");
    }
}
