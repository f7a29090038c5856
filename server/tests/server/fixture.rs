//! A centre on a temporary database with a clock that the test turns, and devices that speak to it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use pishkhan_domain::applicant::{Applicant, Gender, Identity};
use pishkhan_domain::application::{AttachedDocument, Evidence};
use pishkhan_domain::catalogue::Publication;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::form::Answer;
use pishkhan_domain::ids::{AgencyCode, ApplicationId, DeviceNumber, OfficeCode, OperatorId};
use pishkhan_domain::service_card::ServiceCard;
use pishkhan_protocol::body::{ApplicationRecorded, EventBody};
use pishkhan_protocol::chain::{Entry, link};
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_protocol::enrolment::EnrolRequest;
use pishkhan_protocol::envelope::Envelope;
use pishkhan_protocol::event::Event;
use pishkhan_protocol::exchange::{Batch, ExchangeReply, ExchangeRequest, PROTOCOL};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::{PublicKey, Purpose, SecretKey};
use pishkhan_protocol::rows;
use pishkhan_server::administration::{add_office, add_officer, publish};
use pishkhan_server::centre::Centre;
use pishkhan_server::documents::DocumentStore;
use pishkhan_server::enrolment::{enrol, issue_code};
use pishkhan_server::exchange::exchange;
use pishkhan_server::storage::staff::{self, Officer};
use pishkhan_server::storage::{self};
use pishkhan_server::web::{self, AppState};
use tempfile::TempDir;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::postgres::TemporaryPostgres;

pub(crate) const OFFICE: &str = "sample-0001";
pub(crate) const AGENCY: &str = "civil-registration";
pub(crate) const USERNAME: &str = "sample-officer";
pub(crate) const PASSWORD: &str = "sample-password";
pub(crate) const START: i64 = 1_795_000_000_000;

#[derive(Clone, Copy)]
pub(crate) enum Store {
    Embedded,
    Postgres,
}

pub(crate) struct TestCentre {
    pub(crate) centre: Arc<Centre>,
    pub(crate) folder: TempDir,
    pub(crate) database: String,
    pub(crate) card_version: ContentHash,
    clock: Arc<AtomicI64>,
    _server: Option<TemporaryPostgres>,
}

impl TestCentre {
    pub(crate) async fn start(store: Store) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = matches!(store, Store::Postgres).then(TemporaryPostgres::start);
        let file = folder.path().join("centre.db").to_str().unwrap().to_owned();
        let database = server.as_ref().map_or(file, TemporaryPostgres::url);
        let clock = Arc::new(AtomicI64::new(START));
        let centre = open(&database, &folder, &clock).await;
        let publication = Publication::ServiceCard(Box::new(card()));
        let card_version = ContentHash::of(&serde_json::to_vec(&publication).unwrap());
        let mut unit = centre.storage.begin().await.unwrap();
        let agency = card().agency;
        staff::upsert_agency(unit.as_mut(), &agency).await.unwrap();
        publish(unit.as_mut(), &centre.key, publication, START).await.unwrap();
        add_office(unit.as_mut(), OFFICE, "دفتر نمونه", "دهستان نمونه", START).await.unwrap();
        let name = "کارشناس نمونه";
        add_officer(unit.as_mut(), USERNAME, &agency.code, name, PASSWORD, START).await.unwrap();
        unit.commit().await.unwrap();
        Self { centre, folder, database, card_version, clock, _server: server }
    }

    /// The same database in a process that has just started.
    pub(crate) async fn restart(&mut self) {
        self.centre = open(&self.database, &self.folder, &self.clock).await;
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    pub(crate) async fn code(&self) -> String {
        let mut unit = self.centre.storage.begin().await.unwrap();
        let office = OfficeCode::from(OFFICE);
        let code = issue_code(unit.as_mut(), &office, self.centre.now()).await.unwrap();
        unit.commit().await.unwrap();
        code
    }

    pub(crate) async fn device(&self) -> TestDevice {
        let key = SecretKey::from_seed(&pishkhan_server::secret::random().unwrap());
        let reply = enrol(&self.centre, &enrol_request(self.code().await, &key)).await.unwrap();
        let facts = reply.certificate.verify(&reply.centre_key).unwrap();
        assert_eq!((facts.device, facts.office), (reply.device, OfficeCode::from(OFFICE)));
        TestDevice {
            number: reply.device,
            secret: DeviceSecret(reply.secret),
            key,
            centre_key: reply.centre_key,
            log: Vec::new(),
            epoch: Some(reply.epoch),
            lease: None,
            received: 0,
            feed_cursor: 0,
            operator: OperatorId(Uuid::now_v7()),
            time: START,
            card_version: self.card_version,
        }
    }

    pub(crate) fn officer(&self) -> Officer {
        Officer {
            username: USERNAME.to_owned(),
            agency: AgencyCode::from(AGENCY),
            agency_title: "ثبت احوال".to_owned(),
            display_name: "کارشناس نمونه".to_owned(),
        }
    }

    /// Serves over a real socket until the test ends.
    pub(crate) async fn serve(&self) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = AppState::new(self.centre.clone(), false, 15);
        tokio::spawn(web::serve(listener, state, std::future::pending()));
        Served::at(address)
    }
}

async fn open(database: &str, folder: &TempDir, clock: &Arc<AtomicI64>) -> Arc<Centre> {
    let storage = storage::open(database).await.unwrap();
    let documents = DocumentStore::open(&folder.path().join("documents")).await.unwrap();
    let clock = clock.clone();
    let clock = Arc::new(move || clock.load(Ordering::SeqCst));
    Centre::open(storage, documents, clock, "http://centre.test".to_owned()).await.unwrap()
}

/// Where the centre answers, and a browser that keeps cookies.
pub(crate) struct Served {
    pub(crate) url: String,
    pub(crate) client: reqwest::Client,
}

impl Served {
    fn at(address: SocketAddr) -> Self {
        // The second of two tests in one process finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { url: format!("http://{address}"), client }
    }

    pub(crate) fn to(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    pub(crate) fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.get(self.to(path))
    }

    /// A form, as a browser sends it.
    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let encoded: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", percent(name), percent(value)))
            .collect();
        self.client
            .post(self.to(path))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encoded.join("&"))
    }
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

pub(crate) fn enrol_request(code: String, key: &SecretKey) -> EnrolRequest {
    let machine = "نمونه".to_owned();
    EnrolRequest { code, key: key.public(), machine, agent: "test".to_owned() }
}

/// A device whose log the test writes.
pub(crate) struct TestDevice {
    pub(crate) number: DeviceNumber,
    pub(crate) secret: DeviceSecret,
    pub(crate) key: SecretKey,
    pub(crate) centre_key: PublicKey,
    pub(crate) log: Vec<Event>,
    pub(crate) epoch: Option<[u8; 16]>,
    pub(crate) lease: Option<[u8; 16]>,
    pub(crate) received: u64,
    pub(crate) feed_cursor: u64,
    pub(crate) operator: OperatorId,
    time: i64,
    card_version: ContentHash,
}

impl TestDevice {
    /// A copy of the machine's disk.
    pub(crate) fn copy(&self) -> Self {
        Self {
            number: self.number,
            secret: self.secret.clone(),
            key: SecretKey::from_seed(&self.key.seed()),
            centre_key: self.centre_key,
            log: self.log.clone(),
            epoch: self.epoch,
            lease: self.lease,
            received: self.received,
            feed_cursor: self.feed_cursor,
            operator: self.operator,
            time: self.time,
            card_version: self.card_version,
        }
    }

    pub(crate) fn head_at(&self, seq: u64) -> Head {
        match seq.checked_sub(1).and_then(|index| self.log.get(index as usize)) {
            Some(event) => Head { seq, hash: event.hash() },
            None => Head::EMPTY,
        }
    }

    pub(crate) fn head(&self) -> Head {
        self.head_at(self.log.len() as u64)
    }

    pub(crate) fn add(&mut self, body: &EventBody) -> ApplicationId {
        self.add_bytes(body.kind(), body.to_bytes())
    }

    pub(crate) fn add_bytes(&mut self, kind: u8, body: Vec<u8>) -> ApplicationId {
        self.time += 1_000;
        let entry =
            Entry { kind, device_time_ms: self.time, anchor: None, operator: self.operator, body };
        let event = link(self.number, &self.secret, &self.head(), entry);
        let id = event.rest.id.into();
        self.log.push(event);
        id
    }

    pub(crate) fn recorded(&self) -> ApplicationRecorded {
        ApplicationRecorded {
            service: card().code,
            card_version: self.card_version,
            applicant: applicant(),
            form: BTreeMap::from([
                ("child_name".to_owned(), Answer::Text("نوزاد نمونه".to_owned())),
                ("birth_date".to_owned(), Answer::Text("2026-11-01".to_owned())),
                ("place".to_owned(), Answer::Text("hospital".to_owned())),
            ]),
            documents: vec![AttachedDocument {
                code: "birth-certificate".to_owned(),
                evidence: Evidence::Seen,
            }],
            fee_rial: 350_000,
            due_on: "2026-11-30".to_owned(),
            consent: true,
            code_attempt: 0,
        }
    }

    pub(crate) fn record(&mut self) -> ApplicationId {
        let recorded = self.recorded();
        self.add(&EventBody::ApplicationRecorded(Box::new(recorded)))
    }

    pub(crate) fn batch(&self, after: u64, to: u64) -> Batch {
        let head = self.head_at(to);
        let entries: Vec<Entry> =
            self.log[after as usize..to as usize].iter().map(Entry::from).collect();
        Batch {
            after: self.head_at(after),
            head,
            signature: head.sign(self.number, &self.key),
            codec: rows::CODEC_ROWS,
            entries: rows::encode(&entries),
        }
    }

    pub(crate) fn request(&self, batch: Option<Batch>) -> ExchangeRequest {
        ExchangeRequest {
            protocol: PROTOCOL,
            device: self.number,
            epoch: self.epoch,
            lease: self.lease,
            batch,
            feed_cursor: self.feed_cursor,
            catalogue_cursor: 0,
            log_seq: self.log.len() as u64,
            oldest_waiting_ms: None,
            sent_at_ms: self.time,
            agent: "test".to_owned(),
            reply_most_bytes: None,
            dictionary: None,
            certificate: None,
        }
    }

    pub(crate) fn seal(&self, request: &ExchangeRequest) -> Vec<u8> {
        Envelope::seal(Purpose::Request, self.number, &request.to_bytes(), &self.key).to_bytes()
    }

    pub(crate) fn open(&self, sealed: &[u8]) -> ExchangeReply {
        let envelope = Envelope::from_bytes(sealed).unwrap();
        let reply = envelope.open(Purpose::Reply, &self.centre_key).unwrap();
        ExchangeReply::from_bytes(&reply).unwrap()
    }

    /// Sends this and hears the answer, but keeps nothing of it.
    pub(crate) async fn ask(&self, centre: &Centre, batch: Option<Batch>) -> ExchangeReply {
        let sealed = self.seal(&self.request(batch));
        self.open(&exchange(centre, &sealed).await.unwrap())
    }

    pub(crate) fn keep(&mut self, reply: &ExchangeReply) {
        self.epoch = Some(reply.epoch);
        self.lease = Some(reply.lease);
        self.received = reply.received.seq;
        self.feed_cursor = reply.feed.last().map_or(self.feed_cursor, |entry| entry.number);
    }

    /// Sends all that the centre lacks and keeps the answer.
    pub(crate) async fn sync(&mut self, centre: &Centre) -> ExchangeReply {
        let end = self.log.len() as u64;
        let batch = (self.received < end).then(|| self.batch(self.received, end));
        let reply = self.ask(centre, batch).await;
        self.keep(&reply);
        reply
    }
}

pub(crate) fn card() -> ServiceCard {
    serde_json::from_str(include_str!("card.json")).unwrap()
}

pub(crate) fn applicant() -> Applicant {
    Applicant {
        identity: Identity::NationalId { national_id: "0076229645".to_owned() },
        first_name: "زهرا".to_owned(),
        last_name: "نمونه".to_owned(),
        father_name: "حسین".to_owned(),
        birth_date: Some("1991-08-03".to_owned()),
        gender: Some(Gender::Female),
        mobile: Some("+989121234567".to_owned()),
        village: "روستای نمونه".to_owned(),
        address: String::new(),
        postcode: None,
        witnesses: Vec::new(),
    }
}

/// Makes a test of each story for each store.
macro_rules! on_both_stores {
    ($($story:ident),* $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story($crate::fixture::TestCentre::start($crate::fixture::Store::Embedded).await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story($crate::fixture::TestCentre::start($crate::fixture::Store::Postgres).await).await;
            })*
        }
    };
}

pub(crate) use on_both_stores;
