use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::delta;
use pishkhan_protocol::exchange::CatalogueEntry;
use pishkhan_protocol::head::Head;

use super::searching::{card, published};
use super::{Feed, office, reply};

#[test]
fn a_difference_to_an_earlier_publication_gives_the_whole() {
    let (_dir, mut store) = office();
    let (old, new) = (published(1, card("قدیم")), published(2, card("جدید")));
    let on = |base: &CatalogueEntry| CatalogueEntry {
        bytes: delta::encode(&new.bytes, &base.bytes).unwrap(),
        base: Some(ContentHash::of(&base.bytes)),
        ..new.clone()
    };
    let mut effects = reply(&store, Head::EMPTY, &Feed::new());
    effects.catalogue = vec![old.clone(), on(&old)];
    assert_eq!(store.apply_reply(&effects).unwrap().publications, 2);
    let version = ContentHash::of(&new.bytes);
    assert_eq!(store.card(version).unwrap().unwrap().card.title.fa, "جدید");
}

#[test]
fn a_difference_without_its_base_is_asked_for_from_the_beginning() {
    let (_dir, mut store) = office();
    let (old, new) = (published(1, card("قدیم")), published(2, card("جدید")));
    let lost = CatalogueEntry {
        bytes: delta::encode(&new.bytes, &old.bytes).unwrap(),
        base: Some(ContentHash([7; 32])),
        ..new.clone()
    };
    let garbled = CatalogueEntry {
        bytes: vec![9; 40],
        base: Some(ContentHash::of(&old.bytes)),
        ..new.clone()
    };
    // Well made, but of something that the centre never signed.
    let forged = CatalogueEntry {
        bytes: delta::encode(&published(2, card("جعلی")).bytes, &old.bytes).unwrap(),
        ..garbled.clone()
    };
    for bad in [lost, garbled, forged] {
        let mut effects = reply(&store, Head::EMPTY, &Feed::new());
        effects.catalogue = vec![old.clone()];
        store.apply_reply(&effects).unwrap();
        effects.catalogue = vec![bad, published(3, card("بعدی"))];
        let applied = store.apply_reply(&effects).unwrap();
        assert_eq!((applied.publications, applied.bad_publication), (0, Some(2)));
        assert_eq!(store.cards().unwrap()[0].card.title.fa, "قدیم");
        assert_eq!(store.sync_state().unwrap().catalogue_cursor, 0);
    }
}
