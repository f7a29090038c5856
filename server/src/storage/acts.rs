//! The history of an application as people read it: every act, also those that came too late.

use pishkhan_domain::application::Defect;
use pishkhan_domain::ids::{ApplicationId, OfficeCode};

use super::row::json;
use super::{Row, StorageError, Unit, execute_each};
use crate::values;

/// Where an act happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the village office.
    Office,
    /// At the centre.
    Centre,
    /// At the agency.
    Agency,
}

impl Place {
    const ALL: [Self; 3] = [Self::Office, Self::Centre, Self::Agency];

    fn name(self) -> &'static str {
        match self {
            Self::Office => "office",
            Self::Centre => "centre",
            Self::Agency => "agency",
        }
    }
}

/// One act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActRecord {
    /// `recorded`, `received`, `accepted`, `returned`, `resubmitted`, `approved`, `refused`,
    /// `delivered`, `withdrawn`, `printed`, `note`.
    pub kind: String,
    /// Where.
    pub place: Place,
    /// Who: an operator's id, an officer's name as shown; empty for the centre.
    pub actor: String,
    /// A note, a reason, a recipient, the number of a copy; may be empty.
    pub text: String,
    /// Of a return.
    pub defects: Vec<Defect>,
    /// Did it change the application, or did it arrive too late?
    pub applied: bool,
    /// When, by the clock of whoever acted.
    pub acted_at: i64,
    /// When the centre had it.
    pub received_at: i64,
}

/// An act with its place in its application's history.
#[derive(Clone, Debug)]
pub struct NumberedAct {
    /// Application.
    pub application: ApplicationId,
    /// From 1, as counted by the application.
    pub number: u64,
    /// The act.
    pub act: ActRecord,
}

/// Adds acts to the history; the office's row is locked.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn append(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    acts: &[NumberedAct],
) -> Result<(), StorageError> {
    let set = |NumberedAct { application, number, act }: &NumberedAct| {
        values![
            office.0.as_str(),
            application.to_string(),
            *number,
            act.kind.as_str(),
            act.place.name(),
            act.actor.as_str(),
            act.text.as_str(),
            json(&act.defects),
            i64::from(act.applied),
            act.acted_at,
            act.received_at
        ]
    };
    execute_each(
        unit,
        "INSERT INTO acts (office, application, number, kind, place, actor, text, defects, \
         applied, acted_at, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        acts,
        set,
    )
    .await
}

/// The history of an application, oldest first.
///
/// # Errors
/// As [`append`].
pub async fn of(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    application: ApplicationId,
) -> Result<Vec<ActRecord>, StorageError> {
    let rows = unit
        .query(
            "SELECT kind, place, actor, text, defects, applied, acted_at, received_at FROM acts \
             WHERE office = $1 AND application = $2 ORDER BY number",
            values![office.0.as_str(), application.to_string()],
        )
        .await?;
    rows.iter().map(read).collect()
}

pub(super) fn read(row: &Row) -> Result<ActRecord, StorageError> {
    let place = row.text("place")?;
    let place = Place::ALL.into_iter().find(|known| known.name() == place);
    Ok(ActRecord {
        kind: row.text("kind")?,
        place: place.ok_or(StorageError::Unreadable("place"))?,
        actor: row.text("actor")?,
        text: row.text("text")?,
        defects: row.json("defects")?,
        applied: row.int("applied")? == 1,
        acted_at: row.int("acted_at")?,
        received_at: row.int("received_at")?,
    })
}
