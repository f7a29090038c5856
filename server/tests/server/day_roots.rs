//! The roots of the days: made once, signed, linked, published.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pishkhan_protocol::day_root::{DayRoot, Leaf, RootTree, SignedDayRoot};
use pishkhan_protocol::keys::SignatureBytes;
use pishkhan_server::day_root::{Made, make};
use pishkhan_server::projection::OfficerAct;
use pishkhan_server::storage::day_roots;
use pishkhan_server::web::roots::PublishedRoot;

use crate::conformance::decide;
use crate::fixture::{OFFICE, Store, TestCentre, on_both_stores};
use crate::restored::Office;
use pishkhan_server::audit::{Against, audit};

on_both_stores!(
    a_day_has_one_root_and_the_next_names_it,
    a_root_proves_where_each_log_stood,
    a_root_is_published_as_it_was_signed,
);

pub(crate) const DAY: i64 = 24 * 60 * 60_000;

pub(crate) async fn make_root(centre: &TestCentre) -> Made {
    make(&centre.centre.storage, &centre.centre.key, centre.centre.now()).await.unwrap()
}

fn read(centre: &TestCentre, made: &Made) -> DayRoot {
    let (Made::Now(signed) | Made::Before(signed)) = made;
    signed.verify(&centre.centre.key.public()).unwrap()
}

async fn a_day_has_one_root_and_the_next_names_it(centre: TestCentre) {
    let mut device = centre.device().await;
    device.record();
    device.sync(&centre.centre).await;
    let (first, again) = tokio::join!(make_root(&centre), make_root(&centre));
    let now = [&first, &again].into_iter().filter(|made| matches!(made, Made::Now(_))).count();
    assert_eq!(now, 1, "of two at once one makes it");
    assert_eq!(read(&centre, &first), read(&centre, &again));
    assert_eq!(read(&centre, &first).previous, [0; 32]);
    device.record();
    device.sync(&centre.centre).await;
    assert_eq!(read(&centre, &make_root(&centre).await), read(&centre, &first), "the same day");
    centre.pass(DAY);
    let next = make_root(&centre).await;
    let (Made::Now(signed), Made::Now(before) | Made::Before(before)) = (&next, &first) else {
        panic!("another day has another root")
    };
    assert_eq!(read(&centre, &next).previous, before.hash());
    assert_ne!(signed, before);
    assert!(read(&centre, &next).day > read(&centre, &first).day);
}

async fn a_root_proves_where_each_log_stood(centre: TestCentre) {
    let mut device = centre.device().await;
    let silent = centre.device().await;
    let id = device.record();
    device.sync(&centre.centre).await;
    decide(&centre, id, OfficerAct::Accept).await.unwrap();
    make_root(&centre).await;
    let stood = device.head();
    device.record();
    device.sync(&centre.centre).await;
    let mut unit = centre.centre.storage.read().await.unwrap();
    let newest = centre.centre.roots.newest(unit.as_mut()).await.unwrap().unwrap();
    let root = newest.signed.verify(&device.centre_key).unwrap();
    let Leaf::Device(leaf) = newest.of_device(device.number).unwrap().verify(&root).unwrap() else {
        panic!("a device's leaf")
    };
    assert_eq!((leaf.device, leaf.key, leaf.head), (device.number, device.key.public(), stood));
    assert_ne!(leaf.received, [0; 32]);
    let Leaf::Device(leaf) = newest.of_device(silent.number).unwrap().verify(&root).unwrap() else {
        panic!("a device's leaf")
    };
    assert_eq!((leaf.head.seq, leaf.received), (0, [0; 32]));
    let feed = newest.of_feed(&OFFICE.into()).unwrap().verify(&root).unwrap();
    let Leaf::Feed(leaf) = feed else { panic!("an office's leaf") };
    assert_eq!(leaf.number, 1);
    drop(unit);
    // Two devices, one office, the staff's log; on the next day only what changed is kept anew.
    assert_eq!(root.leaves, 4);
    centre.pass(DAY);
    let next = read(&centre, &make_root(&centre).await);
    let mut unit = centre.centre.storage.read().await.unwrap();
    let changed = day_roots::changed_on(unit.as_mut(), &next.day).await.unwrap();
    let keys: Vec<&str> = changed.keys().map(String::as_str).collect();
    // The office was told the root, so its feed went on as well; the silent device's log did not.
    let device_key = format!("device/{:010}", device.number.0);
    assert_eq!(keys, ["audit-log", &device_key, "feed/sample-0001"]);
    let leaves = day_roots::leaves_of(unit.as_mut(), &next.day).await.unwrap();
    assert_eq!(RootTree::of(leaves.into_values()).root(), next.root);
    let before = day_roots::leaves_of(unit.as_mut(), &root.day).await.unwrap();
    assert_eq!(RootTree::of(before.into_values()).root(), root.root, "a day's tree stays");
}

async fn a_root_is_published_as_it_was_signed(centre: TestCentre) {
    let served = centre.serve().await;
    let page = served.get("/roots").send().await.unwrap().text().await.unwrap();
    assert!(page.contains("هنوز ریشه‌ای منتشر نشده است"));
    let root = read(&centre, &make_root(&centre).await);
    let page = served.get("/roots").send().await.unwrap().text().await.unwrap();
    assert!(page.contains(&format!("/roots/{}", root.day)) && !page.contains("هنوز"));
    assert!(page.len() < 50_000);
    let answer = served.get(&format!("/roots/{}", root.day)).send().await.unwrap();
    let published: PublishedRoot = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let signature = STANDARD.decode(&published.signature).unwrap().try_into().unwrap();
    let signed = SignedDayRoot {
        statement: STANDARD.decode(&published.statement).unwrap(),
        signature: SignatureBytes(signature),
    };
    assert_eq!(signed.verify(&centre.centre.key.public()).unwrap(), root);
    // Whoever has the lines has the root.
    let path = format!("/roots/{}/leaves", root.day);
    let lines = served.get(&path).send().await.unwrap().text().await.unwrap();
    let leaves =
        lines.lines().map(|line| STANDARD.decode(line.split_once(' ').unwrap().1).unwrap());
    assert_eq!(RootTree::of(leaves).root(), root.root);
    for unknown in ["/roots/2020-01-01", "/roots/nonsense", "/roots/2020-01-01/leaves"] {
        assert_eq!(served.get(unknown).send().await.unwrap().status(), 404);
    }
    let strange = served.get("/roots?before=%27%20OR%201").send().await.unwrap();
    assert_eq!(strange.status(), 200);
}

/// With the real client and the real store.
#[tokio::test(flavor = "multi_thread")]
async fn an_office_keeps_every_root_that_it_is_told() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let mut office = Office::enrolled(&centre, &served.url).await;
    let mut roots = Vec::new();
    for _ in 0..3 {
        office.record(&centre);
        office.syncs().await;
        let (Made::Now(root) | Made::Before(root)) = make_root(&centre).await;
        roots.push(root);
        office.record(&centre);
        // It comes once, however often the office asks.
        for _ in 0..2 {
            office.syncs().await;
        }
        let kept = office.store.lock().unwrap().day_roots().unwrap();
        assert!(kept.iter().all(|root| root.fault.is_empty()), "{kept:?}");
        let kept: Vec<SignedDayRoot> = kept.into_iter().map(|root| root.signed).collect();
        assert_eq!(kept, roots);
        centre.pass(DAY);
    }
    assert!(office.store.lock().unwrap().notices().unwrap().is_empty());
    let storage = &centre.centre.storage;
    let against = Against { published: roots, ..Against::default() };
    assert_eq!(audit(storage, &against).await.unwrap().findings, []);
    // Somebody changes what this office sent, and the centre makes the day's root over that.
    let mut unit = storage.begin().await.unwrap();
    let sql = "UPDATE devices SET head_hash = $1";
    unit.execute(sql, vec![pishkhan_server::values![[7_u8; 32]]]).await.unwrap();
    unit.commit().await.unwrap();
    make_root(&centre).await;
    let mut unit = storage.begin().await.unwrap();
    let head = office.store.lock().unwrap().head().unwrap();
    unit.execute(sql, vec![pishkhan_server::values![head.hash]]).await.unwrap();
    unit.commit().await.unwrap();
    office.syncs().await;
    let store = office.store.lock().unwrap();
    assert_eq!(store.day_roots().unwrap().last().unwrap().fault, "device.log");
    assert_eq!(store.notices().unwrap().len(), 1);
}
