//! Time to make a receipt: `cargo bench -p pishkhan-receipt`. Measured here, asserted nowhere.

#![allow(clippy::print_stdout, reason = "the table is what it is run for")]

use std::time::{Duration, Instant};

use pishkhan_receipt::{Paper, render_pdf, render_png, render_raster};

#[path = "../tests/receipt/sample.rs"]
mod sample;

const ROUNDS: usize = 30;

fn median_of(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

fn main() {
    for (name, content) in sample::all() {
        let pdf = median_of(|| drop(render_pdf(&content, Paper::A5)));
        let png = median_of(|| drop(render_png(&content, Paper::A5, 144.0)));
        let dots = median_of(|| drop(render_raster(&content, Paper::Thermal80)));
        println!("{name:10} A5 pdf {pdf:>10.1?}  A5 png {png:>10.1?}  80 mm {dots:>10.1?}");
    }
}
