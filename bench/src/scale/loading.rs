//! Offices that file, and send what they filed through the sync endpoint.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use pishkhan_domain::applicant::Identity;
use pishkhan_domain::ids::{AgencyCode, DeviceNumber, OfficeCode};
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_protocol::body::EventBody;
use pishkhan_protocol::chain::{Entry, link};
use pishkhan_protocol::columns::{self, CODEC_COLUMNS, Context};
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_protocol::enrolment::EnrolRequest;
use pishkhan_protocol::envelope::Envelope;
use pishkhan_protocol::exchange::{Batch, ExchangeReply, ExchangeRequest, PROTOCOL, Verdict};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::{PublicKey, Purpose, SecretKey};
use pishkhan_server::administration::{add_office, add_officer, publish_catalogue};
use pishkhan_server::enrolment::{enrol, issue_code};
use pishkhan_testkit::filing::Filing;
use tokio::task::JoinSet;

use super::Running;

pub(crate) const OFFICER: &str = "sample-officer";
pub(crate) const PASSWORD: &str = "sample-password";
pub(crate) const AGENCY: &str = "civil-registration";
/// Offices are grouped into districts of so many.
const OFFICES_OF_A_DISTRICT: usize = 10;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What is to be loaded.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) applications: usize,
    pub(crate) offices: usize,
    pub(crate) senders: usize,
}

/// What was loaded, and how long the centre took to take it in.
pub(crate) struct Loaded {
    pub(crate) applications: usize,
    pub(crate) offices: usize,
    pub(crate) seconds: f64,
    /// Some of them, to be asked for.
    pub(crate) known: Vec<Known>,
}

/// An application as its citizen knows it.
pub(crate) struct Known {
    pub(crate) code: String,
    pub(crate) last_four: String,
    pub(crate) national_id: String,
    pub(crate) name: String,
}

/// A device that has filed and not sent.
struct Device {
    number: DeviceNumber,
    centre_key: PublicKey,
    sealed: Vec<u8>,
    head: Head,
}

/// Loads a centre.
pub(crate) async fn load(
    running: &Running,
    catalogue: &Path,
    load: Load,
) -> anyhow::Result<Loaded> {
    furnish(running, catalogue, load.offices).await?;
    let each = load.applications / load.offices;
    let (mut devices, mut known) = (Vec::new(), Vec::new());
    for office in 0..load.offices {
        let (device, of_it) = file(running, office, each).await?;
        devices.push(device);
        known.extend(of_it);
    }
    let begun = Instant::now();
    let devices = Arc::new(std::sync::Mutex::new(devices));
    let mut senders = JoinSet::new();
    for _ in 0..load.senders {
        let (devices, client) = (Arc::clone(&devices), running.client.clone());
        let url = format!("{}/sync/v1/exchange", running.url);
        senders.spawn(async move {
            loop {
                let next = devices.lock().ok().and_then(|mut devices| devices.pop());
                let Some(device) = next else { return anyhow::Ok(()) };
                send(&client, &url, device).await?;
            }
        });
    }
    while let Some(sender) = senders.join_next().await {
        sender??;
    }
    let seconds = begun.elapsed().as_secs_f64();
    Ok(Loaded { applications: each * load.offices, offices: load.offices, seconds, known })
}

/// Catalogue, offices and an officer.
async fn furnish(running: &Running, catalogue: &Path, offices: usize) -> anyhow::Result<()> {
    let (centre, now) = (&running.centre, running.centre.now());
    let mut unit = centre.storage.begin().await?;
    publish_catalogue(unit.as_mut(), &centre.key, catalogue, now).await?;
    for office in 0..offices {
        let (code, district) = (code_of(office), office / OFFICES_OF_A_DISTRICT);
        let title = format!("دفتر نمونهٔ {office}");
        let district = format!("دهستان نمونهٔ {district}");
        add_office(unit.as_mut(), &code, &title, &district, now).await?;
    }
    let agency = AgencyCode::from(AGENCY);
    let name = "کارشناس نمونه";
    add_officer(unit.as_mut(), OFFICER, &agency, name, PASSWORD, now).await?;
    unit.commit().await?;
    Ok(())
}

fn code_of(office: usize) -> String {
    format!("sample-{office:04}")
}

/// Enrols an office's device and lets it file, some day of the past year.
async fn file(
    running: &Running,
    office: usize,
    applications: usize,
) -> anyhow::Result<(Device, Option<Known>)> {
    let (centre, now) = (&running.centre, running.centre.now());
    let mut unit = centre.storage.begin().await?;
    let code = issue_code(unit.as_mut(), &OfficeCode(code_of(office)), now).await?;
    unit.commit().await?;
    let key = SecretKey::from_seed(&pishkhan_server::secret::random()?);
    let (machine, agent) = ("نمونه".to_owned(), "bench".to_owned());
    let asked = EnrolRequest { code, key: key.public(), machine, agent };
    let enrolled = enrol(centre, &asked).await?;
    let secret = DeviceSecret(enrolled.secret);
    let days_ago = 10 + i64::try_from(office % 350)?;
    let mut filing = Filing::new(office as u64, now - days_ago * DAY_MS, false)?;
    let (mut head, mut entries, mut known) = (Head::EMPTY, Vec::new(), None);
    for number in 0..applications {
        let entry = filing.recorded().context("no sample")?;
        let event = link(enrolled.device, &secret, &head, entry.clone());
        head = Head { seq: event.core.seq, hash: event.hash() };
        if number == applications / 2 {
            known = as_known(event.core.tracking_code, &entry);
        }
        entries.push(entry);
    }
    let context = Context { secret: &secret, after_seq: 0, before: None };
    let batch = Batch {
        after: Head::EMPTY,
        head,
        signature: head.sign(enrolled.device, &key),
        codec: CODEC_COLUMNS,
        entries: columns::encode(&entries, &context),
    };
    let message = ExchangeRequest {
        protocol: PROTOCOL,
        device: enrolled.device,
        epoch: Some(enrolled.epoch),
        lease: None,
        batch: Some(batch),
        feed_cursor: 0,
        // The catalogue was delivered before.
        catalogue_cursor: u64::from(u32::MAX),
        log_seq: head.seq,
        oldest_waiting_ms: None,
        sent_at_ms: now,
        agent: "bench".to_owned(),
        reply_most_bytes: Some(1024),
        dictionary: None,
        certificate: None,
    };
    let sealed = Envelope::seal(Purpose::Request, enrolled.device, &message.to_bytes(), &key);
    let (number, centre_key) = (enrolled.device, enrolled.centre_key);
    Ok((Device { number, centre_key, sealed: sealed.to_bytes(), head }, known))
}

fn as_known(code: Option<u64>, entry: &Entry) -> Option<Known> {
    let EventBody::ApplicationRecorded(recorded) = EventBody::from_bytes(&entry.body).ok()? else {
        return None;
    };
    let applicant = &recorded.applicant;
    let Identity::NationalId { national_id } = &applicant.identity else { return None };
    Some(Known {
        code: TrackingCode::from_u64(code?).ok()?.to_string(),
        last_four: applicant.last_four()?.to_owned(),
        national_id: national_id.to_string(),
        name: applicant.full_name(),
    })
}

async fn send(client: &reqwest::Client, url: &str, device: Device) -> anyhow::Result<()> {
    let Device { number, centre_key, sealed, head } = device;
    let answer = client.post(url).header("content-type", "application/cbor").body(sealed);
    let answer = answer.send().await?.error_for_status()?.bytes().await?;
    let reply = Envelope::from_bytes(&answer)?.open(Purpose::Reply, &centre_key)?;
    let reply = ExchangeReply::from_bytes(&reply)?;
    ensure!(reply.verdict == Verdict::Ok && reply.received == head, "{number:?}: {reply:?}");
    Ok(())
}
