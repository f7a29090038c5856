//! From the start of the process to a screen that can be worked at, and what the program then holds
//! in memory. Invariant: ours and the empty window are measured in the same way.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use pishkhan_testkit::display::Display;
use serde_json::json;

use super::driving::Window;
use super::spread::Spread;
use crate::office::PIN;

/// How long nothing is done before memory is looked at.
const IDLE: Duration = Duration::from_secs(15);

/// When the first content was painted, milliseconds since 1970. In both windows the first thing
/// that is painted is the screen that is worked at: ours draws nothing before it knows which.
const PAINTED: &str = "const done = arguments[arguments.length - 1]; \
    const look = () => { \
        const painted = performance.getEntriesByName('first-contentful-paint')[0]; \
        if (painted) done(performance.timeOrigin + painted.startTime); \
        else setTimeout(look, 20); \
    }; look();";

/// From Enter behind the PIN until the screen of the desk is there.
const UNLOCKED: &str = "const done = arguments[arguments.length - 1]; \
    const begun = performance.now(); \
    document.querySelector('form').requestSubmit(); \
    const look = () => { \
        if (document.querySelector(arguments[0])) { \
            requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun))); \
        } else setTimeout(look, 2); \
    }; look();";

/// From a key in the search field until the lines of its answer are there.
const SEARCHED: &str = "const done = arguments[arguments.length - 1]; \
    const field = document.querySelector('[data-testid=\"frame.search\"]'); \
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set; \
    const begun = performance.now(); \
    set.call(field, arguments[0]); \
    field.dispatchEvent(new Event('input', { bubbles: true })); \
    const wanted = `[data-testid=\"search.found\"][data-query=\"${CSS.escape(arguments[0])}\"]`; \
    const look = () => { \
        if (document.querySelector(wanted)) { \
            requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun))); \
        } else if (performance.now() - begun > 10000) done(-1); \
        else setTimeout(look, 2); \
    }; look();";

/// A program, started several times.
pub(crate) struct Started {
    /// Seconds from the process to the first screen.
    pub(crate) first_screen: Spread,
    /// Seconds from Enter behind the PIN to the desk; only ours.
    pub(crate) unlocked: Option<Spread>,
    /// Milliseconds from a key of a name to its lines on the screen; only ours.
    pub(crate) searched: Option<Spread>,
    /// Mebibytes of the whole tree of processes when idle.
    pub(crate) memory: Vec<(String, f64)>,
}

/// What is looked for in the window, key by key.
const NAME: &str = "عبدالعزیز ریگی";

/// Starts a program so many times; `desk` is where it leads behind a PIN, if it has one.
pub(crate) async fn start(
    display: &Display,
    program: &Path,
    office: &Path,
    desk: Option<&str>,
    times: usize,
) -> anyhow::Result<Started> {
    let (mut first, mut unlocked, mut searched) = (Vec::new(), Vec::new(), Vec::new());
    let mut memory = Vec::new();
    for time in 0..times {
        let window = Window::open(display, program, office).await?;
        let process = window.process()?;
        let painted = window.run(PAINTED, json!([])).await?.as_f64().context("no time")?;
        first.push((painted - begun_at(process)?) / 1000.0);
        if let Some(desk) = desk {
            window.fill("lock.pin", PIN).await?;
            let selector = format!("[data-testid=\"{desk}\"]");
            let taken = window.run(UNLOCKED, json!([selector])).await?;
            unlocked.push(taken.as_f64().context("no time")? / 1000.0);
            for end in NAME.char_indices().map(|(at, c)| at + c.len_utf8()).skip(1) {
                let query = NAME[..end].trim_end();
                let taken = window.run(SEARCHED, json!([query])).await?;
                searched.push(taken.as_f64().context("no time")?);
            }
        }
        if time + 1 == times {
            tokio::time::sleep(IDLE).await;
            memory = super::memory::of_tree(process)?;
        }
        window.close().await?;
    }
    Ok(Started {
        first_screen: Spread::of(first).context("never started")?,
        unlocked: Spread::of(unlocked),
        searched: Spread::of(searched),
        memory,
    })
}

/// When a process began, milliseconds since 1970; the kernel counts hundredths of a second.
fn begun_at(process: u32) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // Behind the name, which may hold anything.
    let (_, facts) = stat.rsplit_once(')').context("no name")?;
    let ticks: f64 = facts.split_whitespace().nth(19).context("no time")?.parse()?;
    let uptime = std::fs::read_to_string("/proc/uptime")?;
    let now = jiff::Timestamp::now().as_millisecond() as f64;
    let uptime: f64 = uptime.split(' ').next().context("no uptime")?.parse()?;
    Ok(now - (uptime - ticks / 100.0) * 1000.0)
}
