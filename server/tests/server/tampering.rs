//! Whoever can write into the database changes, deletes, inserts, reorders and dates back: the audit
//! names each; and it names nothing where nobody did.
//!
//! Each way gets a copy of one database of its own, with every trigger out of the way.

use std::sync::atomic::{AtomicU32, Ordering};

use pishkhan_domain::lifecycle::State;
use pishkhan_protocol::body::{EventBody, NoteAdded, OperatorEnrolled, ReceiptPrinted};
use pishkhan_protocol::day_root::{ReceivedHead, SignedDayRoot, received_link};
use pishkhan_protocol::event::Hash;
use pishkhan_protocol::feed::feed_hash;
use pishkhan_server::audit::{Against, Finding, Wrong, audit};
use pishkhan_server::projection::OfficerAct;
use pishkhan_server::storage::{self, Row, SharedStorage, Value, day_roots};
use pishkhan_server::values;

use crate::conformance::{a_return, application, at_once, decide};
use crate::day_roots::{DAY, make_root};
use crate::fixture::{Store, TestCentre, TestDevice};
use crate::letters::{a_template, with};

#[path = "tampering/agencies.rs"]
mod agencies;
#[path = "tampering/letters.rs"]
mod letters;
#[path = "tampering/logs.rs"]
mod logs;
#[path = "tampering/roots.rs"]
mod roots;
#[path = "tampering/shown.rs"]
mod shown;
#[path = "tampering/told.rs"]
mod told;

/// A history of two devices with a root in its middle and one near its end, and the database as it
/// was left.
struct Original {
    centre: TestCentre,
    device: TestDevice,
    store: Store,
    roots: Vec<SignedDayRoot>,
}

/// A copy that somebody writes into.
struct Copy {
    database: String,
    storage: SharedStorage,
}

impl Original {
    async fn lived(store: Store) -> Self {
        let centre = TestCentre::start(store).await;
        let mut device = centre.device().await;
        let mut other = centre.device().await;
        device.add(&EventBody::OperatorEnrolled(OperatorEnrolled {
            operator: device.operator,
            name: "کاربر نمونه".to_owned(),
        }));
        let first = device.record();
        device.add(&EventBody::ReceiptPrinted(ReceiptPrinted { application: first, copy: 1 }));
        device.sync(&centre.centre).await;
        centre.pass(60_000);
        let second = device.record();
        device.add_bytes(2, b"not a body".to_vec());
        let note = NoteAdded { application: second, text: "نمونه".into() };
        device.add(&EventBody::NoteAdded(note));
        device.sync(&centre.centre).await;
        other.record();
        other.sync(&centre.centre).await;
        centre.pass(60_000);
        decide(&centre, first, OfficerAct::Accept).await.unwrap();
        centre.pass(60_000);
        decide(&centre, second, at_once()).await.unwrap();
        centre.pass(60_000);
        decide(&centre, first, a_return()).await.unwrap();
        make_root(&centre).await;
        centre.pass(DAY);
        let wish = a_template(&centre, 1, "برای {نام}").await;
        decide(&centre, second, with(&wish)).await.unwrap();
        device.record();
        device.sync(&centre.centre).await;
        make_root(&centre).await;
        centre.pass(DAY);
        device.record();
        device.sync(&centre.centre).await;
        assert_eq!(application(&centre, second).await.unwrap().state, State::Approved);
        Self::left(centre, device, store).await
    }

    /// The database as it is now.
    async fn left(centre: TestCentre, device: TestDevice, store: Store) -> Self {
        let mut unit = centre.centre.storage.read().await.unwrap();
        let roots = day_roots::all(unit.as_mut()).await.unwrap();
        drop(unit);
        let roots = roots.into_iter().map(|root| root.signed).collect();
        if matches!(store, Store::Postgres) {
            centre.postgres().dump();
        }
        Self { centre, device, store, roots }
    }

    async fn copy(&self) -> Copy {
        static COPIES: AtomicU32 = AtomicU32::new(0);
        let name = format!("copy{}", COPIES.fetch_add(1, Ordering::SeqCst));
        let database = match self.store {
            Store::Postgres => {
                let url = self.centre.postgres().restore_as(&name);
                disarm_postgres(&url).await;
                url
            }
            Store::Embedded => {
                let file = self.centre.folder.path().join(name).to_str().unwrap().to_owned();
                disarm_embedded(&self.centre.database, &file);
                file
            }
        };
        let storage = storage::open(&database).await.unwrap();
        Copy { database, storage }
    }
}

async fn disarm_postgres(url: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
    for row in client.query(tables, &[]).await.unwrap() {
        let table: &str = row.get("tablename");
        let sql = format!("ALTER TABLE {table} DISABLE TRIGGER ALL");
        client.batch_execute(&sql).await.unwrap();
    }
    drop(client);
    driver.await.unwrap().unwrap();
}

fn disarm_embedded(from: &str, to: &str) {
    let original = rusqlite::Connection::open(from).unwrap();
    original.execute("VACUUM INTO ?1", [to]).unwrap();
    let copy = rusqlite::Connection::open(to).unwrap();
    let mut named = copy.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").unwrap();
    let names = named.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let names: Vec<String> = names.map(Result::unwrap).collect();
    for name in names {
        copy.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
}

impl Copy {
    /// Writes; something must change.
    async fn write(&self, sql: &'static str, params: Vec<Value>) {
        let mut unit = self.storage.begin().await.unwrap();
        let changed = unit.execute(sql, vec![params]).await.unwrap();
        assert!(changed > 0, "{sql}");
        unit.commit().await.unwrap();
    }

    async fn rows(&self, sql: &'static str, params: Vec<Value>) -> Vec<Row> {
        let mut unit = self.storage.read().await.unwrap();
        unit.query(sql, params).await.unwrap()
    }

    async fn audit(&self) -> Vec<Finding> {
        audit(&self.storage, &Against::default()).await.unwrap().findings
    }

    async fn audit_against(&self, against: &Against<'_>) -> Vec<Finding> {
        audit(&self.storage, against).await.unwrap().findings
    }

    /// Links a device's received heads anew, as somebody who knows how would.
    async fn link_heads_again(&self, device: &TestDevice) {
        let number = device.number;
        let mut link: Hash = [0; 32];
        let sql = "SELECT seq, after_seq, hash, signature, received_at FROM received_heads \
                   WHERE device = $1 ORDER BY seq";
        for row in self.rows(sql, values![number.0]).await {
            let received = ReceivedHead {
                head: pishkhan_protocol::head::Head {
                    seq: row.count("seq").unwrap(),
                    hash: row.array("hash").unwrap(),
                },
                after_seq: row.count("after_seq").unwrap(),
                signature: pishkhan_protocol::keys::SignatureBytes(row.array("signature").unwrap()),
                received_at_ms: row.int("received_at").unwrap(),
            };
            link = received_link(&link, number, &received);
            let sql = "UPDATE received_heads SET link = $3 WHERE device = $1 AND seq = $2";
            self.write(sql, values![number.0, received.head.seq, link]).await;
        }
        let sql = "UPDATE devices SET received_link = $2 WHERE device = $1";
        self.write(sql, values![number.0, link]).await;
    }

    /// Links the feed anew.
    async fn link_feed_again(&self) {
        let (mut hash, mut end): (Hash, u64) = ([0; 32], 0);
        for row in self.rows("SELECT number, item FROM feed ORDER BY number", vec![]).await {
            end = row.count("number").unwrap();
            hash = feed_hash(&hash, end, &row.bytes("item").unwrap());
            let sql = "UPDATE feed SET hash = $2 WHERE number = $1";
            self.write(sql, values![end, hash]).await;
        }
        let sql = "UPDATE offices SET feed_number = $1, feed_hash = $2";
        self.write(sql, values![end, hash]).await;
    }

    async fn body(&self, device: &TestDevice, seq: u64) -> Vec<u8> {
        let sql = "SELECT body FROM events WHERE device = $1 AND seq = $2";
        self.rows(sql, values![device.number.0, seq]).await[0].bytes("body").unwrap()
    }
}

/// Is there such a finding, at this place?
fn names(findings: &[Finding], table: &str, wrong: Wrong, number: Option<u64>) -> bool {
    let same = |finding: &&Finding| {
        finding.table == table
            && finding.wrong == wrong
            && (number.is_none() || finding.number == number)
    };
    findings.iter().any(|finding| same(&finding))
}

/// One way to tamper after the other, each on a copy of its own, with what the audit must name.
macro_rules! ways {
    ($original:ident: $($way:literal, $copy:ident => $tamper:block => $(($table:literal, $wrong:ident, $number:expr)),+;)*) => {
        $(
            let $copy = $original.copy().await;
            $tamper
            let findings = $copy.audit().await;
            $(assert!(
                names(&findings, $table, Wrong::$wrong, $number),
                "{}: {} {:?} is not named in {findings:#?}", $way, $table, Wrong::$wrong
            );)+
            let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
            assert!(lines.iter().all(|line| line.contains(" | ") && !line.contains('\n')));
        )*
    };
}

use ways;

async fn every_way(store: Store) {
    let original = Original::lived(store).await;
    let copy = original.copy().await;
    assert_eq!(copy.audit().await, [], "nobody has touched it");
    letters::every_way(&original).await;
    logs::every_way(&original).await;
    shown::every_way(&original).await;
    told::every_way(&original).await;
    roots::every_way(&original).await;
    agencies::every_way(store).await;
    the_command_says_so(&original).await;
}

/// As an auditor runs it.
async fn the_command_says_so(original: &Original) {
    let copy = original.copy().await;
    let command = |arguments: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_pishkhan-server"))
            .args(["audit", "--database", &copy.database])
            .args(arguments)
            .output()
            .unwrap()
    };
    let clean = command(&[]);
    let said = String::from_utf8_lossy(&clean.stdout).into_owned();
    assert!(clean.status.success(), "{said}");
    assert!(said.contains("0 findings in 1 offices, 2 devices, 9 entries"), "{said}");
    let number = original.device.number;
    copy.write("DELETE FROM events WHERE device = $1 AND seq = 3", values![number.0]).await;
    let found = command(&[]);
    let said = String::from_utf8_lossy(&found.stdout).into_owned();
    assert_eq!(found.status.code(), Some(1), "{said}");
    let line = format!("events office=sample-0001 device={number} number=3: ");
    let line = said.lines().find(|found| found.starts_with(&line)).unwrap();
    assert!(line.ends_with("| the entry that should be here is missing"), "{line}");
    let other = command(&["--key", &"07".repeat(32)]);
    assert!(String::from_utf8_lossy(&other.stdout).contains("centre_identity"));
    assert_eq!(command(&["--key", "07"]).status.code(), Some(2));
    // Nothing is said of a database that is not there.
    let nothing = std::process::Command::new(env!("CARGO_BIN_EXE_pishkhan-server"))
        .args(["audit", "--database", "/no/such/centre.db"])
        .output()
        .unwrap();
    assert!(!nothing.status.success() && nothing.stdout.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_tamper_with_the_embedded_store_is_named() {
    every_way(Store::Embedded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_tamper_with_postgresql_is_named() {
    every_way(Store::Postgres).await;
}
