//! tus as others speak it: a client that was written from its specification alone, over a line that
//! is cut again and again.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::OfficeCode;
use pishkhan_protocol::exchange::Verdict;
use tokio::process::Command;

use crate::fixture::{OFFICE, Store, TestCentre};
use crate::uploader::{DOCUMENTS, PARCELS, Uploader, ever_cut};

fn client() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/clients/tus/upload.mjs")
}

/// Uploads over a line that is cut after so many bytes; gives how many crossed it.
async fn upload(uploader: &Uploader, bytes: &[u8], cut_after: u64, chunk: Option<u64>) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, bytes).unwrap();
    let (line, carried) = ever_cut(&uploader.served, cut_after).await;
    let mut node = Command::new("node");
    node.arg(client()).arg(format!("http://{line}{}", uploader.address)).arg(&uploader.token);
    node.arg(file).args(chunk.map(|chunk| chunk.to_string()));
    let ran = node.output().await.expect("node is installed by script/setup");
    let complaint = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{complaint}");
    carried.load(Ordering::SeqCst)
}

#[tokio::test(flavor = "multi_thread")]
async fn tus_js_client_brings_a_document_over_a_line_that_is_cut() {
    let centre = TestCentre::start(Store::Embedded).await;
    let device = centre.device().await;
    for (cut_after, chunk) in [(60_000, None), (60_000, Some(20_000))] {
        let bytes: Vec<u8> =
            (0..50).flat_map(|_| pishkhan_server::secret::random::<10_000>().unwrap()).collect();
        let uploader = Uploader::new(&centre, &device, DOCUMENTS, &bytes).await;
        let carried = upload(&uploader, &bytes, cut_after, chunk).await;
        let office = OfficeCode::from(OFFICE);
        let stored = centre.centre.documents.read(&office, ContentHash::of(&bytes)).await.unwrap();
        assert_eq!(stored, bytes);
        assert!(carried > cut_after, "it was cut");
        assert!(carried < 2 * bytes.len() as u64, "{carried} bytes crossed the line");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tus_js_client_brings_a_parcel_over_a_line_that_is_cut() {
    let centre = TestCentre::start(Store::Embedded).await;
    let mut device = centre.device().await;
    for _ in 0..2_000 {
        device.add_bytes(200, pishkhan_server::secret::random::<64>().unwrap().to_vec());
    }
    let reply = device.ask(&centre.centre, None).await;
    device.keep(&reply);
    let envelope = device.seal(&device.request(Some(device.batch(0, 2_000))));
    let uploader = Uploader::new(&centre, &device, PARCELS, &envelope).await;
    upload(&uploader, &envelope, 20_000, None).await;
    let answer = uploader.exchange().await.bytes().await.unwrap();
    let reply = device.open(&answer);
    assert_eq!((reply.verdict, reply.received), (Verdict::Ok, device.head()));
}
