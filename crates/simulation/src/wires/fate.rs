//! What befalls a request.

use pishkhan_protocol::envelope::Envelope;
use pishkhan_protocol::exchange::{ExchangeReply, ExchangeRequest};
use pishkhan_protocol::keys::{Purpose, SecretKey};
use pishkhan_protocol::rows;

use super::{Answer, Message, OldReply, Place, Wires};
use crate::coverage::Seen;
use crate::fragile_storage::{Mishap, locked};

/// What befalls a request.
pub(super) enum Fate {
    /// It does not arrive.
    Lost,
    /// Somebody else answers.
    Answered(Answer),
    /// The centre gets it in the middle of answering the one before.
    Overtakes(Message),
    /// The centre gets it.
    Delivered {
        /// Only so many bytes of it.
        cut: Option<usize>,
        /// Twice.
        double: bool,
        /// With a bit changed at this byte.
        spoil: Option<usize>,
        /// What becomes of the reply.
        reply: ReplyFate,
    },
}

/// What becomes of a reply.
pub(super) enum ReplyFate {
    Whole,
    Lost,
    Silence,
    Cut(usize),
    Old(Answer),
    Forged,
}

/// Of a hundred requests to a hub, those that something befalls.
const TROUBLE_NEAR_BY: u64 = 15;

const ARRIVES: Fate =
    Fate::Delivered { cut: None, double: false, spoil: None, reply: ReplyFate::Whole };

impl Wires {
    pub(super) fn fate(&mut self, number: usize, message: &Message) -> Fate {
        let line = self.lines[number];
        if message.to != Place::Centre {
            return self.fate_near_by(number, message);
        }
        if line.down {
            return Fate::Lost;
        }
        if let Some(answer) = self.old_centres_answer(message) {
            self.saw(Seen::OldCentre);
            return Fate::Answered(answer);
        }
        if !self.faults {
            return ARRIVES;
        }
        self.arm();
        if !self.dice.percent(line.trouble_percent) {
            return ARRIVES;
        }
        if message.method == axum::http::Method::PATCH && self.dice.percent(50) {
            return self.piece_fate(message);
        }
        self.any_fate(number, message)
    }

    /// On the way to a hub, which is another line than the one to the centre.
    fn fate_near_by(&mut self, number: usize, message: &Message) -> Fate {
        if !self.faults || !self.dice.percent(TROUBLE_NEAR_BY) {
            return ARRIVES;
        }
        self.any_fate(number, message)
    }

    /// What a centre of the release before says to what it does not know.
    fn old_centres_answer(&self, message: &Message) -> Option<Answer> {
        if !self.old_centre {
            return None;
        }
        if is_new(message) {
            return Some(Answer::new(404, Vec::new()));
        }
        if message.path != "/sync/v1/exchange" {
            return None;
        }
        let envelope = Envelope::from_bytes(&message.body).ok()?;
        let not_understood = envelope.dictionary != 0 || {
            let key = self.keys.get(&envelope.device)?;
            let opened = envelope.open(Purpose::Request, key).ok()?;
            let batch = ExchangeRequest::from_bytes(&opened).ok()?.batch?;
            batch.codec != rows::CODEC_ROWS
        };
        not_understood.then(|| Answer::new(400, Vec::new()))
    }

    fn piece_fate(&mut self, message: &Message) -> Fate {
        if self.dice.percent(25) {
            self.saw(Seen::DocumentSpoiled);
            self.excuse(message);
            let spoil = Some(self.dice.below(message.body.len()));
            return Fate::Delivered { cut: None, double: false, spoil, reply: ReplyFate::Whole };
        }
        self.saw(Seen::DocumentCut);
        let cut = Some(self.dice.below(message.body.len() + 1));
        Fate::Delivered { cut, double: false, spoil: None, reply: ReplyFate::Lost }
    }

    fn any_fate(&mut self, number: usize, message: &Message) -> Fate {
        let answered = |answer| Fate::Answered(answer);
        let replied = |reply| Fate::Delivered { cut: None, double: false, spoil: None, reply };
        match self.dice.below(27) {
            20 | 21 if message.is_exchange() => match self.last_requests.get(&number).cloned() {
                Some(earlier) => {
                    self.saw(Seen::Overtaken);
                    Fate::Overtakes(earlier)
                }
                None => ARRIVES,
            },
            0 => {
                self.saw(Seen::RequestLost);
                Fate::Lost
            }
            1 | 2 if !message.body.is_empty() => {
                self.saw(Seen::RequestCut);
                let cut = Some(self.dice.below(message.body.len()));
                Fate::Delivered { cut, double: false, spoil: None, reply: ReplyFate::Lost }
            }
            3 | 4 => {
                self.saw(Seen::ReplyLost);
                replied(ReplyFate::Lost)
            }
            5 => {
                self.saw(Seen::ReplyCut);
                let share = self.dice.below(1_000);
                replied(ReplyFate::Cut(share))
            }
            6 => {
                self.saw(Seen::Doubled);
                self.excuse(message);
                Fate::Delivered { cut: None, double: true, spoil: None, reply: ReplyFate::Whole }
            }
            7 => {
                self.saw(Seen::Silence);
                replied(ReplyFate::Silence)
            }
            8 | 22 | 23 => match self.old_reply(number, message) {
                Some(old) => {
                    self.saw(Seen::OldReply);
                    replied(ReplyFate::Old(old))
                }
                None => replied(ReplyFate::Lost),
            },
            9 => {
                self.saw(Seen::Portal);
                let page = "<html><body>ورود به اینترنت</body></html>".as_bytes().to_vec();
                let portal = match self.dice.below(3) {
                    0 => Answer::new(302, page).with("location", "http://portal.test/"),
                    1 => Answer::new(204, Vec::new()),
                    _ => Answer::new(200, page).with("content-type", "text/html"),
                };
                answered(portal)
            }
            10 => {
                self.saw(Seen::Refused401);
                answered(Answer::new(401, Vec::new()))
            }
            11 => {
                self.saw(Seen::Refused403);
                answered(Answer::new(403, Vec::new()))
            }
            12 => {
                self.saw(Seen::Refused407);
                answered(Answer::new(407, Vec::new()))
            }
            13 => {
                self.saw(Seen::Failed5xx);
                let status = [500, 502, 503, 504][self.dice.below(4)];
                answered(Answer::new(status, b"trouble".to_vec()))
            }
            14 => {
                self.saw(Seen::RetryAfter);
                let status = [429, 503][self.dice.below(2)];
                let seconds = self.dice.below(20_000).to_string();
                answered(Answer::new(status, Vec::new()).with("retry-after", &seconds))
            }
            15 | 24 | 25 if message.body.len() > 300 => {
                self.saw(Seen::TooLarge);
                answered(Answer::new(413, Vec::new()))
            }
            16 => {
                self.saw(Seen::ForgedReply);
                replied(ReplyFate::Forged)
            }
            17 | 26 => match self.others_reply(number, message) {
                Some(other) => {
                    self.saw(Seen::OthersReply);
                    answered(other)
                }
                None => replied(ReplyFate::Lost),
            },
            18 => {
                self.strays.push(message.clone());
                self.saw(Seen::RequestLost);
                Fate::Lost
            }
            _ => {
                self.strays.push(message.clone());
                ARRIVES
            }
        }
    }

    /// Sometimes the centre's machine will not see the end of this request, or another one comes
    /// in between.
    pub(crate) fn arm(&mut self) {
        let plan = self.plan.clone();
        let mut plan = locked(&plan);
        plan.fuse = None;
        plan.at_commit = None;
        plan.happened = None;
        if self.faults && self.dice.permille(40) {
            let mishaps = [Mishap::StopBefore, Mishap::StopAfter, Mishap::Full, Mishap::Unknown];
            let mishap = mishaps[self.dice.below(4)];
            if self.dice.percent(40) {
                plan.at_commit = Some(mishap);
            } else {
                let operations = u32::try_from(self.dice.below(16)).unwrap_or(0);
                plan.fuse = Some((operations, mishap));
            }
        }
    }

    /// Nothing goes wrong at the centre from now on.
    pub(crate) fn disarm(&mut self) {
        let mut plan = locked(&self.plan);
        plan.fuse = None;
        plan.at_commit = None;
        plan.happened = None;
        plan.meanwhile = None;
    }

    /// Notes what befell the centre's machine.
    pub(crate) fn befell(&mut self, happened: Option<(Mishap, bool)>) {
        match happened {
            Some((Mishap::StopAfter, true)) => self.saw(Seen::CentreCrashAfterCommit),
            Some((Mishap::StopBefore | Mishap::StopAfter, _)) => self.saw(Seen::CentreCrash),
            Some((Mishap::Full, _)) => self.saw(Seen::CentreDiskFull),
            Some((Mishap::Unknown, _)) => self.saw(Seen::CommitUnknown),
            None => {}
        }
    }

    /// Whatever else this office's line once got for a like request, but not for the same one.
    fn old_reply(&mut self, number: usize, message: &Message) -> Option<Answer> {
        let like = |old: &&OldReply| old.line == number && old.is_like(message);
        let like: Vec<Answer> =
            self.old_replies.iter().filter(like).map(|old| old.answer.clone()).collect();
        let pick = self.dice.below(like.len());
        like.get(pick).cloned()
    }

    fn others_reply(&mut self, number: usize, message: &Message) -> Option<Answer> {
        let other = |old: &&OldReply| old.line != number && old.is_like(message);
        self.old_replies.iter().rev().find(other).map(|old| old.answer.clone())
    }

    /// The reply as somebody in between would like it: another lease, and his own signature. In
    /// the short form, a bit changed.
    pub(super) fn forged(&mut self, mut answer: Answer) -> Answer {
        let centre = self.centre.as_ref().map(|centre| centre.key.public());
        let envelope = Envelope::from_bytes(&answer.body).ok();
        let opened = envelope.zip(centre).and_then(|(envelope, key)| {
            let payload = envelope.open(Purpose::Reply, &key).ok()?;
            Some((envelope.device, ExchangeReply::from_bytes(&payload).ok()?))
        });
        if let Some((device, mut reply)) = opened {
            reply.lease = [7; 16];
            let forger = SecretKey::from_seed(&[77; 32]);
            let sealed = Envelope::seal(Purpose::Reply, device, &reply.to_bytes(), &forger);
            answer.body = sealed.to_bytes();
            return answer;
        }
        let place = self.dice.below(answer.body.len());
        if let Some(byte) = answer.body.get_mut(place) {
            *byte ^= 1 << self.dice.below(8);
        }
        answer
    }

    pub(super) fn excuse(&mut self, message: &Message) {
        if let Some(hash) = document_of(&message.path) {
            self.documents.entry(hash.to_owned()).or_default().excused = true;
        }
    }

    /// Keeps the reply for later mischief.
    pub(super) fn remember(&mut self, number: usize, message: &Message, answer: &Answer) {
        if self.faults && message.is_exchange() && answer.status == 200 && self.dice.percent(60) {
            let (request, answer) = (message.clone(), answer.clone());
            self.old_replies.push(OldReply { line: number, request, answer });
        }
    }
}

impl OldReply {
    /// The answer to the same bytes is no other than the one to be had now.
    fn is_like(&self, message: &Message) -> bool {
        self.request.path == message.path && self.request.body != message.body
    }
}

/// Does only this release speak so?
fn is_new(message: &Message) -> bool {
    message.path.starts_with("/sync/v2/") || message.path.starts_with("/sync/v1/parcels")
}

/// The document whose pieces go to this address.
pub(super) fn document_of(path: &str) -> Option<&str> {
    path.strip_prefix("/sync/v1/documents/")
}
