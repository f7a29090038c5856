//! What this PC remembers of its user's choices.

use pishkhan_ipc::error::IpcError;
use pishkhan_ipc::settings::{Printer, Settings};

use crate::counter::{Counter, Desk};
use crate::error::CounterError;

const NAME: &str = "settings";

impl Counter {
    /// `settings_get`.
    ///
    /// # Errors
    /// `session.locked`.
    pub fn settings_get(&self) -> Result<Settings, IpcError> {
        self.at_desk(|desk| desk.settings())
    }

    /// `settings_set`; gives what is kept.
    ///
    /// # Errors
    /// `settings.invalid` and nothing was changed; `session.locked`, `disk.full`.
    pub fn settings_set(&self, settings: &Settings) -> Result<Settings, IpcError> {
        self.at_desk(|desk| {
            if !valid(settings) {
                return Err(CounterError::told("settings.invalid"));
            }
            let value = serde_json::to_value(settings)
                .map_err(|error| CounterError::Internal(error.to_string()))?;
            desk.store.set_setting(NAME, &value)?;
            Ok(settings.clone())
        })
    }
}

impl Desk<'_> {
    /// Settings as kept; the defaults where none are, or where a later version wrote others.
    pub(crate) fn settings(&self) -> Result<Settings, CounterError> {
        let kept = self.store.setting(NAME)?;
        Ok(kept.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
    }
}

pub(crate) fn valid(settings: &Settings) -> bool {
    let printer = match &settings.printer {
        Printer::None => true,
        Printer::System { name } => !name.trim().is_empty(),
        Printer::Network { host, port } => !host.trim().is_empty() && *port != 0,
    };
    printer
        && (settings.hub_url.is_empty() || is_address(&settings.hub_url))
        && ["fa", "en"].contains(&settings.language.as_str())
        && ["light", "dark", "contrast"].contains(&settings.theme.as_str())
        && (1..=240).contains(&settings.lock_after_minutes)
}

/// Can it be the address of a hub? Whether anybody answers there is not asked.
fn is_address(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.contains(char::is_whitespace))
}
