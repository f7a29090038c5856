//! Writes a sample briefing, sample posters and sample letters into the folder named by
//! `PISHKHAN_SAMPLES`, for docs/screens and for looking at them. Every place and number in them is made up.

use std::path::PathBuf;

use pishkhan_domain::ids::DeviceNumber;
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_protocol::letter::Letter;
use pishkhan_receipt::{LetterKind, Sheet, render_letter, render_sheet};
use serde_json::{Map, Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::var_os("PISHKHAN_SAMPLES")
        .map(PathBuf::from)
        .ok_or("set PISHKHAN_SAMPLES to the folder that the sheets go to")?;
    std::fs::create_dir_all(&folder)?;
    let briefing = render_sheet(Sheet::Briefing, &members(briefing()), "sample briefing")?;
    std::fs::write(folder.join("briefing.pdf"), briefing)?;
    for paper in ["a3", "a4"] {
        let poster = render_sheet(Sheet::Poster, &members(poster(paper)), "sample poster")?;
        std::fs::write(folder.join(format!("poster-{paper}.pdf")), poster)?;
    }
    let code = TrackingCode::mint(DeviceNumber(1), 1_893_017);
    for (name, kind) in [("letter", LetterKind::Issued), ("letter-draft", LetterKind::Draft)] {
        let letter = render_letter(&letter(code), code, kind)?;
        std::fs::write(folder.join(format!("{name}.pdf")), letter)?;
    }
    Ok(())
}

fn letter(code: TrackingCode) -> Letter {
    let text = [
        "با سلام و احترام",
        "بدین‌وسیله گواهی می‌شود ولادت فرزند خانم زهرا نمونه به کد ملی 0076229645، ساکن روستای \
         نمونه، که در تاریخ 2 آذر 1405 در دفتر پیشخوان روستای نمونه ثبت شده بود، بررسی و در دفتر \
         ثبت ولادت این اداره وارد شد.",
        "شناسنامه تا ده روز کاری دیگر آماده است و در همان دفتر پیشخوان تحویل می‌شود. تا آن روز این \
         گواهی برای مراجعه به خانهٔ بهداشت و بیمه کافی است.",
    ];
    Letter {
        year: 1405,
        number: 127,
        issued_on: "2026-11-28".to_owned(),
        agency: "سازمان ثبت احوال کشور (نمونه)".to_owned(),
        applicant: "زهرا نمونه".to_owned(),
        subject: "گواهی ثبت ولادت".to_owned(),
        paragraphs: text.map(str::to_owned).to_vec(),
        check_at: format!("https://centre.example/track?code={code}"),
        template: 1,
        version: 1,
    }
}

fn members(content: Value) -> Map<String, Value> {
    match content {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn briefing() -> Value {
    let row = |label: &str, now: &str, before: &str, change: &str, equals: &str| json!({ "label": label, "now": now, "before": before, "change": change, "equals": equals });
    let months = [
        "آذر",
        "دی",
        "بهمن",
        "اسفند",
        "فروردین",
        "اردیبهشت",
        "خرداد",
        "تیر",
        "مرداد",
        "شهریور",
        "مهر",
        "آبان",
    ];
    let months = (0..).zip(months).map(|(at, label)| {
        let (filed, decided) = (520 + at * 37, 480 + at * 31);
        json!({ "label": label, "filed": f64::from(filed) / 930.0,
            "decided": f64::from(decided) / 930.0, "filed_number": filed.to_string(),
            "decided_number": decided.to_string() })
    });
    let part = |title: &str, filed: &str, late: &str| {
        json!({ "title": title, "filed": filed, "decided": "118", "agency": "6", "late": late,
            "returned": "14٪", "offices": "6 از 7" })
    };
    json!({
        "title": "شهرستان نمونه", "month": "آبان 1405", "made": "1405/09/07",
        "matters": [
            { "title": "بی‌پاسخ پس از مهلت", "who": "شرکت توزیع نیروی برق",
              "text": "31 درخواست «انشعاب برق» 10 روز کاری یا بیشتر از مهلت گذشته و بی‌پاسخ است." },
            { "title": "برگشت زیاد", "who": "بنیاد مسکن",
              "text": "از 48 درخواست «پروانه ساختمانی روستایی» که پاسخ گرفت، 22 دست‌کم یک بار \
                       برگشته است (46٪). بیش از همه برای «سند یا قولنامه» (15 بار)." },
            { "title": "دفترهای خاموش", "who": "مرکز و بخشداری",
              "text": "2 دفتر از 20 دفتر بیش از هفت روز است که با مرکز تماس نداشته است؛ \
                       درخواست‌های آن‌جا هنوز به دستگاه نرسیده است." },
        ],
        "rows": [
            row("درخواست ثبت‌شده", "927", "890", "37 بیشتر", "—"),
            row("پاسخ داده‌شده", "821", "790", "31 بیشتر", "—"),
            row("انتظار دستگاه، میانه", "6 روز", "7 روز", "1 روز کمتر", "5 روز"),
            row("انتظار دستگاه، نه از ده", "19 روز", "22 روز", "3 روز کمتر", "17 روز"),
            row("انتظار خط، میانه", "1 روز", "1 روز", "بی‌تغییر", "0 روز"),
            row("انتظار متقاضی، میانه", "0 روز", "0 روز", "بی‌تغییر", "0 روز"),
            row("پاسخ دیرتر از مهلت", "12٪", "15٪", "3٪ کمتر", "9٪"),
            row("برگشتی", "14٪", "13٪", "1٪ بیشتر", "11٪"),
            row("ردشده", "6٪", "6٪", "بی‌تغییر", "7٪"),
            row("مراجعهٔ کمتر", "1640", "1580", "60 بیشتر", "—"),
            row("کیلومتر کمتر", "98400", "94800", "3600 بیشتر", "—"),
            row("خشنودی از 5", "4٫1", "4٫0", "0٫1 بیشتر", "3٫9"),
            row("اکنون در جریان و از مهلت گذشته", "57", "—", "—", "—"),
            row("دفتر متصل در هفت روز گذشته", "90٪", "—", "—", "95٪"),
        ],
        "equals_title": "میانهٔ شهرستان‌های دیگر",
        "months": months.collect::<Vec<_>>(),
        "parts_title": "دهستان‌ها",
        "parts": [part("دهستان کوه‌پایه", "310", "24"), part("دهستان خاوران", "402", "21"),
            part("دهستان دشت", "215", "12")],
        "note": "انتظارها به روز کاری است. «دیر» از روز کاری پس از مهلت است. در این گزارش نامی از کسی نیست.",
    })
}

fn poster(paper: &str) -> Value {
    json!({
        "paper": paper, "office": "دفتر پیشخوان روستای نمونه",
        "place": "دهستان کوه‌پایه، شهرستان نمونه، استان نمونه",
        "period": "از آذر 1404 تا پایان آبان 1405",
        "big": [
            { "number": "1٬248", "label": "درخواست ثبت‌شده" },
            { "number": "1٬103", "label": "پاسخ داده‌شده" },
            { "number": "6", "label": "روز کاری تا پاسخ، میانه" },
            { "number": "2٬310", "label": "مراجعهٔ کمتر به شهر" },
        ],
        "lines": ["از هر ده درخواست، نه‌تا در 19 روز کاری یا کمتر پاسخ گرفت.",
            "88٪ پاسخ‌ها در مهلت قانونی بود.", "138٬600 کیلومتر رفت‌وآمد کمتر شد."],
        "address": "https://pishkhan.example.ir/transparency/offices/sample-0001",
    })
}
