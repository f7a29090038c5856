//! What comes down: as much as the line carries, the catalogue as differences, and to a device of
//! protocol 1 what it always got.

use pishkhan_domain::catalogue::Publication;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::delta;
use pishkhan_protocol::envelope::Envelope;
use pishkhan_protocol::exchange::{CatalogueEntry, ExchangeReply, ExchangeRequest};
use pishkhan_protocol::keys::Purpose;
use pishkhan_server::administration::publish;
use pishkhan_server::exchange::{exchange, short};

use crate::fixture::{TestCentre, TestDevice, card, on_both_stores};

on_both_stores!(
    a_reply_is_no_larger_than_the_line_carries,
    a_device_of_protocol_1_gets_what_it_always_got,
    the_catalogue_comes_as_differences_that_give_the_whole,
);

/// A card that differs from the first in one word.
fn with_word(word: &str) -> Publication {
    let mut card = card();
    card.audience.fa = format!("پدر یا {word} نوزاد");
    Publication::ServiceCard(Box::new(card))
}

async fn publish_word(centre: &TestCentre, word: &str) -> Vec<u8> {
    let mut unit = centre.centre.storage.begin().await.unwrap();
    let now = centre.centre.now();
    assert!(publish(unit.as_mut(), &centre.centre.key, with_word(word), now).await.unwrap());
    unit.commit().await.unwrap();
    serde_json::to_vec(&with_word(word)).unwrap()
}

async fn ask(centre: &TestCentre, device: &TestDevice, request: &ExchangeRequest) -> ExchangeReply {
    device.open(&exchange(&centre.centre, &device.seal(request)).await.unwrap())
}

async fn a_reply_is_no_larger_than_the_line_carries(centre: TestCentre) {
    let mut device = centre.device().await;
    for _ in 0..300 {
        device.add_bytes(99, vec![0x80]);
    }
    device.sync(&centre.centre).await;
    for most in [1, 1_500, 6_000] {
        device.feed_cursor = 0;
        let mut replies = 0;
        let mut catalogue_cursor = 0;
        loop {
            let mut request = device.request(None);
            request.reply_most_bytes = Some(most);
            request.catalogue_cursor = catalogue_cursor;
            let said = device.say_short(&request).unwrap();
            let in_short = short(&centre.centre, &said.to_bytes()).await.unwrap();
            let sealed = exchange(&centre.centre, &device.seal(&request)).await.unwrap();
            let reply = device.open(&sealed);
            let brought = reply.feed.len() + reply.catalogue.len();
            assert!(brought == 1 || sealed.len() <= most as usize, "{} in {most}", sealed.len());
            assert!(brought == 1 || in_short.len() <= most as usize);
            catalogue_cursor = reply.catalogue.last().map_or(catalogue_cursor, |it| it.number);
            device.keep(&reply);
            replies += 1;
            if !reply.more {
                break;
            }
            assert!(brought > 0, "each brings something");
        }
        assert_eq!((device.feed_cursor, catalogue_cursor), (300, 1));
        let expected = match most {
            1 => 301..=301,
            1_500 => 4..=30,
            _ => 1..=5,
        };
        assert!(expected.contains(&replies), "{replies} replies of {most}");
    }
}

async fn a_device_of_protocol_1_gets_what_it_always_got(centre: TestCentre) {
    let mut device = centre.device().await;
    publish_word(&centre, "پدربزرگ").await;
    for _ in 0..201 {
        device.add_bytes(99, vec![0x80]);
    }
    let mut request = device.request(Some(device.batch(0, 201)));
    request.protocol = 1;
    let sealed = exchange(&centre.centre, &device.seal(&request)).await.unwrap();
    let envelope = Envelope::from_bytes(&sealed).unwrap();
    assert_eq!(envelope.dictionary, 0);
    let message = envelope.open(Purpose::Reply, &device.centre_key).unwrap();
    assert_eq!(message[0], 0x8d, "thirteen fields, as far as the token");
    let reply = ExchangeReply::from_bytes(&message).unwrap();
    assert_eq!((reply.feed.len(), reply.more, reply.dictionary), (200, true, None));
    assert_eq!(reply.received, device.head());
    assert_eq!(reply.catalogue.len(), 2);
    for entry in &reply.catalogue {
        assert_eq!(entry.base, None);
        device.centre_key.verify(Purpose::Publication, &entry.bytes, &entry.signature).unwrap();
    }
}

async fn the_catalogue_comes_as_differences_that_give_the_whole(centre: TestCentre) {
    let mut device = centre.device().await;
    device.sync(&centre.centre).await;
    let length = |reply: &[u8]| reply.len();
    let mut request = device.request(None);
    request.catalogue_cursor = 1;
    let quiet = length(&exchange(&centre.centre, &device.seal(&request)).await.unwrap());
    let first = publish_word(&centre, "پدربزرگ").await;
    let sealed = exchange(&centre.centre, &device.seal(&request)).await.unwrap();
    let more = length(&sealed) - quiet;
    assert!(more < 150, "{more} bytes for one word");
    let reply = device.open(&sealed);
    let before = serde_json::to_vec(&Publication::ServiceCard(Box::new(card()))).unwrap();
    assert_eq!(whole(&device, &reply.catalogue[0], &before), first);

    // Whoever has nothing gets the oldest whole, and the rest on top of it.
    let second = publish_word(&centre, "مادربزرگ").await;
    let reply = ask(&centre, &device, &device.request(None)).await;
    let [oldest, next, newest] = &reply.catalogue[..] else { panic!("three publications") };
    assert_eq!((oldest.base, &oldest.bytes), (None, &before));
    assert_eq!(whole(&device, next, &before), first);
    assert_eq!(whole(&device, newest, &first), second);
}

/// What an entry gives, with the centre's signature checked on it.
fn whole(device: &TestDevice, entry: &CatalogueEntry, base: &[u8]) -> Vec<u8> {
    assert_eq!(entry.base, Some(ContentHash::of(base)));
    let bytes = delta::decode(&entry.bytes, base, 1 << 20).unwrap();
    device.centre_key.verify(Purpose::Publication, &bytes, &entry.signature).unwrap();
    bytes
}
