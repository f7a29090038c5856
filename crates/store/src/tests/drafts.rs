use serde_json::json;

use super::{office, record_one};
use crate::sample::{NOW, OPERATOR, data_key, record};
use crate::{Along, DraftContent, Store, StoreError};

#[test]
fn what_was_typed_is_there_after_a_restart_exactly_as_given() {
    let (dir, mut store) = office();
    let entry = json!({"service": null, "form": {"child_name": " سارا‌ی ۱۲٣ ", "n": 1.5}});
    let content = DraftContent { entry, mends: None };
    let draft = store.save_draft(None, &content, OPERATOR, NOW).unwrap();
    drop(store);
    let mut store = Store::open(dir.path(), &data_key()).unwrap();
    assert_eq!(store.draft(draft.id).unwrap(), draft);

    let mends = Some(record_one(&mut store, "0076229645"));
    let changed = DraftContent { entry: json!({"form": {}}), mends };
    store.save_draft(Some(draft.id), &changed, OPERATOR, NOW + 5).unwrap();
    let drafts = store.drafts().unwrap();
    assert_eq!(drafts.len(), 1);
    assert_eq!((&drafts[0].content, drafts[0].saved_at), (&changed, NOW + 5));
    assert_eq!(store.work_counts(NOW).unwrap().drafts, 1);
}

#[test]
fn a_draft_goes_with_the_entry_that_it_became() {
    let (_dir, mut store) = office();
    let content = DraftContent { entry: json!({}), mends: None };
    let draft = store.save_draft(None, &content, OPERATOR, NOW).unwrap();
    let along = [Along::DiscardDraft(draft.id)];
    store.append(OPERATOR, NOW, vec![record("0076229645")], &along).unwrap();
    assert!(matches!(store.draft(draft.id), Err(StoreError::NotFound { what: "draft" })));
    // Typed on in a second window meanwhile: kept, not refused.
    store.save_draft(Some(draft.id), &content, OPERATOR, NOW).unwrap();
    store.discard_draft(draft.id).unwrap();
    store.discard_draft(draft.id).unwrap();
    assert!(store.drafts().unwrap().is_empty());
}

#[test]
fn settings_are_kept() {
    let (dir, mut store) = office();
    assert_eq!(store.setting("window").unwrap(), None);
    store.set_setting("window", &json!({"theme": "dark"})).unwrap();
    store.set_setting("window", &json!({"theme": "light"})).unwrap();
    drop(store);
    let store = Store::open(dir.path(), &data_key()).unwrap();
    assert_eq!(store.setting("window").unwrap(), Some(json!({"theme": "light"})));
}
