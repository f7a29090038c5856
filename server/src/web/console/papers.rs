//! The papers of an application: what was seen, what has arrived, what is still on its way.

use pishkhan_domain::application::{AttachedDocument, Evidence};
use pishkhan_domain::lifecycle::State as ApplicationState;
use pishkhan_domain::service_card::ServiceCard;

use crate::facts;
use crate::storage::applications::Application;
use crate::storage::{StorageError, Unit, documents};

/// A paper as the page shows it.
pub struct Paper {
    /// Its name.
    pub label: String,
    /// Seen, arrived, or on its way.
    pub status: String,
    /// Is it among the defects?
    pub flawed: bool,
    /// Where its picture is.
    pub image: Option<String>,
    /// Where its PDF is.
    pub file: Option<String>,
}

/// The papers of an application.
///
/// # Errors
/// [`StorageError`].
pub async fn papers(
    unit: &mut dyn Unit,
    card: &ServiceCard,
    application: &Application,
) -> Result<Vec<Paper>, StorageError> {
    let mut papers = Vec::new();
    for AttachedDocument { code, evidence } in &application.content.documents {
        let path = format!("documents.{code}");
        let mut paper = Paper {
            label: facts::label(card, &path),
            status: "اصل آن در دفتر دیده شد".to_owned(),
            flawed: application.state == ApplicationState::Returned
                && application.defects.iter().any(|defect| defect.field == path),
            image: None,
            file: None,
        };
        if let Evidence::Copy { hash, media_type, .. } = evidence {
            let stored = documents::find(unit, &application.office, *hash).await?;
            let lost = stored.as_ref().is_some_and(|stored| stored.lost_at.is_some());
            if stored.is_some_and(|stored| stored.received_at.is_some()) {
                let link = format!("/console/applications/{}/documents/{hash}", application.id);
                paper.status = "تصویر رسیده است".to_owned();
                if media_type == "application/pdf" {
                    paper.file = Some(link);
                } else {
                    paper.image = Some(link);
                }
            } else if lost {
                paper.status =
                    "تصویر در مرکز خراب شده بود؛ دوباره از دفتر خواسته شده است".to_owned();
            } else {
                paper.status = "تصویر هنوز از دفتر نرسیده است".to_owned();
            }
        }
        papers.push(paper);
    }
    Ok(papers)
}
