//! One office, one centre and a bad line, in virtual time: requests and replies are lost and
//! doubled, the office crashes between its steps, the centre is restored from old backups. When
//! the faults have healed, every entry is at the centre once, in order, within fifty rounds.
//!
//! `SYNC_SEEDS=n` runs n seeds, `SYNC_SEED=s` only one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pishkhan_protocol::event::Event;
use pishkhan_sync::Office;
use pishkhan_sync::conversation::{self, FeedTroubles, Form, Incoming, Speech};
use pishkhan_sync::engine::{
    Action, Config, Engine, Failure, Gone, Input, Moment, Order, Random, Trouble, UploadTrouble,
};

use crate::memory_centre::{MemoryCentre, Stored};
use crate::memory_office::MemoryOffice;

const ROUNDS_MOST: u32 = 50;
/// Sleeps of the engine with faults, before they heal.
const STEPS: u32 = 80;

struct World {
    now: Moment,
    random: Random,
    faults: bool,
    office: MemoryOffice,
    centre: MemoryCentre,
    engine: Engine,
    speech: Speech,
    incoming: Option<Incoming>,
    troubles: FeedTroubles,
    backups: Vec<Stored>,
    /// Requests of which the line keeps a copy.
    strays: Vec<(Form, Vec<u8>)>,
    /// What receipts were printed for: never in anybody's memory but the citizens'.
    recorded: Vec<Event>,
    epochs: u8,
    rounds: u32,
    seen: Seen,
}

/// Did the faults happen at all? A simulation without them proves nothing.
#[derive(Default)]
struct Seen {
    lost_requests: u32,
    lost_replies: u32,
    doubled: u32,
    crashes: u32,
    restores: u32,
    troubles: u32,
    cut_papers: u32,
    short: u32,
    said_in_full: u32,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::from_seed(seed);
        let engine = Engine::new(Config::default(), random.next_u64());
        Self {
            now: Moment::ZERO,
            random,
            faults: true,
            office: MemoryOffice::new("http://localhost"),
            centre: MemoryCentre::new(),
            engine,
            speech: Speech::default(),
            incoming: None,
            troubles: FeedTroubles::default(),
            backups: vec![Stored::default()],
            strays: Vec::new(),
            recorded: Vec::new(),
            epochs: 1,
            rounds: 0,
            seen: Seen::default(),
        }
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.random.next_u64() % 100 < percent
    }

    fn fault(&mut self, percent: u64) -> bool {
        self.faults && self.chance(percent)
    }

    fn now_ms(&self) -> i64 {
        1_800_000_000_000 + i64::try_from(self.now.as_millis()).unwrap()
    }

    fn pass(&mut self, most_seconds: u64) {
        self.now += self.random.up_to(Duration::from_secs(most_seconds));
    }

    fn snapshot(&self) -> pishkhan_sync::engine::StoreSnapshot {
        conversation::snapshot(&self.office).unwrap()
    }

    /// What people and agencies do meanwhile.
    fn life(&mut self) {
        if self.chance(40) {
            let count = 1 + self.random.next_u64() % 6;
            for _ in 0..count {
                let length = 20 + self.random.next_u64() % 3_000;
                let text = "ن".repeat(usize::try_from(length).unwrap() / 2);
                let event = self.office.record(&text);
                self.recorded.push(event);
            }
            if self.chance(20) {
                let length = usize::try_from(1 + self.random.next_u64() % 400_000).unwrap();
                let fill = u8::try_from(self.recorded.len() % 256).unwrap();
                self.office.attach(vec![fill; length]);
            }
        }
        if self.chance(20) {
            self.centre.tell("جلسه‌ای برگزار می‌شود.");
        }
        if self.chance(15) {
            self.backups.push(self.centre.stored.clone());
        }
        if self.fault(4) {
            let pick = usize::try_from(self.random.next_u64()).unwrap_or(0) % self.backups.len();
            self.epochs += 1;
            // A backup younger than the restored one is of a history that is no more.
            self.backups.truncate(pick + 1);
            self.centre.restore(self.backups[pick].clone(), [self.epochs; 16]);
            self.seen.restores += 1;
        }
        if !self.strays.is_empty() && self.fault(50) {
            let pick = usize::try_from(self.random.next_u64()).unwrap_or(0) % self.strays.len();
            let stray = self.strays.swap_remove(pick);
            let (form, bytes) = stray;
            let _answer = self.answer_of_centre(form, &bytes);
            self.seen.doubled += 1;
        }
    }

    fn crash(&mut self) -> Input {
        self.seen.crashes += 1;
        self.engine = Engine::new(Config::default(), self.random.next_u64());
        self.speech = Speech::default();
        self.incoming = None;
        self.troubles = FeedTroubles::default();
        self.pass(3_600);
        Input::Snapshot(self.snapshot())
    }

    fn perform(&mut self, action: Action) -> Input {
        if self.fault(3) {
            return self.crash();
        }
        match action {
            Action::Probe => {
                self.pass(5);
                if self.fault(25) {
                    return Input::ProbeFailed(self.trouble());
                }
                Input::ProbeAnswered
            }
            Action::Exchange(order) => {
                self.rounds += 1;
                self.exchange(order)
            }
            Action::Apply => {
                let incoming = self.incoming.take().unwrap();
                let applied =
                    conversation::apply(&mut self.office, &incoming, &mut self.troubles).unwrap();
                if self.fault(5) {
                    return self.crash();
                }
                let again = applied.epoch_changed || applied.feed_trouble.is_some();
                Input::Applied { snapshot: self.snapshot(), again }
            }
            Action::Upload { hash, max_bytes } => {
                self.pass(30);
                if self.fault(20) {
                    self.seen.cut_papers += 1;
                    let trouble = UploadTrouble::Line(self.trouble());
                    let (progressed, snapshot) = (self.chance(50), self.snapshot());
                    return Input::UploadFailed { trouble, progressed, snapshot };
                }
                let bytes = self.office.document(hash).unwrap();
                let arrived = self.centre.papers.entry(hash).or_default();
                let piece: Vec<u8> =
                    bytes.iter().skip(arrived.len()).take(max_bytes).copied().collect();
                arrived.extend(&piece);
                let complete = arrived.len() == bytes.len();
                if complete {
                    self.office.mark_uploaded(hash, 0).unwrap();
                }
                let snapshot = self.snapshot();
                Input::UploadAdvanced { complete, sent_bytes: piece.len(), snapshot }
            }
            Action::Post { .. } | Action::Sleep { .. } | Action::Report(_) => {
                panic!("not to be performed")
            }
        }
    }

    /// None when the same is to be said in the full form.
    fn answer_of_centre(&mut self, form: Form, bytes: &[u8]) -> Option<Vec<u8>> {
        let now_ms = self.now_ms();
        match form {
            Form::Short => self.centre.short(bytes, now_ms),
            Form::Full => Some(self.centre.exchange(bytes, now_ms).unwrap()),
        }
    }

    fn exchange(&mut self, order: Order) -> Input {
        loop {
            let sent = conversation::request(
                &self.office,
                order,
                &self.speech,
                self.now_ms(),
                "simulation",
            )
            .unwrap();
            let form = sent.asked.form();
            if self.fault(10) {
                self.strays.push((form, sent.bytes.clone()));
            }
            if self.fault(15) {
                self.seen.lost_requests += 1;
                return self.lost(sent.bytes.len());
            }
            self.pass(3);
            let reply = self.answer_of_centre(form, &sent.bytes);
            if self.fault(15) {
                self.seen.lost_replies += 1;
                return self.lost(sent.bytes.len());
            }
            self.pass(3);
            let Some(reply) = reply else {
                self.seen.said_in_full += 1;
                assert!(self.speech.refused(form, 412), "and not in a circle");
                continue;
            };
            let read = conversation::read_reply(
                &self.office,
                &reply,
                &sent.asked,
                sent.sent,
                self.now_ms(),
            );
            let incoming = match read {
                Ok(incoming) => incoming,
                Err(error) => {
                    assert_eq!(form, Form::Short, "{error}");
                    self.speech.not_believed();
                    continue;
                }
            };
            let facts = incoming.facts;
            self.speech.understood(form, facts.verdict, incoming.dictionary);
            self.seen.short += u32::from(form == Form::Short);
            self.incoming = Some(incoming);
            return Input::ReplyArrived(facts);
        }
    }

    fn lost(&mut self, bytes: usize) -> Input {
        let gone = match self.random.next_u64() % 3 {
            0 => Gone::Nothing,
            1 => Gone::Whole { bytes },
            _ => Gone::Parcel { progressed: self.chance(50), piece_bytes: bytes },
        };
        Input::ExchangeFailed(Failure { trouble: self.trouble(), gone })
    }

    fn trouble(&mut self) -> Trouble {
        self.seen.troubles += 1;
        let ordered = self.random.up_to(Duration::from_secs(7_200));
        match self.random.next_u64() % 6 {
            0 => Trouble::Timeout,
            1 => Trouble::NotTheCentre,
            2 => Trouble::Busy { retry_after: None },
            3 => Trouble::Busy { retry_after: Some(ordered) },
            4 => Trouble::TooLarge,
            _ => Trouble::Unreachable,
        }
    }

    /// Runs until the engine sleeps, then lets time pass.
    fn step(&mut self, mut input: Input) -> Input {
        loop {
            let mut next = None;
            for action in self.engine.handle(self.now, input.clone()) {
                if !matches!(action, Action::Report(_)) {
                    assert!(next.replace(action).is_none(), "one thing at a time");
                }
            }
            match next.expect("something follows from every input") {
                Action::Sleep { until } => {
                    let until = until.expect("nothing here stops an office");
                    if self.faults && self.chance(60) {
                        // Something is recorded while it sleeps.
                        let sleep = until.saturating_sub(self.now).min(Duration::from_secs(600));
                        self.now += self.random.up_to(sleep);
                        self.life();
                        return Input::Snapshot(self.snapshot());
                    }
                    self.now = until.max(self.now);
                    return Input::Tick;
                }
                action => input = self.perform(action),
            }
        }
    }

    fn run(&mut self) {
        let mut input = Input::Snapshot(self.snapshot());
        for _ in 0..STEPS {
            input = self.step(input);
            self.life();
        }
        self.faults = false;
        self.rounds = 0;
        // The window would have woken it when the last entry was recorded.
        input = Input::Snapshot(self.snapshot());
        // A centre restored a moment ago is noticed with the next exchange, if only for news.
        while !self.drained() {
            input = self.step(input);
            assert!(self.rounds <= ROUNDS_MOST, "still not drained after {} rounds", self.rounds);
        }
        // Papers and news follow.
        for _ in 0..400 {
            if self.snapshot().documents.is_empty()
                && self.office.feed.len() == self.centre.stored.feed.len()
            {
                break;
            }
            input = self.step(input);
        }
    }

    fn drained(&self) -> bool {
        let head = self.office.head().unwrap();
        self.office.state.acknowledged == head && self.centre.head() == head
    }

    fn check(&self) {
        assert!(self.office.log == self.recorded, "the office's own log");
        assert!(self.centre.stored.log == self.recorded, "each entry once, in order");
        assert_eq!(self.centre.forks, 0);
        let feed = self.office.feed.iter().map(|entry| &entry.item);
        assert!(feed.eq(self.centre.stored.feed.iter()), "the feed as the centre tells it");
        for paper in &self.office.papers {
            assert_eq!(self.centre.papers.get(&paper.hash), Some(&paper.bytes), "a paper");
        }
    }
}

impl Seen {
    fn kinds(&self) -> [u32; 9] {
        [
            self.lost_requests,
            self.lost_replies,
            self.doubled,
            self.crashes,
            self.restores,
            self.troubles,
            self.cut_papers,
            self.short,
            self.said_in_full,
        ]
    }
}

fn tried(seed: u64) -> [u32; 9] {
    let result = std::panic::catch_unwind(|| {
        let mut world = World::new(seed);
        world.run();
        world.check();
        world.seen.kinds()
    });
    result.unwrap_or_else(|_| panic!("SYNC_SEED={seed} fails"))
}

#[test]
fn every_entry_arrives_once_and_in_order_whatever_the_line_does() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number("SYNC_SEED") {
        tried(seed);
        return;
    }
    let count = number("SYNC_SEEDS").unwrap_or(50);
    let next = AtomicU64::new(0);
    let work = || {
        let mut all = [0_u32; 9];
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= count {
                return all;
            }
            for (sum, seen) in all.iter_mut().zip(tried(seed)) {
                *sum += seen;
            }
        }
    };
    let all = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        let sums = threads.into_iter().map(|thread| thread.join().unwrap());
        sums.fold([0; 9], |all: [u32; 9], sum| std::array::from_fn(|kind| all[kind] + sum[kind]))
    });
    for seen in all {
        assert!(u64::from(seen) >= count, "a kind of fault was hardly tried: {all:?}");
    }
}

fn drained(office: &mut MemoryOffice, centre: &mut MemoryCentre) -> Option<Action> {
    let mut engine = Engine::new(Config::default(), 1);
    let speech = Speech::default().in_full();
    let mut incoming = None;
    let mut input = Input::Snapshot(conversation::snapshot(office).unwrap());
    loop {
        let actions = engine.handle(Moment::from_secs(1), input);
        match actions.into_iter().next_back()? {
            Action::Probe => input = Input::ProbeAnswered,
            Action::Exchange(order) => {
                let sent = conversation::request(office, order, &speech, 0, "test").unwrap();
                let reply = centre.exchange(&sent.bytes, 0).unwrap();
                let read =
                    conversation::read_reply(office, &reply, &sent.asked, sent.sent, 0).unwrap();
                input = Input::ReplyArrived(read.facts);
                incoming = Some(read);
            }
            Action::Apply => {
                let read = incoming.take()?;
                conversation::apply(office, &read, &mut FeedTroubles::default()).unwrap();
                let snapshot = conversation::snapshot(office).unwrap();
                input = Input::Applied { snapshot, again: false };
            }
            other => return Some(other),
        }
    }
}

const STOPPED: Option<Action> = Some(Action::Sleep { until: None });

#[test]
fn an_old_copy_of_the_disk_stops_and_keeps_what_it_records() {
    let (mut office, mut centre) = (MemoryOffice::new("http://localhost"), MemoryCentre::new());
    office.record("یک");
    drained(&mut office, &mut centre);
    let mut copy = office.clone();
    office.record("دو");
    drained(&mut office, &mut centre);
    drained(&mut office, &mut centre);
    let arrived = centre.stored.log.clone();
    copy.record("دویی دیگر");
    let log = copy.log.clone();
    assert_eq!(drained(&mut copy, &mut centre), STOPPED);
    assert_eq!(copy.log, log, "nothing is deleted");
    assert_eq!(copy.state.acknowledged.seq, 1, "nothing is called received that is not");
    assert_eq!(centre.stored.log, arrived);
    assert_eq!(centre.forks, 1, "the other history is kept aside");
    copy.record("کار ادامه دارد");
    assert_eq!(copy.log.len(), log.len() + 1);
}

#[test]
fn an_old_copy_with_nothing_new_notices_that_it_is_old() {
    let (mut office, mut centre) = (MemoryOffice::new("http://localhost"), MemoryCentre::new());
    let mut copy = office.clone();
    office.record("یک");
    drained(&mut office, &mut centre);
    assert_eq!(drained(&mut copy, &mut centre), STOPPED);
    assert_eq!(copy.state.acknowledged.seq, 0);
}

#[test]
fn what_stands_before_a_damaged_entry_still_goes() {
    let (mut office, mut centre) = (MemoryOffice::new("http://localhost"), MemoryCentre::new());
    for number in 0..40 {
        office.record(&format!("یادداشت {number}"));
    }
    let sound = office.log.clone();
    // A bit of the stored body flips: the entry no longer gives the hash that the next one names.
    *office.log[25].body.last_mut().unwrap() ^= 1;
    assert_eq!(drained(&mut office, &mut centre), STOPPED);
    assert_eq!(centre.stored.log[..], sound[..25]);
}
