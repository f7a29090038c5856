//! An approval with a letter reaches an office, which sets the same page from it and prints it.

use pishkhan_domain::ids::{AgencyCode, OfficeCode, ServiceCode};
use pishkhan_domain::lifecycle::State;
use pishkhan_ipc::application::ApplicationRequest;
use pishkhan_ipc::receipt::PrintOutcome;
use pishkhan_receipt::{LetterKind, render_letter};
use pishkhan_server::audit::{Against, audit};
use pishkhan_server::projection::{LetterWish, OfficerAct};
use pishkhan_server::storage::letter_templates::{self, LetterTemplate};
use pishkhan_server::storage::{acts, applications, letters};

use super::world::{SERVICE, World};

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_with_a_letter_reaches_an_office_and_is_printed() {
    let world = World::new().await;
    let mut office = world.office("sample-0001").await;
    let first = world.brought(office.exported()).await.unwrap();
    office.imported(&first.answer);
    let (with, without) = (office.record(), office.record());
    world.brought(office.exported()).await.unwrap();

    let code = OfficeCode::from("sample-0001");
    let written = LetterTemplate {
        template: 1,
        version: 1,
        title: "گواهی".to_owned(),
        subject: "گواهی {خدمت}".to_owned(),
        body: "با سلام\nبرای {نام} از {روستا}، {کد رهگیری}".to_owned(),
        withdrawn: false,
    };
    let mut unit = world.centre.storage.begin().await.unwrap();
    let filed = applications::find(unit.as_mut(), &code, with).await.unwrap().unwrap();
    let agency: AgencyCode = filed.agency.clone();
    let of = (&agency, &ServiceCode::from(SERVICE));
    letter_templates::add(unit.as_mut(), of, &written, "sample-supervisor", 0).await.unwrap();
    unit.commit().await.unwrap();
    let letter = LetterWish { template: 1, version: 1, addition: String::new() };
    for id in [with, without] {
        world.decides(&office, id, OfficerAct::Accept).await;
    }
    let note = "آماده است".to_owned();
    let approve = OfficerAct::ApproveWithLetter { note: note.clone(), letter };
    world.decides(&office, with, approve).await;
    world.decides(&office, without, OfficerAct::Approve { note }).await;
    let brought = world.brought(office.exported()).await.unwrap();
    office.imported(&brought.answer);

    let view = office.view(with);
    assert_eq!(view.row.state, State::Approved);
    let letter = view.letter.unwrap();
    assert!(letter.number.ends_with("/1") && letter.subject.starts_with("گواهی "));
    assert_eq!(letter.copies_printed, 0);
    assert_eq!(office.view(without).letter, None);
    let none = ApplicationRequest { id: without };
    assert_eq!(office.counter.letter_print(&none).unwrap_err().code, "letter.not_found");
    let seen = office.counter.letter_preview(&ApplicationRequest { id: with }).unwrap();
    assert!(seen.picture.starts_with("data:image/png;base64,"));
    assert_eq!(office.view(with).letter.unwrap().copies_printed, 0, "looking counts nothing");

    // No printer is chosen: the page goes into a file, and is, byte for byte, the centre's.
    let printed = office.counter.letter_print(&ApplicationRequest { id: with }).unwrap();
    let PrintOutcome::Saved { copy: 1, path } = printed else { panic!("{printed:?}") };
    let pdf = std::fs::read(&path).unwrap();
    let mut unit = world.centre.storage.read().await.unwrap();
    let kept = letters::find(unit.as_mut(), &code, with).await.unwrap().unwrap();
    assert!(pdf == render_letter(&kept, filed.tracking_code, LetterKind::Issued).unwrap());
    drop(unit);
    let again = office.counter.letter_print(&ApplicationRequest { id: with }).unwrap();
    assert!(matches!(again, PrintOutcome::Saved { copy: 2, .. }), "{again:?}");
    let view = office.view(with);
    assert_eq!(view.letter.unwrap().copies_printed, 2);
    let kinds: Vec<(&str, Option<u32>)> =
        view.timeline.iter().map(|item| (item.kind.as_str(), item.copy)).collect();
    assert_eq!(
        kinds[kinds.len() - 2..],
        [("letter_printed", Some(1)), ("letter_printed", Some(2))]
    );
    assert_eq!(view.row.copies_printed, 0, "a letter is no receipt");

    // The centre is told of both.
    let brought = world.brought(office.exported()).await.unwrap();
    office.imported(&brought.answer);
    let mut unit = world.centre.storage.read().await.unwrap();
    let history = acts::of(unit.as_mut(), &code, with).await.unwrap();
    let printed: Vec<&str> = history
        .iter()
        .filter(|act| act.kind == "letter_printed")
        .map(|act| act.text.as_str())
        .collect();
    assert_eq!(printed, ["1", "2"]);
    drop(unit);
    world.equals(&office).await;
    let audited = audit(&world.centre.storage, &Against::default()).await;
    assert_eq!(audited.unwrap().findings, []);
}
