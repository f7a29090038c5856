//! Getting a finished receipt onto paper: a queue of the system's spooler, or a thermal printer on
//! the network.
//!
//! Invariant: nothing here knows of applications. A failure is a value with a code that has a
//! sentence, and every attempt ends within [`PATIENCE`].

use std::time::Duration;

use image::GrayImage;
use pishkhan_ipc::settings::Printer;

mod network;
mod raster;
mod spooler;

pub use spooler::Spooler;

/// How long a printer may keep an operator waiting.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What goes to a printer.
#[derive(Clone, Debug)]
pub enum Job {
    /// A page, for printers with a driver of the system.
    Page(Vec<u8>),
    /// A strip of a thermal roll, one pixel to a dot; darker than half is printed.
    Strip(GrayImage),
}

/// Why a job was not printed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrintFailure {
    /// No printer is chosen.
    #[error("no printer is chosen")]
    NoPrinter,
    /// A printer on the network does not answer.
    #[error("the printer does not answer: {0}")]
    Unreachable(String),
    /// A printer on the network stopped listening in the middle.
    #[error("the printer stopped listening: {0}")]
    Interrupted(String),
    /// The system's spooler refused the job.
    #[error("the spooler refused the job: {0}")]
    Spooler(String),
    /// The system's spooler took too long; whether it has the job is not known.
    #[error("the spooler did not answer in time")]
    SpoolerSilent,
}

impl PrintFailure {
    /// The code of its sentence.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoPrinter => "printer.none",
            Self::Unreachable(_) | Self::Interrupted(_) => "printer.unreachable",
            Self::Spooler(_) | Self::SpoolerSilent => "printer.spooler",
        }
    }

    /// May a paper have come out all the same?
    #[must_use]
    pub fn may_have_printed(&self) -> bool {
        matches!(self, Self::Interrupted(_) | Self::SpoolerSilent)
    }
}

/// Hands a job over. `Ok` means that printer or spooler took every byte of it.
///
/// # Errors
/// [`PrintFailure`], which knows whether a paper may have come out.
pub fn send(spooler: &Spooler, printer: &Printer, job: &Job) -> Result<(), PrintFailure> {
    match (printer, job) {
        (Printer::None, _) => Err(PrintFailure::NoPrinter),
        (Printer::System { name }, Job::Page(pdf)) => spooler.submit(name, pdf, false),
        (Printer::System { name }, Job::Strip(strip)) => {
            let commands = raster::commands(strip).map_err(PrintFailure::Spooler)?;
            spooler.submit(name, &commands, true)
        }
        (Printer::Network { host, port }, Job::Strip(strip)) => {
            let commands = raster::commands(strip).map_err(PrintFailure::Unreachable)?;
            network::submit(host, *port, &commands)
        }
        (Printer::Network { .. }, Job::Page(_)) => {
            Err(PrintFailure::Unreachable("a network printer takes strips only".to_owned()))
        }
    }
}
