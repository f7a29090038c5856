//! One run: offices, centre, lines and people, from a seed to the checks.
//!
//! Invariant: everything that happens is decided by the seed's dice; one thing happens at a time.

mod accidents;
mod checks;
mod courier;
mod hubs;
mod life;
mod papers;
mod steps;
mod tampering;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{HeaderMap, Method};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::{ApplicationId, DeviceNumber, OfficeCode};
use pishkhan_protocol::enrolment::{EnrolReply, EnrolRequest};
use pishkhan_protocol::event::Hash;
use pishkhan_protocol::keys::SecretKey;
use pishkhan_server::enrolment::issue_code;
use tower::ServiceExt as _;

use crate::broken::{Broken, broken};
use crate::centre_host::{Backup, CentreHost, OFFICES};
use crate::clock;
use crate::coverage::{Coverage, Seen};
use crate::dice::Dice;
use crate::hub_host::HubHost;
use crate::machine::{Machine, identity};
use crate::wires::{self, Answer, Line, Message, Place, SharedWires, Wires};

/// What happens while things go wrong, before they heal.
const STEPS: u32 = 160;

/// A receipt in a citizen's hand: nobody's memory but the citizen's.
#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    pub(crate) device: DeviceNumber,
    pub(crate) seq: u64,
    pub(crate) hash: Hash,
    pub(crate) application: ApplicationId,
}

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    /// What was seen in it.
    pub coverage: Coverage,
    /// What happened, if asked for.
    pub trace: Vec<String>,
    /// The invariant that did not hold.
    pub broken: Option<Broken>,
}

pub(crate) struct World {
    pub(crate) dice: Dice,
    pub(crate) folder: PathBuf,
    pub(crate) wires: SharedWires,
    pub(crate) host: CentreHost,
    pub(crate) card_version: ContentHash,
    pub(crate) machines: Vec<Machine>,
    pub(crate) hubs: Vec<HubHost>,
    pub(crate) receipts: Vec<Receipt>,
    /// Documents that were attached: office, hash, bytes.
    pub(crate) scans: Vec<(OfficeCode, ContentHash, Vec<u8>)>,
    pub(crate) backups: Vec<Backup>,
    /// The centre went back in time and has not said so.
    pub(crate) undeclared: bool,
    /// Copies of disks, with the machine that each is of.
    pub(crate) disks: Vec<(usize, PathBuf, u64)>,
    /// Disks that were taken out and put into a drawer.
    pub(crate) kept: Vec<PathBuf>,
    /// Applications whose recording cannot be used.
    pub(crate) poison: BTreeSet<ApplicationId>,
    pub(crate) codes: u32,
    pub(crate) pocket: courier::Pocket,
    /// Exchanges that reached the centre, of all machines, and how many when leases began anew.
    pub(crate) reaches: u64,
    pub(crate) leases_since: u64,
    /// Those of a device whose replies were taken, since then.
    pub(crate) served: BTreeMap<DeviceNumber, Vec<u64>>,
    /// Items of the feed that somebody changed in the centre's tables: office, number, as it was,
    /// as it is.
    pub(crate) tampered: Vec<(String, u64, Vec<u8>, Vec<u8>)>,
    pub(crate) healing: bool,
}

/// Runs a seed.
#[must_use]
pub fn run(seed: u64, trace: bool) -> Outcome {
    pishkhan_server::secret::simulated::seed(seed ^ 0x0c0f_fee0);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .max_blocking_threads(2)
        .build()
        .expect("a runtime");
    let folder =
        tempfile::Builder::new().prefix("pishkhan-").tempdir_in(memory()).expect("a folder");
    let plan = Arc::default();
    let wires = Arc::new(Mutex::new(Wires {
        dice: Dice::new(seed.wrapping_mul(31).wrapping_add(7)),
        faults: false,
        coverage: Coverage::default(),
        trace: trace.then(Vec::new),
        router: None,
        centre: None,
        plan,
        lines: Vec::new(),
        old_centre: false,
        keys: BTreeMap::new(),
        strays: Vec::new(),
        old_replies: Vec::new(),
        last_requests: BTreeMap::new(),
        documents: BTreeMap::new(),
        exchanges: Vec::new(),
        false_answers: BTreeSet::new(),
        hubs: Vec::new(),
        centre_took: BTreeSet::new(),
        centre_marks: folder.path().join("centre/documents/.courier/taken"),
    }));
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        runtime.block_on(async {
            clock::begin();
            let mut world = World::new(seed, folder.path().to_owned(), wires.clone())
                .await
                .or_else(|error| broken("the world begins", format!("{error:#}")))?;
            let ended = world.run().await;
            for machine in &mut world.machines {
                machine.shut();
            }
            ended
        })
    }));
    let broken = match ended {
        Ok(ended) => ended.err(),
        Err(panic) => {
            let detail = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
                .unwrap_or_default();
            Some(Broken { invariant: "nothing panics", detail })
        }
    };
    let mut wires = wires::locked(&wires);
    wires.strays.clear();
    Outcome {
        coverage: std::mem::take(&mut wires.coverage),
        trace: wires.trace.take().unwrap_or_default(),
        broken,
    }
}

/// A folder in memory where there is one: fsync costs nothing there, and nothing is lost by it,
/// since power cuts are simulated.
fn memory() -> PathBuf {
    let shm = PathBuf::from("/dev/shm");
    if shm.is_dir() { shm } else { std::env::temp_dir() }
}

impl World {
    async fn new(seed: u64, folder: PathBuf, wires: SharedWires) -> anyhow::Result<Self> {
        let mut host = CentreHost::new(folder.join("centre"), &wires).await?;
        let centre = wires::locked(&wires).centre.clone().expect("it was started");
        host.furnish(&centre).await?;
        drop(centre);
        let card_version = host.card_version()?;
        let mut world = Self {
            dice: Dice::new(seed),
            folder,
            wires,
            host,
            card_version,
            machines: Vec::new(),
            hubs: Vec::new(),
            receipts: Vec::new(),
            scans: Vec::new(),
            backups: Vec::new(),
            undeclared: false,
            disks: Vec::new(),
            kept: Vec::new(),
            poison: BTreeSet::new(),
            codes: 0,
            pocket: courier::Pocket::default(),
            reaches: 0,
            leases_since: 0,
            served: BTreeMap::new(),
            tampered: Vec::new(),
            healing: false,
        };
        world.set_up_hubs().await?;
        let machines = 1 + world.dice.below(3);
        for number in 0..machines {
            world.enrol(OFFICES[number % 2]).await?;
        }
        world.back_up().await?;
        Ok(world)
    }

    pub(crate) fn saw(&self, seen: Seen) {
        wires::locked(&self.wires).saw(seen);
    }

    pub(crate) fn say(&self, line: impl FnOnce() -> String) {
        wires::locked(&self.wires).say(line);
    }

    pub(crate) fn new_line(&mut self) -> usize {
        let slow = self.dice.percent(50);
        let line = Line {
            down: false,
            latency: Duration::from_millis(if slow { 600 } else { 30 }),
            bytes_per_second: if slow { 6_000 } else { 200_000 },
            trouble_percent: [0, 10, 30, 60][self.dice.below(4)],
        };
        let mut wires = wires::locked(&self.wires);
        wires.lines.push(line);
        wires.exchanges.push(0);
        wires.lines.len() - 1
    }

    /// A new device for an office; the reply may be lost, and is asked for again.
    pub(crate) async fn enrol(&mut self, office: &str) -> anyhow::Result<usize> {
        self.codes += 1;
        let office = OfficeCode::from(office);
        let mut unit = self.host.storage.begin().await?;
        let code = issue_code(unit.as_mut(), &office, clock::true_ms()).await?;
        unit.commit().await?;
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.dice.any().to_le_bytes());
        let key = SecretKey::from_seed(&seed).public();
        let machine = "نمونه".to_owned();
        let request = EnrolRequest { code, key, machine, agent: "simulation".to_owned() };
        let message = Message {
            to: Place::Centre,
            method: Method::POST,
            path: "/sync/v1/enrol".to_owned(),
            headers: HeaderMap::new(),
            body: request.to_bytes(),
        };
        let mut answer = None;
        let tries = if self.dice.percent(20) { 2 } else { 1 };
        for _ in 0..tries {
            let router = wires::locked(&self.wires).router.clone();
            let router = router.ok_or_else(|| anyhow::anyhow!("the centre is down"))?;
            answer = Answer::of(router.oneshot(message.request(None)).await).await;
        }
        let answer = answer.ok_or_else(|| anyhow::anyhow!("no answer to an enrolment"))?;
        let reply = EnrolReply::from_bytes(&answer.body)?;
        let identity = identity(&reply, seed)?;
        wires::locked(&self.wires).keys.insert(identity.device, key);
        let number = self.new_line();
        let dir = self.folder.join(format!("office-{number}"));
        let hub = self.some_hub();
        self.machines.push(Machine::enrolled(number, dir, &identity, hub, &self.wires)?);
        self.say(|| format!("machine {number} is device {} of {office}", identity.device.0));
        self.saw(Seen::Enrolled);
        Ok(number)
    }

    pub(crate) async fn back_up(&mut self) -> anyhow::Result<()> {
        let backup = self.host.back_up(self.backups.len()).await?;
        self.backups.push(backup);
        Ok(())
    }

    async fn run(&mut self) -> Result<(), Broken> {
        wires::locked(&self.wires).faults = true;
        for _ in 0..STEPS {
            self.something().await?;
        }
        self.heal().await?;
        self.check_all().await
    }

    async fn something(&mut self) -> Result<(), Broken> {
        if wires::locked(&self.wires).router.is_none() && self.dice.percent(30) {
            let power_cut = self.dice.percent(50);
            if power_cut {
                self.saw(Seen::CentrePowerCut);
            }
            self.host
                .restart(&self.wires, power_cut)
                .await
                .or_else(|error| broken("the centre starts again", format!("{error:#}")))?;
        }
        let number = self.dice.below(self.machines.len());
        match self.dice.below(100) {
            0..25 => self.live(number),
            25..33 => self.officer_acts().await,
            33..39 => self.accident(number).await,
            39..44 => self.carry(number).await,
            44..50 => self.hub_acts().await,
            50..53 => self.about_papers().await,
            _ => self.step(number).await,
        }
    }

    /// All that is wrong comes to an end, and everybody goes on until nothing waits.
    async fn heal(&mut self) -> Result<(), Broken> {
        self.say(|| "--- heals".to_owned());
        let fail = |error: anyhow::Error| Broken {
            invariant: "the world heals",
            detail: format!("{error:#}"),
        };
        let down = {
            let mut wires = wires::locked(&self.wires);
            wires.faults = false;
            wires.old_centre = false;
            for line in &mut wires.lines {
                line.down = false;
            }
            wires.exchanges.fill(0);
            wires.router.is_none()
        };
        wires::locked(&self.wires).disarm();
        if down {
            self.host.restart(&self.wires, false).await.map_err(fail)?;
        }
        if self.undeclared {
            self.declare().await.map_err(fail)?;
        }
        self.undo_tampering().await.map_err(fail)?;
        for machine in &mut self.machines {
            if machine.on() {
                if let Some(mut office) = machine.fragile() {
                    office.disk_full = false;
                }
                continue;
            }
            if !machine.retired {
                machine.open().map_err(fail)?;
            }
        }
        self.empty_hubs().await?;
        self.check_papers().await?;
        self.healing = true;
        self.drain().await
    }
}
