//! P7: a stolen disk gives away no personal data.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::{office, record_one};
use crate::sample::{NOW, OPERATOR, data_key};
use crate::{DraftContent, Vault};

/// Name and content of every file below `dir`.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found
}

fn assert_nothing_in_clear(dir: &Path, secrets: &[&[u8]]) {
    let files = files(dir);
    assert!(files.len() > 4, "there is something to search: {files:?}");
    for (name, bytes) in files {
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == *secret)
                || name.as_bytes().windows(secret.len()).any(|window| window == *secret);
            assert!(!found, "{} in {name}", String::from_utf8_lossy(secret));
        }
    }
}

#[test]
fn no_file_of_the_office_holds_personal_data_in_clear() {
    let (dir, mut store) = office();
    let operator = "اپراتور نمونه";
    Vault::create_cheap(dir.path(), &data_key(), OPERATOR, operator, "123456").unwrap();
    for _ in 0..50 {
        record_one(&mut store, "0076229645");
    }
    let scan = b"a scan of the identity booklet of somebody".repeat(100);
    store.put_document(&scan, "image/jpeg", NOW).unwrap();
    let typed = DraftContent { entry: json!({"national_id": "1583250689"}), mends: None };
    store.save_draft(None, &typed, OPERATOR, NOW).unwrap();
    store.set_setting("last_search", &json!("0200203241")).unwrap();
    store.backup_to(&dir.path().join("backups"), NOW).unwrap();

    let key = data_key();
    let secrets: Vec<&[u8]> = vec![
        b"0076229645",
        b"1583250689",
        b"0200203241",
        "علی‌رضا".as_bytes(),
        "کیانی".as_bytes(),
        b"9121234567",
        b"identity booklet",
        b"123456",
        &key.bytes()[..],
        &[9; 32],
        &[11; 32],
        b"CREATE TABLE",
    ];
    // With the write-ahead log full, then after everything is closed.
    assert_nothing_in_clear(dir.path(), &secrets);
    drop(store);
    assert_nothing_in_clear(dir.path(), &secrets);
}
