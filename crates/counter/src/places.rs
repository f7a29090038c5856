//! Where things are on this PC, as the shell or the command line hands it in.

use std::path::PathBuf;

use crate::printer::Spooler;

/// Directories and programs.
#[derive(Clone, Debug)]
pub struct Places {
    /// Everything that must survive: keys, database, documents, backups.
    pub data_dir: PathBuf,
    /// Where receipts saved as PDF go, for instance `پیشخوان/` of the user's documents.
    pub receipts_dir: PathBuf,
    /// The system's spooler.
    pub spooler: Spooler,
}
