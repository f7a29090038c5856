//! Samples for tests, benches and trials: applications that look like those of a village, for every
//! card of the catalogue, and applications spoiled in one named way each; a letter of an agency; a
//! faulty line; and a display where nobody sits.
//!
//! Invariant: the same seed gives the same samples; whatever would be shown of a person says
//! «نمونه». Nothing here is linked into a program that is shipped.

pub mod catalogue;
pub mod display;
pub mod faulty_line;
pub mod filing;
pub mod letters;
mod lines;
mod random;
pub mod samples;
pub mod training;
pub mod wait;

pub use lines::{SampleLines, write_lines};
