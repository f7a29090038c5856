//! Hubs: mailboxes that forward later, stop between two writes, lose their disk, and are lied to.

use std::fs;

use axum::http::{HeaderMap, Method};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::DeviceNumber;
use pishkhan_protocol::certificate::{Certificate, DeviceFacts};
use pishkhan_protocol::courier::{Cover, Direction, FileWriter};
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_protocol::keys::SecretKey;

use super::World;
use crate::broken::{Broken, broken};
use crate::clock;
use crate::coverage::Seen;
use crate::hub_host::HubHost;
use crate::wires::{self, Message, Place};

/// Tries of each hub after healing.
const TRIES: u32 = 3;

fn failed<T>(error: impl std::fmt::Display) -> Result<T, Broken> {
    broken("a hub is survived", error.to_string())
}

impl World {
    /// Up to two hubs.
    pub(super) async fn set_up_hubs(&mut self) -> anyhow::Result<()> {
        let Some(centre) = wires::locked(&self.wires).centre.clone() else { return Ok(()) };
        for number in 0..self.dice.below(3) {
            let line = self.new_line();
            let folder = self.folder.join(format!("hub-{number}"));
            let hub = HubHost::new(folder, line, centre.key.public(), &self.wires).await?;
            self.hubs.push(hub);
        }
        Ok(())
    }

    /// The hub that a new machine is told of, if any.
    pub(super) fn some_hub(&mut self) -> Option<usize> {
        let known = !self.hubs.is_empty() && self.dice.percent(70);
        known.then(|| self.dice.below(self.hubs.len()))
    }

    pub(super) async fn hub_acts(&mut self) -> Result<(), Broken> {
        if self.hubs.is_empty() {
            return Ok(());
        }
        let number = self.dice.below(self.hubs.len());
        if self.fell(number) {
            return Ok(());
        }
        if !self.hubs[number].on() {
            return if self.dice.percent(60) { self.start_hub(number).await } else { Ok(()) };
        }
        match self.dice.below(20) {
            0 => self.stop_hub(number),
            1 => {
                self.saw(Seen::HubDiskLost);
                self.say(|| format!("hub {number} gets an empty disk"));
                self.hubs[number].lose_disk().or_else(failed)?;
            }
            2 => {
                let line = self.hubs[number].line;
                let mut wires = wires::locked(&self.wires);
                wires.lines[line].down = !wires.lines[line].down;
            }
            3 | 4 => self.stranger_comes(number).await?,
            _ => self.forward(number).await?,
        }
        self.check_hub(number)
    }

    async fn start_hub(&mut self, number: usize) -> Result<(), Broken> {
        wires::locked(&self.wires).arm_hub(number);
        let started = self.hubs[number].start().await;
        if self.fell(number) {
            return Ok(());
        }
        started.or_else(failed)
    }

    fn stop_hub(&mut self, number: usize) {
        self.saw(Seen::HubStopped);
        self.say(|| format!("hub {number} stops"));
        self.hubs[number].stop();
    }

    /// Did its machine stop just now?
    fn fell(&mut self, number: usize) -> bool {
        let fell = wires::locked(&self.wires).hub_fell(number);
        if fell {
            self.stop_hub(number);
        }
        fell
    }

    async fn forward(&mut self, number: usize) -> Result<(), Broken> {
        let (_, waiting) = self.hubs[number].holds().or_else(failed)?;
        wires::locked(&self.wires).arm_hub(number);
        let done = self.hubs[number].forward().await;
        if !self.fell(number) && done && !waiting.is_empty() {
            self.saw(Seen::HubForwarded);
        }
        Ok(())
    }

    /// Nothing that a hub said it has taken is gone before the centre has taken it.
    pub(super) fn check_hub(&mut self, number: usize) -> Result<(), Broken> {
        let (taken, waiting) = self.hubs[number].holds().or_else(failed)?;
        let wires = wires::locked(&self.wires);
        let gone = |hash: &&String| !waiting.contains(hash) && !wires.centre_took.contains(*hash);
        match taken.iter().find(gone) {
            None => Ok(()),
            Some(hash) => broken(
                "a hub drops no file before the centre has taken it",
                format!("hub {number}: {hash}"),
            ),
        }
    }

    /// A file of a device that this centre never certified, to a hub or to the centre itself.
    async fn stranger_comes(&mut self, number: usize) -> Result<(), Broken> {
        let machine = &self.machines[self.dice.below(self.machines.len())];
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.dice.any().to_le_bytes());
        let own = SecretKey::from_seed(&seed);
        let facts = DeviceFacts {
            device: machine.device,
            office: machine.office.clone(),
            office_title: String::new(),
            key: own.public(),
            enrolled_at_ms: clock::true_ms(),
        };
        let cover = Cover {
            direction: Direction::ToCentre,
            device: machine.device,
            number: 1,
            made_at_ms: clock::true_ms(),
            id: [7; 16],
            // His own word for himself.
            certificate: Some(Certificate::issue(&facts, &own)),
        };
        let written = FileWriter::begin(Vec::new(), &cover, &own, &DeviceSecret(seed))
            .and_then(FileWriter::end)
            .or_else(failed)?;
        let to = if self.dice.percent(70) { Place::Hub(number) } else { Place::Centre };
        let message = creation(to, machine.device, written.0);
        self.saw(Seen::Stranger);
        let answer = wires::answer_to(&self.wires, message).await;
        match answer {
            Some(answer) if answer.status.is_success() => broken(
                "only files of devices that the centre has certified are taken",
                format!("{to:?}: {}", answer.status),
            ),
            _ => Ok(()),
        }
    }

    /// Whatever waits at hubs gets to the centre once nothing is wrong any more.
    pub(super) async fn empty_hubs(&mut self) -> Result<(), Broken> {
        for number in 0..self.hubs.len() {
            self.fell(number);
            wires::locked(&self.wires).arm_hub(number);
            if !self.hubs[number].on() {
                self.hubs[number].start().await.or_else(failed)?;
            }
            let mut done = false;
            for _ in 0..TRIES {
                done = done || self.hubs[number].forward().await;
            }
            self.check_hub(number)?;
            if !done {
                let (_, waiting) = self.hubs[number].holds().or_else(failed)?;
                return broken(
                    "a hub forwards all that waits",
                    format!("hub {number} has {} files", waiting.len()),
                );
            }
        }
        Ok(())
    }

    /// What was written for a device before it was revoked is fetched by nobody.
    pub(super) fn drop_answers_at_hubs(&mut self, device: DeviceNumber) {
        let at_centre = self.host.documents().join(".courier");
        for place in self.hubs.iter().map(HubHost::folder).chain([&at_centre]) {
            let _none = fs::remove_dir_all(place.join("answers").join(device.0.to_string()));
        }
        // A hub that still waits for one of them brings its file again, and gets an answer of now.
        let _none = fs::remove_dir_all(at_centre.join("taken"));
    }
}

/// Announces a file and brings all of it along.
fn creation(to: Place, device: DeviceNumber, bytes: Vec<u8>) -> Message {
    let hash = STANDARD.encode(ContentHash::of(&bytes).to_string());
    let device = STANDARD.encode(device.0.to_string());
    let mut headers = HeaderMap::new();
    let mut put = |name: &'static str, value: String| {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    };
    put("tus-resumable", "1.0.0".to_owned());
    put("upload-length", bytes.len().to_string());
    put("upload-metadata", format!("sha256 {hash},device {device}"));
    put("content-type", "application/offset+octet-stream".to_owned());
    let path = "/courier/v1/files".to_owned();
    Message { to, method: Method::POST, path, headers, body: bytes }
}
