//! The daily root against the vectors of others, and against whoever would change a leaf.

use pishkhan_domain::ids::{DeviceNumber, OfficeCode};
use pishkhan_protocol::day_root::{
    AuditLogLeaf, DAY_ROOT_VERSION, DayRoot, DeviceLeaf, FeedLeaf, Leaf, ReceivedHead, RootTree,
    SignedDayRoot, received_link,
};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::{PublicKey, Purpose, SecretKey, SignatureBytes};
use proptest::prelude::*;

fn unhex(text: &str) -> Vec<u8> {
    let byte = |place: usize| u8::from_str_radix(&text[place..place + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

/// The leaves and heads with which the reference programs of Certificate Transparency are tested.
#[test]
fn the_tree_is_that_of_rfc_6962() {
    let leaves = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    for (count, root) in roots.iter().enumerate() {
        let tree = RootTree::of(leaves[..count].iter().map(|leaf| unhex(leaf)));
        assert_eq!(tree.root().to_vec(), unhex(root), "{count} leaves");
    }
}

fn leaf(device: u32) -> Leaf {
    Leaf::Device(DeviceLeaf {
        device: DeviceNumber(device),
        key: PublicKey([3; 32]),
        head: Head { seq: u64::from(device) * 7, hash: [4; 32] },
        received: [5; 32],
    })
}

fn root_of(tree: &RootTree) -> DayRoot {
    DayRoot {
        version: DAY_ROOT_VERSION,
        day: "2026-11-27".to_owned(),
        at_ms: 1_795_000_000_000,
        epoch: [6; 16],
        leaves: tree.leaves(),
        root: tree.root(),
        previous: [0; 32],
    }
}

/// Put together by hand from RFC 8949, so that another program would write the same.
#[test]
fn the_bytes_of_leaf_and_statement_stay_as_they_are() {
    let bytes = leaf(7).to_bytes();
    let written = "820081840758200303030303030303030303030303030303030303030303030303030303 \
         030303821831582004040404040404040404040404040404040404040404040404040404 \
         040404045820050505050505050505050505050505050505050505050505050505050505 \
         0505";
    assert_eq!(bytes, unhex(&written.replace(' ', "")));
    let signed =
        SignedDayRoot::sign(&root_of(&RootTree::of([bytes])), &SecretKey::from_seed(&[1; 32]));
    let written = "87016a323032362d31312d32371b000001a1ee565e005006060606060606060606060606 \
         06060601582082dab8d3f1d6c9dccb77a6800d98a3cf66d2e5240d0671b34dee8387576a \
         87d158200000000000000000000000000000000000000000000000000000000000000000";
    assert_eq!(signed.statement, unhex(&written.replace(' ', "")));
}

#[test]
fn a_root_is_signed_for_this_purpose_and_no_other() {
    let centre = SecretKey::from_seed(&[1; 32]);
    let root = root_of(&RootTree::of([leaf(1).to_bytes()]));
    let signed = SignedDayRoot::sign(&root, &centre);
    assert_eq!(signed.verify(&centre.public()).unwrap(), root);
    let mut other = signed.clone();
    other.signature = centre.sign(Purpose::Reply, &signed.statement);
    assert!(other.verify(&centre.public()).is_err(), "a reply's signature is no root's");
    assert!(signed.verify(&SecretKey::from_seed(&[2; 32]).public()).is_err());
    let mut changed = signed.clone();
    changed.statement[12] ^= 1;
    assert!(changed.verify(&centre.public()).is_err());
    assert_ne!(changed.hash(), signed.hash());
}

#[test]
fn every_log_has_a_key_of_its_own_and_is_read_back() {
    let office = OfficeCode::from("zahedan-0007");
    let leaves = [
        Leaf::AuditLog(AuditLogLeaf { number: 9, hash: [1; 32] }),
        leaf(7),
        leaf(70),
        Leaf::Feed(FeedLeaf { office, number: 3, hash: [2; 32] }),
    ];
    let keys = leaves.clone().map(|leaf| leaf.key());
    assert_eq!(keys, ["audit-log", "device/0000000007", "device/0000000070", "feed/zahedan-0007"]);
    for leaf in leaves {
        assert_eq!(Leaf::from_bytes(&leaf.to_bytes()).unwrap(), leaf);
    }
}

#[test]
fn whatever_is_changed_of_a_received_head_changes_its_link() {
    let received = ReceivedHead {
        head: Head { seq: 3, hash: [1; 32] },
        after_seq: 2,
        signature: SignatureBytes([2; 64]),
        received_at_ms: 1_000,
    };
    let device = DeviceNumber(7);
    let link = received_link(&[0; 32], device, &received);
    let backdated = ReceivedHead { received_at_ms: 999, ..received.clone() };
    let other = ReceivedHead { after_seq: 1, ..received.clone() };
    assert_ne!(received_link(&[0; 32], device, &backdated), link);
    assert_ne!(received_link(&[0; 32], device, &other), link);
    assert_ne!(received_link(&[1; 32], device, &received), link);
    assert_ne!(received_link(&[0; 32], DeviceNumber(8), &received), link);
}

proptest! {
    #[test]
    fn each_leaf_is_proved_and_no_other(count in 1..80_u32, which in 0..80_u32, other in 0..80_u32) {
        let which = which % count;
        let tree = RootTree::of((0..count).map(|device| leaf(device).to_bytes()));
        let root = root_of(&tree);
        let mut inclusion = tree.prove(which as usize).unwrap();
        prop_assert_eq!(inclusion.verify(&root).unwrap(), leaf(which));
        prop_assert!(tree.prove(count as usize).is_none());
        if which != other {
            let honest = inclusion.clone();
            inclusion.leaf = leaf(other).to_bytes();
            prop_assert!(inclusion.verify(&root).is_err());
            inclusion = honest;
            inclusion.index = u64::from(other);
            prop_assert!(inclusion.verify(&root).is_err());
        }
        inclusion.path.pop();
        prop_assert!(inclusion.verify(&root).is_err() || count == 1);
    }
}
