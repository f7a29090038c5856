//! Large batches: as many entries as a batch may have, in one transaction.

use std::time::Instant;

use pishkhan_protocol::exchange::Verdict;
use pishkhan_protocol::ingest::verify_batch;
use pishkhan_server::exchange::exchange;

use crate::fixture::{Store, TestCentre};

/// `cargo nextest run --release -p pishkhan-server --run-ignored only --no-capture ten_thousand`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures, and promises nothing"]
#[allow(clippy::print_stderr)]
async fn ten_thousand_applications_in_one_batch() {
    for (name, store) in [("embedded", Store::Embedded), ("PostgreSQL", Store::Postgres)] {
        let centre = TestCentre::start(store).await;
        let mut device = centre.device().await;
        for _ in 0..10_000 {
            device.record();
        }
        let batch = device.batch(0, 10_000);
        let start = Instant::now();
        verify_batch(device.number, &device.secret, &device.key.public(), &batch).unwrap();
        let linked = start.elapsed();
        let sealed = device.seal(&device.request(Some(batch)));
        let start = Instant::now();
        let reply = device.open(&exchange(&centre.centre, &sealed).await.unwrap());
        let whole = start.elapsed();
        assert_eq!((reply.verdict, reply.received), (Verdict::Ok, device.head()));
        eprintln!("{name}: {whole:?} in all, of which {linked:?} linking");
    }
}
