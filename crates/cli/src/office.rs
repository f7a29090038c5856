//! The counter of a data directory, unlocked.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};
use pishkhan_counter::printer::Spooler;
use pishkhan_counter::{Counter, Places, sentence};
use pishkhan_ipc::error::IpcError;
use pishkhan_ipc::session::{Operator, UnlockRequest};

use crate::arguments::{Arguments, Language};

/// Identifier of the window's program, whose data directory is the default.
const IDENTIFIER: &str = "ir.pishkhan.counter";

/// The open office.
pub(crate) struct Office {
    pub(crate) counter: Counter,
    language: sentence::Language,
}

impl Office {
    /// Opens the counter; nothing is unlocked.
    pub(crate) fn locked(arguments: &Arguments) -> anyhow::Result<Self> {
        let data_dir = data_dir(arguments)?;
        let receipts_dir = match &arguments.command {
            crate::Command::Record(record) => record.receipts.clone(),
            _ => None,
        };
        let receipts_dir = receipts_dir.unwrap_or_else(|| data_dir.join("receipts"));
        let language = language(arguments);
        let places = Places { data_dir, receipts_dir, spooler: Spooler::default() };
        let counter = Counter::open(places).map_err(|error| told(language, &error))?;
        Ok(Self { counter, language })
    }

    /// Opens the counter and seats the operator.
    pub(crate) fn unlocked(arguments: &Arguments) -> anyhow::Result<Self> {
        let office = Self::locked(arguments)?;
        let operators = office.told(office.counter.app_status())?.operators;
        let operator = chosen(operators, arguments.operator.as_deref())?;
        let request = UnlockRequest { operator: operator.id, pin: pin(arguments)? };
        office.told(office.counter.session_unlock(&request))?;
        Ok(office)
    }

    /// An error as a sentence with its code.
    pub(crate) fn told<T>(&self, result: Result<T, IpcError>) -> anyhow::Result<T> {
        result.map_err(|error| told(self.language, &error))
    }

    /// The sentence of a code.
    pub(crate) fn sentence(&self, code: &str, params: &BTreeMap<String, String>) -> String {
        sentence::sentence(self.language, code, params)
    }
}

/// The PIN of whoever runs this. Never an argument: those can be read by every user of the PC.
pub(crate) fn pin(arguments: &Arguments) -> anyhow::Result<String> {
    let typed = match &arguments.pin_file {
        Some(file) => std::fs::read_to_string(file).context("the file with the PIN")?,
        None => std::env::var("PISHKHAN_PIN").context("give --pin-file or set PISHKHAN_PIN")?,
    };
    Ok(typed.trim().to_owned())
}

fn told(language: sentence::Language, error: &IpcError) -> anyhow::Error {
    anyhow!("{} ({})", sentence::sentence(language, &error.code, &error.params), error.code)
}

pub(crate) fn language(arguments: &Arguments) -> sentence::Language {
    match arguments.language {
        Language::Fa => sentence::Language::Persian,
        Language::En => sentence::Language::English,
    }
}

fn chosen(operators: Vec<Operator>, name: Option<&str>) -> anyhow::Result<Operator> {
    if operators.is_empty() {
        bail!("this computer is not enrolled");
    }
    let several = operators.len() > 1 && name.is_none();
    let mut named =
        operators.into_iter().filter(|operator| name.is_none_or(|name| operator.name == name));
    match named.next() {
        Some(_) if several => bail!("there are several operators: give --as NAME"),
        Some(operator) => Ok(operator),
        None => bail!("no operator has this name"),
    }
}

/// The window keeps its data where the system keeps that of programs.
fn data_dir(arguments: &Arguments) -> anyhow::Result<PathBuf> {
    if let Some(dir) = &arguments.data_dir {
        return Ok(dir.clone());
    }
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let base = if cfg!(windows) {
        set("LOCALAPPDATA").map(PathBuf::from)
    } else {
        let home = || set("HOME").map(|home| PathBuf::from(home).join(".local/share"));
        set("XDG_DATA_HOME").map(PathBuf::from).or_else(home)
    };
    Ok(base.context("give --data-dir or set PISHKHAN_DATA_DIR")?.join(IDENTIFIER))
}
