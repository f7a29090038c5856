//! Writing: JSON to standard output, words to standard error.

use std::io::{self, Write};

use serde::Serialize;

/// One JSON object and a line's end, at once and flushed: a reader sees whole lines only.
pub(crate) fn line(value: &impl Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_vec(value)?;
    text.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&text)?;
    out.flush()?;
    Ok(())
}

/// A sentence to whoever sits before the screen. Nobody can be told that it could not be written.
pub(crate) fn to_people(sentence: &str) {
    let _ = writeln!(io::stderr().lock(), "{sentence}");
}
