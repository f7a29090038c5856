//! What this PC remembers of its user's choices.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::receipt::Paper;

/// Where receipts go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Printer {
    /// None chosen: receipts are saved as PDF.
    None,
    /// A queue of the system's spooler.
    System {
        /// Name of the queue.
        name: String,
    },
    /// A thermal printer on the network (raw, usually port 9100).
    Network {
        /// Host name or address.
        host: String,
        /// Port.
        port: u16,
    },
}

/// Settings. Language is `fa` or `en`; theme `light`, `dark` or `contrast`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Settings {
    /// Language of the window.
    pub language: String,
    /// Colours of the window.
    pub theme: String,
    /// Printer.
    pub printer: Printer,
    /// Paper of receipts.
    pub paper: Paper,
    /// Lock after so many minutes without a key.
    pub lock_after_minutes: u16,
    /// Address of the county's hub on the local network; empty when there is none.
    #[serde(default)]
    pub hub_url: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: "fa".to_owned(),
            theme: "light".to_owned(),
            printer: Printer::None,
            paper: Paper::A5,
            lock_after_minutes: 5,
            hub_url: String::new(),
        }
    }
}
