//! The machine on which the real centre runs, over its embedded storage: started, stopped by
//! force, put back to a backup.
//!
//! Invariant: what is read for checking goes around the faults, over the same storage.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pishkhan_domain::catalogue::Publication;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::service_card::ServiceCard;
use pishkhan_server::administration::{add_office, publish};
use pishkhan_server::centre::Centre;
use pishkhan_server::documents::DocumentStore;
use pishkhan_server::storage::embedded::EmbeddedStorage;
use pishkhan_server::storage::{SharedStorage, identity, staff};
use pishkhan_server::web::{self, AppState};

use crate::clock;
use crate::fragile_storage::{FragileStorage, SharedPlan, locked};
use crate::wires::{self, SharedWires};

pub(crate) const OFFICES: [&str; 2] = ["sample-0001", "sample-0002"];
const DATABASE: &str = "centre.db";

/// A copy of all that the centre keeps.
#[derive(Clone)]
pub(crate) struct Backup {
    folder: PathBuf,
    /// True time when it was made.
    pub(crate) at_ms: i64,
}

/// The machine.
pub(crate) struct CentreHost {
    folder: PathBuf,
    starts: u32,
    /// What the checks read.
    pub(crate) storage: SharedStorage,
    embedded: Arc<EmbeddedStorage>,
    plan: SharedPlan,
    pub(crate) card: ServiceCard,
}

impl CentreHost {
    /// A new centre in this folder, from a template if there is one.
    pub(crate) async fn new(folder: PathBuf, wires: &SharedWires) -> anyhow::Result<Self> {
        let plan = wires::locked(wires).plan.clone();
        let card: ServiceCard = serde_json::from_str(include_str!("card.json"))?;
        let place = folder.join("0");
        fs::create_dir_all(&place)?;
        let embedded = Arc::new(EmbeddedStorage::open(&place.join(DATABASE)).await?);
        let storage: SharedStorage = embedded.clone();
        let mut host = Self { folder, starts: 0, storage, embedded, plan, card };
        host.serve(wires).await?;
        Ok(host)
    }

    /// Publishes the card and adds the offices.
    pub(crate) async fn furnish(&mut self, centre: &Centre) -> anyhow::Result<()> {
        let mut unit = self.storage.begin().await?;
        staff::upsert_agency(unit.as_mut(), &self.card.agency).await?;
        let card = Publication::ServiceCard(Box::new(self.card.clone()));
        publish(unit.as_mut(), &centre.key, card, clock::true_ms()).await?;
        for office in OFFICES {
            add_office(unit.as_mut(), office, "دفتر نمونه", "دهستان نمونه", clock::true_ms())
                .await?;
        }
        unit.commit().await?;
        Ok(())
    }

    /// The version of the card that offices file under.
    pub(crate) fn card_version(&self) -> anyhow::Result<ContentHash> {
        let card = Publication::ServiceCard(Box::new(self.card.clone()));
        Ok(ContentHash::of(&serde_json::to_vec(&card)?))
    }

    async fn serve(&mut self, wires: &SharedWires) -> anyhow::Result<()> {
        {
            let mut plan = locked(&self.plan);
            plan.stopped = false;
            plan.fuse = None;
            plan.at_commit = None;
        }
        let inner = self.storage.clone();
        let storage = Arc::new(FragileStorage { inner, plan: self.plan.clone() });
        let documents = DocumentStore::open(&self.documents()).await?;
        let clock = Arc::new(clock::true_ms);
        let centre =
            Centre::open(storage, documents, clock, "http://centre.test".to_owned()).await?;
        let router = web::router(AppState::new(centre.clone(), false, 15));
        let mut wires = wires::locked(wires);
        wires.router = Some(router);
        wires.centre = Some(centre);
        Ok(())
    }

    /// Where the centre's documents are, and beside them the courier files that came over a line.
    pub(crate) fn documents(&self) -> PathBuf {
        self.folder.join("documents")
    }

    /// Files of papers that are whole, in an order that no disk decides.
    pub(crate) fn papers(&self) -> std::io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for office in OFFICES {
            let folder = self.documents().join(office);
            if folder.is_dir() {
                for entry in fs::read_dir(folder)? {
                    found.push(entry?.path());
                }
            }
        }
        found.retain(|path| path.extension().is_none());
        found.sort();
        Ok(found)
    }

    fn place(&self) -> PathBuf {
        self.folder.join(self.starts.to_string())
    }

    /// Stops by force and starts again. In a power cut, what is not on the disk is gone.
    pub(crate) async fn restart(
        &mut self,
        wires: &SharedWires,
        power_cut: bool,
    ) -> anyhow::Result<()> {
        let durable = !power_cut || self.embedded.survives_power_cut().await;
        let from = self.place();
        self.starts += 1;
        self.begin_from(&from, durable, wires).await?;
        fs::remove_dir_all(from)?;
        Ok(())
    }

    async fn begin_from(
        &mut self,
        from: &Path,
        with_log: bool,
        wires: &SharedWires,
    ) -> anyhow::Result<()> {
        {
            let mut wires = wires::locked(wires);
            wires.router = None;
            wires.centre = None;
        }
        let place = self.place();
        fs::create_dir_all(&place)?;
        copy_database(&from.join(DATABASE), &place.join(DATABASE), with_log)?;
        self.embedded = Arc::new(EmbeddedStorage::open(&place.join(DATABASE)).await?);
        self.storage = self.embedded.clone();
        self.serve(wires).await
    }

    /// A copy of everything, between two requests.
    pub(crate) async fn back_up(&self, number: usize) -> anyhow::Result<Backup> {
        let folder = self.folder.join(format!("backup-{number}"));
        fs::create_dir_all(&folder)?;
        copy_database(&self.place().join(DATABASE), &folder.join(DATABASE), true)?;
        copy_folder(&self.documents(), &folder.join("documents"))?;
        Ok(Backup { folder, at_ms: clock::true_ms() })
    }

    /// Puts a backup in place of what is there; the documents too, or the folder as it is.
    pub(crate) async fn restore(
        &mut self,
        backup: &Backup,
        documents_too: bool,
        wires: &SharedWires,
    ) -> anyhow::Result<()> {
        let old = self.place();
        self.starts += 1;
        if documents_too {
            let documents = self.documents();
            fs::remove_dir_all(&documents)?;
            copy_folder(&backup.folder.join("documents"), &documents)?;
        }
        self.begin_from(&backup.folder.clone(), true, wires).await?;
        fs::remove_dir_all(old)?;
        Ok(())
    }

    /// What `pishkhan-server centre restored` does.
    pub(crate) async fn declare(&self, epoch: [u8; 16]) -> anyhow::Result<()> {
        let mut unit = self.storage.begin().await?;
        identity::set_epoch(unit.as_mut(), epoch).await?;
        unit.commit().await?;
        Ok(())
    }
}

/// Copies a database as it lies on the disk, with its write-ahead log or without.
pub(crate) fn copy_database(from: &Path, to: &Path, with_log: bool) -> std::io::Result<()> {
    fs::copy(from, to)?;
    let log = |path: &Path| {
        let mut name = path.as_os_str().to_owned();
        name.push("-wal");
        PathBuf::from(name)
    };
    if with_log && log(from).exists() {
        fs::copy(log(from), log(to))?;
    }
    Ok(())
}

/// Copies a folder and what is below it.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    if !from.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
