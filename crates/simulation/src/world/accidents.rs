//! What befalls machines, disks, clocks and the centre.

use std::time::Duration;

use pishkhan_domain::catalogue::Publication;
use pishkhan_server::administration::publish;
use pishkhan_server::storage::devices;

use super::World;
use crate::broken::{Broken, broken};
use crate::clock::{self, OfficeClock};
use crate::coverage::Seen;
use crate::fragile_storage;
use crate::machine::Next;
use crate::wires;

const YEAR_MS: i64 = 365 * 24 * 60 * 60 * 1_000;
/// Steps of a machine in an outage: enough for waits to be at their cap a few times.
const OUTAGE_STEPS: u32 = 34;

impl World {
    pub(super) async fn accident(&mut self, number: usize) -> Result<(), Broken> {
        let done = match self.dice.below(28) {
            0 | 1 => self.stop_machine(number),
            2 => self.fill_disk(number),
            3 | 4 => self.turn_clock(number),
            5 | 6 => self.cut_line(number),
            7..10 => self.stray_arrives().await,
            10 | 11 => self.back_up().await,
            12 | 13 => self.restore_centre().await,
            14 => self.clone_disk(number),
            15 | 26 | 27 => self.copy_or_restore_disk(number),
            16 => self.enrol_anew(number).await,
            17 if self.dice.percent(45) => self.revoke(number).await,
            18 => self.publish_again().await,
            19 => self.change_release(),
            20 | 21 => self.other_request_first(),
            22 if self.undeclared => self.declare().await,
            23 => {
                tokio::time::advance(self.dice.up_to(Duration::from_secs(40_000))).await;
                Ok(())
            }
            24 => self.spoil_memory(number),
            25 => self.tamper().await,
            _ => return self.long_outage(number).await,
        };
        done.or_else(|error| broken("an accident is survived", format!("{error:#}")))
    }

    /// The fuse burnt down in the middle of a step.
    pub(super) fn stop_by_force(&mut self, number: usize) -> Result<(), Broken> {
        self.stop_machine(number)
            .or_else(|error| broken("a machine starts again", format!("{error:#}")))
    }

    fn stop_machine(&mut self, number: usize) -> anyhow::Result<()> {
        if !self.machines[number].on() {
            return Ok(());
        }
        let power_cut = self.dice.percent(50);
        self.saw(if power_cut { Seen::OfficePowerCut } else { Seen::OfficeCrash });
        self.machines[number].restart(power_cut)?;
        if self.dice.percent(30) {
            self.machines[number].shut();
        }
        Ok(())
    }

    pub(super) fn switch_on(&mut self, number: usize) -> Result<(), Broken> {
        self.machines[number]
            .open()
            .or_else(|error| broken("a machine starts again", format!("{error:#}")))
    }

    fn fill_disk(&mut self, number: usize) -> anyhow::Result<()> {
        let full = self.machines[number].fragile().map(|mut office| {
            office.disk_full = !office.disk_full;
            office.disk_full
        });
        if full == Some(true) {
            self.saw(Seen::OfficeDiskFull);
        }
        Ok(())
    }

    fn turn_clock(&mut self, number: usize) -> anyhow::Result<()> {
        let clock = match self.dice.below(4) {
            0 => OfficeClock::Off(0),
            1 => OfficeClock::Off(self.dice.around(50 * YEAR_MS) + 30 * YEAR_MS),
            2 => OfficeClock::Off(self.dice.around(3_600_000)),
            _ => {
                self.saw(Seen::ClockStopped);
                OfficeClock::Stopped(clock::true_ms() + self.dice.around(20 * YEAR_MS))
            }
        };
        self.saw(Seen::ClockJump);
        self.machines[number].clock = clock;
        Ok(())
    }

    fn cut_line(&mut self, number: usize) -> anyhow::Result<()> {
        let line = self.machines[number].number;
        let mut wires = wires::locked(&self.wires);
        wires.lines[line].down = !wires.lines[line].down;
        Ok(())
    }

    /// No line for days.
    async fn long_outage(&mut self, number: usize) -> Result<(), Broken> {
        if !self.machines[number].on() {
            return Ok(());
        }
        self.saw(Seen::LongOutage);
        let line = self.machines[number].number;
        wires::locked(&self.wires).lines[line].down = true;
        for _ in 0..OUTAGE_STEPS {
            if !self.machines[number].on() {
                break;
            }
            if let Next::Sleep(until) = self.machines[number].next {
                let now = self.machines[number].driver().now();
                tokio::time::advance(until.saturating_sub(now)).await;
            }
            self.step(number).await?;
            if self.dice.percent(25) {
                self.hub_acts().await?;
            }
        }
        wires::locked(&self.wires).lines[line].down = false;
        Ok(())
    }

    /// A request that was long under way.
    async fn stray_arrives(&mut self) -> anyhow::Result<()> {
        let message = {
            let mut wires = wires::locked(&self.wires);
            if wires.strays.is_empty() || wires.router.is_none() {
                return Ok(());
            }
            let pick = self.dice.below(wires.strays.len());
            let message = if self.dice.percent(60) {
                wires.strays.swap_remove(pick)
            } else {
                wires.strays[pick].clone()
            };
            wires.arm();
            wires.say(|| format!("a stray arrives: {message}"));
            message
        };
        self.saw(Seen::Stray);
        wires::stray(self.wires.clone(), message).await;
        Ok(())
    }

    /// The next request to the centre is overtaken by one that was under way.
    fn other_request_first(&mut self) -> anyhow::Result<()> {
        let mut wires = wires::locked(&self.wires);
        if wires.strays.is_empty() || wires.router.is_none() {
            return Ok(());
        }
        let pick = self.dice.below(wires.strays.len());
        let message = wires.strays[pick].clone();
        let other = Box::pin(wires::stray(self.wires.clone(), message));
        fragile_storage::locked(&wires.plan).meanwhile = Some((0, other));
        wires.saw(Seen::Interleaved);
        Ok(())
    }

    async fn restore_centre(&mut self) -> anyhow::Result<()> {
        let pick = self.dice.below(self.backups.len());
        let backup = self.backups[pick].clone();
        // A backup younger than the restored one is of a history that is no more.
        self.backups.truncate(pick + 1);
        let documents_too = self.dice.percent(50);
        let at = backup.at_ms - clock::START_MS;
        self.say(|| format!("the centre is put back to backup {pick} of {at}"));
        self.host.restore(&backup, documents_too, &self.wires).await?;
        for traffic in wires::locked(&self.wires).documents.values_mut() {
            traffic.excused = true;
        }
        self.begin_leases_anew();
        if self.dice.percent(70) {
            self.saw(Seen::Restored);
            return self.declare().await;
        }
        self.saw(Seen::RestoredUndeclared);
        self.undeclared = true;
        for machine in &mut self.machines {
            machine.past.misled = true;
        }
        Ok(())
    }

    /// The administrator says that the centre was restored.
    pub(super) async fn declare(&mut self) -> anyhow::Result<()> {
        let mut epoch = [0; 16];
        epoch[..8].copy_from_slice(&self.dice.any().to_le_bytes());
        self.host.declare(epoch).await?;
        self.begin_leases_anew();
        self.undeclared = false;
        self.say(|| "a new epoch".to_owned());
        Ok(())
    }

    /// Leases count from now on: what was given before is of another life of the centre.
    fn begin_leases_anew(&mut self) {
        self.served.clear();
        self.leases_since = self.reaches;
    }

    fn spoil_memory(&mut self, number: usize) -> anyhow::Result<()> {
        let machine = &mut self.machines[number];
        if let Some(office) = machine.fragile() {
            office.bad_memory.set(true);
        } else {
            return Ok(());
        }
        machine.past.bad_memory = true;
        self.saw(Seen::BadMemory);
        Ok(())
    }

    /// From now on every machine of this device may rightly stop.
    fn copied(&mut self, number: usize) {
        let device = self.machines[number].device;
        for machine in self.machines.iter_mut().filter(|machine| machine.device == device) {
            machine.past.copied = true;
        }
    }

    fn clone_disk(&mut self, number: usize) -> anyhow::Result<()> {
        if !self.machines[number].on() || self.machines.len() > 6 {
            return Ok(());
        }
        let line = self.new_line();
        let dir = self.folder.join(format!("office-{line}"));
        let clone = self.machines[number].cloned(line, dir)?;
        self.machines.push(clone);
        self.copied(number);
        self.saw(Seen::DiskCloned);
        self.say(|| format!("machine {number} is cloned as {line}"));
        Ok(())
    }

    fn copy_or_restore_disk(&mut self, number: usize) -> anyhow::Result<()> {
        if !self.machines[number].on() {
            return Ok(());
        }
        let folder = self.folder.join(format!("disk-{}", self.dice.any()));
        self.machines[number].copy_disk(&folder)?;
        let known = self.disks.iter().position(|(of, ..)| *of == number);
        let Some(at) = known.filter(|_| self.dice.percent(80)) else {
            self.disks.push((number, folder, self.machines[number].reached));
            return Ok(());
        };
        // The disk that is taken out goes into a drawer, as the handbook says.
        self.kept.push(folder);
        let (_, disk, reached) = self.disks.swap_remove(at);
        self.machines[number].reached = reached;
        self.machines[number].restore(&disk)?;
        if self.machines[number].past.revoked.is_some() {
            // What it had been told in an earlier epoch may be more, and was not fetched now.
            let state = self.machines[number].store(|store| store.sync_state())?;
            self.machines[number].past.revoked = Some((state.feed_cursor, state.catalogue_cursor));
        }
        self.copied(number);
        self.saw(Seen::OldDisk);
        self.say(|| format!("machine {number} gets an old copy of its disk"));
        Ok(())
    }

    pub(super) async fn give_up(&mut self, number: usize) -> Result<(), Broken> {
        let done = self.enrol_anew(number).await;
        done.or_else(|error| broken("an office goes on under a new number", format!("{error:#}")))
    }

    /// A stopped machine is given up, and the office goes on with a new number.
    async fn enrol_anew(&mut self, number: usize) -> anyhow::Result<()> {
        let stopped = matches!(self.machines[number].next, Next::Stopped);
        let down = wires::locked(&self.wires).router.is_none();
        // Before it says that it was put back, it would give the number of a forgotten device
        // (ADR 0009).
        if !stopped || self.machines[number].retired || down || self.undeclared {
            return Ok(());
        }
        self.machines[number].shut();
        self.machines[number].retired = true;
        let office = self.machines[number].office.0.clone();
        wires::locked(&self.wires).disarm();
        self.enrol(&office).await?;
        self.saw(Seen::EnrolledAnew);
        Ok(())
    }

    async fn revoke(&mut self, number: usize) -> anyhow::Result<()> {
        if !self.machines[number].on() {
            return Ok(());
        }
        let device = self.machines[number].device;
        let mut unit = self.host.storage.begin().await?;
        let known = devices::revoke(unit.as_mut(), device, clock::true_ms()).await?;
        unit.commit().await?;
        if !known {
            return Ok(());
        }
        // A restored centre may forget this as well; the administrator would revoke again.
        self.backups.clear();
        self.back_up().await?;
        self.saw(Seen::Revoked);
        self.say(|| format!("device {} is revoked", device.0));
        self.drop_answers(device);
        self.drop_answers_at_hubs(device);
        for machine in self.machines.iter_mut().filter(|it| it.device == device) {
            if !machine.on() {
                machine.open()?;
            }
            // What it was told before may still be on its way into the store.
            machine.restart(false)?;
            let state = machine.store(|store| store.sync_state())?;
            machine.past.revoked = Some((state.feed_cursor, state.catalogue_cursor));
        }
        Ok(())
    }

    async fn publish_again(&mut self) -> anyhow::Result<()> {
        let Some(centre) = wires::locked(&self.wires).centre.clone() else { return Ok(()) };
        let mut card = self.host.card.clone();
        card.audience.fa = format!("همه {}", self.dice.below(1_000_000));
        let mut unit = self.host.storage.begin().await?;
        let card = Publication::ServiceCard(Box::new(card));
        publish(unit.as_mut(), &centre.key, card, clock::true_ms()).await?;
        unit.commit().await?;
        self.saw(Seen::Published);
        Ok(())
    }

    fn change_release(&mut self) -> anyhow::Result<()> {
        let mut wires = wires::locked(&self.wires);
        wires.old_centre = !wires.old_centre;
        Ok(())
    }
}
