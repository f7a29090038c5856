//! Who may import whom among our own crates, checked over what Cargo itself says. The bans of
//! deny.toml do the same for the crates of others.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use crate::built::root;

/// Each crate with what it may import to do its work; tests may import more.
const DOORS: &[(&str, &[&str])] = &[
    ("pishkhan-domain", &[]),
    ("pishkhan-protocol", &["pishkhan-domain"]),
    ("pishkhan-ipc", &["pishkhan-domain"]),
    ("pishkhan-receipt", &["pishkhan-domain", "pishkhan-protocol"]),
    ("pishkhan-store", &["pishkhan-domain", "pishkhan-protocol"]),
    ("pishkhan-sync", &["pishkhan-domain", "pishkhan-protocol", "pishkhan-store"]),
    (
        "pishkhan-counter",
        &[
            "pishkhan-domain",
            "pishkhan-ipc",
            "pishkhan-protocol",
            "pishkhan-receipt",
            "pishkhan-store",
            "pishkhan-sync",
        ],
    ),
    (
        "pishkhan-cli",
        &[
            "pishkhan-counter",
            "pishkhan-domain",
            "pishkhan-ipc",
            "pishkhan-protocol",
            "pishkhan-sync",
        ],
    ),
    ("pishkhan", &["pishkhan-counter", "pishkhan-domain", "pishkhan-ipc", "pishkhan-sync"]),
    ("pishkhan-server", &["pishkhan-domain", "pishkhan-protocol", "pishkhan-receipt"]),
    ("pishkhan-testkit", &["pishkhan-domain", "pishkhan-protocol"]),
    // A test that is a program, so that it can run for hours.
    (
        "pishkhan-simulation",
        &[
            "pishkhan-domain",
            "pishkhan-protocol",
            "pishkhan-server",
            "pishkhan-store",
            "pishkhan-sync",
        ],
    ),
    (
        "pishkhan-bench",
        &[
            "pishkhan-counter",
            "pishkhan-domain",
            "pishkhan-ipc",
            "pishkhan-protocol",
            "pishkhan-server",
            "pishkhan-store",
            "pishkhan-sync",
            "pishkhan-testkit",
        ],
    ),
    // What the bench holds our window against.
    ("empty-window", &[]),
    ("system-tests", &[]),
];

/// Programs: nobody imports them, not even a test of another crate.
const PROGRAMS: &[&str] = &["empty-window", "pishkhan", "pishkhan-cli"];

/// Only for tests.
const FOR_TESTS: &[&str] =
    &["pishkhan-bench", "pishkhan-simulation", "pishkhan-testkit", "system-tests"];

#[test]
fn every_crate_imports_only_what_its_door_allows() {
    let faults = faults(&metadata());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_door_that_is_broken_is_told_in_a_sentence() {
    let mut broken = metadata();
    let packages = broken["packages"].as_array_mut().unwrap();
    let domain = packages.iter_mut().find(|each| each["name"] == "pishkhan-domain").unwrap();
    let wrong = serde_json::json!({ "name": "pishkhan-store", "kind": null });
    domain["dependencies"].as_array_mut().unwrap().push(wrong);
    let sentence = "pishkhan-domain imports pishkhan-store; it may import none of the others";
    assert!(faults(&broken).iter().any(|fault| fault == sentence), "{:?}", faults(&broken));
}

fn faults(metadata: &Value) -> Vec<String> {
    let doors: BTreeMap<&str, &[&str]> = DOORS.iter().copied().collect();
    let mut faults = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let Some(allowed) = doors.get(name) else {
            faults.push(format!("{name} has no door: add it to DOORS in tests/doors.rs"));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            let other = dependency["name"].as_str().unwrap();
            if !doors.contains_key(other) {
                continue;
            }
            let for_tests = dependency["kind"] == "dev";
            if PROGRAMS.contains(&other) {
                faults.push(format!("{name} imports {other}, which is a program"));
            } else if !for_tests && FOR_TESTS.contains(&other) && !FOR_TESTS.contains(&name) {
                faults.push(format!("{name} imports {other}, which is for tests only"));
            } else if !for_tests && !allowed.contains(&other) {
                let allowed = if allowed.is_empty() {
                    "none of the others".to_owned()
                } else {
                    format!("only {}", allowed.join(", "))
                };
                faults.push(format!("{name} imports {other}; it may import {allowed}"));
            }
        }
    }
    faults
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
