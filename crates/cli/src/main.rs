//! The counter without a window: for scripts, tests and support.
//!
//! Invariant: results go to standard output as JSON, one object a line; words for people go to
//! standard error. A line on standard output is true when it is read: what it names is on the disk.

mod arguments;
mod courier;
mod exit;
mod find;
mod office;
mod receipt;
mod record;
mod say;
mod status;
mod sync;
mod verify;

use clap::Parser;

use crate::arguments::{Arguments, Command};
use crate::exit::Exit;
use crate::office::Office;

fn main() -> std::process::ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("PISHKHAN_LOG")
                .unwrap_or_else(|_| "warn".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    match run(&arguments) {
        Ok(exit) => exit.into(),
        Err(error) => {
            say::to_people(&format!("{error:#}"));
            Exit::Failed.into()
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let office = || Office::unlocked(arguments);
    match &arguments.command {
        Command::Enrol(enrol) => sync::enrol(arguments, enrol),
        Command::Record(record) => record::run(&office()?, record),
        Command::Attach { code, file } => record::attach(&office()?, code, file),
        Command::Receipt(receipt) => receipt::run(&office()?, receipt),
        Command::Letter { application, out } => receipt::letter(&office()?, application, out),
        Command::Search { query, limit } => find::search(&office()?, query, *limit),
        Command::Show { application } => find::show(&office()?, application),
        Command::Status => status::run(&office()?),
        Command::Sync => sync::run(&office()?),
        Command::Courier(courier) => courier::run(&office()?, courier),
        Command::Verify(verify) => verify::run(arguments, verify),
        Command::Backup { dir } => status::backup(&office()?, dir),
        Command::Roots => status::roots(&office()?),
        Command::UnlockCheck => status::unlock_check(&office()?),
    }
}
