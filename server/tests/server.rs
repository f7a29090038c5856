//! The centre from outside: one conformance suite on both stores, and the pages and addresses over
//! a real socket.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "server/accounts.rs"]
mod accounts;
#[path = "server/administration.rs"]
mod administration;
#[path = "server/agency_systems.rs"]
mod agency_systems;
#[path = "server/briefing.rs"]
mod briefing;
#[path = "server/cards.rs"]
mod cards;
#[path = "server/coming_down.rs"]
mod coming_down;
#[path = "server/conformance.rs"]
mod conformance;
#[path = "server/console.rs"]
mod console;
#[path = "server/courier.rs"]
mod courier;
#[path = "server/day_roots.rs"]
mod day_roots;
#[path = "server/desk.rs"]
mod desk;
#[path = "server/desk_pages.rs"]
mod desk_pages;
#[path = "server/devices_over_http.rs"]
mod devices_over_http;
#[path = "server/distribution.rs"]
mod distribution;
#[path = "server/documents.rs"]
mod documents;
#[path = "server/figures.rs"]
mod figures;
#[path = "server/fixture.rs"]
mod fixture;
#[path = "server/hub.rs"]
mod hub;
#[path = "server/large.rs"]
mod large;
#[path = "server/leases.rs"]
mod leases;
#[path = "server/letter_pages.rs"]
mod letter_pages;
#[path = "server/letters.rs"]
mod letters;
#[path = "server/lost.rs"]
mod lost;
#[path = "server/officers.rs"]
mod officers;
#[path = "server/offices.rs"]
mod offices;
#[path = "server/operations.rs"]
mod operations;
#[path = "server/parcels.rs"]
mod parcels;
#[path = "server/postgres.rs"]
mod postgres;
#[path = "server/readmission.rs"]
mod readmission;
#[path = "server/restored.rs"]
mod restored;
#[path = "server/roles.rs"]
mod roles;
#[path = "server/satisfaction.rs"]
mod satisfaction;
#[path = "server/short.rs"]
mod short;
#[path = "server/sign_in.rs"]
mod sign_in;
#[path = "server/tampering.rs"]
mod tampering;
#[path = "server/tls.rs"]
mod tls;
#[path = "server/tracking.rs"]
mod tracking;
#[path = "server/transparency.rs"]
mod transparency;
#[path = "server/tus_client.rs"]
mod tus_client;
#[path = "server/uploader.rs"]
mod uploader;
#[path = "server/visitor.rs"]
mod visitor;
