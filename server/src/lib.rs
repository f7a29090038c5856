//! The centre: what devices send is stored and judged here, officers decide, citizens follow.
//!
//! Invariant: an entry is committed before it is acknowledged, and nothing that was acknowledged is
//! ever changed, reordered or dropped.

pub mod access;
pub mod accounts;
pub mod administration;
pub mod agency_systems;
pub mod audit;
pub mod backup;
pub mod briefing;
pub mod card_drafts;
pub mod cards;
pub mod carried;
pub mod centre;
pub mod clock;
pub mod courier;
pub mod day_root;
pub mod desk_columns;
pub mod disk;
pub mod documents;
pub mod enrolment;
pub mod exchange;
pub mod factor;
pub mod facts;
pub mod figures;
pub mod holidays;
pub mod hub;
pub mod ingest;
pub mod judge;
pub mod lease;
pub mod letter;
pub mod limit;
pub mod looked_for;
pub mod lost;
pub mod office_import;
pub mod officer;
pub mod parcels;
pub mod parts;
pub mod passwords;
pub mod projection;
pub mod secret;
pub mod service_clock;
pub mod sign_in;
pub mod spreadsheet;
pub mod storage;
mod sweeping;
pub mod totp;
pub mod trial;
pub mod upload;
pub mod web;
pub mod wording;
