use std::fs;

use super::{office, record_one};
use crate::sample::{NOW, data_key};
use crate::store::DATABASE_FILE;
use crate::{DataKey, Store, StoreError, restore_backup};

#[test]
fn a_backup_is_restored_and_the_present_database_is_put_aside() {
    let (dir, mut store) = office();
    let id = record_one(&mut store, "0076229645");
    let backup = store.backup_to(&dir.path().join("backups"), NOW).unwrap();
    record_one(&mut store, "1583250689");
    assert!(matches!(restore_backup(dir.path(), &data_key(), &backup), Err(StoreError::InUse)));
    drop(store);
    restore_backup(dir.path(), &data_key(), &backup).unwrap();
    let store = Store::open(dir.path(), &data_key()).unwrap();
    assert_eq!(store.head().unwrap().seq, 1);
    store.row(id, NOW).unwrap();
    drop(store);
    let aside = dir.path().join("office.db.aside-1");
    fs::copy(&aside, dir.path().join(DATABASE_FILE)).unwrap();
    assert_eq!(Store::open(dir.path(), &data_key()).unwrap().head().unwrap().seq, 2);
}

#[test]
fn the_office_goes_on_recording_while_a_backup_is_written() {
    let (dir, mut store) = office();
    record_one(&mut store, "0076229645");
    let (job, backups) = (store.backup_job(), dir.path().join("backups"));
    let written = std::thread::spawn(move || job.run(&backups, NOW));
    for _ in 0..20 {
        record_one(&mut store, "0076229645");
    }
    let backup = written.join().unwrap().unwrap();
    drop(store);
    restore_backup(dir.path(), &data_key(), &backup).unwrap();
    let store = Store::open(dir.path(), &data_key()).unwrap();
    assert!((1..=21).contains(&store.head().unwrap().seq));
    assert!(matches!(store.verify_log().unwrap(), crate::LogCheck::Sound { .. }));
}

#[test]
fn a_lost_database_comes_back_from_its_backup() {
    let (dir, mut store) = office();
    record_one(&mut store, "0076229645");
    let backup = store.backup_to(&dir.path().join("backups"), NOW).unwrap();
    drop(store);
    fs::remove_file(dir.path().join(DATABASE_FILE)).unwrap();
    restore_backup(dir.path(), &data_key(), &backup).unwrap();
    assert_eq!(Store::open(dir.path(), &data_key()).unwrap().head().unwrap().seq, 1);
}

#[test]
fn a_write_ahead_log_that_was_left_does_not_spoil_what_is_restored() {
    let (dir, mut store) = office();
    record_one(&mut store, "0076229645");
    let backup = store.backup_to(&dir.path().join("backups"), NOW).unwrap();
    for _ in 0..30 {
        record_one(&mut store, "0076229645");
    }
    // As after a power cut: the log is not folded into the database, and the database is lost.
    let wal = dir.path().join("office.db-wal");
    let left = fs::read(&wal).unwrap();
    drop(store);
    assert!(!wal.exists(), "closing folds the log into the database");
    fs::write(&wal, left).unwrap();
    fs::remove_file(dir.path().join(DATABASE_FILE)).unwrap();
    restore_backup(dir.path(), &data_key(), &backup).unwrap();
    let store = Store::open(dir.path(), &data_key()).unwrap();
    assert_eq!(store.head().unwrap().seq, 1);
    store.check_integrity().unwrap();
}

#[test]
fn a_damaged_or_foreign_backup_replaces_nothing() {
    let (dir, mut store) = office();
    record_one(&mut store, "0076229645");
    let backup = store.backup_to(&dir.path().join("backups"), NOW).unwrap();
    drop(store);
    let mut bytes = fs::read(&backup).unwrap();
    let place = bytes.len() / 2;
    bytes[place] ^= 1;
    let damaged = dir.path().join("damaged.db");
    fs::write(&damaged, bytes).unwrap();
    let refused = restore_backup(dir.path(), &data_key(), &damaged);
    assert!(matches!(refused, Err(StoreError::Corrupt { .. })), "{refused:?}");
    let foreign = restore_backup(dir.path(), &DataKey::from_bytes([8; 32]), &backup);
    assert!(matches!(foreign, Err(StoreError::WrongKey)));
    let none = restore_backup(dir.path(), &data_key(), &dir.path().join("nowhere.db"));
    assert!(matches!(none, Err(StoreError::NotFound { .. })));
    assert_eq!(Store::open(dir.path(), &data_key()).unwrap().head().unwrap().seq, 1);
}

#[test]
fn the_last_seven_are_kept() {
    let (dir, store) = office();
    let backups = dir.path().join("backups");
    for hour in 0..9 {
        store.backup_to(&backups, NOW + hour * 3_600_000).unwrap();
    }
    let mut names: Vec<String> = fs::read_dir(&backups)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "office.db")
        .collect();
    names.sort();
    assert_eq!(names.len(), 7, "{names:?}");
    assert_eq!(names[0], "office-20261124T100000Z.db");
}
