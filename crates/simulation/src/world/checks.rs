//! The invariants.

use std::collections::{BTreeMap, BTreeSet};

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::{ApplicationId, OfficeCode};
use pishkhan_protocol::event::{Event, Hash};
use pishkhan_server::storage::{
    Row, StorageError, Value, devices, documents, events, feed, identity, offices, publications,
};
use pishkhan_store::StoreError;

use super::World;
use crate::broken::{Broken, broken};
use crate::clock;
use crate::machine::{Next, log_of};
use crate::wires;
use crate::world::papers::names;

/// Replies to another copy of a device, after which its lease and the one before are newer.
const AWAY_MOST: usize = 3;

/// What the centre holds.
#[derive(Default)]
struct Held {
    /// Hash at each place of each device's log.
    log: BTreeMap<(u64, u64), Hash>,
    aside: BTreeSet<Hash>,
}

pub(super) fn read(error: StorageError) -> Broken {
    Broken { invariant: "the centre's tables can be read", detail: error.to_string() }
}

pub(super) fn looked(error: StoreError) -> Broken {
    Broken { invariant: "the office's store can be read", detail: error.to_string() }
}

impl World {
    pub(super) async fn rows(
        &self,
        sql: &'static str,
        params: Vec<Value>,
    ) -> Result<Vec<Row>, Broken> {
        let mut unit = self.host.storage.read().await.map_err(read)?;
        unit.query(sql, params).await.map_err(read)
    }

    /// Nothing is called received at the office that the centre of the same epoch does not hold.
    pub(super) async fn check_acknowledged(&mut self, number: usize) -> Result<(), Broken> {
        if self.undeclared || !self.machines[number].on() {
            return Ok(());
        }
        let machine = &self.machines[number];
        let state = machine.store(|store| store.sync_state()).map_err(looked)?;
        let mut unit = self.host.storage.read().await.map_err(read)?;
        let epoch = identity::find(unit.as_mut()).await.map_err(read)?.map(|it| it.epoch);
        if epoch != Some(state.epoch) || state.acknowledged.seq == 0 {
            return Ok(());
        }
        let (office, seq) = (&machine.office, state.acknowledged.seq);
        let held = events::hash_at(unit.as_mut(), office, machine.device, seq).await;
        if held.map_err(read)? == Some(state.acknowledged.hash) {
            return Ok(());
        }
        broken(
            "what the office calls received is held by the centre",
            format!("machine {number}: entry {seq}"),
        )
    }

    /// A copy that was away while another one was served is not served any more. Counted are
    /// exchanges of others that came after its own last one: before it, they moved its lease too.
    pub(super) fn check_alone(&mut self, number: usize, served: bool) -> Result<(), Broken> {
        self.reaches += 1;
        let machine = &mut self.machines[number];
        let later = |reach: &&u64| **reach > machine.reached;
        let away =
            self.served.get(&machine.device).map_or(0, |all| all.iter().filter(later).count());
        machine.reached = self.reaches;
        if !served || away < AWAY_MOST || self.undeclared {
            return Ok(());
        }
        broken(
            "a second living copy of a device is noticed",
            format!("machine {number} was away for {away} replies to others"),
        )
    }

    /// A reply, and with it a lease, is in the store. One of before the centre was put back counts
    /// for nothing any more.
    pub(super) async fn count_applied(&mut self, number: usize) -> Result<(), Broken> {
        let state = self.machines[number].store(|store| store.sync_state()).map_err(looked)?;
        let mut unit = self.host.storage.read().await.map_err(read)?;
        let epoch = identity::find(unit.as_mut()).await.map_err(read)?.map(|it| it.epoch);
        let machine = &self.machines[number];
        if epoch == Some(state.epoch) && machine.reached > self.leases_since {
            self.served.entry(machine.device).or_default().push(machine.reached);
        }
        Ok(())
    }

    /// Does nothing wait at this machine?
    pub(super) async fn drained(&mut self, number: usize) -> Result<bool, Broken> {
        let machine = &self.machines[number];
        // An old copy of a disk does not know what it has forgotten.
        if wires::locked(&self.wires).exchanges[machine.number] == 0 {
            return Ok(false);
        }
        let state = machine.store(|store| store.sync_state()).map_err(looked)?;
        let head = machine.store(|store| store.head()).map_err(looked)?;
        let waiting = machine.store(|store| store.uploads(1)).map_err(looked)?;
        if state.acknowledged != head || !waiting.is_empty() {
            return Ok(false);
        }
        let mut unit = self.host.storage.read().await.map_err(read)?;
        let known = devices::find(unit.as_mut(), &machine.office, machine.device).await;
        // Another copy of its disk may have sent more meanwhile: the next exchange tells.
        if known.map_err(read)?.is_none_or(|known| known.head != head) {
            return Ok(false);
        }
        let office = offices::find(unit.as_mut(), &machine.office).await.map_err(read)?;
        let epoch = identity::find(unit.as_mut()).await.map_err(read)?.map(|it| it.epoch);
        let fed = office.is_some_and(|office| office.feed_number == state.feed_cursor);
        let sql = "SELECT count(*) AS number FROM publications WHERE number > $1";
        let cursor = Value::Int(i64::try_from(state.catalogue_cursor).unwrap_or(i64::MAX));
        let newer = unit.query(sql, vec![cursor]).await.map_err(read)?;
        let newer = newer.first().map_or(Ok(0), |row| row.count("number")).map_err(read)?;
        drop(unit);
        let asked = self.papers_wanted_of(number).await?;
        Ok(fed && newer == 0 && epoch == Some(state.epoch) && !asked)
    }

    pub(super) async fn check_all(&mut self) -> Result<(), Broken> {
        let held = self.held().await?;
        for number in 0..self.machines.len() {
            let machine = &self.machines[number];
            if machine.on() && !matches!(machine.next, Next::Stopped) {
                self.check_equal(number, &held).await?;
            }
            self.check_waits(number)?;
        }
        self.check_documents().await?;
        self.check_receipts(&held)?;
        self.check_revoked()?;
        self.check_once(&held)?;
        self.check_parked(&held).await
    }

    async fn held(&self) -> Result<Held, Broken> {
        let mut held = Held::default();
        for row in self.rows("SELECT device, seq, hash FROM events", vec![]).await? {
            let place = (row.count("device").map_err(read)?, row.count("seq").map_err(read)?);
            held.log.insert(place, row.array("hash").map_err(read)?);
        }
        for row in self.rows("SELECT hash FROM forks", vec![]).await? {
            held.aside.insert(row.array("hash").map_err(read)?);
        }
        Ok(held)
    }

    async fn check_equal(&self, number: usize, held: &Held) -> Result<(), Broken> {
        let machine = &self.machines[number];
        let device = u64::from(machine.device.0);
        let log = machine
            .store(|store| store.entries_after(0, usize::MAX, usize::MAX))
            .map_err(looked)?;
        let stored = held.log.range((device, 0)..=(device, u64::MAX)).count();
        if stored != log.len() {
            return broken(
                "the centre holds the office's log",
                format!("machine {number}: {stored} of {}", log.len()),
            );
        }
        for event in &log {
            if held.log.get(&(device, event.core.seq)) != Some(&event.hash()) {
                return broken(
                    "entries are at the centre in their order",
                    format!("machine {number}: entry {}", event.core.seq),
                );
            }
        }
        let state = machine.store(|store| store.sync_state()).map_err(looked)?;
        let mut unit = self.host.storage.read().await.map_err(read)?;
        let told = feed::hash_at(unit.as_mut(), &machine.office, state.feed_cursor).await;
        if told.map_err(read)? != state.feed_hash {
            return broken("the feed is the centre's", format!("machine {number}"));
        }
        let sql = "SELECT number FROM feed WHERE office = $1 ORDER BY number";
        let office = Value::Text(machine.office.0.clone());
        let rows = unit.query(sql, vec![office]).await.map_err(read)?;
        for (expected, row) in (1..).zip(&rows) {
            if row.count("number").map_err(read)? != expected {
                return broken("the feed has no gaps", format!("{expected} of {}", machine.office));
            }
        }
        let code = &self.host.card.code;
        let newest = publications::newest_version(unit.as_mut(), "service_card", &code.0).await;
        let newest = newest.map_err(read)?;
        drop(unit);
        let here = machine.store(|store| store.newest_card(code)).map_err(looked)?;
        let here = here.map(|card| card.version.to_string());
        if here != newest {
            return broken("the newest card is at the office", format!("machine {number}"));
        }
        self.check_states(number).await
    }

    async fn check_states(&self, number: usize) -> Result<(), Broken> {
        let machine = &self.machines[number];
        let sql = "SELECT application, state FROM applications WHERE device = $1";
        let device = Value::Int(i64::from(machine.device.0));
        let now = clock::true_ms();
        for row in self.rows(sql, vec![device]).await? {
            let id = row.parsed::<ApplicationId>("application").map_err(read)?;
            let state = row.text("state").map_err(read)?;
            let here = machine.store(|store| store.row(id, now)).map_err(looked)?;
            if here.state.name() != state {
                return broken(
                    "an application stands the same on both sides",
                    format!("machine {number}, {id}: {:?} and {state}", here.state),
                );
            }
        }
        Ok(())
    }

    fn check_waits(&self, number: usize) -> Result<(), Broken> {
        let waits = &self.machines[number].cap_waits;
        if waits.len() >= 3 && waits.iter().all(|wait| *wait == waits[0]) {
            return broken("waits at the cap are spread", format!("all {:?}", waits[0]));
        }
        Ok(())
    }

    /// Every receipt's entry is at the centre, aside there, or still on a disk of the office.
    fn check_receipts(&mut self, held: &Held) -> Result<(), Broken> {
        let mut there: BTreeSet<Hash> = held.log.values().copied().collect();
        there.extend(&held.aside);
        for machine in &mut self.machines {
            if !machine.on() {
                let opened = machine.open();
                opened.or_else(|error| broken("a disk can be read", format!("{error:#}")))?;
            }
            let log = machine.store(|store| store.entries_after(0, usize::MAX, usize::MAX));
            there.extend(log.map_err(looked)?.iter().map(Event::hash));
        }
        for kept in &self.kept {
            there.extend(log_of(kept).map_err(looked)?.iter().map(Event::hash));
        }
        match self.receipts.iter().find(|receipt| !there.contains(&receipt.hash)) {
            None => Ok(()),
            Some(lost) => broken(
                "no printed receipt is lost",
                format!("device {} entry {}", lost.device.0, lost.seq),
            ),
        }
    }

    fn check_revoked(&self) -> Result<(), Broken> {
        for machine in &self.machines {
            let Some(cursors) = machine.past.revoked else { continue };
            let state = machine.store(|store| store.sync_state()).map_err(looked)?;
            if state.feed_cursor > cursors.0 || state.catalogue_cursor > cursors.1 {
                return broken("a revoked device fetches nothing", machine.number.to_string());
            }
        }
        Ok(())
    }

    fn check_once(&self, held: &Held) -> Result<(), Broken> {
        let mut seen = BTreeSet::new();
        match held.log.iter().find(|(_, hash)| !seen.insert(**hash)) {
            None => Ok(()),
            Some((place, _)) => broken("an entry is at the centre once", format!("{place:?}")),
        }
    }

    /// Each paper that an entry at the centre names, of a machine that is done, is there and whole.
    async fn check_documents(&mut self) -> Result<(), Broken> {
        let Some(centre) = wires::locked(&self.wires).centre.clone() else {
            return broken("the centre is up", "");
        };
        for (office, hash, bytes) in &self.scans {
            let mut unit = self.host.storage.read().await.map_err(read)?;
            let known = documents::find(unit.as_mut(), office, *hash).await.map_err(read)?;
            drop(unit);
            // A file that a centre of before an older backup has left is of no paper.
            if known.is_some_and(|known| known.received_at.is_some()) {
                let there = centre.documents.read(office, *hash).await;
                if !there.is_ok_and(|there| there == *bytes) {
                    return broken("a paper at the centre is the office's", hash.to_string());
                }
            } else if self.was_due(office, *hash)? {
                return broken("papers of what arrived arrive", hash.to_string());
            }
        }
        if self.machines.iter().any(|machine| machine.past.copied) {
            // Two machines may rightly send the same paper at once.
            return Ok(());
        }
        let traffic = wires::locked(&self.wires).documents.clone();
        for (_, hash, bytes) in &self.scans {
            let Some(traffic) = traffic.get(&hash.to_string()) else { continue };
            let same = self.scans.iter().filter(|(_, other, _)| other == hash);
            let offices = same.map(|(office, ..)| office).collect::<BTreeSet<_>>().len() as u64;
            let size = bytes.len() as u64;
            if !traffic.excused && traffic.arrived > size * offices * 12 / 10 {
                return broken(
                    "a paper is not sent again from zero",
                    format!("{hash}: {} bytes of {size}, {offices} offices", traffic.arrived),
                );
            }
        }
        Ok(())
    }

    /// Does a machine that goes on, and so has nothing waiting, name this paper?
    fn was_due(&self, office: &OfficeCode, hash: ContentHash) -> Result<bool, Broken> {
        for machine in &self.machines {
            let running = machine.on() && !matches!(machine.next, Next::Stopped);
            if !running || machine.office != *office {
                continue;
            }
            if names(machine, hash)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What was spoiled was parked, and parked nothing else.
    async fn check_parked(&self, held: &Held) -> Result<(), Broken> {
        let known: BTreeSet<ApplicationId> =
            self.applications().await?.into_iter().map(|(id, ..)| id).collect();
        let log: BTreeSet<&Hash> = held.log.values().collect();
        for receipt in self.receipts.iter().filter(|receipt| log.contains(&receipt.hash)) {
            let poisoned = self.poison.contains(&receipt.application);
            if !poisoned && !known.contains(&receipt.application) {
                return broken(
                    "a parked entry stops no other",
                    format!("device {} entry {}", receipt.device.0, receipt.seq),
                );
            }
        }
        Ok(())
    }
}
