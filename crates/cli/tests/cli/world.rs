//! A centre and offices in one process, on disks of their own, by a clock that the story turns.
//! Between them there is nothing but files.

use std::fs;
use std::io::{BufReader, Cursor};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pishkhan_counter::Counter;
use pishkhan_domain::application::{AttachedDocument, Defect, Evidence};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::{ApplicationId, OfficeCode};
use pishkhan_domain::jalali;
use pishkhan_domain::lifecycle::State;
use pishkhan_ipc::application::{
    ApplicationRequest, ApplicationView, ListFilter, ListRequest, RecordOutcome, RecordRequest,
    ResubmitRequest,
};
use pishkhan_ipc::courier::{
    CourierExport, CourierExportRequest, CourierImportRequest, CourierRead,
};
use pishkhan_ipc::draft::DocumentAttachRequest;
use pishkhan_ipc::session::EnrolRequest;
use pishkhan_protocol::enrolment::{EnrolReply, EnrolRequest as DeviceRequest};
use pishkhan_protocol::keys::SecretKey;
use pishkhan_server::access::{Role, Scope};
use pishkhan_server::administration::{add_office, publish_catalogue};
use pishkhan_server::centre::Centre;
use pishkhan_server::courier::{TakeError, Taken, take};
use pishkhan_server::documents::DocumentStore;
use pishkhan_server::enrolment::{enrol, issue_code};
use pishkhan_server::lease::Leases;
use pishkhan_server::officer::act;
use pishkhan_server::projection::OfficerAct;
use pishkhan_server::storage::staff::Officer;
use pishkhan_server::storage::{self, applications, devices, events, identity, offices};
use pishkhan_testkit::samples::Sampler;
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::trial::{NOON_MS, PIN, places};

pub(super) const DAY_MS: i64 = 86_400_000;
pub(super) const SERVICE: &str = "birth-registration";

pub(super) struct World {
    pub(super) centre: Arc<Centre>,
    pub(super) folder: TempDir,
    pub(super) clock: Arc<AtomicI64>,
}

impl World {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicI64::new(NOON_MS));
        let file = folder.path().join("centre.db");
        let storage = storage::open(file.to_str().unwrap()).await.unwrap();
        let documents = DocumentStore::open(&folder.path().join("documents")).await.unwrap();
        let now = clock.clone();
        let now = Arc::new(move || now.load(Ordering::SeqCst));
        let url = "https://centre.example".to_owned();
        let centre = Centre::open(storage, documents, now, url).await.unwrap();
        let mut unit = centre.storage.begin().await.unwrap();
        let cards = pishkhan_testkit::catalogue::folder();
        publish_catalogue(unit.as_mut(), &centre.key, &cards, NOON_MS).await.unwrap();
        unit.commit().await.unwrap();
        Self { centre, folder, clock }
    }

    pub(super) fn pass_days(&self, days: i64) {
        self.clock.fetch_add(days * DAY_MS, Ordering::SeqCst);
    }

    /// An office that was enrolled at the centre's desk, and has had no line since.
    pub(super) async fn office(&self, code: &str) -> Office {
        let seed = Zeroizing::new(pishkhan_server::secret::random().unwrap());
        let reply = self.enrolled(code, &seed).await;
        Office::new(&reply, &seed, self.clock.clone())
    }

    async fn enrolled(&self, code: &str, seed: &[u8; 32]) -> EnrolReply {
        let now = self.clock.load(Ordering::SeqCst);
        let mut unit = self.centre.storage.begin().await.unwrap();
        add_office(unit.as_mut(), code, "دفتر نمونه", "دهستان نمونه", now).await.unwrap();
        let code = issue_code(unit.as_mut(), &OfficeCode::from(code), now).await.unwrap();
        unit.commit().await.unwrap();
        let key = SecretKey::from_seed(seed).public();
        let machine = "نمونه".to_owned();
        let request = DeviceRequest { code, key, machine, agent: "test".to_owned() };
        enrol(&self.centre, &request).await.unwrap()
    }

    /// What a bearer brings.
    pub(super) async fn brought(&self, bytes: Vec<u8>) -> Result<Taken, TakeError> {
        take(&self.centre, Cursor::new(bytes)).await
    }

    pub(super) async fn brought_file(&self, path: &Path) -> Result<Taken, TakeError> {
        take(&self.centre, BufReader::new(fs::File::open(path).unwrap())).await
    }

    pub(super) async fn new_epoch(&self, epoch: u8) {
        let mut unit = self.centre.storage.begin().await.unwrap();
        identity::set_epoch(unit.as_mut(), [epoch; 16]).await.unwrap();
        unit.commit().await.unwrap();
    }

    pub(super) async fn revoke(&self, office: &Office) {
        let mut unit = self.centre.storage.begin().await.unwrap();
        let number = office.identity().device;
        devices::revoke(unit.as_mut(), number, self.centre.now()).await.unwrap();
        unit.commit().await.unwrap();
    }

    pub(super) async fn state(&self, office: &Office, id: ApplicationId) -> State {
        let mut unit = self.centre.storage.read().await.unwrap();
        let office = office.identity().office;
        applications::find(unit.as_mut(), &office, id).await.unwrap().unwrap().state
    }

    pub(super) async fn decides(&self, office: &Office, id: ApplicationId, decision: OfficerAct) {
        let mut unit = self.centre.storage.read().await.unwrap();
        let office = office.identity().office;
        let found = applications::find(unit.as_mut(), &office, id).await.unwrap().unwrap();
        drop(unit);
        let officer = Officer {
            username: "sample-officer".to_owned(),
            role: Role::Officer,
            scope: Scope::Agency(found.agency.clone()),
            agency: found.agency,
            agency_title: "ثبت احوال".to_owned(),
            display_name: "کارشناس نمونه".to_owned(),
        };
        act(&self.centre, &officer, id, found.changed_at, decision).await.unwrap();
        // Two acts of one moment would be one to the officer's page.
        self.clock.fetch_add(60_000, Ordering::SeqCst);
    }

    async fn count(&self, sql: &'static str) -> u64 {
        let mut unit = self.centre.storage.read().await.unwrap();
        unit.query(sql, Vec::new()).await.unwrap()[0].count("number").unwrap()
    }

    /// Log, applications, feed, documents: the same on both sides, each thing once.
    pub(super) async fn equals(&self, office: &Office) {
        let (identity, log, state, head) = {
            let store = office.counter.store().unwrap();
            let store = store.lock().unwrap();
            assert_eq!(store.documents_waiting().unwrap().documents, 0);
            let log = store.entries_after(0, usize::MAX, usize::MAX).unwrap();
            let (state, head) = (store.sync_state().unwrap(), store.head().unwrap());
            (store.identity().clone(), log, state, head)
        };
        let mut unit = self.centre.storage.read().await.unwrap();
        let (code, number) = (&identity.office, identity.device);
        let device = devices::find(unit.as_mut(), code, number).await.unwrap().unwrap();
        assert_eq!(device.head, head);
        assert_eq!(state.acknowledged, device.head);
        for event in &log {
            let seq = event.core.seq;
            let stored = events::find(unit.as_mut(), code, number, seq).await.unwrap();
            assert_eq!(stored.as_ref(), Some(event), "entry {seq}");
        }
        let counts = events::counts(unit.as_mut(), code, number).await.unwrap();
        assert_eq!(counts, (log.len() as u64, 0), "each entry once, nothing aside");
        let row = offices::find(unit.as_mut(), code).await.unwrap().unwrap();
        assert_eq!((state.feed_cursor, state.feed_hash), (row.feed_number, row.feed_hash));
        let rows = office.rows();
        for (id, here) in &rows {
            let there = applications::find(unit.as_mut(), code, *id).await.unwrap().unwrap();
            assert_eq!(*here, there.state, "{id}");
            for document in office.view(*id).documents {
                let Evidence::Copy { hash, .. } = document.evidence else { continue };
                let bytes = self.centre.documents.read(code, hash).await.unwrap();
                assert_eq!(ContentHash::of(&bytes), hash);
            }
        }
        drop(unit);
        assert_eq!(
            self.count("SELECT count(*) AS number FROM applications").await,
            rows.len() as u64
        );
        // The courier shows no lease and changes none.
        assert_eq!((state.lease, device.leases), (None, Leases::default()));
    }
}

pub(super) struct Office {
    pub(super) counter: Counter,
    samples: u64,
    clock: Arc<AtomicI64>,
    _dir: TempDir,
}

impl Office {
    fn new(reply: &EnrolReply, seed: &Zeroizing<[u8; 32]>, clock: Arc<AtomicI64>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now = clock.clone();
        let now = Box::new(move || now.load(Ordering::SeqCst));
        let counter = Counter::open_with_clock(places(dir.path()), now).unwrap();
        let request = EnrolRequest {
            centre_url: "http://127.0.0.1:9".to_owned(),
            code: "SAMPLE".to_owned(),
            operator_name: "اپراتور نمونه".to_owned(),
            pin: PIN.to_owned(),
        };
        counter.enrol_with(reply, seed, &request).unwrap();
        Self { counter, samples: 0, clock, _dir: dir }
    }

    pub(super) fn identity(&self) -> pishkhan_store::Identity {
        self.counter.store().unwrap().lock().unwrap().identity().clone()
    }

    pub(super) fn acknowledged(&self) -> u64 {
        self.counter.store().unwrap().lock().unwrap().acknowledged().unwrap().seq
    }

    fn scan(&self, code: &str) -> AttachedDocument {
        // A few hundred kilobytes that no compression makes small.
        let mut bytes = format!("%PDF-1.4 {}", self.samples).into_bytes();
        let mut state = self.samples + 1;
        bytes.extend((0..300_000).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        }));
        bytes.extend_from_slice(b"\n%%EOF\n");
        let request = DocumentAttachRequest {
            code: code.to_owned(),
            file_name: "نمونه.pdf".to_owned(),
            bytes_base64: STANDARD.encode(bytes),
        };
        self.counter.document_attach(&request).unwrap().document
    }

    /// A visit: an application with a scan of its own.
    pub(super) fn record(&mut self) -> ApplicationId {
        self.samples += 1;
        let now = self.clock.fetch_add(600_000, Ordering::SeqCst);
        let cards = pishkhan_testkit::catalogue::cards().unwrap();
        let card = cards.iter().find(|card| card.code.0 == SERVICE).unwrap();
        let scan = self.scan(&card.documents[0].code).evidence;
        let today = jalali::tehran_date(now);
        let mut sampler = Sampler::new(cards, today, self.samples).with_scan(scan);
        let entry = serde_json::from_value(sampler.good_for(SERVICE).unwrap()).unwrap();
        let request = RecordRequest { draft: None, entry };
        match self.counter.application_record(&request).unwrap() {
            RecordOutcome::Recorded { application } => application.row.id,
            RecordOutcome::Invalid { errors } => panic!("{errors:?}"),
        }
    }

    pub(super) fn mend(&self, id: ApplicationId) {
        self.clock.fetch_add(600_000, Ordering::SeqCst);
        let draft = self.counter.draft_mend(&ApplicationRequest { id }).unwrap();
        let request = ResubmitRequest {
            id,
            draft: Some(draft.id),
            entry: draft.entry,
            note: "سند دوباره اسکن شد.".to_owned(),
        };
        let mended = self.counter.application_resubmit(&request).unwrap();
        assert!(matches!(mended, RecordOutcome::Recorded { .. }), "{mended:?}");
    }

    pub(super) fn view(&self, id: ApplicationId) -> ApplicationView {
        self.counter.application_get(&ApplicationRequest { id }).unwrap()
    }

    pub(super) fn rows(&self) -> Vec<(ApplicationId, State)> {
        let request =
            ListRequest { filter: ListFilter::All, query: String::new(), limit: 200, after: None };
        let rows = self.counter.application_list(&request).unwrap().rows;
        rows.into_iter().map(|row| (row.id, row.state)).collect()
    }

    pub(super) fn export(&self, stick: &Path) -> CourierExport {
        let folder = stick.to_str().unwrap().to_owned();
        self.counter.courier_export(&CourierExportRequest { folder }).unwrap()
    }

    pub(super) fn exported(&self) -> Vec<u8> {
        let stick = tempfile::tempdir().unwrap();
        fs::read(self.export(stick.path()).file.path).unwrap()
    }

    pub(super) fn import(&self, path: &Path) -> Vec<CourierRead> {
        let path = path.to_str().unwrap().to_owned();
        self.counter.courier_import(&CourierImportRequest { path }).unwrap().files
    }

    pub(super) fn imported(&self, bytes: &[u8]) -> CourierRead {
        let stick = tempfile::tempdir().unwrap();
        // Renamed by whoever carried it.
        let path = stick.path().join("file (1).bin");
        fs::write(&path, bytes).unwrap();
        self.import(&path).remove(0)
    }
}

pub(super) fn put(stick: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = stick.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

pub(super) fn a_return() -> OfficerAct {
    let cards = pishkhan_testkit::catalogue::cards().unwrap();
    let card = cards.iter().find(|card| card.code.0 == SERVICE).unwrap();
    let field = format!("documents.{}", card.documents[0].code);
    let defect = Defect { field, reason: "تصویر خوانا نیست".to_owned() };
    OfficerAct::Return { defects: vec![defect], note: String::new() }
}
