//! Which part of the queue an address asks for.

use std::fmt::Write as _;

use pishkhan_domain::ids::{OfficeCode, ServiceCode};
use pishkhan_domain::lifecycle::State as ApplicationState;
use serde::Deserialize;

use crate::storage::queue::{ALL, Key, OPEN, QueueFilter};
use crate::storage::{StorageError, Unit, offices};

/// What the address says. An unknown word means nothing special: the open queue is shown.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Wanted {
    /// A state's name, `all`, or what is open.
    #[serde(default)]
    pub state: String,
    /// A service's code.
    #[serde(default)]
    pub service: String,
    /// A district's code.
    #[serde(default)]
    pub district: String,
    /// An office's code.
    #[serde(default)]
    pub office: String,
    /// `1` for those past their due day.
    #[serde(default)]
    pub late: String,
    /// What is looked for.
    #[serde(default)]
    pub q: String,
    /// Where the page goes on.
    #[serde(default)]
    pub after: String,
    #[serde(default)]
    pub id: String,
    /// What has just been done.
    #[serde(default)]
    pub done: String,
    /// To how many.
    #[serde(default)]
    pub number: u32,
}

impl Wanted {
    /// Are only late ones asked for?
    #[must_use]
    pub fn late(&self) -> bool {
        self.late == "1"
    }

    /// The name of the tab.
    #[must_use]
    pub fn tab(&self) -> &str {
        match self.state.as_str() {
            "all" => "all",
            name => ApplicationState::named(name).map_or("open", ApplicationState::name),
        }
    }

    /// Is the list narrower than the tab says?
    #[must_use]
    pub fn narrowed(&self) -> bool {
        self.late() || !self.district.is_empty() || !self.office.is_empty()
    }

    /// The key after which the page begins.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        (!self.after.is_empty()).then(|| Key { place: self.after.clone(), id: self.id.clone() })
    }

    /// The filters as an address has them, without tab and page.
    #[must_use]
    pub fn filters(&self) -> String {
        let parts = [
            ("service", self.service.as_str()),
            ("district", self.district.as_str()),
            ("office", self.office.as_str()),
            ("late", if self.late() { "1" } else { "" }),
        ];
        let mut text = String::new();
        for (name, value) in parts.iter().filter(|(_, value)| !value.is_empty()) {
            text.push('&');
            text.push_str(name);
            text.push('=');
            percent_encoded(value, &mut text);
        }
        text
    }

    /// The same for the tables; what was due before `late_day` is late.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn filter(
        &self,
        unit: &mut dyn Unit,
        late_day: &str,
    ) -> Result<QueueFilter, StorageError> {
        let states = match self.tab() {
            "all" => ALL.to_vec(),
            name => ApplicationState::named(name).map_or(OPEN.to_vec(), |state| vec![state]),
        };
        let offices = match (self.office.as_str(), self.district.as_str()) {
            ("", "") => None,
            ("", district) => {
                let offices = offices::of_district(unit, district).await?;
                Some(offices.into_iter().map(|(code, _)| code).collect())
            }
            (office, _) => Some(vec![OfficeCode::from(office)]),
        };
        Ok(QueueFilter {
            states,
            offices,
            service: (!self.service.is_empty()).then(|| ServiceCode::from(self.service.as_str())),
            due_before: self.late().then(|| late_day.to_owned()),
        })
    }
}

fn percent_encoded(value: &str, text: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn filters_survive_an_address() {
        let wanted = Wanted {
            service: "birth-registration".to_owned(),
            district: "دهستان ۱&x".to_owned(),
            late: "1".to_owned(),
            q: "نمونه".to_owned(),
            ..Wanted::default()
        };
        let address = wanted.filters();
        assert!(address.is_ascii() && !address.contains("q="), "{address}");
        let read: axum::extract::Query<Wanted> =
            axum::extract::Query::try_from_uri(&format!("/console?x=1{address}").parse().unwrap())
                .unwrap();
        assert_eq!(read.district, wanted.district);
        assert_eq!((read.service.as_str(), read.late()), ("birth-registration", true));
        assert_eq!(Wanted::default().filters(), "");
        assert_eq!(Wanted { state: "nonsense".to_owned(), ..wanted }.tab(), "open");
    }
}
