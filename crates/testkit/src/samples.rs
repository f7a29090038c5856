//! Applications as typed, in the shape that the counter records (`ApplicationEntry`).

mod answers;
mod people;
mod spoiling;
mod writing;

use jiff::civil::Date;
use pishkhan_domain::applicant::ApplicantEntry;
use pishkhan_domain::application::{AttachedDocument, Evidence};
use pishkhan_domain::entry::{TypedApplication, check_application, documents_asked};
use pishkhan_domain::field_error::FieldError;
use pishkhan_domain::form::FormEntry;
use pishkhan_domain::ids::ProvisionalKey;
use pishkhan_domain::service_card::ServiceCard;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::random::Random;

pub use spoiling::{Spoiled, WAYS};

/// Makes samples.
pub struct Sampler {
    cards: Vec<ServiceCard>,
    today: Date,
    random: Random,
    made: u64,
    offset: u64,
    scan: Option<Evidence>,
}

/// A sample before it is written down.
#[derive(Clone)]
struct Sample {
    card: usize,
    applicant: ApplicantEntry,
    form: FormEntry,
    documents: Vec<AttachedDocument>,
}

impl Sampler {
    /// Samples for these cards, as of a day in Tehran. The same seed gives the same samples.
    #[must_use]
    pub fn new(cards: Vec<ServiceCard>, today: Date, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let offset = random.next();
        Self { cards, today, random, made: 0, offset, scan: None }
    }

    /// Attaches this copy wherever a paper needs one: a scan that the office's store has already.
    /// Without it only those samples are made that need no copy.
    #[must_use]
    pub fn with_scan(mut self, scan: Evidence) -> Self {
        self.scan = Some(scan);
        self
    }

    /// One good application for any card. `None` when no card of these can be applied for with the
    /// papers at hand.
    pub fn good(&mut self) -> Option<Value> {
        self.sample().map(|sample| self.written(&sample))
    }

    /// One good application for the service with this code.
    pub fn good_for(&mut self, service: &str) -> Option<Value> {
        let card = self.cards.iter().position(|card| card.code.0 == service)?;
        (0..100).find_map(|_| self.sample_for(card)).map(|sample| self.written(&sample))
    }

    /// One application for a person without papers, for a service that takes such a person.
    pub fn good_without_papers(&mut self) -> Option<Value> {
        (0..1_000)
            .find_map(|_| self.sample().filter(|sample| sample.applicant.without_papers))
            .map(|sample| self.written(&sample))
    }

    /// One application spoiled in the `way`-th of [`WAYS`] (counting round), and in no other.
    pub fn spoiled(&mut self, way: usize) -> Option<Spoiled> {
        (0..1_000).find_map(|_| {
            let sample = self.sample()?;
            self.spoil(&sample, way % WAYS.len())
        })
    }

    fn sample(&mut self) -> Option<Sample> {
        (0..500).find_map(|_| {
            let card = usize::try_from(self.random.below(self.cards.len() as u64)).unwrap_or(0);
            self.sample_for(card)
        })
    }

    /// `None` when the answers that were drawn need a copy that is not at hand.
    fn sample_for(&mut self, card: usize) -> Option<Sample> {
        self.made += 1;
        let service = self.cards.get(card)?;
        let serial = self.made.wrapping_add(self.offset);
        let applicant = people::applicant(&mut self.random, service, self.today, serial);
        let form = answers::form(&mut self.random, service, &applicant, self.today);
        let asked = documents_asked(service, &form, &applicant);
        let mut documents = Vec::new();
        for paper in service.documents.iter().filter(|paper| asked.contains(&paper.code)) {
            if !paper.required && self.random.percent(50) {
                continue;
            }
            let evidence = match (&self.scan, paper.copy_needed) {
                (_, false) => Evidence::Seen,
                (Some(scan), true) => scan.clone(),
                (None, true) if paper.required => return None,
                (None, true) => continue,
            };
            documents.push(AttachedDocument { code: paper.code.clone(), evidence });
        }
        let sample = Sample { card, applicant, form, documents };
        self.faults(&sample, true).is_empty().then_some(sample)
    }

    fn faults(&self, sample: &Sample, consent: bool) -> Vec<FieldError> {
        let typed = TypedApplication {
            applicant: &sample.applicant,
            form: &sample.form,
            documents: &sample.documents,
            consent,
        };
        let Some(card) = self.cards.get(sample.card) else { return Vec::new() };
        let key = ProvisionalKey(Uuid::nil());
        check_application(typed, card, self.today, key).err().unwrap_or_default()
    }

    fn written(&self, sample: &Sample) -> Value {
        json!({
            "service": self.cards.get(sample.card).map(|card| &card.code),
            "applicant": sample.applicant,
            "form": sample.form,
            "documents": sample.documents,
            "consent": true,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;
    use pishkhan_domain::content_hash::ContentHash;
    use pishkhan_domain::{national_id, persian_text};

    use super::*;
    use crate::catalogue::cards;

    const TODAY: Date = date(2026, 11, 24);

    fn scan() -> Evidence {
        let media_type = "image/jpeg".to_owned();
        Evidence::Copy { hash: ContentHash::of(b"sample"), size_bytes: 90_000, media_type }
    }

    fn sampler() -> Sampler {
        Sampler::new(cards().unwrap(), TODAY, 1405).with_scan(scan())
    }

    #[test]
    fn samples_are_repeatable_valid_and_cover_every_card() {
        let (mut one, mut other) = (sampler(), sampler());
        let mut services = BTreeSet::new();
        for _ in 0..600 {
            let entry = one.good().unwrap();
            assert_eq!(Some(&entry), other.good().as_ref());
            services.insert(entry["service"].as_str().unwrap().to_owned());
        }
        assert_eq!(services.len(), one.cards.len());
        for card in cards().unwrap() {
            assert_eq!(one.good_for(&card.code.0).unwrap()["service"], card.code.0.as_str());
        }
    }

    #[test]
    fn samples_have_all_writings_and_no_two_have_one_id() {
        let mut sampler = sampler();
        let mut ids = BTreeSet::new();
        let (mut all, mut bytes) = (String::new(), 0);
        for _ in 0..2_000 {
            let entry = sampler.good().unwrap();
            let text = entry.to_string();
            bytes += text.len();
            all.push_str(&text);
            let applicant = &entry["applicant"];
            assert!(applicant["village"].as_str().unwrap().contains("نمونه"));
            let name = applicant["last_name"].as_str().unwrap().to_owned()
                + applicant["first_name"].as_str().unwrap();
            assert!(persian_text::fold_key(&name).contains("نمونه"), "{name}");
            if let Ok(id) = national_id::parse(applicant["national_id"].as_str().unwrap()) {
                assert!(ids.insert(id));
            }
        }
        for needed in ['ي', 'ی', 'ك', 'ک', '\u{200c}', '۴', '٤', '4'] {
            assert!(all.contains(needed), "{needed:?}");
        }
        let average = bytes / 2_000;
        assert!((900..=1_300).contains(&average), "{average} bytes");
    }

    #[test]
    fn with_no_scan_at_hand_no_sample_has_a_copy() {
        let mut sampler = Sampler::new(cards().unwrap(), TODAY, 7);
        let services: BTreeSet<String> = (0..300)
            .map(|_| {
                let entry = sampler.good().unwrap();
                assert!(!entry["documents"].to_string().contains("copy"));
                entry["service"].to_string()
            })
            .collect();
        assert!(services.len() >= 5, "{services:?}");
    }

    #[test]
    fn a_person_without_papers_comes_with_witnesses() {
        let entry = sampler().good_without_papers().unwrap();
        assert_eq!(entry["applicant"]["without_papers"], true);
        assert!(!entry["applicant"]["witnesses"].as_array().unwrap().is_empty());
    }

    #[test]
    fn a_spoiled_sample_has_exactly_the_fault_that_is_named() {
        for mut sampler in [sampler(), Sampler::new(cards().unwrap(), TODAY, 7)] {
            for (way, name) in WAYS.iter().enumerate() {
                let spoiled = sampler.spoiled(way).unwrap();
                assert_eq!(spoiled.way, *name);
                let faults = sampler.faults_of(&spoiled.entry);
                let expected = FieldError {
                    params: faults[0].params.clone(),
                    ..FieldError::new(&spoiled.field, &spoiled.code)
                };
                assert_eq!(faults, [expected], "{name}");
            }
        }
    }
}
