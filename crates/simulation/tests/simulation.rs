//! Some seeds for each push. `script/simulate` runs more of them, and faster.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use pishkhan_simulation::{Coverage, run};

/// Enough to meet every kind of fault.
const SEEDS: u64 = 80;

#[test]
fn no_seed_breaks_an_invariant_and_every_fault_was_met() {
    let (next, all) = (AtomicU64::new(1_000_000), Mutex::new(Coverage::default()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= 1_000_000 + SEEDS {
                        return;
                    }
                    let outcome = run(seed, false);
                    all.lock().unwrap().add(&outcome.coverage);
                    if let Some(broken) = outcome.broken {
                        panic!("script/simulate --seed {seed}: {broken}");
                    }
                }
            });
        }
    });
    let all = all.into_inner().unwrap();
    assert_eq!(all.missing(1), [], "{all}");
}

#[test]
fn a_seed_gives_the_same_run_each_time() {
    let (one, other) = (run(5, true), run(5, true));
    assert!(one.trace.len() > 100);
    assert_eq!(one.trace, other.trace);
}

/// `script/simulate --planted` takes minutes; that it can be done is seen here.
#[test]
fn every_planted_fault_still_fits_the_source() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let entries = std::fs::read_dir(root.join("tests/planted")).unwrap();
    let patches: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    assert!(patches.len() >= 15, "{}", patches.len());
    for patch in patches {
        let checked = Command::new("git")
            .args(["apply", "--check"])
            .arg(&patch)
            .current_dir(&root)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "{}: {said}", patch.display());
    }
}
