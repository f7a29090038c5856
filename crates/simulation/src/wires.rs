//! The lines between offices and centre, which lose, double, cut, delay and lie.
//!
//! Invariant: what arrives at the centre arrives at its real router, and what an office hears it
//! hears through its real driver; nothing in between understands more than HTTP.

mod answer;
mod deliver;
mod fate;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use pishkhan_domain::ids::DeviceNumber;
use pishkhan_protocol::keys::PublicKey;
use pishkhan_server::centre::Centre;
use pishkhan_server::disk::simulated;
use pishkhan_sync::engine::Trouble;
use pishkhan_sync::{Carried, Road};

use crate::coverage::{Coverage, Seen};
use crate::dice::Dice;
use crate::fragile_storage::SharedPlan;

pub(crate) use answer::{Answer, Message, Place};
pub(crate) use deliver::{answer_to, stray};
use fate::{Fate, ReplyFate};

/// A line's weather.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    /// Nothing gets through.
    pub(crate) down: bool,
    /// One way.
    pub(crate) latency: Duration,
    /// Both ways.
    pub(crate) bytes_per_second: u64,
    /// Of a hundred requests, those that something befalls.
    pub(crate) trouble_percent: u64,
}

/// How much of a document went over the lines.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DocumentTraffic {
    pub(crate) arrived: u64,
    /// It was doubled, spoiled, or the centre lost it: it may go again.
    pub(crate) excused: bool,
}

/// A hub's end of the lines to it.
pub(crate) struct HubEnd {
    /// None while it is down.
    pub(crate) router: Option<Router>,
    pub(crate) folder: PathBuf,
}

/// A reply that was kept.
pub(crate) struct OldReply {
    line: usize,
    request: Message,
    answer: Answer,
}

/// All lines, and the centre's end of them.
pub(crate) struct Wires {
    pub(crate) dice: Dice,
    pub(crate) faults: bool,
    pub(crate) coverage: Coverage,
    pub(crate) trace: Option<Vec<String>>,
    /// None while the centre is down.
    pub(crate) router: Option<Router>,
    pub(crate) centre: Option<Arc<Centre>>,
    pub(crate) plan: SharedPlan,
    pub(crate) lines: Vec<Line>,
    /// The centre is of the release before.
    pub(crate) old_centre: bool,
    /// Keys of the devices, by which it can be seen what a request says.
    pub(crate) keys: BTreeMap<DeviceNumber, PublicKey>,
    /// Requests of which the line kept a copy.
    pub(crate) strays: Vec<Message>,
    /// Replies that were kept.
    pub(crate) old_replies: Vec<OldReply>,
    /// The last exchange that each line was given.
    pub(crate) last_requests: BTreeMap<usize, Message>,
    pub(crate) documents: BTreeMap<String, DocumentTraffic>,
    /// Exchanges that reached the centre, by line.
    pub(crate) exchanges: Vec<u32>,
    /// Lines on which the last answer to an exchange was none of the centre's to that request.
    pub(crate) false_answers: BTreeSet<usize>,
    pub(crate) hubs: Vec<HubEnd>,
    /// Courier files that the centre has marked as taken over a line, by hash.
    pub(crate) centre_took: BTreeSet<String>,
    /// Where it marks them.
    pub(crate) centre_marks: PathBuf,
}

pub(crate) type SharedWires = Arc<Mutex<Wires>>;

pub(crate) fn locked(wires: &SharedWires) -> MutexGuard<'_, Wires> {
    wires.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Wires {
    pub(crate) fn saw(&mut self, seen: Seen) {
        self.coverage.saw(seen);
        self.say(|| format!("  {seen:?}"));
    }

    /// Sometimes the hub's machine will stop at one of its next writes.
    pub(crate) fn arm_hub(&mut self, hub: usize) {
        if self.faults && self.dice.permille(60) {
            let writes = u32::try_from(self.dice.below(10)).unwrap_or(0);
            simulated::light(&self.hubs[hub].folder, writes);
        } else {
            simulated::put_out(&self.hubs[hub].folder);
        }
    }

    /// Has the hub's machine stopped?
    pub(crate) fn hub_fell(&self, hub: usize) -> bool {
        simulated::has_stopped(&self.hubs[hub].folder)
    }

    fn note_what_the_centre_took(&mut self) {
        if let Ok(marks) = std::fs::read_dir(&self.centre_marks) {
            let names = marks.flatten().map(|mark| mark.file_name().to_string_lossy().into_owned());
            self.centre_took.extend(names.filter(|name| !name.ends_with(".new")));
        }
    }

    pub(crate) fn say(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!(
                "{:>12} {}",
                crate::clock::true_ms() - crate::clock::START_MS,
                line()
            ));
        }
    }
}

/// One office's line, as its driver knows it.
pub(crate) struct OfficeLine {
    pub(crate) wires: SharedWires,
    pub(crate) number: usize,
}

impl std::fmt::Debug for OfficeLine {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "line {}", self.number)
    }
}

impl Road for OfficeLine {
    fn carry(&self, request: reqwest::Request) -> Carried {
        let (wires, number) = (self.wires.clone(), self.number);
        Box::pin(async move { carry(&wires, number, Message::from(request)).await })
    }
}

/// Carries a request over a line, and brings what comes back.
pub(crate) async fn carry(
    wires: &SharedWires,
    number: usize,
    message: Message,
) -> Result<reqwest::Response, Trouble> {
    let exchange = message.is_exchange();
    let (fate, line) = {
        let mut wires = locked(wires);
        let line = wires.lines[number];
        wires.say(|| format!("  line {number}: {message}"));
        let fate = wires.fate(number, &message);
        if exchange {
            wires.false_answers.remove(&number);
            wires.last_requests.insert(number, message.clone());
        }
        (fate, line)
    };
    let pass = |bytes: usize| {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        line.latency + Duration::from_millis(bytes * 1_000 / line.bytes_per_second)
    };
    let not_its_own = || {
        if exchange {
            locked(wires).false_answers.insert(number);
        }
    };
    match fate {
        Fate::Lost => {
            tokio::time::sleep(line.latency).await;
            Err(Trouble::Unreachable)
        }
        Fate::Answered(answer) => {
            tokio::time::sleep(line.latency * 2).await;
            not_its_own();
            Ok(answer.whole())
        }
        Fate::Overtakes(earlier) => {
            tokio::time::sleep(pass(message.body.len())).await;
            let answer = deliver::overtaking(wires, number, &message, &earlier).await;
            let answer = answer.ok_or(Trouble::Unreachable)?;
            tokio::time::sleep(pass(answer.body.len())).await;
            Ok(answer.whole())
        }
        Fate::Delivered { cut, double, spoil, reply } => {
            let message = match spoil {
                Some(byte) => message.spoiled(byte),
                None => message,
            };
            tokio::time::sleep(pass(cut.unwrap_or(message.body.len()))).await;
            let mut answer = deliver::deliver(wires, Some(number), &message, cut).await;
            if double {
                let again = deliver::deliver(wires, Some(number), &message, None).await;
                answer = answer.and(again);
            }
            if cut.is_some() {
                return Err(Trouble::Unreachable);
            }
            let answer = answer.ok_or(Trouble::Unreachable)?;
            locked(wires).remember(number, &message, &answer);
            match reply {
                ReplyFate::Whole => {
                    tokio::time::sleep(pass(answer.body.len())).await;
                    Ok(answer.whole())
                }
                ReplyFate::Lost => Err(Trouble::Unreachable),
                ReplyFate::Silence => {
                    tokio::time::sleep(Duration::from_secs(3_600)).await;
                    Err(Trouble::Timeout)
                }
                ReplyFate::Cut(share) => Ok(answer.cut(share)),
                ReplyFate::Old(old) => {
                    not_its_own();
                    Ok(old.whole())
                }
                ReplyFate::Forged => {
                    not_its_own();
                    Ok(locked(wires).forged(answer).whole())
                }
            }
        }
    }
}
