//! The tool as it is run: killed at any moment, and fed ten thousand applications.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, unreachable_pub, dead_code)]

#[path = "../../counter/tests/counter/trial.rs"]
mod trial;

#[path = "cli/courier.rs"]
mod courier;
#[path = "cli/print_letter.rs"]
mod print_letter;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use pishkhan_counter::Counter;
use pishkhan_domain::ids::{ApplicationId, OperatorId};
use pishkhan_domain::{jalali, national_id};
use pishkhan_ipc::application::{ApplicationRequest, ListFilter, ListRequest};
use pishkhan_ipc::session::UnlockRequest;
use pishkhan_protocol::body::{EventBody, OperatorEnrolled};
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_store::{DataKey, Identity, Store, Vault};
use pishkhan_testkit::samples::Sampler;
use pishkhan_testkit::{SampleLines, write_lines};
use serde_json::Value;
use trial::{NOON_MS, PIN, Trial, places};
use uuid::Uuid;
use zeroize::Zeroizing;

/// A data directory that any process may open with [`PIN`]; guessing it costs nothing, so that
/// hundreds of starts are cheap.
struct Office {
    dir: tempfile::TempDir,
    operator: OperatorId,
    trial: Trial,
}

impl Office {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut trial = Trial::new();
        let seed = [5; 32];
        let reply = trial.certify(421, &seed);
        let identity = Identity {
            device: reply.device,
            office: reply.office,
            office_title: reply.office_title,
            district_title: reply.district_title,
            centre_url: trial.request().centre_url,
            public_url: reply.public_url,
            certificate: reply.certificate,
            centre_key: reply.centre_key,
            key_seed: Zeroizing::new(seed),
            secret: DeviceSecret(reply.secret),
            epoch: reply.epoch,
        };
        let data = dir.path().join("data");
        let key = DataKey::generate().unwrap();
        let mut store = Store::create(&data, &key, &identity).unwrap();
        let operator = OperatorId(Uuid::now_v7());
        let name = "اپراتور نمونه";
        let enrolled = OperatorEnrolled { operator, name: name.to_owned() };
        store.append(operator, NOON_MS, vec![EventBody::OperatorEnrolled(enrolled)], &[]).unwrap();
        trial.answer(&mut store, Vec::new());
        Vault::create_cheap(&data, &key, operator, name, PIN).unwrap();
        Self { dir, operator, trial }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn tool(&self, arguments: &[&str]) -> Command {
        let mut tool = Command::new(env!("CARGO_BIN_EXE_pishkhan-cli"));
        tool.args(arguments)
            .env("PISHKHAN_DATA_DIR", self.path("data"))
            .env("PISHKHAN_PIN", PIN)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        tool
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.tool(arguments).output().unwrap()
    }

    /// The same data in this process, unlocked.
    fn opened(&self) -> Counter {
        let counter = Counter::open(places(self.dir.path())).unwrap();
        let unlock = UnlockRequest { operator: self.operator, pin: PIN.to_owned() };
        counter.session_unlock(&unlock).unwrap();
        counter
    }
}

fn sampler(seed: u64) -> Sampler {
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let cards = pishkhan_testkit::catalogue::cards().unwrap();
    Sampler::new(cards, jalali::tehran_date(now_ms), seed)
}

fn lines_of(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn one_line(output: &Output) -> Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    let mut lines = lines_of(output);
    assert_eq!(lines.len(), 1, "{lines:?} {errors}");
    lines.remove(0)
}

/// All applications that fit, page by page.
fn found(counter: &Counter, query: &str) -> BTreeMap<String, ApplicationId> {
    let mut found = BTreeMap::new();
    let mut after = None;
    loop {
        let filter = ListFilter::All;
        let request = ListRequest { filter, query: query.to_owned(), limit: 200, after };
        let list = counter.application_list(&request).unwrap();
        after = list.rows.last().map(|row| row.id);
        found.extend(list.rows.into_iter().map(|row| (row.tracking_code, row.id)));
        if !list.more {
            break;
        }
    }
    found
}

#[test]
fn one_application_from_file_to_verified_paper() {
    let office = Office::new();
    let file = office.path("application.json");
    let entry = sampler(1).good_for("general-request").unwrap();
    fs::write(&file, serde_json::to_string_pretty(&entry).unwrap()).unwrap();
    let recorded = office.run(&["record", file.to_str().unwrap()]);
    assert!(recorded.status.success());
    let line = one_line(&recorded);
    assert_eq!((&line["line"], &line["outcome"]), (&1.into(), &"recorded".into()));
    let code = line["tracking_code"].as_str().unwrap();

    let (pdf, png) = (office.path("r.pdf"), office.path("r.png"));
    let (pdf, png) = (pdf.to_str().unwrap(), png.to_str().unwrap());
    let out = ["receipt", code, "--out", pdf, "--png", png, "--paper", "thermal80"];
    assert_eq!(one_line(&office.run(&out))["copy"], 1);
    assert!(fs::read(pdf).unwrap().starts_with(b"%PDF-"));
    assert_eq!(one_line(&office.run(&out))["copy"], 2);

    // Verified with no data directory: the key of the centre is enough.
    let picture = image::open(png).unwrap().into_luma8();
    let (width, height) = picture.dimensions();
    let read = rxing::helpers::detect_in_luma(picture.into_raw(), width, height, None).unwrap();
    let key: String = office.trial.key.public().0.iter().map(|b| format!("{b:02x}")).collect();
    let verify = |url: &str, key: &str| {
        let mut tool = Command::new(env!("CARGO_BIN_EXE_pishkhan-cli"));
        tool.args(["verify", "-", "--centre-key", key]).env_remove("PISHKHAN_DATA_DIR");
        let mut tool = tool
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        tool.stdin.take().unwrap().write_all(url.as_bytes()).unwrap();
        tool.wait_with_output().unwrap()
    };
    let verdict = verify(read.getText(), &key);
    assert_eq!(verdict.status.code(), Some(0));
    assert_eq!(one_line(&verdict)["tracking_code"], code);
    let other = verify(read.getText(), &key.replace(|c: char| c.is_ascii_digit(), "a"));
    assert_eq!(other.status.code(), Some(2));
    assert_eq!(one_line(&other)["outcome"], "false");
    assert_eq!(office.run(&["verify", read.getText()]).status.code(), Some(0));

    let shown = one_line(&office.run(&["show", code]));
    let kinds: Vec<&str> =
        shown["timeline"].as_array().unwrap().iter().map(|i| i["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["recorded", "printed", "printed"]);
    let status = one_line(&office.run(&["status"]));
    assert_eq!((&status["sync"]["waiting"], &status["work"]["today"]), (&1.into(), &1.into()));
    assert_eq!(one_line(&office.run(&["unlock-check"]))["log"], "sound");
    let stick = office.path("stick");
    let backup = one_line(&office.run(&["backup", stick.to_str().unwrap()]));
    assert!(Path::new(backup["backup"].as_str().unwrap()).exists());
    assert_eq!(one_line(&office.run(&["search", code]))["tracking_code"], code);

    // Nothing is there: said so, and an exit code that a script sees.
    let synced = office.run(&["sync"]);
    assert_eq!(synced.status.code(), Some(1));
    let line = one_line(&synced);
    assert_eq!((&line["finished"], &line["answer"]), (&false.into(), &"line.unreachable".into()));
    let wrong = office.tool(&["status"]).env("PISHKHAN_PIN", "000000").output().unwrap();
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("رمز نادرست است"));
}

#[test]
fn a_copy_is_attached_and_named_in_an_application() {
    let office = Office::new();
    let scan = office.path("scan.png");
    image::RgbImage::from_pixel(80, 60, image::Rgb([250, 250, 250])).save(&scan).unwrap();
    let document = one_line(&office.run(&["attach", "letter", scan.to_str().unwrap()]));
    assert_eq!(document["evidence"]["media_type"], "image/jpeg");
    let mut entry = sampler(2).good_for("general-request").unwrap();
    let documents = entry["documents"].as_array_mut().unwrap();
    documents.retain(|document| document["code"] != "letter");
    documents.push(document);
    let mut tool = office.tool(&["record", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = tool.stdin.take().unwrap();
    writeln!(input, "{entry}\n\nno json\n{{\"surprise\": 1}}").unwrap();
    drop(input);
    let output = tool.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told: Vec<_> = lines_of(&output)
        .iter()
        .map(|line| {
            (line["line"].clone(), line["outcome"].clone(), line["errors"][0]["code"].clone())
        })
        .collect();
    let malformed = || Value::from("entry.malformed");
    assert_eq!(
        told,
        [
            (1.into(), "recorded".into(), Value::Null),
            (3.into(), "rejected".into(), malformed()),
            (4.into(), "rejected".into(), malformed()),
        ]
    );
}

// --- killed at any moment -----------------------------------------------------------------------

/// Data directories that are worked on at the same time.
const OFFICES: usize = 4;
/// Kills of each: two hundred in all.
const KILLS: usize = 50;

/// What somebody outside has seen: papers that are whole, and lines that were printed.
#[derive(Default)]
struct Ledger {
    codes: BTreeSet<String>,
}

impl Ledger {
    /// Looks at everything that lies in the directory; gives the codes that are new.
    fn look(&mut self, dir: &Path) -> Vec<String> {
        let mut new = Vec::new();
        let Ok(entries) = fs::read_dir(dir) else { return new };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if name.starts_with('.') {
                assert!(name.ends_with(".partial"), "left behind: {name}");
                continue;
            }
            let pdf = fs::read(&path).unwrap();
            let whole = pdf.starts_with(b"%PDF-") && pdf.trim_ascii_end().ends_with(b"%%EOF");
            assert!(whole, "{name} is half a receipt of {} bytes", pdf.len());
            let code = name[..13].to_owned();
            if self.codes.insert(code.clone()) {
                new.push(code);
            }
        }
        new
    }
}

/// Lets the tool record, and kills it after so many lines and so long a time.
fn killed(tool: &mut Child, lines: usize, delay: Duration) -> Vec<Value> {
    let mut output = BufReader::new(tool.stdout.take().unwrap());
    let mut read = Vec::new();
    let mut line = String::new();
    while read.len() < lines && output.read_line(&mut line).unwrap() > 0 {
        read.push(serde_json::from_str(&line).unwrap());
        line.clear();
    }
    let until = Instant::now() + delay;
    while Instant::now() < until {
        std::hint::spin_loop();
    }
    // SIGKILL: nothing is closed, nothing is flushed.
    tool.kill().unwrap();
    tool.wait().unwrap();
    // What was in the pipe was printed before the end; the last line may be cut.
    let rest = output.lines().map_while(Result::ok);
    read.extend(rest.filter_map(|line| serde_json::from_str::<Value>(&line).ok()));
    read
}

#[test]
fn killed_at_two_hundred_moments_it_loses_nothing_that_is_on_paper() {
    let offices: Vec<_> =
        (0..OFFICES).map(|seed| std::thread::spawn(move || kill_one_office(seed))).collect();
    let at_work: usize = offices.into_iter().map(|office| office.join().unwrap()).sum();
    assert!(at_work > OFFICES * KILLS / 4, "only {at_work} kills fell while it recorded");
}

/// Kills the tool again and again over one data directory; gives how often it was at work.
fn kill_one_office(seed: usize) -> usize {
    let office = Office::new();
    let (file, receipts) = (office.path("lines.jsonl"), office.path("receipts"));
    let mut sampler = sampler(seed as u64);
    let lines: String =
        (0..60).map(|_| sampler.good_for("general-request").unwrap().to_string() + "\n").collect();
    fs::write(&file, lines).unwrap();
    let arguments = ["record", file.to_str().unwrap(), "--receipts", receipts.to_str().unwrap()];

    // How long a start and one application take here and now, so that the moments fall among them.
    let began = Instant::now();
    let mut first = office.tool(&arguments).spawn().unwrap();
    killed(&mut first, 1, Duration::ZERO);
    let start = began.elapsed();
    let began = Instant::now();
    let mut second = office.tool(&arguments).spawn().unwrap();
    killed(&mut second, 4, Duration::ZERO);
    let each = began.elapsed().saturating_sub(start) / 3;

    let mut ledger = Ledger::default();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 + seed as u64;
    let mut random = move |below: u128| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        u128::from(state >> 33) % below.max(1)
    };
    let mut at_work = 0;
    for kill in 1..=KILLS {
        let lines = usize::try_from(random(3)).unwrap();
        let span = if lines == 0 { start + each } else { each };
        let delay = Duration::from_nanos(u64::try_from(random(span.as_nanos())).unwrap());
        let mut tool = office.tool(&arguments).spawn().unwrap();
        let read = killed(&mut tool, lines, delay);
        at_work += usize::from(!read.is_empty());
        let new = ledger.look(&receipts);
        for line in &read {
            let code = line["tracking_code"].as_str().unwrap();
            assert!(ledger.codes.contains(code), "kill {kill}: {code} was told without a paper");
        }
        // Before anything else is recorded: at the same place in the log the next application
        // would get the very code of one that was lost.
        let counter = office.opened();
        for code in &new {
            let known = found(&counter, code).contains_key(code);
            assert!(known, "kill {kill}: {code} is on paper, not in the store");
        }
        if kill % 10 == 0 {
            check(&counter, &ledger, kill);
        }
    }
    at_work
}

/// The log is sound, nothing is half-written, every paper is an application of this office.
fn check(counter: &Counter, ledger: &Ledger, kill: usize) {
    counter.log_check().unwrap();
    let known = found(counter, "");
    for code in &ledger.codes {
        assert!(known.contains_key(code), "kill {kill}: {code} is on paper, not in the store");
    }
    for (code, id) in &known {
        let view = counter.application_get(&ApplicationRequest { id: *id }).unwrap();
        assert!(!view.form.is_empty() && !view.applicant.first_name.is_empty());
        // What is on paper is counted, so that no second original can be printed. One that was
        // claimed and not written counts too: nobody could know.
        let copies = view.row.copies_printed;
        let on_paper = u32::from(ledger.codes.contains(code));
        assert!((on_paper..=1).contains(&copies), "{code}: {on_paper} and {copies}");
    }
}

// --- ten thousand applications ------------------------------------------------------------------

const GOOD: usize = 10_000;
const SPOILED: usize = 100;

#[test]
fn ten_thousand_are_recorded_a_hundred_rejected_and_each_is_found() {
    let office = Office::new();
    let file = office.path("lines.jsonl");
    let mut text = Vec::new();
    let count = SampleLines { good: GOOD, spoiled: SPOILED };
    let expected = write_lines(&mut sampler(4), count, &mut text).unwrap();
    fs::write(&file, &text).unwrap();
    let output = office.run(&["record", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = lines_of(&output);
    assert_eq!(lines.len(), GOOD + SPOILED);

    let expected: BTreeMap<u64, (&str, &str)> = expected
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let field = |name: &str| one[name].as_str().unwrap();
            (one["line"].as_u64().unwrap(), (field("field"), field("code")))
        })
        .collect();
    for (number, line) in (1..).zip(&lines) {
        assert_eq!(line["line"], number);
        match expected.get(&number) {
            None => assert_eq!(line["outcome"], "recorded", "{line}"),
            Some((field, code)) => {
                assert_eq!(line["outcome"], "rejected", "{line}");
                let errors = line["errors"].as_array().unwrap();
                let named: Vec<_> = errors
                    .iter()
                    .map(|e| (e["field"].as_str().unwrap(), e["code"].as_str().unwrap()))
                    .collect();
                assert_eq!(named, [(*field, *code)]);
                let sentence = errors[0]["sentence"].as_str().unwrap();
                assert!(sentence.ends_with('.') && !sentence.contains('{'), "{sentence}");
            }
        }
    }

    let counter = office.opened();
    assert_eq!(counter.log_check().unwrap(), 1 + GOOD as u64);
    let text = String::from_utf8(text).unwrap();
    // Those of one name, whatever ی and ک they have, are asked for once, in another spelling.
    let mut by_name: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    for (line, entry) in lines.iter().zip(text.lines()) {
        let Some(code) = line["tracking_code"].as_str() else { continue };
        let entry: Value = serde_json::from_str(entry).unwrap();
        let typed = |field: &str| entry["applicant"][field].as_str().unwrap_or_default().to_owned();
        let name = format!("{} {}", typed("first_name"), typed("last_name"));
        let names =
            by_name.entry(one_hand(&name)).or_insert_with(|| (other_hand(&name), Vec::new()));
        names.1.push(code.to_owned());
        if national_id::parse(&typed("national_id")).is_ok() {
            let hits = found(&counter, &other_digits(&typed("national_id")));
            assert!(hits.contains_key(code) && hits.len() == 1, "{entry}");
        }
        if !typed("mobile").is_empty() {
            assert!(found(&counter, &other_digits(&typed("mobile"))).contains_key(code), "{entry}");
        }
        let grouped = format!("{} {} {} {}", &code[..4], &code[4..7], &code[7..10], &code[10..]);
        let hits = found(&counter, &other_digits(&grouped));
        assert!(hits.contains_key(code) && hits.len() == 1, "{grouped}: {hits:?}");
    }
    for (name, codes) in by_name.into_values() {
        let hits = found(&counter, &name);
        for code in codes {
            assert!(hits.contains_key(&code), "{name} does not find {code}");
        }
    }
}

fn one_hand(name: &str) -> String {
    name.replace('ي', "ی").replace('ك', "ک")
}

/// As another hand would write it: the other ی and ک, and a compound joined, apart or with ZWNJ in
/// another way than here.
fn other_hand(name: &str) -> String {
    let swapped = name.chars().map(|c| match c {
        'ی' => 'ي',
        'ي' => 'ی',
        'ک' => 'ك',
        'ك' => 'ک',
        other => other,
    });
    let swapped: String = swapped.collect();
    let way = name.len() % 2;
    swapped.replace('\u{200c}', if way == 0 { " " } else { "" })
}

/// Latin digits as Persian, Persian as Arabic, Arabic as Latin.
fn other_digits(number: &str) -> String {
    let shift =
        |c: char, from: char, to: char| char::from_u32(c as u32 - from as u32 + to as u32).unwrap();
    number
        .chars()
        .map(|c| match c {
            '0'..='9' => shift(c, '0', '۰'),
            '۰'..='۹' => shift(c, '۰', '٠'),
            '٠'..='٩' => shift(c, '٠', '0'),
            other => other,
        })
        .collect()
}
