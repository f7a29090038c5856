//! The courier's file: nothing in it can be moved, left out, cut or taken elsewhere unnoticed.

use std::path::PathBuf;
use std::{env, fs};

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::DeviceNumber;
use pishkhan_protocol::courier::{
    Arrived, ArrivedFile, Content, CourierError, Cover, Direction, DocumentPiece, FileReader,
    FileWriter, MAGIC, MAX_FILE_BYTES, PartKey, SignedCover,
};
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_protocol::error::ProtocolError;
use pishkhan_protocol::exchange::{ExchangeReply, Verdict};
use pishkhan_protocol::keys::SecretKey;

use crate::office::{DEVICE, NOON_MS, Office, anchor};

fn cover(office: &Office, direction: Direction, id: u8) -> Cover {
    let certificate = (direction == Direction::ToCentre).then(|| office.certificate.clone());
    Cover { direction, device: DEVICE, number: 3, made_at_ms: NOON_MS, id: [id; 16], certificate }
}

fn scan() -> Vec<u8> {
    (0..3_000_u32).map(|place| ((place * 7_919) >> 3) as u8).collect()
}

/// What a small office carries: two batches, a document in two pieces.
fn contents(office: &Office) -> Vec<Content> {
    let mut first = office.request(Some(office.batch(0, 2)));
    first.lease = None;
    let second = office.request(Some(office.batch(2, 4)));
    let scan = scan();
    let (hash, size_bytes) = (ContentHash::of(&scan), scan.len() as u64);
    let piece = |from: usize, to: usize| {
        let bytes = scan[from..to].to_vec();
        Content::Piece(DocumentPiece { hash, size_bytes, offset: from as u64, bytes })
    };
    vec![
        Content::Exchange(Box::new(first)),
        Content::Exchange(Box::new(second)),
        piece(0, 2_000),
        piece(2_000, 3_000),
    ]
}

fn answer(office: &Office) -> Vec<Content> {
    let reply = ExchangeReply {
        protocol: 2,
        device: DEVICE,
        epoch: [4; 16],
        verdict: Verdict::Ok,
        received: office.head(),
        safe_seq: 4,
        anchor: anchor(),
        lease: [0; 16],
        feed: Vec::new(),
        feed_hash: [0; 32],
        catalogue: Vec::new(),
        more: false,
        upload_token: None,
        retry_after_s: None,
        dictionary: None,
        answers: None,
        wanted: None,
    };
    let files = vec![ArrivedFile { number: 3, id: [9; 16], whole: true }];
    let documents = vec![ContentHash::of(&scan())];
    vec![
        Content::Reply(Box::new(reply)),
        Content::Arrived(Arrived { files, documents }),
        // Of a later version.
        Content::Unknown(200),
    ]
}

fn written(cover: &Cover, key: &SecretKey, secret: &DeviceSecret, parts: &[Content]) -> Vec<u8> {
    let mut file = FileWriter::begin(Vec::new(), cover, key, secret).unwrap();
    for part in parts {
        assert!(file.add(part, MAX_FILE_BYTES).unwrap());
    }
    let (bytes, length) = file.end().unwrap();
    assert_eq!(bytes.len() as u64, length);
    bytes
}

fn to_centre(office: &Office) -> Vec<u8> {
    let cover = cover(office, Direction::ToCentre, 9);
    written(&cover, &office.key, &office.secret, &contents(office))
}

fn to_office(office: &Office) -> Vec<u8> {
    let cover = cover(office, Direction::ToOffice, 8);
    written(&cover, &office.centre, &office.secret, &answer(office))
}

/// What can be read, and why there is no more.
fn read(bytes: &[u8], secret: &DeviceSecret) -> (Vec<Content>, Option<CourierError>) {
    let mut file = match FileReader::open(bytes) {
        Ok(file) => file,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let key = PartKey::of(secret, &file.cover().read().unwrap(), file.cover());
    let mut contents = Vec::new();
    loop {
        match file.next(&key) {
            Ok(Some(content)) => contents.push(content),
            Ok(None) => return (contents, None),
            Err(error) => return (contents, Some(error)),
        }
    }
}

/// Where each byte string begins, and where the file ends.
fn frames(bytes: &[u8]) -> Vec<usize> {
    let mut at = MAGIC.len();
    let mut starts = vec![at];
    while at < bytes.len() {
        at += match bytes[at] - 0x40 {
            small @ 0..=23 => 1 + usize::from(small),
            24 => 2 + usize::from(bytes[at + 1]),
            25 => 3 + usize::from(u16::from_be_bytes([bytes[at + 1], bytes[at + 2]])),
            _ => panic!("no frame of this file is so long"),
        };
        starts.push(at);
    }
    starts
}

#[test]
fn what_was_put_in_comes_out() {
    let office = Office::with_applications(3);
    for (bytes, parts) in
        [(to_centre(&office), contents(&office)), (to_office(&office), answer(&office))]
    {
        let (read, error) = read(&bytes, &office.secret);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(read, parts);
        let signed = FileReader::open(&bytes[..]).unwrap().cover().clone();
        signed.verify(&office.centre.public()).unwrap();
    }
}

#[test]
fn nothing_is_in_clear_but_the_cover() {
    let office = Office::with_applications(3);
    let bytes = to_centre(&office);
    for word in ["نمونه 1", "زهرا", "0076229645"] {
        let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
        assert!(!found, "{word} can be read");
    }
}

#[test]
fn a_file_that_is_cut_anywhere_gives_its_whole_parts_and_says_so() {
    let office = Office::with_applications(3);
    let bytes = to_centre(&office);
    let (all, starts) = (contents(&office), frames(&bytes));
    for cut in 0..bytes.len() {
        let (read, error) = read(&bytes[..cut], &office.secret);
        // Of the frames that are whole, the first is the cover.
        let whole = starts.iter().skip(2).filter(|end| **end <= cut).count();
        assert_eq!(read, all[..whole], "cut at {cut}");
        assert!(error.is_some(), "cut at {cut}: nobody says that the end is missing");
    }
}

#[test]
fn every_changed_byte_is_noticed() {
    let office = Office::with_applications(3);
    let bytes = to_centre(&office);
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 0x20;
        let vouched = FileReader::open(&changed[..])
            .is_ok_and(|file| file.cover().verify(&office.centre.public()).is_ok());
        let whole = vouched && read(&changed, &office.secret).1.is_none();
        assert!(!whole, "byte {place} can be changed");
    }
}

#[test]
fn parts_cannot_be_moved_left_out_repeated_or_taken_to_another_file() {
    let office = Office::with_applications(3);
    let bytes = to_centre(&office);
    let starts = frames(&bytes);
    let part = |number: usize| &bytes[starts[number]..starts[number + 1]];
    let head = &bytes[..starts[1]];
    let orders: [&[usize]; 5] =
        [&[2, 1, 3, 4, 5], &[1, 3, 4, 5], &[1, 1, 2, 3, 4, 5], &[5], &[1, 5]];
    for order in orders {
        let parts: Vec<u8> = order.iter().flat_map(|number| part(*number)).copied().collect();
        let (_, error) = read(&[head, &parts].concat(), &office.secret);
        assert!(matches!(error, Some(CourierError::Damaged(_))), "{order:?}: {error:?}");
    }
    // Another file of the same device and place, even of the same id.
    for id in [9, 10] {
        let mut other = cover(&office, Direction::ToCentre, id);
        other.number = 4;
        let other = written(&other, &office.key, &office.secret, &contents(&office));
        let mixed = [&other[..frames(&other)[1]], &bytes[starts[1]..]].concat();
        let (read, error) = read(&mixed, &office.secret);
        assert!(read.is_empty() && error.is_some(), "under the cover with id {id}");
    }
}

#[test]
fn only_device_and_centre_can_read() {
    let office = Office::with_applications(1);
    let (read, error) = read(&to_office(&office), &DeviceSecret([4; 32]));
    assert!(read.is_empty());
    assert!(matches!(error, Some(CourierError::Damaged(ProtocolError::BadSignature { .. }))));
}

#[test]
fn a_cover_is_vouched_for_by_the_centre_or_by_a_device_that_it_certified() {
    let office = Office::with_applications(1);
    let us = office.centre.public();
    let good = cover(&office, Direction::ToCentre, 1);
    let verified = SignedCover::sign(&good, &office.key).verify(&us).unwrap();
    assert_eq!(verified.office.unwrap().0, "zahedan-0007");
    let by_another_key = SignedCover::sign(&good, &SecretKey::from_seed(&[7; 32]));
    let of_another_device =
        SignedCover::sign(&Cover { device: DeviceNumber(5), ..good.clone() }, &office.key);
    let uncertified = SignedCover::sign(&Cover { certificate: None, ..good.clone() }, &office.key);
    let answer = cover(&office, Direction::ToOffice, 1);
    let by_the_device = SignedCover::sign(&answer, &office.key);
    // A signature for one way says nothing of the other.
    let turned = {
        let signature = SignedCover::sign(&answer, &office.centre).signature;
        SignedCover { signature, ..SignedCover::sign(&good, &office.key) }
    };
    for bad in [by_another_key, of_another_device, uncertified, by_the_device, turned] {
        assert!(bad.verify(&us).is_err(), "{bad:?}");
    }
    let elsewhere = SecretKey::from_seed(&[6; 32]).public();
    assert!(SignedCover::sign(&good, &office.key).verify(&elsewhere).is_err());
}

#[test]
fn other_files_are_told_apart() {
    let office = Office::with_applications(3);
    let newer = [b"PISHKHAN-COURIER-2\n", &to_centre(&office)[MAGIC.len()..]].concat();
    assert!(matches!(read(&newer, &office.secret).1, Some(CourierError::TooNew)));
    for other in [&b""[..], b"PISHKHAN", b"%PDF-1.7 and what follows it", &[0; 64]] {
        assert!(matches!(read(other, &office.secret).1, Some(CourierError::NotOurs)));
    }
    let huge = [&MAGIC[..], &[0x5a, 0x7f, 0xff, 0xff, 0xff]].concat();
    assert!(matches!(read(&huge, &office.secret).1, Some(CourierError::Damaged(_))));
}

#[test]
fn a_part_that_has_no_room_is_not_begun_and_the_end_always_has_it() {
    let office = Office::with_applications(3);
    let cover = cover(&office, Direction::ToCentre, 1);
    let whole = written(&cover, &office.key, &office.secret, &contents(&office)).len() as u64;
    for most in (1_000..whole).step_by(11) {
        let mut file = FileWriter::begin(Vec::new(), &cover, &office.key, &office.secret).unwrap();
        let parts = contents(&office);
        let added: Vec<Content> =
            parts.into_iter().filter(|part| file.add(part, most).unwrap()).collect();
        let (bytes, length) = file.end().unwrap();
        assert!(length <= most);
        let (read, error) = read(&bytes, &office.secret);
        assert!(error.is_none() && read == added);
    }
}

/// `PISHKHAN_WRITE_GOLDEN=1` writes the files anew, for a new version's folder.
#[test]
fn the_bytes_of_courier_1_are_as_written_down() {
    let office = Office::with_applications(3);
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/courier-1");
    let files = [("to-centre", to_centre(&office)), ("answer", to_office(&office))];
    for (name, bytes) in files {
        let path = folder.join(format!("{name}.courier"));
        if env::var_os("PISHKHAN_WRITE_GOLDEN").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &bytes).unwrap();
        }
        // What is compressed depends on the version of zstd; what was written then must be read.
        let golden = fs::read(&path).unwrap();
        assert_eq!(read(&golden, &office.secret).0, read(&bytes, &office.secret).0, "{name}");
        assert!(read(&golden, &office.secret).1.is_none());
        let cover = FileReader::open(&golden[..]).unwrap().cover().clone();
        assert_eq!(cover, *FileReader::open(&bytes[..]).unwrap().cover(), "{name}");
        cover.verify(&office.centre.public()).unwrap();
    }
}
