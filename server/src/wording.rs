//! The sentences and formats that pages share.

use pishkhan_domain::digits::{grouped_persian, to_persian_digits};
use pishkhan_domain::jalali;
use pishkhan_domain::lifecycle::State;
use pishkhan_domain::tracking_code::TrackingCode;

/// The tracking code grouped, in Persian digits.
#[must_use]
pub fn code(code: TrackingCode) -> String {
    to_persian_digits(&code.grouped())
}

/// An amount with its unit.
#[must_use]
pub fn rial(amount: i64) -> String {
    if amount == 0 {
        "رایگان".to_owned()
    } else {
        format!("{} ریال", grouped_persian(amount))
    }
}

/// A number in Persian digits.
#[must_use]
pub fn number(number: impl std::fmt::Display) -> String {
    to_persian_digits(&number.to_string())
}

/// How long something has waited, in days of the calendar in Tehran.
#[must_use]
pub fn waiting(since: i64, now: i64) -> String {
    let day = |at| jalali::tehran_day_begins_at(jalali::tehran_date(at)).div_euclid(86_400_000);
    match day(now) - day(since) {
        days if days <= 0 => "امروز".to_owned(),
        days => format!("{} روز", number(days)),
    }
}

/// How late an answer is; empty when it is not.
#[must_use]
pub fn late_by(working_days: u32) -> String {
    match working_days {
        0 => String::new(),
        days => format!("{} روز کاری دیرکرد", number(days)),
    }
}

/// Class of a state's badge.
#[must_use]
pub fn state_class(state: State) -> &'static str {
    match state {
        State::Received | State::Resubmitted => "waiting",
        State::Returned => "returned",
        State::Approved => "approved",
        State::Delivered => "delivered",
        State::Refused => "refused",
        _ => "",
    }
}

/// The state as a sentence for the citizen.
#[must_use]
pub fn sentence(state: State, agency: &str) -> String {
    match state {
        State::Draft | State::Recorded => "درخواست شما در دفتر ثبت شده است.".to_owned(),
        State::Received => {
            format!("درخواست شما به مرکز رسیده و در نوبت بررسی {agency} است.")
        }
        State::Accepted => {
            format!("کارشناس {agency} درخواست شما را پذیرفته است و آن را بررسی می‌کند.")
        }
        State::Returned => "درخواست شما برای رفع نقص به دفتر برگشته است.".to_owned(),
        State::Resubmitted => {
            format!("درخواست شما پس از رفع نقص دوباره برای {agency} فرستاده شده است.")
        }
        State::Approved => "درخواست شما تأیید شده است.".to_owned(),
        State::Refused => "درخواست شما رد شده است.".to_owned(),
        State::Delivered => "نتیجهٔ درخواست شما تحویل داده شده است.".to_owned(),
        State::Withdrawn => "این درخواست به خواست متقاضی کنار گذاشته شده است.".to_owned(),
    }
}

/// The same while another agency than before has it and has not begun.
#[must_use]
pub fn handed_over(agency: &str) -> String {
    format!("درخواست شما به {agency} سپرده شده و در نوبت بررسی آن است.")
}

/// What the citizen does next; empty when there is nothing to do.
#[must_use]
pub fn next_step(state: State, office: &str) -> String {
    match state {
        State::Returned => {
            format!("با آنچه در زیر آمده به «{office}» بروید تا درخواست کامل و دوباره فرستاده شود.")
        }
        State::Approved => format!("برای گرفتن نتیجه به «{office}» بروید."),
        State::Refused => {
            format!("پاسخ کتبی را از «{office}» بگیرید. راه اعتراض را همان‌جا به شما می‌گویند.")
        }
        State::Received | State::Accepted | State::Resubmitted => {
            "لازم نیست کاری کنید. اگر چیزی کم باشد، دفتر به شما خبر می‌دهد.".to_owned()
        }
        _ => String::new(),
    }
}

/// Whom to ask.
#[must_use]
pub fn whom_to_ask(state: State, late: bool, office: &str, agency: &str) -> String {
    if late {
        format!(
            "مهلت پاسخ گذشته است. با نشان دادن رسید، از «{office}» بخواهید دلیل را از {agency} بپرسد."
        )
    } else if state.is_closed() {
        format!("پرسشی دارید؟ از «{office}» بپرسید.")
    } else {
        format!("پرسشی دارید؟ از «{office}» بپرسید و کد رهگیری را بگویید.")
    }
}

/// What an act of the history is called.
#[must_use]
pub fn act(kind: &str) -> &'static str {
    match kind {
        "recorded" => "ثبت در دفتر",
        "received" => "رسید مرکز",
        "accepted" => "پذیرش دستگاه",
        "returned" => "برگشت برای رفع نقص",
        "resubmitted" => "ارسال دوباره",
        "approved" => "تأیید شد",
        "refused" => "رد شد",
        "delivered" => "تحویل شد",
        "withdrawn" => "انصراف",
        "printed" => "چاپ رسید",
        "letter_printed" => "چاپ نامه",
        "handed_over" => "سپردن به دستگاه دیگر",
        _ => "یادداشت",
    }
}

/// What an act of the audit log is called; none for one of a later release.
#[must_use]
pub fn audited(act: &str) -> Option<&'static str> {
    Some(match act {
        "application.viewed" => "درخواست را دید",
        "application.accepted" => "درخواست را پذیرفت",
        "application.returned" => "درخواست را برگرداند",
        "application.approved" => "درخواست را تأیید کرد",
        "application.approved_with_letter" => "درخواست را با نامه تأیید کرد",
        "application.refused" => "درخواست را رد کرد",
        "application.exported" => "درخواست‌ها را گرفت",
        "agency_token.added" => "توکن سامانهٔ دستگاه ساخت",
        "agency_token.revoked" => "توکن سامانهٔ دستگاه را گرفت",
        "application.taken_out_of_order" => "درخواست را بیرون از نوبت پذیرفت",
        "application.noted" => "دربارهٔ درخواست پیامی به دفتر داد",
        "application.handed_over" => "درخواست را به دستگاه دیگری سپرد",
        "application.searched" => "در درخواست‌ها جستجو کرد",
        "late.viewed" => "فهرست دیرکردها را دید",
        "reasons.written" => "دلیل‌های آمادهٔ برگشت را نوشت",
        "letter.viewed" => "نامهٔ همراه تأیید را دید",
        "letter.previewed" => "پیش‌نویس نامه را دید",
        "letter.template_written" => "نامهٔ آماده‌ای نوشت یا عوض کرد",
        "letter.template_withdrawn" => "نامهٔ آماده‌ای را کنار گذاشت",
        "document.viewed" => "مدرک را دید",
        "document.lost" => "گم یا خراب بودن مدرکی را یافت",
        "documents.checked" => "همهٔ مدرک‌ها را بررسی کرد",
        "session.opened" => "وارد شد",
        "session.closed" => "خارج شد",
        "session.factor_wrong" => "عامل دوم را نادرست نوشت",
        "session.recovery_code_used" => "با کد بازیابی وارد شد",
        "session.ended_elsewhere" => "نشست‌های دیگر خود را بست",
        "session.proved" => "دوباره خود را نشان داد",
        "session.proof_wrong" => "خود را نادرست نشان داد",
        "staff.password_changed" => "گذرواژهٔ خود را عوض کرد",
        "staff.factor_set_up" => "عامل دوم خود را راه انداخت",
        "staff.factor_reset" => "عامل دوم کسی را از نو کرد",
        "staff.recovery_codes_made" => "کدهای بازیابی تازه گرفت",
        "staff.added" => "حساب ساخت یا تغییر داد",
        "staff.changed" => "نقش یا حوزهٔ حسابی را عوض کرد",
        "staff.password_given" => "گذرواژهٔ تازه داد",
        "staff.closed" => "حسابی را بست",
        "staff.reopened" => "حسابی را دوباره باز کرد",
        "agency.kept" => "دستگاهی افزود یا نامش را عوض کرد",
        "office.added" => "دفتر افزود یا تغییر داد",
        "office.imported" => "دفترها را از پرونده وارد کرد",
        "device.codes_ended" => "کدهای به کار نرفته را باطل کرد",
        "device.re_enrolled" => "کد ثبت دوباره داد",
        "device.code_issued" => "کد ثبت رایانه داد",
        "device.revoked" => "رایانه‌ای را کنار گذاشت",
        "catalogue.published" => "شناسنامهٔ خدمت منتشر کرد",
        "centre.backed_up" => "پشتیبان گرفت",
        "catalogue.drafted" => "پیش‌نویس شناسنامه را نگه داشت",
        "catalogue.discarded" => "پیش‌نویس شناسنامه را کنار گذاشت",
        "catalogue.holidays_drafted" => "پیش‌نویس تعطیلات را عوض کرد",
        "catalogue.holidays_discarded" => "پیش‌نویس تعطیلات را کنار گذاشت",
        "catalogue.holidays_published" => "تعطیلات را منتشر کرد",
        "centre.restored" => "بازگردانی از پشتیبان را اعلام کرد",
        "root.made" => "ریشهٔ روز را ساخت",
        "audit_log.viewed" => "دفتر رویدادها را دید",
        _ => return None,
    })
}

/// What a browser calls itself, as people know it.
#[must_use]
pub fn browser(agent: &str) -> String {
    // The order matters: later ones name the earlier ones too.
    let programs = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let systems = [
        ("Android", "اندروید"),
        ("Windows", "ویندوز"),
        ("iPhone", "آیفون"),
        ("Mac OS", "مک"),
        ("Linux", "لینوکس"),
    ];
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    match (find(&programs), find(&systems)) {
        (Some(program), Some(system)) => format!("{program}، {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "برنامهٔ ناشناس".to_owned(),
    }
}
/// Reasons that officers give most often when they take an application up out of order.
pub const OUT_OF_ORDER_REASONS: [&str; 4] = [
    "وضع متقاضی فوری است (بیماری، سالمندی یا خطر)",
    "به دستور مرجع قضایی یا به حکم قانون",
    "درخواست‌های پیش از آن چشم‌به‌راه مدرکی‌اند که هنوز از دفتر نرسیده است",
    "درخواست‌های پیش از آن را همکار دیگری در دست دارد",
];

/// Reasons that officers give most often when they return an application.
pub const READY_REASONS: [&str; 7] = [
    "تصویر خوانا نیست",
    "ناقص است",
    "با مدارک نمی‌خواند",
    "اعتبار آن گذشته است",
    "امضا یا مهر ندارد",
    "صفحه‌هایی از آن نیست",
    "به نام متقاضی نیست",
];
