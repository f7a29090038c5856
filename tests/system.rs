//! The whole system, as people meet it: the built window under a virtual display, the built centre,
//! officers and citizens in a real browser. Needs `script/build`.
//!
//! Invariant: nothing here waits for a fixed time; everything is looked at until it is so, or until
//! its patience ends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests"
)]

mod agencies;
mod browser;
mod built;
mod centre;
mod citizens;
mod counter;
mod courier_window;
mod doors;
mod fairness;
mod faults;
mod honest_state;
mod lock;
mod office_without_window;
mod pages;
mod paper;
mod pasting;
mod pictures;
mod portal;
mod postgresql;
mod screens;
mod slow_clock;
mod staff;
mod story;
mod strangers;
mod window;
