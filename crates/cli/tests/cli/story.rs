//! Sixty days: three sticks go out, one is lost, one arrives twice and late, answers come back on a
//! fourth.

use pishkhan_domain::lifecycle::State;
use pishkhan_protocol::exchange::Verdict;
use pishkhan_server::projection::OfficerAct;

use super::world::{World, a_return, put};

fn approve() -> OfficerAct {
    OfficerAct::Approve { note: "آماده است.".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_days_with_no_line() {
    let world = World::new().await;
    let mut office = world.office("sample-0001").await;
    // Day 0, at the centre's desk: the catalogue comes with the first answer.
    let first = world.brought(office.exported()).await.unwrap();
    let read = office.imported(&first.answer);
    assert_eq!(read.code, "courier.taken");
    assert!(read.services > 20 && read.acknowledged == 1, "{read:?}");

    // Day 10: the first stick goes out, and is forgotten in a pocket.
    let mut all = Vec::new();
    world.pass_days(5);
    all.extend((0..6).map(|_| office.record()));
    world.pass_days(5);
    let first_stick = tempfile::tempdir().unwrap();
    let one = office.export(first_stick.path());
    assert_eq!((one.file.entries, one.file.documents), (6, 6));
    assert_eq!((one.entries_left, one.documents_left), (0, 0));

    // Day 20: the second is lost.
    world.pass_days(5);
    all.extend((0..4).map(|_| office.record()));
    world.pass_days(5);
    let lost = tempfile::tempdir().unwrap();
    assert_eq!(office.export(lost.path()).file.entries, 10);
    lost.close().unwrap();

    // Day 30: the third arrives first, with all that the others held.
    all.extend((0..5).map(|_| office.record()));
    world.pass_days(10);
    let third_stick = tempfile::tempdir().unwrap();
    let three = office.export(third_stick.path());
    assert_eq!((three.file.number, three.file.entries), (4, 15));
    world.pass_days(2);
    let of_third = world.brought_file(three.file.path.as_ref()).await.unwrap();
    assert_eq!((of_third.entries, of_third.documents), (15, 15));
    assert!(of_third.whole && of_third.verdict == Verdict::Ok);

    // The agency takes some up, and gives two back.
    for id in &all[..4] {
        world.decides(&office, *id, OfficerAct::Accept).await;
    }
    world.decides(&office, all[1], a_return()).await;
    world.decides(&office, all[2], a_return()).await;
    world.decides(&office, all[0], approve()).await;

    // Day 40: the first stick is found, and arrives late, and twice.
    world.pass_days(8);
    let of_first = world.brought_file(one.file.path.as_ref()).await.unwrap();
    assert_eq!((of_first.entries, of_first.documents), (0, 0), "it came with the third");
    let again = world.brought_file(one.file.path.as_ref()).await.unwrap();
    assert_eq!((again.entries, again.documents, again.verdict), (0, 0, Verdict::Ok));

    // Meanwhile work goes on; all answers come back on a fourth stick, in whatever order.
    all.push(office.record());
    let fourth_stick = tempfile::tempdir().unwrap();
    let answers = [(&again, "a"), (&of_third, "b"), (&of_first, "c")];
    for (taken, place) in answers {
        put(fourth_stick.path(), &format!("{place}-{}", taken.answer_name()), &taken.answer);
    }
    world.pass_days(5);
    let read = office.import(fourth_stick.path());
    let codes: Vec<&str> = read.iter().map(|file| file.code.as_str()).collect();
    assert_eq!(codes, ["courier.taken", "courier.taken", "courier.taken_before"]);
    assert_eq!((read[0].acknowledged, read[0].documents), (15, 15), "the earliest is read first");
    assert_eq!(read[1].news, 4, "and the later one brings what the agency did");
    assert_eq!(office.view(all[0]).row.state, State::Approved);
    assert_eq!(office.view(all[1]).row.state, State::Returned);
    let files = office.counter.courier_files().unwrap();
    assert!(files.iter().all(|file| file.answered_at.is_some()), "the lost one too: {files:?}");

    // What was given back is mended, and goes out with what is new.
    office.mend(all[1]);
    office.mend(all[2]);
    all.extend((0..2).map(|_| office.record()));
    let last = office.export(fourth_stick.path());
    assert_eq!((last.file.entries, last.file.documents), (5, 3));
    assert!(office.counter.courier_files().unwrap()[0].answered_at.is_none());
    world.pass_days(5);
    let of_last = world.brought_file(last.file.path.as_ref()).await.unwrap();
    assert_eq!((of_last.entries, of_last.documents), (5, 3));
    assert_eq!(world.state(&office, all[1]).await, State::Resubmitted);
    world.decides(&office, all[1], OfficerAct::Accept).await;
    world.decides(&office, all[1], approve()).await;

    // Day 60: a second carrier asks for a fresh answer to the same file, and all is known.
    world.pass_days(5);
    let fresh = world.brought_file(last.file.path.as_ref()).await.unwrap();
    // Both answers have the same name: the later one is the one to carry.
    assert_eq!(fresh.answer_name(), of_last.answer_name());
    let read = office.imported(&fresh.answer);
    assert_eq!((read.code.as_str(), read.acknowledged), ("courier.taken", 5));
    assert_eq!(office.imported(&of_last.answer).code, "courier.taken_before");
    world.equals(&office).await;

    // And whatever is read or brought again changes nothing.
    for taken in [&of_third, &of_first, &again, &fresh] {
        assert_eq!(office.imported(&taken.answer).code, "courier.taken_before");
    }
    for path in [&one.file.path, &three.file.path, &last.file.path] {
        let taken = world.brought_file(path.as_ref()).await.unwrap();
        assert_eq!((taken.entries, taken.documents), (0, 0));
    }
    world.equals(&office).await;
}
