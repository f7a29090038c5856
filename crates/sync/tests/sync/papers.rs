//! Documents over tus: a cut never starts one from zero, and text never waits for one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pishkhan_sync::engine::Answer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::memory_office::MemoryOffice;
use crate::mock_centre::{Instead, MockCentre};
use crate::over_http::{in_background, office_and_centre, once};

fn paper(kib: usize) -> Vec<u8> {
    (0..kib * 1024).map(|index| u8::try_from(index * 31 % 251).unwrap()).collect()
}

fn count(centre: &MockCentre, what: &str) -> usize {
    centre.lock().asked.iter().filter(|asked| asked.starts_with(what)).count()
}

#[tokio::test]
async fn a_paper_goes_in_pieces_after_its_text() {
    let (office, centre) = office_and_centre().await;
    let hash = office.lock().unwrap().attach(paper(700));
    let outcome = once(&office).await;
    assert!(outcome.finished, "{outcome:?}");
    assert_eq!(outcome.documents, 1);
    assert_eq!(centre.lock().centre.papers[&hash], paper(700));
    assert!(count(&centre, "patch") >= 2, "{:?}", centre.lock().asked);
    assert_eq!(centre.lock().asked[..2], ["exchange", "create"]);
}

#[tokio::test]
async fn a_paper_that_the_centre_has_is_not_sent_again() {
    let (office, centre) = office_and_centre().await;
    let hash = office.lock().unwrap().attach(paper(100));
    centre.lock().centre.papers.insert(hash, paper(100));
    let outcome = once(&office).await;
    assert!(outcome.finished);
    assert_eq!((outcome.documents, count(&centre, "patch")), (1, 0));
}

#[tokio::test]
async fn a_paper_that_the_centre_has_lost_is_sent_again() {
    let (office, centre) = office_and_centre().await;
    let hash = office.lock().unwrap().attach(paper(100));
    assert!(once(&office).await.finished);
    {
        let mut mock = centre.lock();
        mock.centre.papers.clear();
        mock.centre.wanted.push(hash);
        mock.asked.clear();
    }
    let outcome = once(&office).await;
    assert!(outcome.finished, "{outcome:?}");
    assert_eq!((outcome.documents, count(&centre, "create")), (1, 1));
    assert_eq!(centre.lock().centre.papers[&hash], paper(100));
}

/// A line to the centre that is cut for good when so many bytes have gone up, once.
async fn line_cut_after(bytes: usize, centre: &MockCentre) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let to = centre.url.trim_start_matches("http://").to_owned();
    let left = Arc::new(AtomicUsize::new(bytes));
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(&to).await.unwrap();
            tokio::spawn(relay(near, far, Arc::clone(&left)));
        }
    });
    url
}

async fn relay(near: TcpStream, far: TcpStream, left: Arc<AtomicUsize>) {
    let (mut near_read, mut near_write) = near.into_split();
    let (mut far_read, mut far_write) = far.into_split();
    let up = async {
        let mut buffer = [0; 8_192];
        while let Ok(count @ 1..) = near_read.read(&mut buffer).await {
            let before = left.load(Ordering::SeqCst);
            if before != usize::MAX {
                if count >= before {
                    let _sent = far_write.write_all(&buffer[..before]).await;
                    left.store(usize::MAX, Ordering::SeqCst);
                    return;
                }
                left.store(before - count, Ordering::SeqCst);
            }
            if far_write.write_all(&buffer[..count]).await.is_err() {
                return;
            }
        }
    };
    let down = tokio::io::copy(&mut far_read, &mut near_write);
    tokio::select! { () = up => {}, _ = down => {} }
}

#[tokio::test]
async fn a_cut_in_the_middle_of_a_piece_sends_no_byte_twice_that_arrived() {
    let centre = MockCentre::start().await;
    let url = line_cut_after(150_000, &centre).await;
    let mut office = MemoryOffice::new(&url);
    office.record("یادداشت نمونه");
    let hash = office.attach(paper(400));
    let office = Arc::new(std::sync::Mutex::new(office));
    let handle = in_background(&office);
    let mut status = handle.subscribe();
    status.wait_for(|status| status.changes.documents == 1).await.unwrap();
    handle.stopped().await;
    assert_eq!(centre.lock().centre.papers[&hash], paper(400));
    assert_eq!(centre.lock().paper_bytes, paper(400).len(), "each byte arrived once");
    assert_eq!((count(&centre, "create"), count(&centre, "head")), (1, 1));
}

#[tokio::test]
async fn a_restarted_program_goes_on_where_the_centre_stands() {
    let (office, centre) = office_and_centre().await;
    let hash = office.lock().unwrap().attach(paper(200));
    centre.lock().centre.papers.insert(hash, paper(200)[..100_000].to_vec());
    assert!(once(&office).await.finished);
    assert_eq!(centre.lock().paper_bytes, paper(200).len() - 100_000);
}

#[tokio::test]
async fn a_forgotten_upload_is_created_again() {
    let (office, centre) = office_and_centre().await;
    let hash = office.lock().unwrap().attach(paper(200));
    centre.lock().script.forget_upload = true;
    let handle = in_background(&office);
    handle.subscribe().wait_for(|status| status.changes.documents == 1).await.unwrap();
    handle.stopped().await;
    assert_eq!(count(&centre, "create"), 2);
    assert_eq!(centre.lock().centre.papers[&hash], paper(200));
}

#[tokio::test]
async fn a_paper_that_arrived_wrong_starts_from_zero_and_the_others_do_not_wait() {
    let (office, centre) = office_and_centre().await;
    let bad = office.lock().unwrap().attach(paper(100));
    office.lock().unwrap().record("دو");
    let good = office.lock().unwrap().attach(paper(101));
    centre.lock().script.mismatch = true;
    let outcome = once(&office).await;
    assert_eq!(outcome.documents, 1, "the other one went");
    assert!(!outcome.finished);
    assert_eq!(centre.lock().centre.papers[&good], paper(101));
    assert!(!centre.lock().centre.papers.contains_key(&bad));
    let outcome = once(&office).await;
    assert!(outcome.finished);
    assert_eq!(centre.lock().centre.papers[&bad], paper(100));
}

#[tokio::test]
async fn a_paper_that_the_centre_never_takes_holds_up_no_other() {
    let (office, centre) = office_and_centre().await;
    office.lock().unwrap().attach(paper(100));
    office.lock().unwrap().record("دو");
    let good = office.lock().unwrap().attach(paper(50));
    centre.lock().script.too_long = Some(paper(100).len());
    assert_eq!(once(&office).await.documents, 1);
    assert_eq!(centre.lock().centre.papers[&good], paper(50));
}

#[tokio::test]
async fn a_piece_that_the_centre_still_holds_on_to_is_waited_for() {
    for held in [409, 423] {
        let (office, centre) = office_and_centre().await;
        let hash = office.lock().unwrap().attach(paper(100));
        centre.lock().script.patch = Some(Instead::Status(held, 0));
        let handle = in_background(&office);
        handle.subscribe().wait_for(|status| status.changes.documents == 1).await.unwrap();
        handle.stopped().await;
        assert_eq!((count(&centre, "create"), count(&centre, "head")), (1, 1), "{held}");
        assert_eq!(centre.lock().centre.papers[&hash], paper(100));
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_asked_for_again() {
    let (office, centre) = office_and_centre().await;
    office.lock().unwrap().attach(paper(100));
    centre.lock().script.patch = Some(Instead::Status(401, 0));
    let handle = in_background(&office);
    handle.subscribe().wait_for(|status| status.changes.documents == 1).await.unwrap();
    handle.stopped().await;
    assert_eq!(centre.lock().asked[2..4], ["patch 0", "short"]);
}

#[tokio::test]
async fn a_portal_in_the_middle_of_a_paper_is_not_taken_for_the_centre() {
    for instead in [Instead::Portal, Instead::Redirect, Instead::Status(204, 0)] {
        let (office, centre) = office_and_centre().await;
        office.lock().unwrap().attach(paper(10));
        centre.lock().script.patch = Some(instead);
        let outcome = once(&office).await;
        assert_eq!(outcome.answer, Some(Answer::NotTheCentre), "{instead:?}");
        assert!(!office.lock().unwrap().papers[0].uploaded);
    }
}

#[tokio::test]
async fn an_entry_recorded_meanwhile_overtakes_the_paper() {
    let (office, centre) = office_and_centre().await;
    office.lock().unwrap().attach(paper(400));
    let recording = Arc::clone(&office);
    centre.lock().script.on_first_piece = Some(Box::new(move || {
        recording.lock().unwrap().record("درخواستی تازه");
    }));
    let outcome = once(&office).await;
    assert!(outcome.finished, "{outcome:?}");
    let asked = centre.lock().asked.clone();
    assert_eq!(asked[..4], ["exchange", "create", "patch 0", "short"]);
    assert!(asked[4].starts_with("patch 65536"), "and the paper goes on: {asked:?}");
}
