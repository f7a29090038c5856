use std::fs;
use std::io::{Seek, SeekFrom, Write};

use super::{office, record_one};
use crate::sample::{NOW, data_key, identity};
use crate::store::DATABASE_FILE;
use crate::{DataKey, Store, StoreError, Vault, vault};

#[test]
fn a_second_instance_is_told_so_and_a_closed_one_lets_go() {
    let (dir, store) = office();
    assert!(matches!(Store::open(dir.path(), &data_key()), Err(StoreError::InUse)));
    drop(store);
    Store::open(dir.path(), &data_key()).unwrap();
}

#[test]
fn what_was_recorded_is_there_after_a_restart() {
    let (dir, mut store) = office();
    let id = record_one(&mut store, "0076229645");
    let head = store.head().unwrap();
    drop(store);
    let store = Store::open(dir.path(), &data_key()).unwrap();
    assert_eq!(store.head().unwrap(), head);
    assert_eq!(store.application(id, NOW).unwrap().applicant.first_name, "علی‌رضا");
    assert_eq!(store.identity().office_title, identity().office_title);
    assert_eq!(store.identity().certificate, identity().certificate);
}

#[test]
fn a_lost_database_is_named_and_never_replaced_by_an_empty_one() {
    let (dir, store) = office();
    let operator = crate::sample::OPERATOR;
    Vault::create_cheap(dir.path(), &data_key(), operator, "اپراتور نمونه", "123456").unwrap();
    drop(store);
    fs::remove_file(dir.path().join(DATABASE_FILE)).unwrap();
    assert!(matches!(Store::open(dir.path(), &data_key()), Err(StoreError::Missing)));
    let again = Store::create(dir.path(), &data_key(), &identity());
    assert!(matches!(again, Err(StoreError::AlreadyExists)));
    assert!(!dir.path().join(DATABASE_FILE).exists());
}

#[test]
fn a_store_that_exists_is_not_overwritten() {
    let (dir, mut store) = office();
    record_one(&mut store, "0076229645");
    let operator = crate::sample::OPERATOR;
    Vault::create_cheap(dir.path(), &data_key(), operator, "اپراتور نمونه", "123456").unwrap();
    drop(store);
    let again = Store::create(dir.path(), &data_key(), &identity());
    assert!(matches!(again, Err(StoreError::AlreadyExists)));
    assert_eq!(Store::open(dir.path(), &data_key()).unwrap().head().unwrap().seq, 1);
}

#[test]
fn an_enrolment_that_was_cut_before_its_vault_can_be_done_again_and_loses_no_file() {
    let (dir, store) = office();
    drop(store);
    assert!(!dir.path().join(vault::KEYS_FILE).exists());
    let other = DataKey::from_bytes([8; 32]);
    Store::create(dir.path(), &other, &identity()).unwrap();
    assert!(dir.path().join("office.db.aside-1").exists());
}

#[test]
fn a_creation_that_was_cut_leaves_nothing_that_looks_like_a_store() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("office.db.new"), b"half").unwrap();
    assert!(matches!(Store::open(dir.path(), &data_key()), Err(StoreError::Missing)));
    Store::create(dir.path(), &data_key(), &identity()).unwrap();
}

#[test]
fn another_key_opens_nothing() {
    let (dir, store) = office();
    drop(store);
    let wrong = Store::open(dir.path(), &DataKey::from_bytes([8; 32]));
    assert!(matches!(wrong, Err(StoreError::WrongKey)));
}

#[test]
fn a_flipped_bit_anywhere_is_found_at_the_start() {
    let (dir, mut store) = office();
    for _ in 0..20 {
        record_one(&mut store, "0076229645");
    }
    drop(store);
    let path = dir.path().join(DATABASE_FILE);
    let sound = fs::read(&path).unwrap();
    let pages = sound.len() / 4096;
    for page in [1, pages / 2, pages - 1] {
        let mut file = fs::File::options().write(true).open(&path).unwrap();
        let place = page * 4096 + 100;
        file.seek(SeekFrom::Start(place as u64)).unwrap();
        file.write_all(&[sound[place] ^ 1]).unwrap();
        drop(file);
        let found = Store::open(dir.path(), &data_key());
        assert!(matches!(found, Err(StoreError::Corrupt { .. })), "page {page} of {pages}");
        fs::write(&path, &sound).unwrap();
    }
    Store::open(dir.path(), &data_key()).unwrap().check_integrity().unwrap();
}

#[test]
fn what_the_start_had_no_time_for_is_looked_at_beside_the_work() {
    let (dir, mut store) = office();
    for _ in 0..20 {
        record_one(&mut store, "0076229645");
    }
    assert!(store.unfinished_check().is_none(), "a small office is looked at whole");
    store.checked = false;
    let job = store.unfinished_check().unwrap();
    job.run().unwrap();
    // Folds the write-ahead log, so that the flipped bit is what is read.
    store.writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    let path = dir.path().join(DATABASE_FILE);
    let place = fs::metadata(&path).unwrap().len() / 2 + 100;
    let sound = fs::read(&path).unwrap()[usize::try_from(place).unwrap()];
    let mut file = fs::File::options().write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start(place)).unwrap();
    file.write_all(&[sound ^ 1]).unwrap();
    assert!(matches!(job.run(), Err(StoreError::Corrupt { .. })));
}
