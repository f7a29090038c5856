//! The columns of the public table: CSV, JSON and the dictionary are made of this one list.

use pishkhan_domain::jalali_month::JalaliMonth;
use serde_json::{Value, json};

use crate::figures::published::{Published, Shown, Waited};

/// A row of the table: a service in a district; without one of them, over all.
pub(super) struct Line<'a> {
    pub(super) published: &'a Published,
    pub(super) service: Option<usize>,
    pub(super) district: Option<usize>,
    pub(super) shown: &'a Shown,
}

/// A column.
pub(super) struct Column {
    /// In files.
    pub(super) name: &'static str,
    /// As people say it.
    pub(super) title: &'static str,
    /// What it means.
    pub(super) meaning: &'static str,
    /// Its value; null where it is kept back or there is none.
    pub(super) of: fn(&Line<'_>) -> Value,
}

const fn column(
    name: &'static str,
    title: &'static str,
    meaning: &'static str,
    of: fn(&Line<'_>) -> Value,
) -> Column {
    Column { name, title, meaning, of }
}

pub(super) static COLUMNS: [Column; 24] = [
    column(
        "service",
        "کد خدمت",
        "کد شناسنامهٔ خدمت؛ خالی یعنی همهٔ خدمت‌ها با هم.",
        |line| json!(line.service.map_or("", |row| line.published.services[row].code.as_str())),
    ),
    column("service_title", "خدمت", "عنوان خدمت.", |line| {
        json!(
            line.service
                .map_or("همهٔ خدمت‌ها", |row| &line.published.services[row].title)
        )
    }),
    column("agency_title", "دستگاه", "دستگاهی که پاسخ می‌دهد.", |line| {
        json!(line.service.map_or("", |row| line.published.services[row].agency.as_str()))
    }),
    column(
        "district",
        "کد دهستان",
        "کد دهستان؛ خالی یعنی همهٔ دهستان‌ها با هم.",
        |line| json!(line.district.map_or("", |at| line.published.districts[at].code.as_str())),
    ),
    column(
        "district_title",
        "دهستان",
        "نام دهستانی که دفتر در آن است.",
        |line| {
            json!(
                line.district
                    .map_or("همهٔ دهستان‌ها", |at| &line.published.districts[at]
                        .title)
            )
        },
    ),
    column("county", "شهرستان", "شهرستان این دهستان.", |line| {
        json!(line.district.map_or("", |at| line.published.districts[at].county.as_str()))
    }),
    column("province", "استان", "استان این دهستان.", |line| {
        json!(line.district.map_or("", |at| line.published.districts[at].province.as_str()))
    }),
    column(
        "from_month",
        "از ماه",
        "نخستین ماه شمسی که به شمار آمده است، مانند 1404-09.",
        |line| month(line.published.months.first().map(|month| month.month)),
    ),
    column(
        "to_month",
        "تا ماه",
        "آخرین ماه شمسی که به شمار آمده است؛ ماه ناتمام نمی‌آید.",
        |line| month(line.published.months.last().map(|month| month.month)),
    ),
    column(
        "filed",
        "ثبت‌شده",
        "درخواست‌هایی که در این ماه‌ها در دفتر ثبت شده است.",
        |line| json!(line.shown.filed),
    ),
    column(
        "decided",
        "پاسخ‌داده‌شده",
        "درخواست‌هایی که دستگاه در این ماه‌ها تأیید یا رد کرده است. همهٔ ستون‌های بعدی دربارهٔ همین‌هاست.",
        |line| json!(line.shown.decided),
    ),
    column(
        "approved",
        "تأییدشده",
        "از پاسخ‌داده‌شده‌ها، آنچه تأیید شده است.",
        |line| json!(line.shown.approved),
    ),
    column(
        "refused",
        "ردشده",
        "از پاسخ‌داده‌شده‌ها، آنچه رد شده است.",
        |line| json!(line.shown.refused),
    ),
    column(
        "returned",
        "برگشتی",
        "از پاسخ‌داده‌شده‌ها، آنچه دست‌کم یک بار برای رفع نقص برگشته است.",
        |line| json!(line.shown.returned),
    ),
    column(
        "late",
        "دیرتر از مهلت",
        "از پاسخ‌داده‌شده‌ها، آنچه پس از روز مهلت پاسخ گرفته است. روزهایی که درخواست برای رفع نقص نزد متقاضی بوده، مهلت را جلو می‌برد.",
        |line| json!(line.shown.late),
    ),
    column(
        "legal_days",
        "مهلت قانونی",
        "مهلت پاسخ به روز کاری، از شناسنامهٔ خدمت.",
        |line| json!(line.service.and_then(|row| line.published.services[row].deadline)),
    ),
    column(
        "line_median",
        "انتظار خط، میانه",
        "روزهای کاری از ثبت در دفتر تا رسید مرکز: نیمی از درخواست‌ها بیش از این منتظر نمانده‌اند.",
        |line| median(line.shown.line),
    ),
    column(
        "line_p90",
        "انتظار خط، نود درصد",
        "از هر ده درخواست، نه‌تا بیش از این منتظر خط نمانده‌اند؛ برای کمتر از ده درخواست گفته نمی‌شود.",
        |line| ninth(line.shown.line),
    ),
    column(
        "agency_median",
        "انتظار دستگاه، میانه",
        "روزهای کاری که درخواست نزد دستگاه بوده است.",
        |line| median(line.shown.agency),
    ),
    column(
        "agency_p90",
        "انتظار دستگاه، نود درصد",
        "همان، برای نه‌تا از هر ده درخواست.",
        |line| ninth(line.shown.agency),
    ),
    column(
        "citizen_median",
        "انتظار متقاضی، میانه",
        "روزهای کاری که درخواست برای رفع نقص نزد متقاضی بوده است.",
        |line| median(line.shown.citizen),
    ),
    column(
        "visits_saved",
        "مراجعهٔ کمتر",
        "مراجعه‌هایی که روش پیشین لازم داشت (از شناسنامهٔ خدمت) منهای مراجعه‌های انجام‌شده: یک بار برای ثبت، یک بار برای گرفتن پاسخ، و یک بار برای هر رفع نقص. اگر بیشتر شده باشد، عدد منفی است.",
        |line| json!(line.shown.visits_saved),
    ),
    column(
        "km_saved",
        "کیلومتر کمتر",
        "مراجعهٔ کمتر ضرب در دو برابر فاصلهٔ دفتر تا مرکز شهرستان؛ دفتری که فاصله‌اش ثبت نشده صفر به شمار می‌آید.",
        |line| json!(line.shown.km_saved),
    ),
    column(
        "satisfaction",
        "خشنودی",
        "میانگین پاسخ متقاضیان از ۱ تا ۵، با یک رقم پس از ممیز؛ پرسش در صفحهٔ پیگیری است و هر درخواست یک پاسخ دارد.",
        |line| {
            let mean = line.shown.satisfaction;
            mean.map_or(Value::Null, |mean| json!(mean.tenths as f64 / 10.0))
        },
    ),
];

fn month(month: Option<JalaliMonth>) -> Value {
    month.map_or(Value::Null, |month| json!(month.to_string()))
}

fn median(waited: Option<Waited>) -> Value {
    json!(waited.map(|waited| waited.median))
}

fn ninth(waited: Option<Waited>) -> Value {
    json!(waited.and_then(|waited| waited.ninth))
}

/// Every row: services by districts, and the sums of both.
pub(super) fn lines(published: &Published) -> impl Iterator<Item = Line<'_>> {
    let districts = published.districts.len();
    let services = (0..published.services.len()).map(Some).chain([None]);
    let places = services.flat_map(move |service| {
        (0..districts).map(Some).chain([None]).map(move |district| (service, district))
    });
    places.filter_map(|(service, district)| {
        let shown = published.at(service, district)?;
        Some(Line { published, service, district, shown })
    })
}
