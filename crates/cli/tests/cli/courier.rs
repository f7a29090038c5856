//! Courier: an office with no line for sixty days, whose files and answers are carried by hand.

mod bad_files;
mod letter;
mod story;
mod world;
