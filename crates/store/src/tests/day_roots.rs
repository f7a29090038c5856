//! Roots of days that come down: kept when they hold, kept and told when they do not.

use pishkhan_domain::ids::{DeviceNumber, OfficeCode};
use pishkhan_protocol::day_root::{
    DAY_ROOT_VERSION, DayRoot, DeviceLeaf, FeedLeaf, Leaf, RootTree, SignedDayRoot,
};
use pishkhan_protocol::feed::DayRootTold;
use pishkhan_protocol::keys::{PublicKey, SecretKey};

use super::*;
use crate::sample::{DEVICE, centre_key};

/// A root over this device, its office and a stranger.
struct Told {
    day: &'static str,
    key: PublicKey,
    head: Head,
    feed: (u64, Hash),
    centre: SecretKey,
    epoch: [u8; 16],
    device: DeviceNumber,
}

impl Told {
    fn at(head: Head, feed: (u64, Hash)) -> Self {
        let key = SecretKey::from_seed(&identity().key_seed).public();
        let (day, centre, epoch, device) = ("2026-11-23", centre_key(), EPOCH, DEVICE);
        Self { day, key, head, feed, centre, epoch, device }
    }

    fn body(&self) -> FeedBody {
        let stranger = DeviceLeaf {
            device: DeviceNumber(99),
            key: PublicKey([1; 32]),
            head: Head::EMPTY,
            received: [0; 32],
        };
        let own =
            DeviceLeaf { device: self.device, key: self.key, head: self.head, received: [2; 32] };
        let (number, hash) = self.feed;
        let feed = FeedLeaf { office: OfficeCode::from("sample-0001"), number, hash };
        let leaves = [Leaf::Device(own), Leaf::Device(stranger), Leaf::Feed(feed)];
        let tree = RootTree::of(leaves.iter().map(Leaf::to_bytes));
        let root = DayRoot {
            version: DAY_ROOT_VERSION,
            day: self.day.to_owned(),
            at_ms: NOW,
            epoch: self.epoch,
            leaves: 3,
            root: tree.root(),
            previous: [0; 32],
        };
        let inclusions = [0, 2].map(|place| tree.prove(place).unwrap()).to_vec();
        let root = SignedDayRoot::sign(&root, &self.centre);
        FeedBody::DayRoot(Box::new(DayRootTold { root, inclusions }))
    }
}

/// What came of a root in a fresh office that had recorded one application and was told one thing.
fn fault_of(change: impl FnOnce(&mut Told)) -> (String, usize) {
    let (_dir, mut store) = office();
    let event = append(&mut store, record("0076229645"));
    let mut feed = Feed::new();
    feed.push(FeedBody::Accepted(event.rest.id.into()));
    let mut told = Told::at(head_of(&event), (1, feed.hashes[1]));
    change(&mut told);
    feed.push(told.body());
    store.apply_reply(&reply(&store, head_of(&event), &feed)).unwrap();
    let kept = store.day_roots().unwrap();
    assert_eq!(kept.len(), 1, "kept, whatever it is");
    (kept[0].fault.clone(), store.notices().unwrap().len())
}

#[test]
fn a_root_that_holds_is_kept_and_nobody_is_bothered() {
    assert_eq!(fault_of(|_| {}), (String::new(), 0));
    assert_eq!(fault_of(|told| (told.head, told.feed) = (Head::EMPTY, (0, [0; 32]))).0, "");
}

#[test]
fn a_root_that_does_not_hold_is_kept_and_told() {
    type Change = fn(&mut Told);
    let changes: [(&str, Change); 6] = [
        ("root.signature", |told| told.centre = SecretKey::from_seed(&[8; 32])),
        ("device.log", |told| told.head.hash = [7; 32]),
        ("device.log", |told| told.head.seq = 2),
        ("device.key", |told| told.key = PublicKey([7; 32])),
        ("office.feed", |told| told.feed.1 = [7; 32]),
        ("device.missing", |told| told.device = DeviceNumber(18)),
    ];
    for (fault, change) in changes {
        assert_eq!(fault_of(change), (fault.to_owned(), 1));
    }
}

#[test]
fn another_root_of_the_same_day_is_told_unless_the_centre_was_restored() {
    let (_dir, mut store) = office();
    let event = append(&mut store, record("0076229645"));
    let mut feed = Feed::new();
    let mut told = Told::at(head_of(&event), (0, [0; 32]));
    feed.push(told.body());
    feed.push(told.body());
    told.epoch = [6; 16];
    feed.push(told.body());
    store.apply_reply(&reply(&store, head_of(&event), &feed)).unwrap();
    let faults = |store: &Store| {
        let kept = store.day_roots().unwrap();
        kept.into_iter().map(|root| root.fault).collect::<Vec<_>>()
    };
    assert_eq!(faults(&store), ["", ""], "the same comes twice, and one of another epoch");
    told.epoch = EPOCH;
    told.head = Head::EMPTY;
    feed.push(told.body());
    store.apply_reply(&reply(&store, head_of(&event), &feed)).unwrap();
    assert_eq!(faults(&store), ["", "", "root.other"]);
    assert_eq!(store.notices().unwrap().len(), 1);
}
