//! What whoever runs a centre relies on: backups that can be restored and say how far they go,
//! settings that are checked, a monitor, a stop that finishes what is running.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::exchange::Verdict;
use pishkhan_server::audit::{Against, Finding, Wrong, audit};
use pishkhan_server::backup::{self, BackupError, Order, Written};
use pishkhan_server::documents::DocumentStore;
use pishkhan_server::storage::{self, documents, identity};
use pishkhan_server::web::{self, AppState};
use tokio::net::TcpListener;

use crate::fixture::{OFFICE, Served, Store, TestCentre, TestDevice, on_both_stores};

on_both_stores!(
    only_what_a_backup_has_is_called_safe,
    a_backup_is_restored_whole_and_begins_a_new_epoch,
    what_is_no_backup_is_not_restored,
);

async fn back_up(centre: &TestCentre, keep: usize) -> Written {
    let (folder, documents) = (backups(centre), centre.folder.path().join("documents"));
    let (database, now) = (centre.database.as_str(), centre.centre.now());
    let documents = Some(documents.as_path());
    let order = Order { database, documents, folder: &folder, keep, now };
    backup::write(&centre.centre.storage, &order).await.unwrap()
}

fn backups(centre: &TestCentre) -> PathBuf {
    centre.folder.path().join("backups")
}

/// Where a backup of this centre could be restored to.
fn empty_database(centre: &TestCentre, name: &str) -> String {
    if centre.database.starts_with("postgres") {
        centre.postgres().create(name)
    } else {
        centre.folder.path().join(name).to_str().unwrap().to_owned()
    }
}

async fn only_what_a_backup_has_is_called_safe(centre: TestCentre) {
    let mut device = centre.device().await;
    device.record();
    assert_eq!(device.sync(&centre.centre).await.safe_seq, 1, "no backup was ever made");
    let written = back_up(&centre, 3).await;
    assert_eq!(written.note.entries, 1);
    device.record();
    device.record();
    let reply = device.sync(&centre.centre).await;
    assert_eq!((reply.received.seq, reply.safe_seq), (3, 1), "received, and not yet safe");
    centre.pass(1_000);
    back_up(&centre, 3).await;
    let reply = device.sync(&centre.centre).await;
    assert_eq!((reply.received.seq, reply.safe_seq), (3, 3));
    let new = centre.device().await;
    assert_eq!(new.ask(&centre.centre, None).await.safe_seq, 0);
    // Only so many stay, the newest, each with its note.
    for _ in 0..4 {
        centre.pass(1_000);
        back_up(&centre, 3).await;
    }
    let names = std::fs::read_dir(backups(&centre))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("pishkhan-")).collect();
    names.sort();
    assert_eq!(names.len(), 6, "{names:?}");
    assert!(names.last().unwrap().ends_with(".json"));
    assert!(names.iter().all(|name| !name.contains(".part")));
}

/// A document that has arrived.
async fn with_document(centre: &TestCentre) -> ContentHash {
    let office = OFFICE.into();
    let bytes = b"scan".as_slice();
    let hash = ContentHash::of(bytes);
    let folder = centre.folder.path().join("documents").join(OFFICE);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(hash.to_string()), bytes).unwrap();
    let mut unit = centre.centre.storage.begin().await.unwrap();
    documents::announce(unit.as_mut(), &office, hash, 4, centre.centre.now()).await.unwrap();
    documents::mark_received(unit.as_mut(), &office, hash, centre.centre.now()).await.unwrap();
    unit.commit().await.unwrap();
    hash
}

async fn epoch(centre: &TestCentre) -> [u8; 16] {
    let mut unit = centre.centre.storage.read().await.unwrap();
    identity::find(unit.as_mut()).await.unwrap().unwrap().epoch
}

async fn a_backup_is_restored_whole_and_begins_a_new_epoch(mut centre: TestCentre) {
    let mut device = centre.device().await;
    device.record();
    device.record();
    device.sync(&centre.centre).await;
    let hash = with_document(&centre).await;
    let written = back_up(&centre, 3).await;
    assert_eq!((written.note.documents, written.damaged.len()), (1, 0));
    device.record();
    device.sync(&centre.centre).await;
    let before = epoch(&centre).await;
    let database = empty_database(&centre, "restored_elsewhere");
    let place = centre.folder.path().join("documents-restored");
    let now = centre.centre.now();
    let begun = backup::restore(&written.file, &database, Some(&place), now).await.unwrap();
    assert_ne!(begun, before);
    let again = backup::restore(&written.file, &database, None, now).await;
    assert!(matches!(again, Err(BackupError::NotEmpty(_))), "{again:?}");
    let storage = storage::open(&database).await.unwrap();
    let store = DocumentStore::open(&place).await.unwrap();
    assert_eq!(store.read(&OFFICE.into(), hash).await.unwrap(), b"scan");
    let against = Against { documents: Some(&store), ..Against::default() };
    let report = audit(&storage, &against).await.unwrap();
    assert_eq!((report.findings.as_slice(), report.counts.events), ([].as_slice(), 2));
    assert_eq!(report.counts.documents, 1);
    let file = place.join(OFFICE).join(hash.to_string());
    for (changed, wrong) in
        [(Some(b"scam"), Wrong::DocumentChanged), (None, Wrong::DocumentMissing)]
    {
        match changed {
            Some(bytes) => std::fs::write(&file, bytes).unwrap(),
            None => std::fs::remove_file(&file).unwrap(),
        }
        let found = audit(&storage, &against).await.unwrap().findings;
        let named =
            |finding: &Finding| finding.wrong == wrong && finding.subject == hash.to_string();
        assert!(matches!(found.as_slice(), [found] if named(found)), "{found:?}");
    }
    centre.move_to(database).await;
    assert_eq!(epoch(&centre).await, begun);
    let reply = device.ask(&centre.centre, None).await;
    assert_eq!((reply.epoch, reply.received.seq), (begun, 2));
    device.keep(&reply);
    let reply = device.sync(&centre.centre).await;
    assert_eq!((reply.verdict, reply.received), (Verdict::Ok, device.head()));
}

async fn what_is_no_backup_is_not_restored(centre: TestCentre) {
    let mut device = centre.device().await;
    device.record();
    device.sync(&centre.centre).await;
    let hash = with_document(&centre).await;
    let written = back_up(&centre, 3).await;
    let database = empty_database(&centre, "for_nothing");
    let now = centre.centre.now();
    let bytes = std::fs::read(&written.file).unwrap();
    let mut changed = bytes.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    for damaged in [&changed[..], &bytes[..bytes.len() - 1]] {
        std::fs::write(&written.file, damaged).unwrap();
        let refused = backup::restore(&written.file, &database, None, now).await;
        assert!(matches!(refused, Err(BackupError::Damaged(_))), "{refused:?}");
    }
    std::fs::write(&written.file, &bytes).unwrap();
    let note = written.file.with_extension("json");
    let other = if written.note.store == "sqlite" {
        "postgres://nobody@localhost/nothing".to_owned()
    } else {
        centre.folder.path().join("x.db").to_str().unwrap().to_owned()
    };
    let refused = backup::restore(&written.file, &other, None, now).await;
    assert!(matches!(refused, Err(BackupError::OtherStore(..))), "{refused:?}");
    std::fs::remove_file(note).unwrap();
    let refused = backup::restore(&written.file, &database, None, now).await;
    assert!(matches!(refused, Err(BackupError::Unfinished(..))), "{refused:?}");
    // A document that is damaged here does not get into the backup, and is named.
    let scan = centre.folder.path().join("documents").join(OFFICE).join(hash.to_string());
    std::fs::write(&scan, b"spoilt").unwrap();
    let written = back_up(&centre, 3).await;
    assert_eq!(written.damaged, std::slice::from_ref(&scan));
    assert_eq!(
        std::fs::read(backups(&centre).join("documents").join(OFFICE).join(hash.to_string()))
            .unwrap(),
        b"scan",
        "the good copy stays"
    );
    std::fs::write(&scan, b"scan").unwrap();
}

async fn serve(state: AppState) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(web::serve(listener, state, std::future::pending()));
    Served::at(address)
}

#[tokio::test]
async fn metrics_are_for_the_machine_itself_and_for_who_has_the_token() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    assert_eq!(served.get("/track?x=0076229645").send().await.unwrap().status(), 200);
    let answer = served.get("/metrics").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.unwrap();
    let line = "pishkhan_http_requests_total{method=\"GET\",path=\"/track\",status=\"200\"} 1";
    assert!(text.contains(line), "{text}");
    assert!(text.contains("pishkhan_database_up 1") && text.ends_with("# EOF\n"), "{text}");
    assert!(!text.contains("0076229645"), "what was asked for is in no label");
    let wrong = served.get("/metrics").bearer_auth("x".repeat(32));
    assert_eq!(wrong.send().await.unwrap().status(), 404, "a token where there is none");

    let token = "t".repeat(32);
    let state = AppState::new(centre.centre.clone(), true, 15);
    let served = serve(state.with_metrics_token(Some(token.clone()))).await;
    let from = |address: &'static str| served.get("/metrics").header("x-forwarded-for", address);
    assert_eq!(from("198.51.100.7").send().await.unwrap().status(), 404, "a stranger");
    assert_eq!(from("127.0.0.1, 198.51.100.7").send().await.unwrap().status(), 404, "who lies");
    assert_eq!(from("127.0.0.1").send().await.unwrap().status(), 200);
    let known = from("198.51.100.7").bearer_auth(&token);
    assert_eq!(known.send().await.unwrap().status(), 200);
    let wrong = from("127.0.0.1").bearer_auth("u".repeat(32));
    assert_eq!(wrong.send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn health_says_whether_it_runs_and_whether_it_can_serve() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    for path in ["/health", "/health/ready", "/health/live"] {
        let answer = served.get(path).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (200, "ok"));
    }
}

fn order(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pishkhan-server"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PISHKHAN_")) {
        command.env_remove(name);
    }
    command.args(arguments).output().unwrap()
}

#[test]
fn settings_are_checked_and_every_fault_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.toml");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let config = file.display().to_string();
    let check = |text: &str, more: &[&str]| {
        std::fs::write(&file, text).unwrap();
        let output = order(&[&["check-config", "--config", config.as_str()], more].concat());
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let good = format!(
        "database = \"{}\"\ndocuments = \"{}\"\npublic_url = \"https://pishkhan.example.ir\"\n",
        at("centre.db"),
        at("documents")
    );
    assert_eq!(check(&good, &[]), (true, String::new()));
    assert!(!folder.path().join("centre.db").exists(), "nothing was made");
    let packaged = include_str!("../../packaging/server.toml");
    let (sound, said) = check(packaged, &["--database", &at("centre.db"), "--documents", &at("d")]);
    assert!(sound, "a flag goes before the file: {said}");

    let (sound, said) = check(
        "listen = \"nowhere\"\npublic_url = \"ftp://x\"\nsession_minutes = 0\n\
         metrics_token = \"short-secret\"\ntls_key = \"/k\"\n",
        &[],
    );
    assert!(!sound);
    for setting in [
        "listen",
        "public_url",
        "session_minutes",
        "metrics_token",
        "tls_listen",
        "database",
        "documents",
    ] {
        assert!(said.contains(&format!("{setting}: ")), "{setting} is not named in {said}");
    }
    assert!(!said.contains("short-secret"), "a secret is not repeated");
    let (sound, said) = check(&format!("{good}databse = \"secret\"\n"), &[]);
    assert!(!sound && said.contains("config: ") && said.contains("line 4"), "{said}");
    let (sound, said) = check(&good, &["--database", &at("no/such/folder/centre.db")]);
    assert!(!sound && said.contains("database: "), "{said}");
    let (sound, said) = check(&good, &["--documents", &format!("{config}/inside")]);
    assert!(!sound && said.contains("documents: "), "{said}");
}

/// A centre as a process; gives its address, and later all that it wrote.
struct Process {
    child: std::process::Child,
    lines: BufReader<std::process::ChildStderr>,
    log: String,
}

impl Process {
    fn start(centre: &TestCentre) -> (Self, Served) {
        let documents = centre.folder.path().join("documents");
        let mut child = Command::new(env!("CARGO_BIN_EXE_pishkhan-server"))
            .args(["serve", "--listen", "127.0.0.1:0", "--public-url", "http://centre.test"])
            .args(["--database", &centre.database, "--documents"])
            .arg(documents)
            .env("PISHKHAN_LOG", "info,pishkhan_server=trace,tower_http=trace")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap());
        let mut started = Self { child, lines, log: String::new() };
        let line = loop {
            let mut line = String::new();
            assert_ne!(started.lines.read_line(&mut line).unwrap(), 0, "{}", started.log);
            started.log.push_str(&line);
            if line.contains("\"serving\"") {
                break line;
            }
        };
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        let address = line["fields"]["listen"].as_str().unwrap().parse().unwrap();
        (started, Served::at(address))
    }

    /// Tells it to stop, and waits; gives how it ended and all that it wrote.
    fn stop(mut self) -> (Option<i32>, String) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        std::io::Read::read_to_string(&mut self.lines, &mut self.log).unwrap();
        (self.child.wait().unwrap().code(), self.log)
    }
}

async fn send(served: &Served, device: &mut TestDevice) {
    let end = device.log.len() as u64;
    let sealed = device.seal(&device.request(Some(device.batch(device.received, end))));
    let answer = served.client.post(served.to("/sync/v1/exchange")).body(sealed).send().await;
    let reply = device.open(&answer.unwrap().bytes().await.unwrap());
    assert_eq!(reply.received.seq, end);
    device.keep(&reply);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_when_told_and_its_log_has_nothing_personal() {
    let centre = TestCentre::start(Store::Embedded).await;
    let mut device = centre.device().await;
    let (process, served) = Process::start(&centre);
    device.record();
    device.add_bytes(2, b"not a body".to_vec());
    let mut unfit = device.recorded();
    unfit.form.remove("place");
    device.add(&pishkhan_protocol::body::EventBody::ApplicationRecorded(Box::new(unfit)));
    send(&served, &mut device).await;
    let code = format!("{:013}", device.log[0].core.tracking_code.unwrap());
    let fields = [("code", code.as_str()), ("last_four", "9645")];
    assert_eq!(served.post("/track", &fields).send().await.unwrap().status(), 200);
    let login = [("username", "sample-officer"), ("password", "wrong-password")];
    served.post("/console/login", &login).send().await.unwrap();
    served.client.post(served.to("/sync/v1/exchange")).body("x").send().await.unwrap();
    let (ended, log) = process.stop();
    assert_eq!(ended, Some(0), "{log}");
    assert!(log.contains("\"exchange\"") && log.contains("\"entry parked\""), "{log}");
    assert!(log.contains("\"stopping\"") && log.contains("\"day root made\""), "{log}");
    assert!(log.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
    for personal in ["زهرا", "نوزاد", "0076229645", "9645", "9121234567", &code, "wrong-password"]
    {
        assert!(!log.contains(personal), "{personal} is in the log: {log}");
    }
}
