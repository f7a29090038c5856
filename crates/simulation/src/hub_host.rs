//! The machine on which a real hub runs: started, stopped by force between any two writes, its disk
//! lost. It reaches the centre over a line of its own.
//!
//! Invariant: what survives a stop is in the folder, and nothing else is.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use pishkhan_protocol::keys::PublicKey;
use pishkhan_server::disk::simulated;
use pishkhan_server::hub::{CarriedAnswer, Hub, QUOTA_BYTES, Road, ToCentre};

use crate::wires::{self, HubEnd, Message, SharedWires};

/// The machine.
pub(crate) struct HubHost {
    number: usize,
    folder: PathBuf,
    /// Its line to the centre.
    pub(crate) line: usize,
    centre_key: PublicKey,
    to_centre: ToCentre,
    hub: Option<Arc<Hub>>,
    wires: SharedWires,
}

struct HubRoad {
    wires: SharedWires,
    line: usize,
}

impl std::fmt::Debug for HubRoad {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "line {} of a hub", self.line)
    }
}

impl Road for HubRoad {
    fn carry(&self, request: reqwest::Request) -> CarriedAnswer {
        let (wires, line) = (self.wires.clone(), self.line);
        Box::pin(async move { wires::carry(&wires, line, Message::from(request)).await.ok() })
    }
}

impl HubHost {
    /// A new hub in this folder.
    pub(crate) async fn new(
        folder: PathBuf,
        line: usize,
        centre_key: PublicKey,
        wires: &SharedWires,
    ) -> anyhow::Result<Self> {
        let road = Arc::new(HubRoad { wires: wires.clone(), line });
        let to_centre = ToCentre::over(road)?;
        let number = {
            let mut wires = wires::locked(wires);
            wires.hubs.push(HubEnd { router: None, folder: folder.clone() });
            wires.hubs.len() - 1
        };
        let (hub, wires) = (None, wires.clone());
        let mut host = Self { number, folder, line, centre_key, to_centre, hub, wires };
        host.start().await?;
        Ok(host)
    }

    pub(crate) fn on(&self) -> bool {
        self.hub.is_some()
    }

    /// Where offices reach it.
    pub(crate) fn url(number: usize) -> String {
        format!("http://hub-{number}.test")
    }

    /// Its folder.
    pub(crate) fn folder(&self) -> &PathBuf {
        &self.folder
    }

    /// Starts with what is in the folder.
    pub(crate) async fn start(&mut self) -> anyhow::Result<()> {
        let hub = Hub::open(&self.folder, self.centre_key, QUOTA_BYTES).await?;
        wires::locked(&self.wires).hubs[self.number].router = Some(hub.router());
        self.hub = Some(hub);
        Ok(())
    }

    /// Stops by force.
    pub(crate) fn stop(&mut self) {
        self.hub = None;
        wires::locked(&self.wires).hubs[self.number].router = None;
        simulated::mend(&self.folder);
    }

    /// Its disk is replaced by an empty one.
    pub(crate) fn lose_disk(&mut self) -> std::io::Result<()> {
        self.stop();
        fs::remove_dir_all(&self.folder)
    }

    /// Tries every file that waits once; says whether none is left.
    pub(crate) async fn forward(&self) -> bool {
        match &self.hub {
            None => false,
            Some(hub) => hub.forward_once(&self.to_centre).await,
        }
    }

    /// Hashes of the files that it says it has taken, and of those that wait.
    pub(crate) fn holds(&self) -> std::io::Result<(Vec<String>, Vec<String>)> {
        let names = |folder: PathBuf| -> std::io::Result<Vec<String>> {
            if !folder.is_dir() {
                return Ok(Vec::new());
            }
            let name = |entry: std::io::Result<fs::DirEntry>| {
                Ok(entry?.file_name().to_string_lossy().into_owned())
            };
            fs::read_dir(folder)?.map(name).collect()
        };
        let mut taken = names(self.folder.join("taken"))?;
        // A mark that was being written when the machine stopped.
        taken.retain(|name| !name.ends_with(".new"));
        let mut waiting = Vec::new();
        for device in names(self.folder.join("waiting"))? {
            for file in names(self.folder.join("waiting").join(device))? {
                waiting.extend(file.rsplit('-').next().map(str::to_owned));
            }
        }
        Ok((taken, waiting))
    }
}
