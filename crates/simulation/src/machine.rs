//! An office's PC: the real store in a folder, the real driver over it, and a clock of its own.
//!
//! Invariant: what survives a crash is in the folder, and nothing else is.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use pishkhan_domain::ids::{DeviceNumber, OfficeCode, OperatorId};
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_protocol::enrolment::EnrolReply;
use pishkhan_protocol::event::Event;
use pishkhan_protocol::keys::SecretKey;
use pishkhan_store::{DataKey, Identity, Store, StoreError};
use pishkhan_sync::engine::{Input, Moment};
use pishkhan_sync::{Driver, Options, SyncStatus};
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::centre_host::{copy_database, copy_folder};
use crate::clock::{self, OfficeClock};
use crate::fragile_office::FragileOffice;
use crate::hub_host::HubHost;
use crate::wires::{OfficeLine, SharedWires};

const DATABASE: &str = "office.db";

/// What a machine does next.
#[derive(Clone, Debug)]
pub(crate) enum Next {
    /// Hand this to the engine.
    Input(Input),
    /// Sleep until then.
    Sleep(Moment),
    /// Stopped until somebody asks.
    Stopped,
}

/// Why a machine may rightly stop.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Past {
    /// Another living copy of its disk, or it is one, or its disk was put back.
    pub(crate) copied: bool,
    /// Revoked, when its feed and catalogue stood so.
    pub(crate) revoked: Option<(u64, u64)>,
    /// The centre went back in time without saying so, or an old reply was heard.
    pub(crate) misled: bool,
    /// Its memory changed a bit of what it read.
    pub(crate) bad_memory: bool,
}

/// A PC.
pub(crate) struct Machine {
    pub(crate) number: usize,
    pub(crate) dir: PathBuf,
    pub(crate) device: DeviceNumber,
    pub(crate) office: OfficeCode,
    pub(crate) operator: OperatorId,
    pub(crate) clock: OfficeClock,
    /// The hub that it is told of.
    pub(crate) hub: Option<usize>,
    pub(crate) next: Next,
    pub(crate) past: Past,
    /// Number of the exchange with which it last reached the centre.
    pub(crate) reached: u64,
    /// Probes that failed in a row, with nothing else between.
    pub(crate) probes_failed: u32,
    /// Waits after many of them.
    pub(crate) cap_waits: Vec<Moment>,
    /// Switched off for good; its disk is kept.
    pub(crate) retired: bool,
    fragile: Option<Arc<Mutex<FragileOffice>>>,
    driver: Option<Driver<FragileOffice>>,
    wires: SharedWires,
    starts: u64,
}

fn data_key() -> DataKey {
    DataKey::from_bytes([7; 32])
}

/// The identity that a reply gives to the device with this key.
pub(crate) fn identity(reply: &EnrolReply, seed: [u8; 32]) -> anyhow::Result<Identity> {
    let facts = reply.certificate.verify(&reply.centre_key)?;
    let certified = facts.device == reply.device
        && facts.office == reply.office
        && facts.key == SecretKey::from_seed(&seed).public();
    anyhow::ensure!(certified, "the reply does not certify this device");
    Ok(Identity {
        device: reply.device,
        office: reply.office.clone(),
        office_title: reply.office_title.clone(),
        district_title: reply.district_title.clone(),
        centre_url: "http://localhost".to_owned(),
        public_url: reply.public_url.clone(),
        certificate: reply.certificate.clone(),
        centre_key: reply.centre_key,
        key_seed: Zeroizing::new(seed),
        secret: DeviceSecret(reply.secret),
        epoch: reply.epoch,
    })
}

/// The log on a disk that lies in a drawer.
pub(crate) fn log_of(dir: &Path) -> Result<Vec<Event>, StoreError> {
    Store::open(dir, &data_key())?.entries_after(0, usize::MAX, usize::MAX)
}

impl Machine {
    /// A PC that was just enrolled.
    pub(crate) fn enrolled(
        number: usize,
        dir: PathBuf,
        identity: &Identity,
        hub: Option<usize>,
        wires: &SharedWires,
    ) -> anyhow::Result<Self> {
        let store = Store::create(&dir, &data_key(), identity)?;
        let mut id = [0; 16];
        id[0] = u8::try_from(number)?;
        let mut machine = Self {
            number,
            dir,
            device: identity.device,
            office: identity.office.clone(),
            operator: OperatorId::from_bytes(id),
            clock: OfficeClock::Off(0),
            hub,
            next: Next::Stopped,
            past: Past::default(),
            reached: 0,
            probes_failed: 0,
            cap_waits: Vec::new(),
            retired: false,
            fragile: None,
            driver: None,
            wires: wires.clone(),
            starts: 0,
        };
        machine.start(store)?;
        Ok(machine)
    }

    /// Another PC with the same disk.
    pub(crate) fn cloned(&self, number: usize, dir: PathBuf) -> anyhow::Result<Self> {
        self.copy_disk(&dir)?;
        let mut clone = Self {
            number,
            dir,
            office: self.office.clone(),
            next: Next::Stopped,
            cap_waits: Vec::new(),
            fragile: None,
            driver: None,
            wires: self.wires.clone(),
            starts: self.starts + 1_000,
            ..*self
        };
        clone.start(Store::open(&clone.dir, &data_key())?)?;
        Ok(clone)
    }

    /// Copies the disk as it lies there.
    pub(crate) fn copy_disk(&self, to: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(to)?;
        copy_database(&self.dir.join(DATABASE), &to.join(DATABASE), true)?;
        copy_folder(&self.dir.join("documents"), &to.join("documents"))?;
        Ok(())
    }

    fn start(&mut self, store: Store) -> anyhow::Result<()> {
        self.starts += 1;
        let fragile = Arc::new(Mutex::new(FragileOffice::new(store)));
        let road = OfficeLine { wires: self.wires.clone(), number: self.number };
        let options = Options {
            seed: self.starts * 1_000 + self.number as u64,
            clock: clock::office_ms,
            hub: self.hub.map(HubHost::url),
            road: Some(Arc::new(road)),
            ..Options::default()
        };
        let (publish, _) = watch::channel(SyncStatus::at_start());
        self.driver = Some(Driver::new(fragile.clone(), &options, publish)?);
        self.fragile = Some(fragile);
        self.probes_failed = 0;
        self.next = Next::Input(Input::Tick);
        Ok(())
    }

    /// The program ends and the store is closed.
    pub(crate) fn shut(&mut self) {
        self.driver = None;
        self.fragile = None;
    }

    /// It is switched on again.
    pub(crate) fn open(&mut self) -> anyhow::Result<()> {
        let store = Store::open(&self.dir, &data_key()).context("opening the office's store")?;
        self.start(store)
    }

    /// Stops by force and starts again. In a power cut, what is not on the disk is gone.
    pub(crate) fn restart(&mut self, power_cut: bool) -> anyhow::Result<()> {
        let durable = !power_cut || self.store(|store| store.survives_power_cut());
        let (database, kept) = (self.dir.join(DATABASE), self.dir.join("kept.db"));
        copy_database(&database, &kept, durable)?;
        self.shut();
        self.put_back(&kept)
    }

    /// Puts an old copy of the disk in place of what is there.
    pub(crate) fn restore(&mut self, copy: &Path) -> anyhow::Result<()> {
        self.shut();
        let kept = self.dir.join("kept.db");
        copy_database(&copy.join(DATABASE), &kept, true)?;
        self.put_back(&kept)
    }

    fn put_back(&mut self, kept: &Path) -> anyhow::Result<()> {
        let database = self.dir.join(DATABASE);
        for part in ["-wal", "-shm"] {
            let _gone = fs::remove_file(self.dir.join(format!("{DATABASE}{part}")));
        }
        copy_database(kept, &database, true)?;
        let _gone = fs::remove_file(self.dir.join("kept.db-wal"));
        fs::remove_file(kept)?;
        self.open()
    }

    /// The office as the driver has it.
    pub(crate) fn fragile(&self) -> Option<MutexGuard<'_, FragileOffice>> {
        let fragile = self.fragile.as_ref()?;
        Some(fragile.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The office, shared with its driver.
    pub(crate) fn shared(&self) -> Option<Arc<Mutex<FragileOffice>>> {
        self.fragile.clone()
    }

    /// Is its disk full?
    pub(crate) fn full(&self) -> bool {
        self.fragile().is_some_and(|office| office.disk_full)
    }

    /// Looks into the store, around all faults.
    ///
    /// # Panics
    /// When the machine is shut.
    pub(crate) fn store<T>(&self, look: impl FnOnce(&mut Store) -> T) -> T {
        let mut fragile = self.fragile().expect("the machine is on");
        look(&mut fragile.store)
    }

    pub(crate) fn driver(&mut self) -> &mut Driver<FragileOffice> {
        self.driver.as_mut().expect("the machine is on")
    }

    pub(crate) fn on(&self) -> bool {
        self.driver.is_some()
    }
}
