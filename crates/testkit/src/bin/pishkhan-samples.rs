//! `pishkhan-samples GOOD SPOILED SEED FILE [SCAN]` writes JSON lines for `pishkhan-cli record` into
//! FILE and what must come of the spoiled ones into FILE.expected.json. SCAN is the JSON of a scan
//! that the office has already, as `pishkhan-cli attach` prints it; without it no copies are used.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use jiff::Timestamp;
use pishkhan_domain::application::AttachedDocument;
use pishkhan_domain::jalali::tehran_date;
use pishkhan_testkit::samples::Sampler;
use pishkhan_testkit::{SampleLines, catalogue, write_lines};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (numbers, file, scan) = match arguments.as_slice() {
        [good, spoiled, seed, file] => ([good, spoiled, seed], file, None),
        [good, spoiled, seed, file, scan] => ([good, spoiled, seed], file, Some(scan)),
        _ => return Err(io::Error::other("usage: pishkhan-samples GOOD SPOILED SEED FILE [SCAN]")),
    };
    let [good, spoiled, seed] = numbers.map(|text| text.parse::<u64>().map_err(io::Error::other));
    let size = |number: u64| usize::try_from(number).map_err(io::Error::other);
    let count = SampleLines { good: size(good?)?, spoiled: size(spoiled?)? };
    let today = tehran_date(Timestamp::now().as_millisecond());
    let mut sampler = Sampler::new(catalogue::cards()?, today, seed?);
    if let Some(scan) = scan {
        let document: AttachedDocument = serde_json::from_str(scan)?;
        sampler = sampler.with_scan(document.evidence);
    }
    let mut out = BufWriter::new(File::create(file)?);
    let expected = write_lines(&mut sampler, count, &mut out)?;
    out.flush()?;
    std::fs::write(format!("{file}.expected.json"), format!("{expected:#}\n"))
}
