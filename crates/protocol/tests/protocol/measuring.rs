//! What an application costs on the wire. Run by hand, in release:
//! `cargo test -p pishkhan-protocol --release -- --ignored --nocapture measuring`.

use std::time::Instant;

use pishkhan_protocol::chain::{Entry, link};
use pishkhan_protocol::columns::{self, Context};
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_protocol::dictionary;
use pishkhan_protocol::event::Event;
use pishkhan_protocol::exchange::MAX_MESSAGE_BYTES;
use pishkhan_protocol::head::Head;
use pishkhan_protocol::packing::{Packed, pack, unpack};
use pishkhan_protocol::rows;
use pishkhan_protocol::short::{ShortBatch, ShortRequest};
use pishkhan_testkit::filing::Filing;

use crate::office::{DEVICE, NOON_MS, anchor};

/// Never that of the training.
const SEED: u64 = 20_261_124;

fn corpus(count: usize, scans: bool) -> Vec<Entry> {
    let mut filing = Filing::new(SEED, NOON_MS, scans).unwrap();
    filing.anchored(anchor());
    (0..count).map(|_| filing.recorded().unwrap()).collect()
}

fn event_of(secret: &DeviceSecret, seq: u64, entry: &Entry) -> Event {
    link(DEVICE, secret, &Head { seq: seq - 1, hash: [0; 32] }, entry.clone())
}

fn short_payload(entries: &[Entry], before: Option<&Event>, after_seq: u64) -> Packed {
    let secret = DeviceSecret([3; 32]);
    let context = Context { secret: &secret, after_seq, before };
    let key = pishkhan_protocol::keys::SecretKey::from_seed(&[2; 32]);
    let signature = Head { seq: after_seq + 1, hash: [7; 32] }.sign(DEVICE, &key);
    let entries = columns::encode(entries, &context);
    let batch = ShortBatch { signature, codec: columns::CODEC_COLUMNS, entries };
    let request = ShortRequest {
        after_seq,
        feed_cursor: 812,
        catalogue_cursor: 27,
        batch: Some(batch),
        ..ShortRequest::default()
    };
    pack(&request.to_bytes(), dictionary::NEWEST)
}

#[test]
#[ignore = "a measurement"]
#[allow(clippy::print_stdout)]
fn what_an_application_costs() {
    for scans in [false, true] {
        let all = corpus(10_000, scans);
        let bodies: usize = all.iter().map(|entry| entry.body.len()).sum();
        println!("\nscans {scans}: {} bytes of body on average", bodies / all.len());
        let secret = DeviceSecret([3; 32]);
        let context = Context { secret: &secret, after_seq: 0, before: None };
        let begin = Instant::now();
        let _ = columns::encode(&all[..1], &context);
        println!("first use {:?}", begin.elapsed());
        for size in [1, 100, 1_000, 10_000] {
            let count = (10_000 / size).min(300);
            let (mut coded, mut row_wise) = (0, 0);
            let (mut enc, mut dec, mut zip) = (0.0, 0.0, 0.0);
            for batch in all.chunks(size).take(count) {
                let begin = Instant::now();
                let bytes = columns::encode(batch, &context);
                enc += begin.elapsed().as_secs_f64();
                let begin = Instant::now();
                let read = columns::decode(&bytes, &context).unwrap();
                dec += begin.elapsed().as_secs_f64();
                assert!(read == batch);
                let begin = Instant::now();
                coded += pack(&bytes, dictionary::NEWEST).payload.len();
                zip += begin.elapsed().as_secs_f64();
                let packed = pack(&rows::encode(batch), dictionary::NEWEST);
                row_wise += packed.payload.len();
            }
            let total = (count * size) as f64;
            println!(
                "{size:6} in a batch: columns {:7.1}  rows {:7.1}  each; per batch: encode {:.2} ms, decode {:.2} ms, pack {:.2} ms",
                coded as f64 / total,
                row_wise as f64 / total,
                enc * 1e3 / count as f64,
                dec * 1e3 / count as f64,
                zip * 1e3 / count as f64,
            );
        }
        let mut sizes = Vec::new();
        for index in 5_000..5_300 {
            let before = event_of(&secret, index as u64, &all[index - 1]);
            let packed = short_payload(&all[index..=index], Some(&before), index as u64);
            let read =
                unpack(packed.encoding, packed.dictionary, &packed.payload, MAX_MESSAGE_BYTES);
            assert!(read.is_ok());
            sizes.push(packed.payload.len());
        }
        sizes.sort_unstable();
        println!(
            "one in a short request: payload {:.1} on average, {} median, {} at most",
            sizes.iter().sum::<usize>() as f64 / 300.0,
            sizes[150],
            sizes[299]
        );
    }
}
