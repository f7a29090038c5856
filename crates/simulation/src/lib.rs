//! Synchronisation tried in a world that a seed decides: several offices, hubs and a centre, the
//! real engine, driver, stores, routers and life cycle, in virtual time, over lines and machines on which
//! everything goes wrong. docs/simulation.md says what is checked.
//!
//! Invariant: the same seed gives the same run, so that a failure can be looked at.
// This crate is a test, written as a program so that it can run for hours.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod broken;
mod centre_host;
mod clock;
mod coverage;
mod dice;
mod fragile_office;
mod fragile_storage;
mod hub_host;
mod machine;
mod wires;
mod world;

pub use broken::Broken;
pub use coverage::{Coverage, Seen};
pub use world::{Outcome, run};
