//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Record applications, print and verify receipts, and synchronise, without a window.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Arguments {
    /// Directory of the office's data; that of the window by default.
    #[arg(long, global = true, env = "PISHKHAN_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// File with the operator's PIN; else PISHKHAN_PIN.
    #[arg(long, global = true)]
    pub(crate) pin_file: Option<PathBuf>,
    /// Name of the operator, when there are several.
    #[arg(long = "as", global = true, env = "PISHKHAN_OPERATOR", value_name = "NAME")]
    pub(crate) operator: Option<String>,
    /// Language of the sentences.
    #[arg(long, global = true, env = "PISHKHAN_LANGUAGE", value_enum, default_value = "fa")]
    pub(crate) language: Language,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Language of the sentences.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Language {
    /// Persian.
    Fa,
    /// English.
    En,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Enrol this computer with a one-time code of the centre.
    Enrol(Enrol),
    /// Record applications from JSON; exits with 2 when any was rejected.
    Record(Record),
    /// Keep a scan or photo; prints what goes into `documents` of an application.
    Attach {
        /// Code of the requirement on the service card.
        code: String,
        /// JPEG, PNG or PDF.
        file: PathBuf,
    },
    /// Print a receipt into a file.
    Receipt(Receipt),
    /// Print the letter that an agency sent with its approval into a file.
    Letter {
        /// Tracking code or id.
        application: String,
        /// PDF to write; counted as a print.
        #[arg(long)]
        out: PathBuf,
    },
    /// Find applications by name, national id, mobile or tracking code, in any spelling.
    Search {
        /// Words.
        query: String,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Show an application with its history.
    Show {
        /// Tracking code or id.
        application: String,
    },
    /// What waits, what the centre has, what it said last.
    Status,
    /// Send and fetch once, until nothing is left or it fails.
    Sync,
    /// Carry to the centre what waits, and read its answers: with no line at all.
    #[command(subcommand)]
    Courier(Courier),
    /// Verify a receipt; exits with 2 when it is not genuine.
    Verify(Verify),
    /// Write a verified backup into a directory.
    Backup {
        /// The directory.
        dir: PathBuf,
    },
    /// Roots of days that the centre signed, as this office keeps them: one a line, for the
    /// centre's audit.
    Roots,
    /// Unlock, and check the whole log.
    UnlockCheck,
}

/// Arguments of `enrol`.
#[derive(Debug, Args)]
pub(crate) struct Enrol {
    /// Address of the centre.
    #[arg(long)]
    pub(crate) centre: String,
    /// One-time code.
    #[arg(long)]
    pub(crate) code: String,
    /// Name of the first operator.
    #[arg(long)]
    pub(crate) operator: String,
}

/// Arguments of `record`.
#[derive(Debug, Args)]
pub(crate) struct Record {
    /// One application (`.json`), one a line (any other name), or `-` for lines on standard input.
    pub(crate) file: PathBuf,
    /// Save the receipt of each into this directory right after it is recorded.
    #[arg(long)]
    pub(crate) receipts: Option<PathBuf>,
    /// Paper of the receipts.
    #[arg(long, value_enum, default_value = "a5")]
    pub(crate) paper: Paper,
}

/// Arguments of `receipt`.
#[derive(Debug, Args)]
pub(crate) struct Receipt {
    /// Tracking code or id.
    pub(crate) application: String,
    /// PDF to write; counted as a copy.
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// Paper.
    #[arg(long, value_enum, default_value = "a5")]
    pub(crate) paper: Paper,
    /// A picture of the same copy beside it.
    #[arg(long)]
    pub(crate) png: Option<PathBuf>,
}

/// What to do with files that are carried.
#[derive(Debug, Subcommand)]
pub(crate) enum Courier {
    /// Write a file for the centre: all that it is not known to have.
    Export {
        /// A folder, for instance that of a stick; or a new file that ends in .courier.
        place: PathBuf,
        /// Largest file; by default what there is room for.
        #[arg(long, value_name = "BYTES")]
        most_bytes: Option<u64>,
    },
    /// Read answers of the centre; exits with 2 when any was of no use.
    Import {
        /// A file, or a folder in which every courier file is read.
        path: PathBuf,
    },
    /// Files that were written, newest first, and whether they were answered.
    List,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The address in the receipt's QR, or `-` for standard input.
    pub(crate) url: String,
    /// The centre's public key, 64 hexadecimal digits; that of the enrolment by default.
    #[arg(long)]
    pub(crate) centre_key: Option<String>,
}

/// Paper.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Paper {
    /// 148 × 210 mm.
    A5,
    /// Roll of 80 mm.
    Thermal80,
}

impl From<Paper> for pishkhan_ipc::receipt::Paper {
    fn from(paper: Paper) -> Self {
        match paper {
            Paper::A5 => Self::A5,
            Paper::Thermal80 => Self::Thermal80,
        }
    }
}
