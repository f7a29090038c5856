//! Whatever may become of a file: each has its word, and none changes what it should not.

use pishkhan_counter::sentence::{Language, sentence};
use pishkhan_domain::lifecycle::State;
use pishkhan_ipc::courier::CourierRead;
use pishkhan_protocol::exchange::Verdict;
use pishkhan_server::courier::TakeError;
use pishkhan_server::projection::OfficerAct;

use super::world::{Office, World, put};

/// Its code; and that it has a whole sentence, with its values.
fn word(read: &CourierRead) -> &str {
    let said = sentence(Language::Persian, &read.code, &read.params);
    assert!(said.ends_with('.') && !said.contains('{'), "{}: {said}", read.code);
    &read.code
}

/// Everything that an answer may move.
fn standing(office: &Office) -> impl PartialEq + std::fmt::Debug {
    let store = office.counter.store().unwrap();
    let store = store.lock().unwrap();
    (
        store.sync_state().unwrap(),
        store.documents_waiting().unwrap(),
        store.courier_files().unwrap(),
    )
}

async fn begun(world: &World, code: &str) -> Office {
    let office = world.office(code).await;
    let taken = world.brought(office.exported()).await.unwrap();
    assert_eq!(word(&office.imported(&taken.answer)), "courier.taken");
    office
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_file_has_its_word_and_changes_nothing() {
    let world = World::new().await;
    let mut office = begun(&world, "sample-0001").await;
    let mut other = begun(&world, "sample-0002").await;
    let elsewhere = World::new().await;
    let stranger = begun(&elsewhere, "sample-0001").await;
    office.record();
    other.record();
    let mine = office.exported();
    let answer = world.brought(mine.clone()).await.unwrap().answer;
    let of_another = world.brought(other.exported()).await.unwrap().answer;
    let of_elsewhere = elsewhere.brought(stranger.exported()).await.unwrap().answer;

    let newer = [b"PISHKHAN-COURIER-2\n", &answer[19..]].concat();
    let mut changed = answer.clone();
    changed[200] ^= 1;
    let mut resigned = answer.clone();
    resigned[30] ^= 1;
    let bad: [(&str, &[u8]); 10] = [
        ("courier.not_one", b"%PDF-1.7 a letter"),
        ("courier.not_one", b""),
        ("courier.too_new", &newer),
        ("courier.of_another", &of_another),
        ("courier.for_the_centre", &mine),
        ("courier.not_of_the_centre", &of_elsewhere),
        ("courier.damaged", &answer[..100]),
        ("courier.damaged", &answer[..answer.len() / 3]),
        ("courier.damaged", &changed),
        ("courier.not_of_the_centre", &resigned),
    ];
    let before = standing(&office);
    for (code, bytes) in bad {
        assert_eq!(word(&office.imported(bytes)), code);
        assert!(standing(&office) == before, "{code} changed something");
    }
    // The answer itself is as good as ever.
    assert_eq!(word(&office.imported(&answer)), "courier.taken");
    assert_eq!(word(&office.imported(&answer)), "courier.taken_before");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    let request = pishkhan_ipc::courier::CourierImportRequest { path };
    assert_eq!(office.counter.courier_import(&request).unwrap_err().code, "courier.no_file");
    // A link in a folder leads nowhere.
    let kept = put(world.folder.path(), "answer.courier", &answer);
    std::os::unix::fs::symlink(&kept, folder.path().join("link.courier")).unwrap();
    assert_eq!(office.counter.courier_import(&request).unwrap_err().code, "courier.no_file");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_centre_tells_bad_files_apart_and_stores_nothing_of_them() {
    let world = World::new().await;
    let mut office = begun(&world, "sample-0001").await;
    let elsewhere = World::new().await;
    let stranger = begun(&elsewhere, "sample-0001").await;
    office.record();
    let file = office.exported();
    let answer = elsewhere.brought(stranger.exported()).await.unwrap().answer;
    let newer = [b"PISHKHAN-COURIER-2\n", &file[19..]].concat();
    let mut changed = file.clone();
    changed[400] ^= 1;
    let refused = async |bytes: &[u8]| world.brought(bytes.to_vec()).await.unwrap_err();
    assert!(matches!(refused(b"GET / HTTP/1.1, please, and thank you").await, TakeError::NotOne));
    assert!(matches!(refused(b"").await, TakeError::NotOne));
    assert!(matches!(refused(&newer).await, TakeError::TooNew));
    assert!(matches!(refused(&answer).await, TakeError::Answer));
    assert!(matches!(refused(&stranger.exported()).await, TakeError::Stranger));
    assert!(matches!(refused(&file[..300]).await, TakeError::Damaged));
    assert!(matches!(refused(&changed).await, TakeError::Damaged));
    assert_eq!(world.brought(file).await.unwrap().entries, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_file_gives_what_came_and_the_next_brings_the_rest() {
    let world = World::new().await;
    let mut office = begun(&world, "sample-0001").await;
    let ids: Vec<_> = (0..3).map(|_| office.record()).collect();
    let file = office.exported();
    // All of the text, and some of the scans.
    let cut = world.brought(file[..file.len() / 2].to_vec()).await.unwrap();
    assert_eq!((cut.whole, cut.entries, cut.documents), (false, 3, 1));
    let read = office.imported(&cut.answer);
    assert_eq!((word(&read), read.acknowledged, read.documents), ("courier.arrived_cut", 3, 1));
    let rest = world.brought(office.exported()).await.unwrap();
    assert_eq!((rest.whole, rest.entries, rest.documents), (true, 0, 2));
    // An answer that is cut gives what came, and says that the rest is missing.
    world.decides(&office, ids[0], OfficerAct::Accept).await;
    let again = world.brought(office.exported()).await.unwrap().answer;
    let cut = office.imported(&again[..again.len() - 1]);
    assert_eq!((word(&cut), cut.news, cut.documents), ("courier.cut", 1, 2));
    assert_eq!(word(&office.imported(&again)), "courier.taken_before");
    world.equals(&office).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_answer_never_takes_a_receipt_back() {
    let world = World::new().await;
    let mut office = begun(&world, "sample-0001").await;
    office.record();
    let older = world.brought(office.exported()).await.unwrap().answer;
    world.pass_days(1);
    office.record();
    let newer = world.brought(office.exported()).await.unwrap().answer;
    assert_eq!(office.imported(&newer).acknowledged, 2);
    let held = office.acknowledged();
    assert_eq!(word(&office.imported(&older)), "courier.taken_before");
    assert_eq!(office.acknowledged(), held);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restore_newer_answers_apply_and_older_ones_are_of_no_use() {
    let world = World::new().await;
    let mut office = begun(&world, "sample-0001").await;
    let id = office.record();
    let file = office.exported();
    let before = world.brought(file.clone()).await.unwrap().answer;
    world.decides(&office, id, OfficerAct::Accept).await;
    world.new_epoch(7).await;
    world.pass_days(1);
    let after = world.brought(file).await.unwrap().answer;
    assert_eq!(word(&office.imported(&after)), "courier.taken");
    assert_eq!(office.view(id).row.state, State::Accepted, "the feed came from its beginning");
    let known = standing(&office);
    assert_eq!(word(&office.imported(&before)), "courier.outdated");
    assert!(standing(&office) == known);
    // Documents are offered again, and found there already.
    let again = world.brought(office.exported()).await.unwrap();
    assert_eq!(again.documents, 0);
    office.imported(&again.answer);
    world.equals(&office).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_is_kept_aside_and_told() {
    let world = World::new().await;
    let mut office = begun(&world, "sample-0001").await;
    office.record();
    world.revoke(&office).await;
    let taken = world.brought(office.exported()).await.unwrap();
    assert_eq!((taken.verdict, taken.entries, taken.documents), (Verdict::Revoked, 0, 0));
    let before = standing(&office);
    assert_eq!(word(&office.imported(&taken.answer)), "device.revoked");
    assert!(standing(&office) == before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_stick_takes_text_first_and_says_what_is_left() {
    let world = World::new().await;
    let mut office = begun(&world, "sample-0001").await;
    for _ in 0..5 {
        office.record();
    }
    let stick = tempfile::tempdir().unwrap();
    let small = office.counter.courier_export_to(stick.path(), Some(800_000)).unwrap();
    assert_eq!((small.entries_left, small.documents_left), (0, 3));
    assert!(small.file.bytes <= 800_000);
    let none = office.counter.courier_export_to(stick.path(), Some(9_000)).unwrap();
    assert_eq!((none.file.entries, none.file.documents), (5, 0), "{none:?}");
    let refused = office.counter.courier_export_to(stick.path(), Some(500)).unwrap_err();
    assert_eq!(refused.code, "courier.no_room");
    let missing = office.counter.courier_export_to(&stick.path().join("no/such"), None);
    assert_eq!(missing.unwrap_err().code, "courier.no_folder");
    // Nothing that is there is replaced, and nothing half is left.
    let named = stick.path().join("mine.courier");
    std::fs::write(&named, b"mine").unwrap();
    let refused = office.counter.courier_export_to(&named, None).unwrap_err();
    assert_eq!(refused.code, "courier.not_writable");
    assert_eq!(std::fs::read(&named).unwrap(), b"mine");
    let names: Vec<_> =
        std::fs::read_dir(stick.path()).unwrap().map(|it| it.unwrap().path()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let taken = world.brought_file(small.file.path.as_ref()).await.unwrap();
    assert_eq!((taken.entries, taken.documents), (5, 2));
    office.imported(&taken.answer);
    let rest = world.brought(office.exported()).await.unwrap();
    assert_eq!((rest.entries, rest.documents), (0, 3));
    office.imported(&rest.answer);
    world.equals(&office).await;
}
