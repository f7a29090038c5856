//! Measures synchronisation, ours and two peers', over one proxy with the same documents in one run;
//! the centre under a province's load; and the window of a big office. `script/bench` builds everything
//! and starts it.
//!
//! Invariant: every figure that is printed was measured in this run; an office, ours or a peer's, is
//! a process of its own, and so is the server that it speaks to.

mod centre;
mod child;
mod dissect;
mod documents;
mod figures;
mod goals;
mod measure;
mod office;
mod ours;
mod peers;
mod postgresql;
mod report;
mod scale;
mod window;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

#[derive(Parser)]
#[command(name = "pishkhan-bench")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure synchronisation.
    Sync(Run),
    /// Load a province into one machine, and measure its pages.
    Scale(scale::Run),
    /// Measure the window of an office with a million applications.
    Window(window::Run),
    /// One office, ours; started by the measuring process.
    #[command(hide = true, subcommand)]
    Office(office::Order),
}

/// What to measure.
#[derive(Args)]
struct Run {
    /// A short run: 1,000 applications, no peers, no slow line, nothing written into docs/.
    #[arg(long)]
    quick: bool,
    /// Leave the peers out.
    #[arg(long)]
    no_peers: bool,
    /// Leave PostgreSQL out.
    #[arg(long)]
    no_postgresql: bool,
    /// How often what takes a few seconds is repeated; medians are told.
    #[arg(long, default_value_t = 3)]
    times: usize,
    /// Folder with the centre's program; by default the one of this program.
    #[arg(long)]
    programs: Option<PathBuf>,
    /// Write the table into this file too.
    #[arg(long)]
    page: Option<PathBuf>,
}

/// Something was measured, but a peer or a database was missing.
const INCOMPLETE: u8 = 3;

fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().command {
        Command::Office(order) => office::run(&order).map(|()| ExitCode::SUCCESS),
        Command::Scale(run) => {
            runtime()?.block_on(scale::run(&run))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Window(run) => {
            runtime()?.block_on(window::run(&run))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Sync(run) => {
            let runtime = runtime()?;
            let complete = runtime.block_on(measure::run(&run))?;
            Ok(if complete { ExitCode::SUCCESS } else { ExitCode::from(INCOMPLETE) })
        }
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
