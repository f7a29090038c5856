//! Service cards and holidays, as the administrator edits and publishes them.

use pishkhan_domain::catalogue::Publication;
use pishkhan_protocol::exchange::ExchangeReply;
use pishkhan_protocol::keys::Purpose;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::accounts::{FIRST, acts_on, administrator};
use crate::fixture::{TestCentre, TestDevice, card};
use crate::visitor::{Page, Visitor, on_each_store};

on_each_store!(
    a_card_is_edited_previewed_and_published,
    a_card_with_a_fault_is_kept_and_not_published,
    two_who_edit_one_card_do_not_overwrite_each_other,
    a_card_is_begun_from_another,
    publishing_needs_a_fresh_proof_and_loses_nothing,
    holidays_are_added_taken_away_and_published,
);

const CODE: &str = "birth-registration";
const PATH: &str = "/admin/cards/birth-registration";

async fn edit(visitor: &mut Visitor, path: &str, seen: &str, what: &str, text: &str) -> Page {
    visitor.send(path, &[("seen", seen), ("what", what), ("text", text)]).await
}

fn seen_on(page: &Page) -> String {
    page.between("name=\"seen\" value=\"", "\"").to_owned()
}

/// The sample card with something changed.
fn changed(change: impl FnOnce(&mut Value)) -> String {
    let mut card = serde_json::to_value(card()).unwrap();
    change(&mut card);
    serde_json::to_string_pretty(&card).unwrap()
}

async fn comes_down(centre: &TestCentre, device: &mut TestDevice, after: u64) -> Vec<Publication> {
    let mut request = device.request(None);
    request.catalogue_cursor = after;
    // In full, not as a difference.
    request.protocol = 1;
    let sealed = device.seal(&request);
    let reply = pishkhan_server::exchange::exchange(&centre.centre, &sealed).await.unwrap();
    let reply: ExchangeReply = device.open(&reply);
    device.keep(&reply);
    let read = reply.catalogue.iter().map(|entry| {
        device.centre_key.verify(Purpose::Publication, &entry.bytes, &entry.signature).unwrap();
        Publication::from_bytes(&entry.bytes).unwrap()
    });
    read.collect()
}

async fn a_card_is_edited_previewed_and_published(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    let mut device = centre.device().await;
    assert_eq!(comes_down(&centre, &mut device, 0).await.len(), 1);
    assert!(visitor.open("/admin/cards").await.has(PATH));
    let page = visitor.open(PATH).await;
    assert!(page.has("&quot;code&quot;") || page.has("&#34;code&#34;"), "as data");
    let text = changed(|card| card["fee"]["rial"] = json!(420_000));
    let page = edit(&mut visitor, PATH, &seen_on(&page), "preview", &text).await;
    assert_eq!(page.to, format!("{PATH}/preview"));
    let page = visitor.open(&page.to).await;
    assert!(page.has("۴۲۰٬۰۰۰ ریال") && page.has("پرسش‌های فرم") && page.has("نام نوزاد"));
    let page = visitor.open(PATH).await;
    assert!(page.has("fee.rial") && page.has("پیش‌نویس، آخرین بار"), "what changes is told");
    assert!(comes_down(&centre, &mut device, 1).await.is_empty(), "a draft goes nowhere");
    let page = edit(&mut visitor, PATH, &seen_on(&page), "publish", &text).await;
    assert_eq!(page.to, format!("{PATH}?done=published"));
    let page = visitor.open(PATH).await;
    assert!(!page.has("پیش‌نویس، آخرین بار") && page.has("۰ رایانه از ۱ رایانه"));
    match &comes_down(&centre, &mut device, 1).await[..] {
        [Publication::ServiceCard(card)] => assert_eq!(card.fee.rial, 420_000),
        other => panic!("{other:?}"),
    }
    assert!(comes_down(&centre, &mut device, 2).await.is_empty());
    assert!(visitor.open(PATH).await.has("۱ رایانه از ۱ رایانه"), "this office has it");
    let page = edit(&mut visitor, PATH, "0", "publish", &text).await;
    assert_eq!(page.to, format!("{PATH}?done=same"));
    let acts = acts_on(&centre, CODE).await;
    let expected =
        ["catalogue.drafted", "catalogue.drafted", "catalogue.published", "catalogue.drafted"];
    assert_eq!(acts, expected);
}

async fn a_card_with_a_fault_is_kept_and_not_published(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    let wrong = changed(|card| {
        card["deadline_working_days"] = json!(0);
        card["fields"][0]["colour"] = json!("red");
    });
    let page = edit(&mut visitor, PATH, "0", "publish", &wrong).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has("deadline_working_days") && page.has("fields[0].colour"));
    let seen = seen_on(&visitor.open(PATH).await);
    let page = edit(&mut visitor, PATH, &seen, "publish", "{ not a card").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has("{ not a card"), "nothing typed is lost");
    let page = visitor.open(&format!("{PATH}/preview")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut device = centre.device().await;
    assert_eq!(comes_down(&centre, &mut device, 0).await.len(), 1);
    let page = edit(&mut visitor, PATH, "0", "discard", "").await;
    assert_eq!(page.to, "/admin/cards?done=discarded");
    assert_eq!(visitor.open(&format!("{PATH}/preview")).await.status, StatusCode::OK);
}

async fn two_who_edit_one_card_do_not_overwrite_each_other(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut one = Visitor::signed_in(&centre, FIRST).await;
    let mut other = Visitor::signed_in(&centre, FIRST).await;
    let both = [seen_on(&one.open(PATH).await), seen_on(&other.open(PATH).await)];
    let mine = changed(|card| card["fee"]["rial"] = json!(1));
    let theirs = changed(|card| card["fee"]["rial"] = json!(2));
    assert_eq!(edit(&mut one, PATH, &both[0], "keep", &mine).await.status, StatusCode::SEE_OTHER);
    let page = edit(&mut other, PATH, &both[1], "keep", &theirs).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.has("در این میان") && page.has(": 2"), "what was typed is there");
    let seen = seen_on(&one.open(PATH).await);
    assert_eq!(edit(&mut one, PATH, &seen, "keep", &mine).await.status, StatusCode::SEE_OTHER);
    let late = edit(&mut other, PATH, &seen, "publish", &theirs).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
}

async fn a_card_is_begun_from_another(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    let wrong = [
        (("bad code", CODE), "کد: تنها"),
        ((CODE, CODE), "کد: خدمتی با این کد هست"),
        (("new-service", "none"), "از روی:"),
    ];
    for ((code, from), sentence) in wrong {
        let page = visitor.send("/admin/cards", &[("code", code), ("from", from)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has(sentence), "{sentence}");
    }
    let page = visitor.send("/admin/cards", &[("code", "new-service"), ("from", CODE)]).await;
    assert_eq!(page.to, "/admin/cards/new-service");
    let page = visitor.open("/admin/cards/new-service").await;
    assert!(page.has("new-service") && page.has("هنوز منتشر نشده"));
    assert!(visitor.open("/admin/cards").await.has("/admin/cards/new-service"));
    assert_eq!(visitor.open("/admin/cards/none").await.status, StatusCode::NOT_FOUND);
    let seen = seen_on(&page);
    let text = changed(|card| {
        card["code"] = json!("new-service");
        card["agency"]["code"] = json!("new-agency");
    });
    let page = edit(&mut visitor, "/admin/cards/new-service", &seen, "publish", &text).await;
    assert_eq!(page.to, "/admin/cards/new-service?done=published");
    assert!(visitor.open("/admin/agencies").await.has("new-agency"));
}

async fn publishing_needs_a_fresh_proof_and_loses_nothing(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    for _ in 0..4 {
        centre.pass(10 * 60_000);
        visitor.open("/admin/cards").await;
    }
    let text = changed(|card| card["fee"]["rial"] = json!(77));
    let page = edit(&mut visitor, PATH, "0", "publish", &text).await;
    assert_eq!(page.to, format!("/console/account/prove?to={PATH}"));
    let page = visitor.open(PATH).await;
    assert!(page.has("fee.rial") && page.has(": 77"), "kept as a draft");
    let page = visitor.send("/admin/holidays", &[("seen", "0"), ("what", "publish")]).await;
    assert_eq!(page.to, "/console/account/prove?to=/admin/holidays");
}

async fn holidays_are_added_taken_away_and_published(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    let path = "/admin/holidays";
    let set = [
        ("what", "set"),
        ("weekend", "thursday"),
        ("weekend", "friday"),
        ("known_until", "۱۴۰۶/۱۲/۲۹"),
    ];
    let seen = seen_on(&visitor.open(path).await);
    let with = |seen: &str, rest: &[(&'static str, &'static str)]| {
        let mut fields = vec![("seen", seen.to_owned())];
        fields.extend(rest.iter().map(|(name, value)| (*name, (*value).to_owned())));
        fields
    };
    let send = async |visitor: &mut Visitor, fields: Vec<(&str, String)>| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        visitor.send(path, &fields).await
    };
    assert_eq!(send(&mut visitor, with(&seen, &set)).await.to, "/admin/holidays?done=kept");
    let stale = send(&mut visitor, with(&seen, &set)).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let seen = seen_on(&visitor.open(path).await);
    let wrong = [("what", "add"), ("day", "۱۴۰۵/۱۳/۱"), ("title", "نمونه")];
    let page = send(&mut visitor, with(&seen, &wrong)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has("روز: تاریخ شمسی") && page.has("value=\"۱۴۰۵/۱۳/۱\""), "nothing is lost");
    for day in ["۱۴۰۵/۱۱/۲۲", "1405/11/23"] {
        let seen = seen_on(&visitor.open(path).await);
        let mut fields = with(&seen, &[("what", "add"), ("title", "نمونه")]);
        fields.push(("day", day.to_owned()));
        assert_eq!(send(&mut visitor, fields).await.to, "/admin/holidays?done=kept");
    }
    let page = visitor.open(path).await;
    assert!(page.has("۱۴۰۵/۱۱/۲۲ تعطیل می‌شود: نمونه"), "what publishing changes");
    let gone = [("what", "remove"), ("day", "1405-11-23")];
    send(&mut visitor, with(&seen_on(&page), &gone)).await;
    let seen = seen_on(&visitor.open(path).await);
    let page = send(&mut visitor, with(&seen, &[("what", "publish")])).await;
    assert_eq!(page.to, "/admin/holidays?done=published");
    let mut device = centre.device().await;
    let catalogue = comes_down(&centre, &mut device, 1).await;
    let [Publication::WorkingCalendar(calendar)] = &catalogue[..] else { panic!() };
    assert_eq!(calendar.holidays.keys().collect::<Vec<_>>(), ["1405-11-22"]);
    assert_eq!((calendar.weekend.len(), calendar.sample), (2, false));
    let page = visitor.open("/admin/audit-log?kind=catalogue.").await;
    assert!(page.has("تعطیلات را منتشر کرد"));
}
