//! Applicants. Every last name, or name of a body, says «نمونه».

use jiff::{Span, civil::Date};
use pishkhan_domain::applicant::{ApplicantEntry, Gender, WitnessEntry};
use pishkhan_domain::jalali::JalaliDate;
use pishkhan_domain::service_card::ServiceCard;
use pishkhan_domain::{legal_entity_id, national_id};

use super::writing::{by_some_hand, digits};
use crate::random::Random;

const WOMEN: [&str; 16] = [
    "فاطمه",
    "زهرا",
    "مریم",
    "کبری",
    "صدیقه",
    "گل‌بی‌بی",
    "نازک",
    "مهناز",
    "آسیه",
    "حلیمه",
    "بی‌بی‌زینب",
    "شهربانو",
    "کوکب",
    "ملیکه",
    "زیبا",
    "هاجر",
];
const MEN: [&str; 16] = [
    "علی‌رضا",
    "محمدکریم",
    "عبدالعزیز",
    "نورمحمد",
    "یوسف",
    "کریم‌بخش",
    "دادکریم",
    "اسماعیل",
    "شیرمحمد",
    "ملک‌محمد",
    "عبدالغنی",
    "غلام‌حسین",
    "یعقوب",
    "مهدی",
    "کیوان",
    "رؤوف",
];
const FAMILIES: [&str; 14] = [
    "ریگی",
    "نارویی",
    "شه‌بخش",
    "براهویی",
    "سرگزی",
    "کیخا",
    "میرشکاری",
    "ده‌مرده",
    "کرد",
    "بلوچ‌زهی",
    "ملک‌زاده",
    "پودینه",
    "گمشادزهی",
    "کوهی",
];
const LANES: [&str; 6] = [
    "کوچه مسجد جامع",
    "خیابان اصلی",
    "جنب خانه بهداشت",
    "روبه‌روی دبستان",
    "کنار چاه قدیمی",
    "محله پایین",
];
const BODIES: [&str; 4] = ["شرکت تعاونی روستایی", "دهیاری", "صندوق خرد زنان", "شرکت تعاونی تولید"];

pub(super) fn applicant(
    random: &mut Random,
    card: &ServiceCard,
    today: Date,
    serial: u64,
) -> ApplicantEntry {
    if card.accepts.without_papers && random.percent(15) {
        return without_papers(random, today);
    }
    if card.accepts.legal_entity && random.percent(10) {
        return body(random);
    }
    let mut applicant =
        ApplicantEntry { national_id: written_id(random, serial), ..person(random, today) };
    applicant.mobile = mobile(random, serial);
    applicant
}

/// Names, birthday and place; how the person is identified is the caller's.
fn person(random: &mut Random, today: Date) -> ApplicantEntry {
    let woman = random.percent(50);
    let first_name = random.pick(if woman { &WOMEN } else { &MEN });
    let born = day_before(random, today, 19 * 365, 70 * 365);
    ApplicantEntry {
        first_name: by_some_hand(random, first_name),
        last_name: last_name(random),
        father_name: by_some_hand_of(random, &MEN),
        birth_date: born,
        gender: Some(if woman { Gender::Female } else { Gender::Male }),
        village: village(random),
        address: address(random),
        postcode: if random.percent(40) { postcode(random) } else { String::new() },
        ..ApplicantEntry::default()
    }
}

fn without_papers(random: &mut Random, today: Date) -> ApplicantEntry {
    let count = random.between(1, 3);
    let witnesses =
        (0..count).map(|_| WitnessEntry { name: name(random), national_id: random_id(random) });
    let witnesses = witnesses.collect();
    let mobile = if random.percent(50) { String::new() } else { random_mobile(random) };
    ApplicantEntry { without_papers: true, witnesses, mobile, ..person(random, today) }
}

fn body(random: &mut Random) -> ApplicantEntry {
    let mut id = [0; 11];
    id.copy_from_slice(format!("1{}", random.digits(10)).as_bytes());
    id[10] = b'0' + legal_entity_id::check_digit(&id);
    let id: String = id.into_iter().map(char::from).collect();
    let number = random.between(1, 40);
    let title = format!("{} نمونه {number}", random.pick(&BODIES));
    ApplicantEntry {
        legal_entity_id: digits(random, &id),
        first_name: by_some_hand(random, &title),
        mobile: random_mobile(random),
        village: village(random),
        address: address(random),
        ..ApplicantEntry::default()
    }
}

/// A full name.
pub(super) fn name(random: &mut Random) -> String {
    let names = if random.percent(50) { &WOMEN } else { &MEN };
    let first = by_some_hand_of(random, names);
    format!("{first} {}", last_name(random))
}

/// A valid national id, in any digits.
pub(super) fn random_id(random: &mut Random) -> String {
    let serial = random.next();
    written_id(random, serial)
}

/// A mobile number, dialled in any way.
pub(super) fn random_mobile(random: &mut Random) -> String {
    let serial = random.next();
    mobile(random, serial)
}

pub(super) fn postcode(random: &mut Random) -> String {
    let code = format!("98{}", random.digits(8));
    digits(random, &code)
}

/// A day as typed, so many to so many days before today.
pub(super) fn day_before(random: &mut Random, today: Date, least: i64, most: i64) -> String {
    let day = today.saturating_sub(Span::new().days(random.between(least, most)));
    typed_day(random, day)
}

pub(super) fn typed_day(random: &mut Random, day: Date) -> String {
    let jalali = JalaliDate::from_civil(day);
    let (year, month, day) = (jalali.year(), jalali.month(), jalali.day());
    let text = match random.below(3) {
        0 => format!("{year}/{month}/{day}"),
        1 => format!("{year}-{month:02}-{day:02}"),
        _ => format!("{year}/{month:02}/{day:02}"),
    };
    digits(random, &text)
}

/// Serials that differ by less than a thousand million never give one id: the step has no factor in
/// common with the count.
fn written_id(random: &mut Random, serial: u64) -> String {
    let nine = (serial % 1_000_000_000) * 387_420_489 % 1_000_000_000;
    let mut id = [0; 10];
    id.copy_from_slice(format!("{nine:09}0").as_bytes());
    id[9] = b'0' + national_id::check_digit(&id);
    let id: String = id.into_iter().map(char::from).collect();
    digits(random, &id)
}

fn mobile(random: &mut Random, serial: u64) -> String {
    let national = format!("9{:09}", (serial % 1_000_000_000) * 387_420_489 % 1_000_000_000);
    let text = match random.below(4) {
        0 => format!("+98{national}"),
        1 => format!("0098{national}"),
        2 => format!("0{} {} {}", &national[..3], &national[3..6], &national[6..]),
        _ => format!("0{national}"),
    };
    digits(random, &text)
}

fn last_name(random: &mut Random) -> String {
    let family = by_some_hand_of(random, &FAMILIES);
    format!("{family} نمونه")
}

fn village(random: &mut Random) -> String {
    let number = random.between(1, 60).to_string();
    format!("روستای نمونه {}", digits(random, &number))
}

fn address(random: &mut Random) -> String {
    let plate = random.between(1, 200).to_string();
    let lane = by_some_hand_of(random, &LANES);
    format!("{lane}، پلاک {}، نشانی نمونه", digits(random, &plate))
}

fn by_some_hand_of(random: &mut Random, from: &[&str]) -> String {
    let text = *random.pick(from);
    by_some_hand(random, text)
}
