//! A letter that goes with an approval: shown before, numbered and kept with the act.

use pishkhan_domain::ids::ApplicationId;
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_protocol::letter::Letter;

use super::ActError;
use crate::centre::Centre;
use crate::letter::{Facts, LONGEST_ADDITION, fill, register_year};
use crate::projection::LetterWish;
use crate::storage::applications::{self, Application};
use crate::storage::staff::Officer;
use crate::storage::{StorageError, Unit, letter_templates, letters, offices};

/// What all letters of an application have in common.
pub(super) struct Maker<'a> {
    pub(super) officer: &'a Officer,
    pub(super) service_title: &'a str,
    pub(super) office_title: &'a str,
    /// Of the public pages.
    pub(super) url: &'a str,
}

impl Maker<'_> {
    /// With a number of its own, kept. Only under the office's lock.
    pub(super) async fn issue(
        &self,
        unit: &mut dyn Unit,
        application: &Application,
        wish: &LetterWish,
        now: i64,
    ) -> Result<Letter, ActError> {
        let Application { office, id, agency, .. } = application;
        let mut letter = self.draft(unit, application, wish, now).await?;
        letter.number = letters::next_number(unit, agency, register_year(now)).await?;
        let by = (self.officer.username.as_str(), now);
        letters::insert(unit, (office, *id), agency, &letter, by).await?;
        Ok(letter)
    }

    /// With the number 0.
    async fn draft(
        &self,
        unit: &mut dyn Unit,
        application: &Application,
        wish: &LetterWish,
        now: i64,
    ) -> Result<Letter, ActError> {
        let Application { agency, service, .. } = application;
        let offered = letter_templates::offered(unit, agency, service).await?;
        let same = |known: &&letter_templates::LetterTemplate| {
            (known.template, known.version) == (wish.template, wish.version)
        };
        let template = offered.iter().find(same).ok_or(ActError::NoSuchLetter)?;
        let facts = Facts {
            application,
            service_title: self.service_title,
            office_title: self.office_title,
            agency_title: &self.officer.agency_title,
            public_url: self.url,
            now,
        };
        let unreadable = |_| StorageError::Unreadable("letter_templates");
        Ok(fill(template, &wish.addition, &facts, 0).map_err(unreadable)?)
    }
}

/// The letter as it would be, without a number, and the tracking code of its application. Nothing
/// is changed.
///
/// # Errors
/// [`ActError`].
pub async fn draft(
    centre: &Centre,
    officer: &Officer,
    id: ApplicationId,
    wish: &LetterWish,
) -> Result<(Letter, TrackingCode), ActError> {
    if wish.addition.chars().count() > LONGEST_ADDITION {
        return Err(ActError::AdditionTooLong);
    }
    let mut unit = centre.storage.read().await?;
    let code = applications::office_of(unit.as_mut(), id).await?.ok_or(ActError::NotFound)?;
    let found = applications::find(unit.as_mut(), &code, id).await?;
    let application = found
        .filter(|application| application.agency == officer.agency)
        .ok_or(ActError::NotFound)?;
    let office = offices::find(unit.as_mut(), &code).await?;
    let office = office.ok_or(StorageError::Unreadable("office"))?;
    let cards = centre.cards.current(unit.as_mut()).await?;
    let card = cards.card(application.card_version).ok_or(StorageError::Unreadable("card"))?;
    let (service_title, office_title) = (card.title.fa.as_str(), office.title.as_str());
    let maker = Maker { officer, service_title, office_title, url: &centre.public_url };
    let letter = maker.draft(unit.as_mut(), &application, wish, centre.now()).await?;
    Ok((letter, application.tracking_code))
}
