//! Papers at the centre: its disk loses or changes them, officers open them, all are checked.

use std::fs;

use pishkhan_domain::application::Evidence;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_server::lost::{self, CheckError, Opened};
use pishkhan_server::storage::documents;
use pishkhan_store::ListFilter;

use super::World;
use super::checks::{looked, read};
use crate::broken::{Broken, broken};
use crate::coverage::Seen;
use crate::machine::Machine;
use crate::wires;

/// Does an entry of this machine name a paper?
pub(super) fn names(machine: &Machine, hash: ContentHash) -> Result<bool, Broken> {
    let rows = machine.store(|store| store.applications(ListFilter::All, "", u32::MAX, None, 0));
    for row in rows.map_err(looked)? {
        let full = machine.store(|store| store.application(row.id, 0)).map_err(looked)?;
        let named = full.documents.iter().any(|paper| match &paper.evidence {
            Evidence::Copy { hash: named, .. } => *named == hash,
            Evidence::Seen => false,
        });
        if named {
            return Ok(true);
        }
    }
    Ok(false)
}

impl World {
    pub(super) async fn about_papers(&mut self) -> Result<(), Broken> {
        match self.dice.below(6) {
            0 => self.check_papers().await,
            1..4 => self.open_paper().await,
            _ => self
                .lose_paper()
                .or_else(|error| broken("an accident is survived", format!("{error:#}"))),
        }
    }

    /// The centre's disk loses a paper, or changes it.
    fn lose_paper(&mut self) -> anyhow::Result<()> {
        let papers = self.host.papers()?;
        let Some(path) = papers.get(self.dice.below(papers.len())) else { return Ok(()) };
        let mut bytes = fs::read(path)?;
        match self.dice.below(3) {
            0 => fs::remove_file(path)?,
            1 => {
                bytes.truncate(self.dice.below(bytes.len()));
                fs::write(path, bytes)?;
            }
            _ => {
                let place = self.dice.below(bytes.len());
                if let Some(byte) = bytes.get_mut(place) {
                    *byte ^= 1 << self.dice.below(8);
                }
                fs::write(path, bytes)?;
            }
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.say(|| format!("the centre's disk loses paper {name}"));
        wires::locked(&self.wires).documents.entry(name).or_default().excused = true;
        self.saw(Seen::PaperLost);
        Ok(())
    }

    /// What `pishkhan-server documents check --many` does.
    pub(super) async fn check_papers(&mut self) -> Result<(), Broken> {
        let Some(centre) = wires::locked(&self.wires).centre.clone() else { return Ok(()) };
        wires::locked(&self.wires).arm();
        let checked = lost::check(&centre.storage, &centre.documents, true, centre.now()).await;
        let mishap = self.mishap();
        match checked {
            Ok(checked) => {
                self.say(|| format!("papers are checked: {} lost", checked.lost.len()));
                if !checked.lost.is_empty() {
                    self.saw(Seen::PaperWanted);
                }
                Ok(())
            }
            Err(CheckError::Storage(_)) if mishap => Ok(()),
            Err(error) => broken("the centre's papers can be checked", format!("{error:?}")),
        }
    }

    /// An officer opens a paper, whole or not.
    async fn open_paper(&mut self) -> Result<(), Broken> {
        let Some(centre) = wires::locked(&self.wires).centre.clone() else { return Ok(()) };
        let pick = self.dice.below(self.scans.len());
        let Some((office, hash, bytes)) = self.scans.get(pick).cloned() else { return Ok(()) };
        wires::locked(&self.wires).arm();
        let (storage, store) = (&centre.storage, &centre.documents);
        let opened = lost::open(storage, store, (&office, hash), centre.now()).await;
        let mishap = self.mishap();
        match opened {
            Ok(Opened::Whole(read)) if read == bytes => self.saw(Seen::PaperOpened),
            Ok(Opened::Whole(_)) => {
                return broken("a paper at the centre is the office's", hash.to_string());
            }
            Ok(Opened::Lost) => self.saw(Seen::PaperWanted),
            Ok(Opened::OnItsWay) => {}
            Err(CheckError::Storage(_)) if mishap => {}
            Err(error) => {
                return broken("a paper can be opened", format!("{hash}: {error:?}"));
            }
        }
        Ok(())
    }

    /// Does the centre want a paper that this machine has?
    pub(super) async fn papers_wanted_of(&self, number: usize) -> Result<bool, Broken> {
        let machine = &self.machines[number];
        let mut unit = self.host.storage.read().await.map_err(read)?;
        let wanted = documents::lost(unit.as_mut(), &machine.office, None, u32::MAX).await;
        for hash in wanted.map_err(read)? {
            if names(machine, hash)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
