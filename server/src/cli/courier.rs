//! Courier (پیک): files from sticks in, answers onto sticks. One line for each file says what came
//! of it.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::ValueEnum;
use pishkhan_protocol::courier::{Direction, EXTENSION, FileReader, MAGIC_OF_ANY};
use pishkhan_protocol::exchange::Verdict;
use pishkhan_server::centre::Centre;
use pishkhan_server::clock::system_clock;
use pishkhan_server::courier::{TakeError, Taken, take};
use pishkhan_server::documents::DocumentStore;
use pishkhan_server::storage;
use pishkhan_server::wording::number;

use super::orders::say;

/// Something was wrong with a file that was given.
const NOT_ALL_USABLE: u8 = 2;

/// Language of the lines.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Language {
    /// Persian.
    Fa,
    /// English.
    En,
}

/// What to import, and where answers go.
pub(super) struct Import<'a> {
    pub(super) database: &'a str,
    pub(super) documents: &'a Path,
    pub(super) files: &'a [PathBuf],
    pub(super) answers: &'a Path,
    pub(super) language: Language,
}

/// Takes every file, writes an answer to each that can be answered.
pub(super) async fn import(order: Import<'_>) -> anyhow::Result<ExitCode> {
    let storage = storage::open(order.database).await.context("opening the database")?;
    let documents = DocumentStore::open(order.documents).await.context("opening the documents")?;
    let centre = Centre::open(storage, documents, system_clock(), String::new()).await?;
    fs::create_dir_all(order.answers).context("making the folder of answers")?;
    let mut all_usable = true;
    for path in listed(order.files)? {
        let shown = path.display();
        let taken = match File::open(&path) {
            Ok(file) => take(&centre, BufReader::with_capacity(256 * 1024, file)).await,
            Err(error) => Err(TakeError::Disk(error)),
        };
        match taken {
            Ok(taken) => {
                let answer = write_answer(order.answers, &taken).context("writing the answer")?;
                all_usable &= taken.whole && taken.verdict == Verdict::Ok;
                let came = came(order.language, &taken)?;
                say(&format!("{shown}: {came} {}", answer.display()))?;
            }
            Err(TakeError::Storage(error)) => return Err(error.into()),
            Err(error) => {
                all_usable = false;
                tracing::warn!(file = %shown, %error, "a courier file was not taken");
                say(&format!("{shown}: {}", refused(order.language, &error)))?;
            }
        }
    }
    Ok(if all_usable { ExitCode::SUCCESS } else { ExitCode::from(NOT_ALL_USABLE) })
}

/// Files as given, and of folders those that look like one and are not answers on their way; links
/// in folders are not followed.
fn listed(given: &[PathBuf]) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in given {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let mut found = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_file() && looks_like_one(&path) && !is_answer(&path) {
                found.push(path);
            }
        }
        found.sort();
        files.extend(found);
    }
    Ok(files)
}

/// By its name, or by how it begins: people rename files.
fn looks_like_one(path: &Path) -> bool {
    let mut begin = [0; MAGIC_OF_ANY.len()];
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case(EXTENSION))
        || File::open(path).and_then(|mut file| file.read_exact(&mut begin)).is_ok()
            && begin == *MAGIC_OF_ANY
}

/// As its cover says, signed or not.
fn is_answer(path: &Path) -> bool {
    let cover = File::open(path).ok().and_then(|file| {
        FileReader::open(BufReader::new(file)).ok().and_then(|file| file.cover().read().ok())
    });
    cover.is_some_and(|cover| cover.direction == Direction::ToOffice)
}

/// Beside and renamed: an answer that is there under its name is whole. A newer answer to the same
/// file says all that the older did.
fn write_answer(folder: &Path, taken: &Taken) -> io::Result<PathBuf> {
    let path = folder.join(taken.answer_name());
    let part = folder.join(format!("{}.part", taken.answer_name()));
    match fs::remove_file(&part) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = File::options().write(true).create_new(true).open(&part)?;
    file.write_all(&taken.answer)?;
    file.sync_all()?;
    drop(file);
    if fs::read(&part)? != taken.answer {
        return Err(io::Error::other("what was written is not what was to be written"));
    }
    fs::rename(&part, &path)?;
    File::open(folder)?.sync_all()?;
    Ok(path)
}

fn came(language: Language, taken: &Taken) -> Result<String, std::fmt::Error> {
    let Taken { device, office, entries, documents, .. } = taken;
    let mut text = String::new();
    match language {
        Language::Fa => {
            let (file, device) = (number(taken.number), number(device.0));
            write!(text, "پروندهٔ {file} دستگاه {device}، دفتر {office}: ")?;
            write!(text, "{} ثبت تازه، {} سند تازه. ", number(entries), number(documents))?;
            if !taken.whole {
                text.push_str("پایان پرونده نرسیده است؛ آنچه رسیده بود نگه داشته شد. ");
            }
            text.push_str(verdict_fa(taken.verdict));
            text.push_str("پاسخ:");
        }
        Language::En => {
            let file = taken.number;
            write!(text, "file {file} of device {device}, office {office}: ")?;
            write!(text, "{entries} new entries, {documents} new documents. ")?;
            if !taken.whole {
                text.push_str("The end of the file is missing; what had come was kept. ");
            }
            text.push_str(verdict_en(taken.verdict));
            text.push_str("Answer:");
        }
    }
    Ok(text)
}

fn verdict_fa(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok | Verdict::StaleLease => "",
        Verdict::Gap => {
            "بخشی از ثبت‌های پیش از این پرونده نرسیده است؛ پروندهٔ بعدی دفتر آن را دارد. "
        }
        Verdict::Fork => {
            "سابقهٔ این دستگاه با آنچه مرکز دارد یکی نیست؛ برای بررسی کنار گذاشته شد. به دستگاه شمارهٔ تازه بدهید. "
        }
        Verdict::BadChain => "ثبت‌ها با امضای دستگاه نمی‌خواند و نگه داشته نشد؛ دفتر را آگاه کنید. ",
        Verdict::Revoked => "دسترسی این دستگاه بسته شده است؛ برای بررسی کنار گذاشته شد. ",
        Verdict::Unsupported => {
            "این پرونده را نسخهٔ تازه‌تری از برنامه ساخته است؛ برنامهٔ مرکز را به‌روز کنید. "
        }
    }
}

fn verdict_en(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok | Verdict::StaleLease => "",
        Verdict::Gap => "Entries before this file are missing; the office's next file has them. ",
        Verdict::Fork => {
            "The device tells another history than the centre has; kept aside for review. Enrol it anew. "
        }
        Verdict::BadChain => {
            "The entries do not give the signed head and were not kept; tell the office. "
        }
        Verdict::Revoked => "The device's access was taken away; kept aside for review. ",
        Verdict::Unsupported => {
            "A newer version of the program made this file; update the centre's program. "
        }
    }
}

fn refused(language: Language, error: &TakeError) -> &'static str {
    match (language, error) {
        (Language::Fa, TakeError::NotOne) => {
            "این پروندهٔ پیک نیست. پرونده‌ای را بدهید که از دفتر رسیده است."
        }
        (Language::En, TakeError::NotOne) => {
            "This is no courier file. Give the file that came from the office."
        }
        (Language::Fa, TakeError::TooNew) => {
            "این پرونده را نسخهٔ تازه‌تری از برنامه ساخته است. برنامهٔ مرکز را به‌روز کنید و دوباره بخوانید."
        }
        (Language::En, TakeError::TooNew) => {
            "A newer version of the program made this file. Update the centre's program and read it again."
        }
        (Language::Fa, TakeError::Damaged) => {
            "این پرونده بریده یا آسیب‌دیده است و چیزی از آن خوانده نشد. پروندهٔ تازه‌ای از دفتر بخواهید."
        }
        (Language::En, TakeError::Damaged) => {
            "This file is cut or damaged and nothing of it could be read. Ask the office for a new one."
        }
        (Language::Fa, TakeError::Answer) => {
            "این پرونده پاسخ مرکز به دفتر است. آن را به دفتر برسانید."
        }
        (Language::En, TakeError::Answer) => {
            "This file is a centre's answer to an office. Carry it to the office."
        }
        (Language::Fa, TakeError::Stranger) => {
            "این پرونده از دستگاهی است که این مرکز نمی‌شناسد. آن را به مرکز خودش برسانید."
        }
        (Language::En, TakeError::Stranger) => {
            "This file is of a device that this centre does not know. Carry it to its own centre."
        }
        (Language::Fa, TakeError::Disk(_)) => {
            "پرونده خوانده نشد. حافظه را دوباره وصل کنید و دوباره بخوانید."
        }
        (Language::En, TakeError::Disk(_)) => {
            "The file could not be read. Plug the stick in again and try again."
        }
        (Language::Fa, TakeError::Storage(_) | TakeError::Randomness(_)) => {
            "مرکز اکنون نتوانست پرونده را بخواند. دوباره تلاش کنید."
        }
        (Language::En, TakeError::Storage(_) | TakeError::Randomness(_)) => {
            "The centre could not take the file just now. Try again."
        }
    }
}
