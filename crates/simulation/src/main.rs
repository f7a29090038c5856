//! `pishkhan-simulate`: runs seeds, or one of them with a trace.
#![allow(clippy::print_stdout)]

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use clap::Parser;
use pishkhan_simulation::{Coverage, run};

/// Tries synchronisation in worlds that seeds decide.
#[derive(Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// This seed alone, with a trace.
    #[arg(long)]
    seed: Option<u64>,
    /// At once; as many as there are processors, unless said.
    #[arg(long)]
    threads: Option<usize>,
}

/// Among so many seeds each kind of fault is met at least once.
const SEEDS_FOR_ONE: u64 = 50;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(seed) = arguments.seed {
        let outcome = run(seed, true);
        for line in &outcome.trace {
            println!("{line}");
        }
        println!("{}", outcome.coverage);
        return match outcome.broken {
            None => ExitCode::SUCCESS,
            Some(broken) => {
                println!("seed {seed}: {broken}");
                ExitCode::FAILURE
            }
        };
    }
    std::panic::set_hook(Box::new(|_| {}));
    let (next, failed) = (AtomicU64::new(arguments.from), AtomicBool::new(false));
    let all = Mutex::new(Coverage::default());
    let (end, started) = (arguments.from + arguments.seeds, Instant::now());
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..arguments.threads.unwrap_or(processors) {
            scope.spawn(|| {
                while !failed.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        break;
                    }
                    let outcome = run(seed, false);
                    if let Ok(mut all) = all.lock() {
                        all.add(&outcome.coverage);
                    }
                    if let Some(broken) = outcome.broken {
                        failed.store(true, Ordering::Relaxed);
                        println!("seed {seed}: {broken}");
                        println!("look at it: script/simulate --seed {seed}");
                    }
                    let done = seed + 1 - arguments.from;
                    if done.is_multiple_of(500) {
                        println!("{done} seeds in {:.0} s", started.elapsed().as_secs_f64());
                    }
                }
            });
        }
    });
    let seconds = started.elapsed().as_secs_f64();
    let all = all.into_inner().unwrap_or_default();
    println!("{all}");
    if failed.load(Ordering::Relaxed) {
        return ExitCode::FAILURE;
    }
    let missing = all.missing(arguments.seeds / SEEDS_FOR_ONE);
    if !missing.is_empty() {
        println!("hardly tried: {missing:?}");
        return ExitCode::FAILURE;
    }
    println!("{} seeds in {seconds:.0} s: no invariant broken", arguments.seeds);
    ExitCode::SUCCESS
}
