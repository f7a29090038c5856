//! Whoever can write into the database changes, deletes, inserts, reorders and dates back: the audit
//! names each; and it names nothing where nobody did.
//!
//! Each way gets a copy of one database of its own, with every trigger out of the way.

use std::sync::atomic::{AtomicU32, Ordering};

use pishkhan_domain::lifecycle::State;
use pishkhan_protocol::body::{EventBody, NoteAdded, OperatorEnrolled, ReceiptPrinted};
use pishkhan_protocol::chain::{Entry, link};
use pishkhan_protocol::day_root::{ReceivedHead, SignedDayRoot, received_link};
use pishkhan_protocol::event::{Core, Hash, Rest, event_hash};
use pishkhan_protocol::feed::{FeedBody, FeedItem, feed_hash};
use pishkhan_protocol::keys::SecretKey;
use pishkhan_server::audit::{Against, Finding, Wrong, audit};
use pishkhan_server::day_root::make;
use pishkhan_server::projection::OfficerAct;
use pishkhan_server::storage::{self, Row, SharedStorage, Value, day_roots};
use pishkhan_server::values;

use crate::conformance::{a_return, application, decide};
use crate::day_roots::{DAY, make_root};
use crate::fixture::{Store, TestCentre, TestDevice};

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
        decide(&centre, second, OfficerAct::Accept).await.unwrap();
        centre.pass(60_000);
        decide(&centre, first, a_return()).await.unwrap();
        make_root(&centre).await;
        centre.pass(DAY);
        let approve = OfficerAct::Approve { note: "حاضر است".to_owned() };
        decide(&centre, second, approve).await.unwrap();
        device.record();
        device.sync(&centre.centre).await;
        make_root(&centre).await;
        centre.pass(DAY);
        device.record();
        device.sync(&centre.centre).await;
        assert_eq!(application(&centre, second).await.unwrap().state, State::Approved);
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

async fn entries(original: &Original) {
    let device = &original.device;
    let number = device.number.0;
    let last = device.log.len() as u64;
    assert_eq!(last, 8);
    ways! { original:
        "the body of an entry is changed", copy => {
            let other = copy.body(device, 6).await;
            let sql = "UPDATE events SET body = $3 WHERE device = $1 AND seq = $2";
            copy.write(sql, values![number, 2_u64, other.as_slice()]).await;
        } => ("events", BodyChanged, Some(2));
        "the time in a header is changed, in column and core", copy => {
            let mut core = device.log[1].core.clone();
            core.device_time_ms -= 86_400_000;
            let sql = "UPDATE events SET core = $3, device_time_at = $4 WHERE device = $1 AND seq = $2";
            let set = values![number, 2_u64, core.to_bytes().as_slice(), core.device_time_ms];
            copy.write(sql, set).await;
        } => ("events", HashWrong, Some(2));
        "the time in the column alone is changed", copy => {
            let sql = "UPDATE events SET device_time_at = device_time_at - 1 WHERE device = $1 AND seq = $2";
            copy.write(sql, values![number, 2_u64]).await;
        } => ("events", EventColumns, Some(2));
        "the header is changed and hashed again", copy => {
            let mut core = device.log[2].core.clone();
            core.device_time_ms -= 1;
            let rest = &device.log[2].rest;
            let hash = event_hash(&core.to_bytes(), &rest.hash());
            let sql = "UPDATE events SET core = $3, device_time_at = $4, hash = $5 WHERE device = $1 AND seq = $2";
            let bytes = core.to_bytes();
            copy.write(sql, values![number, 3_u64, bytes.as_slice(), core.device_time_ms, hash]).await;
        } => ("events", LinkBroken, Some(4)), ("events", HeadDiffers, Some(3));
        "the last entry is deleted", copy => {
            copy.write("DELETE FROM events WHERE device = $1 AND seq = $2", values![number, last]).await;
        } => ("events", EventMissing, Some(last)), ("devices", HeadOfDevice, None);
        "the last entry is deleted and the head set back", copy => {
            copy.write("DELETE FROM events WHERE device = $1 AND seq = $2", values![number, last]).await;
            let before = device.head_at(last - 1);
            let sql = "UPDATE devices SET head_seq = $2, head_hash = $3 WHERE device = $1";
            copy.write(sql, values![number, before.seq, before.hash]).await;
        } => ("events", EventMissing, Some(last));
        "an entry in the middle is deleted", copy => {
            copy.write("DELETE FROM events WHERE device = $1 AND seq = $2", values![number, 3_u64]).await;
        } => ("events", EventMissing, Some(3));
        "two entries change places", copy => {
            for (from, to) in [(2_u64, 99_u64), (3, 2), (99, 3)] {
                let sql = "UPDATE events SET seq = $3 WHERE device = $1 AND seq = $2";
                copy.write(sql, values![number, from, to]).await;
            }
        } => ("events", EventPlace, Some(2)), ("events", EventPlace, Some(3));
        "an entry is dated back", copy => {
            let sql = "UPDATE events SET received_at = received_at - 86400000 WHERE device = $1 AND seq = $2";
            copy.write(sql, values![number, 2_u64]).await;
        } => ("events", ReceivedAtChanged, Some(2));
        "a receipt is dated back in every table, and the heads linked again", copy => {
            for sql in [
                "UPDATE events SET received_at = received_at - 1000 WHERE device = $1 AND seq <= 3",
                "UPDATE received_heads SET received_at = received_at - 1000 WHERE device = $1 AND seq = 3",
            ] {
                copy.write(sql, values![number]).await;
            }
            copy.link_heads_again(device).await;
        } => ("day_root_leaves", LeafDiffers, None);
        "an entry is forged at the end", copy => {
            let body = EventBody::NoteAdded(NoteAdded {
                application: device.log[1].rest.id.into(),
                text: "ساختگی".into(),
            });
            let entry = Entry {
                kind: body.kind(),
                device_time_ms: device.log[last as usize - 1].core.device_time_ms + 1,
                anchor: None,
                operator: device.operator,
                body: body.to_bytes(),
            };
            let forged = link(device.number, &device.secret, &device.head(), entry);
            let sql = "INSERT INTO events (office, device, seq, id, kind, device_time_at, received_at, \
                       core, rest, body, hash) SELECT office, device, $3, $4, 7, $5, received_at, $6, \
                       $7, $8, $9 FROM events WHERE device = $1 AND seq = $2";
            let (core, rest) = (forged.core.to_bytes(), forged.rest.to_bytes());
            let set = values![
                number, last, last + 1, *forged.rest.id.as_bytes(), forged.core.device_time_ms,
                core.as_slice(), rest.as_slice(), forged.body.as_slice(), forged.hash()
            ];
            copy.write(sql, set).await;
            let sql = "UPDATE devices SET head_seq = $2, head_hash = $3 WHERE device = $1";
            copy.write(sql, values![number, last + 1, forged.hash()]).await;
        } => ("events", Unsigned, Some(last + 1));
        "an entry is moved to another office", copy => {
            copy.write("UPDATE device_numbers SET device = 9999 WHERE device = $1", values![number]).await;
        } => ("devices", DeviceNumber, None);
        "the row of a signed head is changed", copy => {
            let sql = "UPDATE received_heads SET hash = $2 WHERE device = $1 AND seq = 3";
            copy.write(sql, values![number, [7_u8; 32]]).await;
        } => ("received_heads", HeadSignature, Some(3)), ("received_heads", HeadLink, Some(3));
        "a signed head is deleted", copy => {
            let sql = "DELETE FROM received_heads WHERE device = $1 AND seq = 3";
            copy.write(sql, values![number]).await;
        } => ("received_heads", HeadLink, Some(6));
        "the last signed head is deleted", copy => {
            let sql = "DELETE FROM received_heads WHERE device = $1 AND seq = $2";
            copy.write(sql, values![number, last]).await;
        } => ("devices", HeadLast, None), ("events", Unsigned, Some(last));
        "a head is signed again by another key, and linked again", copy => {
            let thief = SecretKey::from_seed(&[9; 32]);
            let signature = device.head_at(3).sign(device.number, &thief);
            let sql = "UPDATE received_heads SET signature = $2 WHERE device = $1 AND seq = 3";
            copy.write(sql, values![number, signature.0]).await;
            copy.link_heads_again(device).await;
        } => ("received_heads", HeadSignature, Some(3));
        "the device's key is replaced", copy => {
            let thief = SecretKey::from_seed(&[9; 32]).public();
            copy.write("UPDATE devices SET public_key = $2 WHERE device = $1", values![number, thief.0]).await;
        } => ("devices", DeviceSecret, None), ("day_root_leaves", LeafDiffers, None);
        "a device's head is set elsewhere", copy => {
            copy.write("UPDATE devices SET head_seq = 3 WHERE device = $1", values![number]).await;
        } => ("devices", HeadOfDevice, Some(3));
        "an entry cannot be read", copy => {
            copy.write("UPDATE events SET rest = $2 WHERE device = $1 AND seq = 4", values![number, [1_u8; 4]]).await;
        } => ("events", Unreadable, Some(4));
        "another tracking code is in the header, hashed and linked from there on", copy => {
            let (mut before, mut heads) = (device.head_at(1), Vec::new());
            for event in &device.log[1..] {
                let mut core: Core = event.core.clone();
                core.tracking_code = core.tracking_code.map(|code| code + 1);
                let rest = Rest { prev_hash: before.hash, ..event.rest.clone() };
                let hash = event_hash(&core.to_bytes(), &rest.hash());
                before = pishkhan_protocol::head::Head { seq: core.seq, hash };
                heads.push((core, rest, hash));
            }
            for (core, rest, hash) in heads {
                let sql = "UPDATE events SET core = $3, rest = $4, hash = $5 WHERE device = $1 AND seq = $2";
                let (bytes, rest) = (core.to_bytes(), rest.to_bytes());
                copy.write(sql, values![number, core.seq, bytes.as_slice(), rest.as_slice(), hash]).await;
            }
        } => ("events", DerivedWrong, Some(2)), ("events", HeadDiffers, Some(3));
    }
}

async fn what_is_shown(original: &Original) {
    let id =
        |seq: usize| pishkhan_domain::ids::ApplicationId::from(original.device.log[seq].rest.id);
    let (first, second) = (id(1).to_string(), id(3).to_string());
    let (first, second) = (first.as_str(), second.as_str());
    ways! { original:
        "an application's state is changed", copy => {
            copy.write("UPDATE applications SET state = 'approved' WHERE application = $1", values![first]).await;
        } => ("applications", ApplicationDiffers, None);
        "an application's fee is changed", copy => {
            copy.write("UPDATE applications SET fee_rial = 1 WHERE application = $1", values![first]).await;
        } => ("applications", ApplicationDiffers, None);
        "the name by which it is found is changed", copy => {
            copy.write("UPDATE applications SET applicant_name = 'دیگری' WHERE application = $1", values![first]).await;
        } => ("applications", ApplicationDiffers, None);
        "when it was filed is changed", copy => {
            copy.write("UPDATE applications SET filed_at = filed_at - 1 WHERE application = $1", values![first]).await;
        } => ("applications", ApplicationDiffers, None);
        "what was asked for is changed", copy => {
            copy.write("UPDATE applications SET content = replace(content, 'زهرا', 'مریم') WHERE application = $1", values![first]).await;
        } => ("applications", ApplicationDiffers, None);
        "an application is deleted", copy => {
            copy.write("DELETE FROM applications WHERE application = $1", values![second]).await;
        } => ("applications", ApplicationMissing, Some(4));
        "an application is deleted with its history", copy => {
            copy.write("DELETE FROM applications WHERE application = $1", values![first]).await;
            copy.write("DELETE FROM acts WHERE application = $1", values![first]).await;
        } => ("applications", ApplicationMissing, Some(2)), ("acts", ActMissing, Some(2));
        "an application is made up", copy => {
            copy.write("UPDATE applications SET application = '0199aaaa-0000-7000-8000-000000000000' WHERE application = $1", values![first]).await;
        } => ("applications", ApplicationForeign, None), ("applications", ApplicationMissing, Some(2));
        "an act is deleted", copy => {
            copy.write("DELETE FROM acts WHERE application = $1 AND kind = 'returned'", values![first]).await;
        } => ("acts", ActMissing, None);
        "an act is made up", copy => {
            copy.write("UPDATE acts SET kind = 'approved' WHERE application = $1 AND kind = 'returned'", values![first]).await;
        } => ("acts", ActForeign, None), ("acts", ActMissing, None);
        "an act is dated back", copy => {
            copy.write("UPDATE acts SET acted_at = acted_at - 60000 WHERE application = $1 AND kind = 'accepted'", values![first]).await;
        } => ("acts", ActForeign, Some(4));
        "two acts change places", copy => {
            for (from, to) in [(4_u64, 99_u64), (5, 4), (99, 5)] {
                let sql = "UPDATE acts SET number = $3 WHERE application = $1 AND number = $2";
                copy.write(sql, values![first, from, to]).await;
            }
        } => ("acts", ActOrder, Some(4));
        "an act is marked as come too late", copy => {
            copy.write("UPDATE acts SET applied = 0 WHERE application = $1 AND kind = 'returned'", values![first]).await;
        } => ("acts", ActForeign, None);
        "an operator gets another name", copy => {
            copy.write("UPDATE operators SET name = $1", values!["دیگری"]).await;
        } => ("operators", OperatorName, None);
    }
}

async fn what_was_told(original: &Original) {
    ways! { original:
        "an officer's decision is changed", copy => {
            let item = changed_decision(&copy).await;
            copy.write("UPDATE feed SET item = $1 WHERE number = 5", values![item.as_slice()]).await;
        } => ("feed", FeedLink, Some(5));
        "a decision of a day with a root is changed in every table, and the feed linked again", copy => {
            let row = &copy.rows("SELECT item FROM feed WHERE number = 4", vec![]).await[0];
            let mut item = FeedItem::from_bytes(&row.bytes("item").unwrap()).unwrap();
            let FeedBody::Returned(returned) = &mut item.body else { panic!("a return") };
            returned.note = "دیگر".to_owned();
            let id = returned.application.to_string();
            copy.write("UPDATE feed SET item = $1 WHERE number = 4", values![item.to_bytes().as_slice()]).await;
            copy.link_feed_again().await;
            copy.write("UPDATE acts SET text = 'دیگر' WHERE application = $1 AND kind = 'returned'", values![id.as_str()]).await;
            copy.write("UPDATE applications SET note = 'دیگر' WHERE application = $1", values![id.as_str()]).await;
        } => ("day_root_leaves", LeafDiffers, Some(4));
        "an item is deleted", copy => {
            copy.write("DELETE FROM feed WHERE number = 2", vec![]).await;
        } => ("feed", FeedMissing, Some(2)), ("acts", ActForeign, None);
        "the last item is deleted", copy => {
            copy.write("DELETE FROM feed WHERE number = 5", vec![]).await;
        } => ("feed", FeedMissing, Some(5)), ("offices", FeedEnd, Some(5));
        "the last item is deleted and the end set back", copy => {
            copy.write("DELETE FROM feed WHERE number = 5", vec![]).await;
            copy.link_feed_again().await;
        } => ("acts", ActForeign, Some(5)), ("day_root_leaves", LeafDiffers, Some(5));
        "two items change places", copy => {
            for (from, to) in [(2_u64, 99_u64), (3, 2), (99, 3)] {
                copy.write("UPDATE feed SET number = $2 WHERE number = $1", values![from, to]).await;
            }
        } => ("feed", FeedLink, Some(2));
        "the time of an item is changed", copy => {
            copy.write("UPDATE feed SET created_at = created_at - 1 WHERE number = 2", vec![]).await;
        } => ("feed", FeedTime, Some(2));
        "an entry of the staff's log is changed", copy => {
            copy.write("UPDATE audit_log SET username = 'nobody' WHERE number = 2", vec![]).await;
        } => ("audit_log", LogLink, Some(2));
        "an entry of the staff's log is deleted", copy => {
            copy.write("DELETE FROM audit_log WHERE number = 2", vec![]).await;
        } => ("audit_log", LogMissing, Some(2));
        "the last entry of the staff's log is deleted", copy => {
            copy.write("DELETE FROM audit_log WHERE number = (SELECT max(number) FROM audit_log)", vec![]).await;
        } => ("audit_log_end", LogEnd, None), ("audit_log", LogMissing, None);
        "the staff's log is cut to its first entry, and its end set back", copy => {
            copy.write("DELETE FROM audit_log WHERE number > 1", vec![]).await;
            let hash = copy.rows("SELECT hash FROM audit_log", vec![]).await[0].bytes("hash").unwrap();
            copy.write("UPDATE audit_log_end SET number = 1, hash = $1", values![hash.as_slice()]).await;
        } => ("day_root_leaves", LeafDiffers, None), ("day_roots", RootNotInLog, None);
        "a publication is changed", copy => {
            copy.write("UPDATE publications SET bytes = $1", values![b"{}".as_slice()]).await;
        } => ("publications", PublicationWrong, Some(1));
        "a publication is deleted", copy => {
            copy.write("DELETE FROM publications", vec![]).await;
        } => ("publications", PublicationMissing, Some(1));
    }
}

async fn changed_decision(copy: &Copy) -> Vec<u8> {
    let row = &copy.rows("SELECT item FROM feed WHERE number = 5", vec![]).await[0];
    let mut item = FeedItem::from_bytes(&row.bytes("item").unwrap()).unwrap();
    let FeedBody::Approved(approved) = &mut item.body else { panic!("an approval") };
    approved.note = "دیگر".to_owned();
    item.to_bytes()
}

async fn roots(original: &Original) {
    let key = &original.centre.centre.key;
    let days: Vec<String> =
        original.roots.iter().map(|root| root.verify(&key.public()).unwrap().day).collect();
    let (first, last) = (days[0].as_str(), days[1].as_str());
    ways! { original:
        "a root is changed", copy => {
            let mut statement = original.roots[0].statement.clone();
            *statement.last_mut().unwrap() ^= 1;
            copy.write("UPDATE day_roots SET statement = $2 WHERE day = $1", values![first, statement.as_slice()]).await;
        } => ("day_roots", RootSignature, None), ("day_roots", RootNotInLog, None);
        "a root is signed again over other leaves", copy => {
            let mut root = original.roots[0].verify(&key.public()).unwrap();
            root.root = [7; 32];
            let signed = SignedDayRoot::sign(&root, key);
            let sql = "UPDATE day_roots SET statement = $2, signature = $3 WHERE day = $1";
            copy.write(sql, values![first, signed.statement.as_slice(), signed.signature.0]).await;
        } => ("day_roots", RootTree, None), ("day_roots", RootPrevious, None);
        "the first root is deleted", copy => {
            copy.write("DELETE FROM day_roots WHERE day = $1", values![first]).await;
        } => ("day_roots", RootMissing, None), ("day_roots", RootPrevious, None);
        "the last root is deleted", copy => {
            copy.write("DELETE FROM day_roots WHERE day = $1", values![last]).await;
        } => ("day_roots", RootMissing, None);
        "roots change their days", copy => {
            for (from, to) in [(first, "x"), (last, first), ("x", last)] {
                copy.write("UPDATE day_roots SET day = $2 WHERE day = $1", values![from, to]).await;
            }
        } => ("day_roots", RootDay, None);
        "a leaf is deleted", copy => {
            let sql = "DELETE FROM day_root_leaves WHERE day = $1 AND leaf_key = 'audit-log'";
            copy.write(sql, values![last]).await;
        } => ("day_roots", RootTree, None);
        "a device is deleted with all it sent", copy => {
            let number = original.device.number.0;
            for sql in [
                "DELETE FROM events WHERE device = $1",
                "DELETE FROM received_heads WHERE device = $1",
                "DELETE FROM devices WHERE device = $1",
                "DELETE FROM device_numbers WHERE device = $1",
                "DELETE FROM acts WHERE application IN (SELECT application FROM applications WHERE device = $1)",
                "DELETE FROM applications WHERE device = $1",
            ] {
                copy.write(sql, values![number]).await;
            }
        } => ("day_root_leaves", LeafGone, None);
    }
    // What was kept elsewhere tells what the database alone cannot.
    let copy = original.copy().await;
    let published = Against { published: original.roots.clone(), ..Against::default() };
    assert_eq!(copy.audit_against(&published).await, []);
    let pinned = Against { key: Some(key.public()), ..Against::default() };
    assert_eq!(copy.audit_against(&pinned).await, []);
    let stranger = SecretKey::from_seed(&[9; 32]).public();
    let pinned = Against { key: Some(stranger), ..Against::default() };
    assert!(names(&copy.audit_against(&pinned).await, "centre_identity", Wrong::CentreKey, None));
    for sql in ["DELETE FROM day_roots", "DELETE FROM day_root_leaves", "DELETE FROM audit_log"] {
        copy.write(sql, vec![]).await;
    }
    copy.write("UPDATE audit_log_end SET number = 0, hash = $1", values![[0_u8; 32]]).await;
    make(&copy.storage, key, original.centre.centre.now()).await.unwrap();
    assert_eq!(copy.audit().await, [], "whoever has the centre's key can begin anew");
    let found = copy.audit_against(&published).await;
    assert!(names(&found, "day_roots", Wrong::RootPublished, None), "{found:?}");
}

async fn every_way(store: Store) {
    let original = Original::lived(store).await;
    let copy = original.copy().await;
    assert_eq!(copy.audit().await, [], "nobody has touched it");
    entries(&original).await;
    what_is_shown(&original).await;
    what_was_told(&original).await;
    roots(&original).await;
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
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_tamper_with_the_embedded_store_is_named() {
    every_way(Store::Embedded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_tamper_with_postgresql_is_named() {
    every_way(Store::Postgres).await;
}
