//! Files that somebody carries: never, twice, late, cut, changed, to the wrong office.

use std::io::Cursor;

use pishkhan_domain::ids::DeviceNumber;
use pishkhan_server::courier::{TakeError, take};
use pishkhan_sync::courier::{ExportError, export, import};

use super::World;
use crate::broken::{Broken, broken};
use crate::clock;
use crate::coverage::Seen;
use crate::wires;

/// Files in somebody's pocket.
#[derive(Default)]
pub(crate) struct Pocket {
    /// To the centre.
    pub(crate) files: Vec<Vec<u8>>,
    /// To offices.
    pub(crate) answers: Vec<(DeviceNumber, Vec<u8>)>,
}

impl World {
    pub(super) async fn carry(&mut self, number: usize) -> Result<(), Broken> {
        match self.dice.below(4) {
            0 | 1 => self.write_file(number),
            2 => self.bring_file().await,
            _ => self.bring_answer(number).await,
        }
    }

    fn write_file(&mut self, number: usize) -> Result<(), Broken> {
        let machine = &self.machines[number];
        clock::look_at(machine.clock);
        let Some(office) = machine.shared().filter(|_| !machine.full()) else { return Ok(()) };
        let room = [3_000, 100_000, 10_000_000][self.dice.below(3)];
        let mut file = Vec::new();
        match export(&office, &mut file, room, clock::office_ms()) {
            // Its id is drawn by the system, and no part of what a seed decides.
            Ok(exported) => self.say(|| {
                let (file, entries) = (exported.number, exported.entries);
                format!("machine {number} writes courier file {file} with {entries} entries")
            }),
            Err(ExportError::NoRoom) => return Ok(()),
            Err(error) => return broken("an office can write a file", format!("{error:?}")),
        }
        self.saw(Seen::CourierWritten);
        self.pocket.files.push(file);
        Ok(())
    }

    async fn bring_file(&mut self) -> Result<(), Broken> {
        let Some(centre) = wires::locked(&self.wires).centre.clone() else { return Ok(()) };
        if self.pocket.files.is_empty() {
            return Ok(());
        }
        let pick = self.dice.below(self.pocket.files.len());
        let mut file = self.pocket.files[pick].clone();
        let mut whole = true;
        match self.dice.below(6) {
            0 => {
                self.saw(Seen::CourierLost);
                self.pocket.files.swap_remove(pick);
                return Ok(());
            }
            1 => {
                self.saw(Seen::CourierCut);
                file.truncate(self.dice.below(file.len()));
                whole = false;
            }
            2 => {
                self.saw(Seen::CourierSpoiled);
                let place = self.dice.below(file.len());
                file[place] ^= 1 << self.dice.below(8);
                whole = false;
            }
            3 => self.saw(Seen::CourierTwice),
            _ => {
                self.pocket.files.swap_remove(pick);
            }
        }
        wires::locked(&self.wires).arm();
        let taken = take(&centre, Cursor::new(file)).await;
        let mishap = self.mishap();
        match taken {
            Ok(taken) => {
                self.say(|| {
                    let (device, entries) = (taken.device.0, taken.entries);
                    format!("a file of {device} with {entries} new: {:?}", taken.verdict)
                });
                self.saw(Seen::CourierTaken);
                if !mishap {
                    self.pocket.answers.push((taken.device, taken.answer));
                }
                Ok(())
            }
            Err(TakeError::Storage(_)) if mishap => Ok(()),
            Err(_) if !whole => Ok(()),
            Err(error) => broken("the centre takes a whole file", format!("{error:?}")),
        }
    }

    async fn bring_answer(&mut self, number: usize) -> Result<(), Broken> {
        let machine = &self.machines[number];
        clock::look_at(machine.clock);
        let Some(office) = machine.shared().filter(|_| !machine.full()) else { return Ok(()) };
        let device = machine.device;
        let fits: Vec<usize> = (0..self.pocket.answers.len())
            .filter(|at| self.pocket.answers[*at].0 == device)
            .collect();
        let wrong = self.dice.percent(10);
        let pick = if wrong && !self.pocket.answers.is_empty() {
            self.dice.below(self.pocket.answers.len())
        } else if fits.is_empty() {
            return Ok(());
        } else {
            fits[self.dice.below(fits.len())]
        };
        let mut answer = self.pocket.answers[pick].1.clone();
        if self.dice.percent(15) {
            answer.truncate(self.dice.below(answer.len()));
        } else if self.dice.percent(50) {
            self.pocket.answers.swap_remove(pick);
        }
        let imported = import(&office, Cursor::new(answer), clock::office_ms());
        let imported = imported
            .or_else(|error| broken("an office can read what is brought", error.to_string()))?;
        drop(office);
        self.say(|| format!("machine {number} reads an answer: {:?}", imported.outcome));
        self.saw(Seen::AnswerRead);
        self.check_acknowledged(number).await
    }

    /// Nobody brings a revoked device what was written for it before.
    pub(super) fn drop_answers(&mut self, device: DeviceNumber) {
        self.pocket.answers.retain(|(of, _)| *of != device);
    }
}
