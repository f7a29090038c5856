//! One machine's next step: exactly one of the engine's actions, through the real driver.

use std::time::Duration;

use pishkhan_protocol::exchange::Verdict;
use pishkhan_sync::engine::{
    Action, Activity, Answer, Config, Input, Moment, StoreSnapshot, Trouble,
};

use super::World;
use crate::broken::{Broken, broken};
use crate::clock;
use crate::coverage::Seen;
use crate::machine::Next;
use crate::wires;

/// After so many failures in a row waits are at their cap.
const AT_CAP: u32 = 9;
/// Exchanges of one machine after healing, beside one for each entry, at most.
const ROUNDS_MOST: u64 = 80;
/// Steps of all after healing, at most.
const STEPS_MOST: u32 = 6_000;

impl World {
    pub(super) async fn step(&mut self, number: usize) -> Result<(), Broken> {
        if !self.machines[number].on() {
            let stays_off = self.machines[number].retired || self.dice.percent(60);
            return if stays_off { Ok(()) } else { self.switch_on(number) };
        }
        let input = match self.machines[number].next.clone() {
            Next::Input(Input::Tick) => self.seen(number, Input::Snapshot).await,
            Next::Input(input) => input,
            Next::Sleep(until) => {
                let now = self.machines[number].driver().now();
                let wait = until.saturating_sub(now);
                if wait > Duration::ZERO && !self.healing {
                    match self.dice.below(10) {
                        0 => return self.act_on(number, Input::Asked).await,
                        1 | 2 => return self.act_on(number, Input::Snapshot).await,
                        3..6 => {
                            let most = wait.min(Duration::from_secs(1_200));
                            tokio::time::advance(self.dice.up_to(most)).await;
                            return Ok(());
                        }
                        _ => {}
                    }
                }
                tokio::time::advance(wait).await;
                Input::Tick
            }
            Next::Stopped if !self.healing && self.dice.percent(20) => {
                if self.dice.percent(50) {
                    return self.give_up(number).await;
                }
                self.seen(number, Input::Asked).await
            }
            Next::Stopped => return Ok(()),
        };
        self.act(number, input).await
    }

    async fn act_on(
        &mut self,
        number: usize,
        input: fn(StoreSnapshot) -> Input,
    ) -> Result<(), Broken> {
        let input = self.seen(number, input).await;
        self.act(number, input).await
    }

    async fn seen(&mut self, number: usize, input: fn(StoreSnapshot) -> Input) -> Input {
        clock::look_at(self.machines[number].clock);
        self.machines[number].driver().snapshot().await.map_or(Input::Tick, input)
    }

    /// Hands an input to the engine and does what follows.
    async fn act(&mut self, number: usize, input: Input) -> Result<(), Broken> {
        clock::look_at(self.machines[number].clock);
        let machine = &mut self.machines[number];
        let failed_probe = matches!(
            input,
            Input::ProbeFailed(Trouble::Unreachable | Trouble::Timeout | Trouble::NotTheCentre)
        );
        machine.probes_failed = match &input {
            _ if failed_probe => machine.probes_failed + 1,
            Input::Tick
            | Input::Snapshot(_)
            | Input::Asked(_)
            | Input::Posted { .. }
            | Input::PostFailed(_) => machine.probes_failed,
            _ => 0,
        };
        let now = machine.driver().now();
        let Some(action) = machine.driver().decide(input) else {
            return broken("something follows from every input", format!("machine {number}"));
        };
        if let Action::Sleep { until } = action {
            return self.sleeps(number, now, until, failed_probe);
        }
        if wires::locked(&self.wires).faults && self.dice.permille(25) {
            let calls = u32::try_from(self.dice.below(12)).unwrap_or(0);
            let after = self.dice.percent(50);
            if let Some(office) = self.machines[number].fragile() {
                office.light(calls, after);
            }
        }
        self.say(|| format!("machine {number} {action:?}"));
        let line = self.machines[number].number;
        let before = wires::locked(&self.wires).exchanges[line];
        let machine = &mut self.machines[number];
        let input = machine.driver().perform(action.clone()).await;
        machine.next = Next::Input(input);
        let stopped = machine.fragile().is_some_and(|office| {
            office.put_out();
            office.stopped()
        });
        if stopped {
            return self.stop_by_force(number);
        }
        let reached = wires::locked(&self.wires).exchanges[line] > before;
        match (&action, &self.machines[number].next) {
            (Action::Apply, next) => {
                if matches!(next, Next::Input(Input::Applied { .. })) {
                    wires::locked(&self.wires).coverage.saw(Seen::Applied);
                    self.count_applied(number).await?;
                }
                self.check_acknowledged(number).await?;
            }
            (_, Next::Input(Input::ReplyArrived(_)))
                if wires::locked(&self.wires).false_answers.contains(&line) =>
            {
                return broken(
                    "only the centre's answer to this very request is believed",
                    format!("machine {number}"),
                );
            }
            (Action::Post { send }, Next::Input(Input::Posted { carried, .. })) => {
                if *send && carried.is_some() {
                    self.saw(Seen::HubPosted);
                }
                self.check_acknowledged(number).await?;
            }
            (_, Next::Input(Input::ReplyArrived(facts))) if reached => {
                let served = facts.verdict == Verdict::Ok && facts.received_is_ours;
                self.check_alone(number, served)?;
            }
            _ if reached => self.check_alone(number, false)?,
            _ => {}
        }
        Ok(())
    }

    fn sleeps(
        &mut self,
        number: usize,
        now: Moment,
        until: Option<Moment>,
        failed_probe: bool,
    ) -> Result<(), Broken> {
        let Some(until) = until else { return self.stops(number) };
        let machine = &mut self.machines[number];
        machine.next = Next::Sleep(until);
        if failed_probe && machine.probes_failed > AT_CAP {
            let (wait, cap) = (until.saturating_sub(now), Config::default().back_off_cap);
            if wait < cap || wait > cap * 2 {
                return broken("waits at the cap lie within [cap, 2 cap]", format!("{wait:?}"));
            }
            machine.cap_waits.push(wait);
            self.saw(Seen::CapWait);
        }
        Ok(())
    }

    fn stops(&mut self, number: usize) -> Result<(), Broken> {
        let machine = &mut self.machines[number];
        machine.next = Next::Stopped;
        let status = machine.driver().status();
        let past = machine.past;
        let answer = status.last_answer.map(|last| last.answer);
        if status.activity != Activity::Stopped {
            return broken("who sleeps for ever is stopped", format!("{status:?}"));
        }
        self.say(|| format!("machine {number} stops: {answer:?}"));
        let cause = match answer {
            Some(Answer::DeviceRevoked) => past.revoked.is_some(),
            Some(Answer::DeviceStaleCopy | Answer::DeviceFork) => past.copied || past.misled,
            Some(Answer::DeviceLogDamaged) => past.bad_memory,
            _ => false,
        };
        match answer {
            Some(Answer::DeviceStaleCopy) => self.saw(Seen::StoppedStale),
            Some(Answer::DeviceFork) => self.saw(Seen::StoppedFork),
            _ => {}
        }
        if cause {
            return Ok(());
        }
        broken("a device stops only for a cause", format!("machine {number}: {answer:?}"))
    }

    /// Until nothing waits anywhere, within bounds.
    pub(super) async fn drain(&mut self) -> Result<(), Broken> {
        for number in 0..self.machines.len() {
            if self.machines[number].on() && matches!(self.machines[number].next, Next::Sleep(_)) {
                self.act_on(number, Input::Snapshot).await?;
            }
        }
        for _ in 0..STEPS_MOST {
            let Some(number) = self.whose_turn().await? else { return Ok(()) };
            self.step(number).await?;
            let rounds = wires::locked(&self.wires).exchanges[self.machines[number].number];
            // On a line that refused every larger piece entries go one by one for a while.
            let head = self.machines[number].store(|store| store.head().map(|head| head.seq));
            if u64::from(rounds) > ROUNDS_MOST + head.unwrap_or_default() {
                let state = self.machines[number].store(|store| {
                    format!("{:?} of {:?}", store.acknowledged().ok(), store.head().ok())
                });
                return broken(
                    "all is drained within a few rounds",
                    format!("machine {number} has {state} after {rounds} rounds"),
                );
            }
        }
        let state: Vec<String> =
            self.machines.iter().map(|machine| format!("{:?}", machine.next)).collect();
        broken("all is drained within a few steps", state.join("; "))
    }

    /// The first machine with something to do, else the one that wakes first; none when nothing
    /// waits.
    async fn whose_turn(&mut self) -> Result<Option<usize>, Broken> {
        let mut soonest: Option<(Duration, usize)> = None;
        for number in 0..self.machines.len() {
            if !self.machines[number].on() {
                continue;
            }
            match self.machines[number].next {
                Next::Stopped => {}
                Next::Input(_) => return Ok(Some(number)),
                Next::Sleep(until) => {
                    if self.drained(number).await? {
                        continue;
                    }
                    let wait = until.saturating_sub(self.machines[number].driver().now());
                    if soonest.is_none_or(|(other, _)| wait < other) {
                        soonest = Some((wait, number));
                    }
                }
            }
        }
        Ok(soonest.map(|(_, number)| number))
    }
}
