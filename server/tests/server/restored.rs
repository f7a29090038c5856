//! A centre that was lost and restored from last night's dump, and two offices with the real client
//! and the real store: one that the dump knows, and one that was enrolled after it.

use std::sync::{Arc, Mutex};

use pishkhan_domain::ids::{ApplicationId, OfficeCode, OperatorId};
use pishkhan_domain::lifecycle::State;
use pishkhan_protocol::body::EventBody;
use pishkhan_server::projection::OfficerAct;
use pishkhan_server::storage::{applications, events};
use pishkhan_store::{DataKey, Identity, Store as OfficeStore};
use pishkhan_sync::{Options, Outcome, enrol, run_once};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::conformance::{a_return, application, at_once, decide, queue_length};
use crate::fixture::{OFFICE, START, Store, TestCentre, recorded};

pub(crate) struct Office {
    _folder: TempDir,
    pub(crate) store: Arc<Mutex<OfficeStore>>,
    pub(crate) filed: Vec<ApplicationId>,
}

impl Office {
    pub(crate) async fn enrolled(centre: &TestCentre, url: &str) -> Self {
        let (reply, key_seed) = enrol(url, &centre.code().await, "نمونه").await.unwrap();
        let identity = Identity {
            device: reply.device,
            office: reply.office,
            office_title: reply.office_title,
            district_title: reply.district_title,
            centre_url: url.to_owned(),
            public_url: reply.public_url,
            certificate: reply.certificate,
            centre_key: reply.centre_key,
            key_seed,
            secret: pishkhan_protocol::derive::DeviceSecret(reply.secret),
            epoch: reply.epoch,
        };
        let folder = tempfile::tempdir().unwrap();
        let key = DataKey::from_bytes([7; 32]);
        let store = OfficeStore::create(folder.path(), &key, &identity).unwrap();
        Self { _folder: folder, store: Arc::new(Mutex::new(store)), filed: Vec::new() }
    }

    pub(crate) fn record(&mut self, centre: &TestCentre) {
        self.append(EventBody::ApplicationRecorded(Box::new(recorded(centre.card_version))));
    }

    pub(crate) fn append(&mut self, body: EventBody) {
        let mut store = self.store.lock().unwrap();
        let events = store.append(OperatorId::from_bytes([4; 16]), START, vec![body], &[]).unwrap();
        self.filed.push(events[0].rest.id.into());
    }

    async fn sync(&self) -> Outcome {
        run_once(self.store.clone(), Options::default()).await.unwrap()
    }

    pub(crate) async fn syncs(&self) {
        let outcome = self.sync().await;
        assert!(outcome.finished, "{outcome:?}");
    }

    fn states(&self) -> Vec<State> {
        let store = self.store.lock().unwrap();
        let state = |id: &ApplicationId| store.application(*id, START).unwrap().row.state;
        self.filed.iter().map(state).collect()
    }

    /// The centre has every entry once and in order, and finds each application by its code.
    async fn is_whole_at(&self, centre: &TestCentre) {
        let (log, number) = {
            let store = self.store.lock().unwrap();
            assert_eq!(store.acknowledged().unwrap(), store.head().unwrap());
            let log = store.entries_after(0, usize::MAX, usize::MAX).unwrap();
            (log, store.identity().device)
        };
        let office = OfficeCode::from(OFFICE);
        let mut unit = centre.centre.storage.read().await.unwrap();
        assert_eq!(
            events::counts(unit.as_mut(), &office, number).await.unwrap().0,
            log.len() as u64
        );
        for event in &log {
            let found = events::find(unit.as_mut(), &office, number, event.core.seq).await;
            assert_eq!(found.unwrap().as_ref(), Some(event));
        }
        for id in &self.filed {
            let code = {
                let store = self.store.lock().unwrap();
                store.application(*id, START).unwrap().row.tracking_code
            };
            let found = applications::with_code(unit.as_mut(), &office, code).await.unwrap();
            assert_eq!(found.unwrap().id, *id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_centre_restored_from_a_dump_gets_everything_again_and_once() {
    let mut centre = TestCentre::start(Store::Postgres).await;
    let (address, serving) = serve(&centre, "127.0.0.1:0").await;
    let url = format!("http://{address}");
    let mut known = Office::enrolled(&centre, &url).await;
    known.record(&centre);
    known.record(&centre);
    known.syncs().await;
    decide(&centre, known.filed[0], OfficerAct::Accept).await.unwrap();
    known.syncs().await;

    centre.postgres().dump();

    let mut forgotten = Office::enrolled(&centre, &url).await;
    for office in [&mut known, &mut forgotten] {
        office.record(&centre);
        office.record(&centre);
        office.syncs().await;
    }
    decide(&centre, known.filed[0], a_return()).await.unwrap();
    decide(&centre, known.filed[2], at_once()).await.unwrap();
    decide(&centre, forgotten.filed[0], at_once()).await.unwrap();
    for office in [&known, &forgotten] {
        office.syncs().await;
    }
    assert_eq!(known.states()[0], State::Returned);

    serving.abort();
    let _ended = serving.await;
    let database = centre.postgres().restore();
    centre.move_to(database).await;
    declare_restored(&centre.database);
    let (_, _serving) = serve(&centre, &address).await;
    for office in [&mut known, &mut forgotten] {
        office.record(&centre);
        office.syncs().await;
        office.is_whole_at(&centre).await;
    }
    assert_eq!(queue_length(&centre).await, 8);
    assert_eq!(
        known.states()[..3],
        [State::Accepted, State::Received, State::Received],
        "as the dump has it"
    );
    assert_eq!(forgotten.states()[0], State::Received);

    // The officer decides again, and each decision comes down once.
    decide(&centre, known.filed[0], a_return()).await.unwrap();
    decide(&centre, known.filed[2], at_once()).await.unwrap();
    decide(&centre, forgotten.filed[0], at_once()).await.unwrap();
    for office in [&known, &forgotten] {
        office.syncs().await;
        office.is_whole_at(&centre).await;
    }
    assert_eq!(known.states()[..3], [State::Returned, State::Received, State::Accepted]);
    assert_eq!(forgotten.states()[0], State::Accepted);
    assert_eq!(application(&centre, known.filed[0]).await.unwrap().state, State::Returned);
    // Nobody new gets the number of the forgotten one.
    let new = centre.device().await;
    let held = [&known, &forgotten].map(|office| office.store.lock().unwrap().identity().device);
    assert!(!held.contains(&new.number));
}

async fn serve(centre: &TestCentre, address: &str) -> (String, JoinHandle<()>) {
    let (served, serving) = centre.serve_at(address).await;
    (served.url.trim_start_matches("http://").to_owned(), serving)
}

/// As the administrator does after a restore.
fn declare_restored(database: &str) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_pishkhan-server"))
        .args(["centre", "restored", "--database", database])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
