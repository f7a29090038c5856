//! Synchronisation tried: the engine under any input, an office and a centre in memory over a bad
//! line, and the driver over real HTTP.
#![allow(unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod any_input;
mod engine_rules;
mod enrolling;
mod memory_centre;
mod memory_office;
mod mock_centre;
mod over_http;
mod papers;
mod parcels;
mod short_form;
mod simulation;
mod with_store;
