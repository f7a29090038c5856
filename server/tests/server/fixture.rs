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
use pishkhan_protocol::columns::{self, CODEC_COLUMNS};
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_protocol::enrolment::EnrolRequest;
use pishkhan_protocol::envelope::Envelope;
use pishkhan_protocol::event::{Event, Hash};
use pishkhan_protocol::exchange::{Batch, ExchangeReply, ExchangeRequest, PROTOCOL, Verdict};
use pishkhan_protocol::feed::feed_hash;
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::{PublicKey, Purpose, SecretKey};
use pishkhan_protocol::packing::unpack;
use pishkhan_protocol::rows;
use pishkhan_protocol::short::{
    Code, Implied, SessionKey, ShortBatch, ShortEnvelope, ShortReply, ShortRequest, WANTS_ANCHOR,
    WANTS_TOKEN,
};
use pishkhan_server::access::{Role, Scope};
use pishkhan_server::administration::{add_office, add_officer, publish};
use pishkhan_server::centre::Centre;
use pishkhan_server::documents::DocumentStore;
use pishkhan_server::enrolment::{enrol, issue_code};
use pishkhan_server::exchange::{ShortError, exchange, short};
use pishkhan_server::storage::staff::{self, Officer};
use pishkhan_server::storage::{self, factors, sessions};
use pishkhan_server::web::{self, AppState};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::postgres::TemporaryPostgres;
use pishkhan_server::audit::{Against, audit};

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

/// How the devices of a test speak.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// In the full form by rows, as protocol 1 does.
    Full,
    /// In the short form, and in the full one where the centre asks for it; both by columns.
    Short,
}

pub(crate) struct TestCentre {
    pub(crate) centre: Arc<Centre>,
    pub(crate) folder: Arc<TempDir>,
    pub(crate) database: String,
    pub(crate) card_version: ContentHash,
    pub(crate) form: Form,
    clock: Arc<AtomicI64>,
    server: Option<Arc<TemporaryPostgres>>,
}

/// What stays of a centre after its story.
pub(crate) struct Remains {
    database: String,
    _folder: Arc<TempDir>,
    _server: Option<Arc<TemporaryPostgres>>,
}

impl Remains {
    /// Whatever a story does, the audit finds nothing wrong with it.
    pub(crate) async fn are_sound(self) {
        let storage = storage::open(&self.database).await.unwrap();
        let found = audit(&storage, &Against::default()).await.unwrap().findings;
        assert!(found.is_empty(), "{found:#?}");
    }
}

impl TestCentre {
    pub(crate) async fn start(store: Store) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let server = matches!(store, Store::Postgres).then(|| Arc::new(TemporaryPostgres::start()));
        let file = folder.path().join("centre.db").to_str().unwrap().to_owned();
        let database = server.as_ref().map_or(file, |server| server.url());
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
        let form = Form::Full;
        Self { centre, folder, database, card_version, form, clock, server }
    }

    pub(crate) fn remains(&self) -> Remains {
        let (database, folder) = (self.database.clone(), self.folder.clone());
        Remains { database, _folder: folder, _server: self.server.clone() }
    }

    pub(crate) fn speaking(self, form: Form) -> Self {
        Self { form, ..self }
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
            feed_hash: [0; 32],
            form: self.form,
            operator: OperatorId(Uuid::now_v7()),
            time: START,
            card_version: self.card_version,
        }
    }

    pub(crate) fn officer(&self) -> Officer {
        Officer {
            username: USERNAME.to_owned(),
            role: Role::Officer,
            scope: Scope::Agency(AgencyCode::from(AGENCY)),
            agency: AgencyCode::from(AGENCY),
            agency_title: "ثبت احوال".to_owned(),
            display_name: "کارشناس نمونه".to_owned(),
        }
    }

    /// Serves over a real socket until the test ends.
    pub(crate) async fn serve(&self) -> Served {
        self.serve_at("127.0.0.1:0").await.0
    }

    /// Serves at an address, as long as the task runs.
    pub(crate) async fn serve_at(&self, address: &str) -> (Served, JoinHandle<()>) {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = AppState::new(self.centre.clone(), false, 15);
        let serving = tokio::spawn(web::serve(listener, state, std::future::pending()));
        (Served::at(address), serving)
    }

    pub(crate) fn postgres(&self) -> &TemporaryPostgres {
        self.server.as_ref().unwrap()
    }

    /// A process that has just started on another database.
    pub(crate) async fn move_to(&mut self, database: String) {
        self.database = database;
        self.restart().await;
    }
}

async fn open(database: &str, folder: &TempDir, clock: &Arc<AtomicI64>) -> Arc<Centre> {
    let storage = storage::open(database).await.unwrap();
    let documents = DocumentStore::open(&folder.path().join("documents")).await.unwrap();
    let clock = clock.clone();
    let clock = Arc::new(move || clock.load(Ordering::SeqCst));
    Centre::open(storage, documents, clock, "http://centre.test".to_owned()).await.unwrap()
}

/// A session of somebody, past the sign-in; gives the cookie.
pub(crate) async fn open_session(centre: &TestCentre, username: &str) -> String {
    let token = pishkhan_server::secret::hex(&pishkhan_server::secret::random::<32>().unwrap());
    let mut unit = centre.centre.storage.begin().await.unwrap();
    let (hash, now) = (web::session::token_hash(&token), centre.centre.now());
    let member = staff::find(unit.as_mut(), username).await.unwrap().unwrap();
    if member.role.needs_factor() {
        // Past setting one up too; nobody will show it.
        factors::set(unit.as_mut(), username, &[0; 60], 0).await.unwrap();
    }
    sessions::open(unit.as_mut(), hash, username, "sample-csrf", "test", now).await.unwrap();
    unit.commit().await.unwrap();
    format!("pishkhan_session={token}")
}

/// Where the centre answers, and a browser that keeps cookies.
pub(crate) struct Served {
    pub(crate) url: String,
    pub(crate) client: reqwest::Client,
}

impl Served {
    pub(crate) fn at(address: SocketAddr) -> Self {
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
    pub(crate) feed_hash: Hash,
    pub(crate) form: Form,
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
            feed_hash: self.feed_hash,
            form: self.form,
            operator: self.operator,
            time: self.time,
            card_version: self.card_version,
        }
    }

    /// Its clock goes on.
    pub(crate) fn pass(&mut self, ms: i64) {
        self.time += ms;
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
        recorded(self.card_version)
    }

    pub(crate) fn record(&mut self) -> ApplicationId {
        let recorded = self.recorded();
        self.add(&EventBody::ApplicationRecorded(Box::new(recorded)))
    }

    pub(crate) fn batch(&self, after: u64, to: u64) -> Batch {
        let head = self.head_at(to);
        let entries: Vec<Entry> =
            self.log[after as usize..to as usize].iter().map(Entry::from).collect();
        let (codec, entries) = match self.form {
            Form::Full => (rows::CODEC_ROWS, rows::encode(&entries)),
            Form::Short => (CODEC_COLUMNS, columns::encode(&entries, &self.alone(after))),
        };
        let signature = head.sign(self.number, &self.key);
        Batch { after: self.head_at(after), head, signature, codec, entries }
    }

    /// The context of a batch of the full form.
    fn alone(&self, after_seq: u64) -> columns::Context<'_> {
        columns::Context { secret: &self.secret, after_seq, before: None }
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
        let request = self.request(batch);
        if self.form == Form::Short
            && let Some(said) = self.say_short(&request)
        {
            match short(centre, &said.to_bytes()).await {
                Ok(reply) => {
                    if let Some(reply) = self.hear_short(&said.code, &request, &reply) {
                        return reply;
                    }
                }
                Err(ShortError::OutOfOrdinary(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
        self.open(&exchange(centre, &self.seal(&request)).await.unwrap())
    }

    /// The same in the short form; none before the first lease, and where the short form has no
    /// words for it.
    pub(crate) fn say_short(&self, request: &ExchangeRequest) -> Option<ShortEnvelope> {
        let key = SessionKey::of(&self.secret, &request.epoch?, &request.lease?);
        let batch = request.batch.as_ref().map(|batch| {
            let mut short = ShortBatch {
                signature: batch.signature,
                codec: batch.codec,
                entries: batch.entries.clone(),
            };
            let after_seq = batch.after.seq;
            let entries = columns::decode(&batch.entries, &self.alone(after_seq));
            if let (CODEC_COLUMNS, Ok(entries)) = (batch.codec, entries) {
                let before = after_seq.checked_sub(1).map(|place| &self.log[place as usize]);
                let context = columns::Context { secret: &self.secret, after_seq, before };
                short.entries = columns::encode(&entries, &context);
            }
            short
        });
        let message = ShortRequest {
            after_seq: request.batch.as_ref().map_or(self.received, |batch| batch.after.seq),
            feed_cursor: request.feed_cursor,
            catalogue_cursor: request.catalogue_cursor,
            wants: WANTS_ANCHOR | WANTS_TOKEN,
            batch,
            log_seq: Some(request.log_seq),
            oldest_waiting_ms: request.oldest_waiting_ms,
            reply_most_bytes: request.reply_most_bytes,
        };
        Some(short_envelope(self.number, &key, message.to_bytes()))
    }

    /// A short reply, filled up with what this side knows, if its code holds: not when it is about
    /// a log or a feed that this side does not have.
    pub(crate) fn hear_short(
        &self,
        asked: &Code,
        request: &ExchangeRequest,
        bytes: &[u8],
    ) -> Option<ExchangeReply> {
        let (epoch, lease) = (request.epoch.unwrap(), request.lease.unwrap());
        let key = SessionKey::of(&self.secret, &epoch, &lease);
        let envelope = ShortEnvelope::from_bytes(bytes).unwrap();
        let ShortEnvelope { encoding, dictionary, payload, .. } = &envelope;
        let message = unpack(*encoding, *dictionary, payload, 1 << 23).unwrap();
        let reply = ShortReply::from_bytes(&message).unwrap();
        assert_eq!(reply.verdict, Verdict::Ok);
        let received = self.head_at(reply.received_seq);
        let feed = reply.feed.unwrap_or_default();
        let begun = if request.feed_cursor == 0 { [0; 32] } else { self.feed_hash };
        let feed_hash =
            feed.iter().fold(begun, |before, entry| feed_hash(&before, entry.number, &entry.item));
        let implied =
            Implied { request: asked, received_hash: &received.hash, feed_hash: &feed_hash };
        envelope.check(&key.code_of_reply(&envelope, &implied)).ok()?;
        Some(ExchangeReply {
            protocol: PROTOCOL,
            device: envelope.device,
            epoch,
            verdict: reply.verdict,
            received,
            safe_seq: reply.received_seq - reply.unsafe_entries,
            anchor: reply.anchor.unwrap(),
            lease: reply.lease,
            feed,
            feed_hash,
            catalogue: reply.catalogue.unwrap_or_default(),
            more: reply.more.unwrap_or(false),
            upload_token: reply.upload_token,
            retry_after_s: reply.retry_after_s,
            dictionary: None,
            answers: None,
            wanted: reply.wanted,
        })
    }

    pub(crate) fn keep(&mut self, reply: &ExchangeReply) {
        self.epoch = Some(reply.epoch);
        self.lease = Some(reply.lease);
        self.received = reply.received.seq;
        self.feed_hash = reply.feed_hash;
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

pub(crate) fn short_envelope(
    device: DeviceNumber,
    key: &SessionKey,
    payload: Vec<u8>,
) -> ShortEnvelope {
    let mut envelope = ShortEnvelope { device, encoding: 0, dictionary: 0, payload, code: [0; 16] };
    envelope.code = key.code_of_request(&envelope);
    envelope
}

pub(crate) fn card() -> ServiceCard {
    serde_json::from_str(include_str!("card.json")).unwrap()
}

pub(crate) fn recorded(card_version: ContentHash) -> ApplicationRecorded {
    ApplicationRecorded {
        service: card().code,
        card_version,
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

/// Makes a test of each story for each store, and for the short form of the exchange.
macro_rules! on_both_stores {
    ($($story:ident),* $(,)?) => {
        mod short {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                let centre = $crate::fixture::TestCentre::start($crate::fixture::Store::Embedded).await;
                let remains = centre.remains();
                super::$story(centre.speaking($crate::fixture::Form::Short)).await;
                remains.are_sound().await;
            })*
        }
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                let centre = $crate::fixture::TestCentre::start($crate::fixture::Store::Embedded).await;
                let remains = centre.remains();
                super::$story(centre).await;
                remains.are_sound().await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                let centre = $crate::fixture::TestCentre::start($crate::fixture::Store::Postgres).await;
                let remains = centre.remains();
                super::$story(centre).await;
                remains.are_sound().await;
            })*
        }
    };
}

pub(crate) use on_both_stores;
