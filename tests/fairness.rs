//! Does a page keep anybody out? By axe, by its weight over a thin line, by the width of the screen.

use anyhow::Context as _;
use serde_json::Value;

use crate::browser::Browser;
use crate::built::root;

/// Over the wire, with style and script, fonts apart.
const MOST_BYTES: usize = 50 * 1024;
const MOST_BYTES_OF_TRACKING: usize = 15 * 1024;

/// What is wrong with the page that is open: for whoever reads it, for the line, for the screen.
pub(crate) async fn seen(name: &str, browser: &Browser) -> anyhow::Result<Vec<String>> {
    let axe = std::fs::read_to_string(root().join("ui/node_modules/axe-core/axe.min.js"))?;
    browser.run(&axe, Vec::new()).await?;
    let found = browser
        .run_until_told(
            "const told = arguments[arguments.length - 1]; \
             axe.run(document, { resultTypes: ['violations'] }).then( \
             (found) => told(found.violations), (error) => told([{ id: String(error), \
             impact: 'serious', nodes: [] }]));",
        )
        .await?;
    let serious = |fault: &&Value| {
        ["serious", "critical"].contains(&fault["impact"].as_str().unwrap_or_default())
    };
    let faults = found.as_array().context("axe said nothing")?;
    let mut faults: Vec<String> = faults
        .iter()
        .filter(serious)
        .map(|fault| format!("{name}: {}: {}", fault["id"], fault["nodes"][0]["html"]))
        .collect();
    let bytes = bytes_of(browser).await?;
    if bytes > MOST_BYTES {
        faults.push(format!("{name}: {bytes} bytes"));
    }
    let wide = "return document.documentElement.scrollWidth - window.innerWidth";
    if browser.run(wide, Vec::new()).await?.as_i64().unwrap_or_default() > 0 {
        faults.push(format!("{name}: wider than the window"));
    }
    Ok(faults)
}

/// The same of a page that a citizen opens on a cheap telephone.
pub(crate) async fn seen_by_a_citizen(
    name: &str,
    browser: &Browser,
) -> anyhow::Result<Vec<String>> {
    let mut faults = seen(name, browser).await?;
    let bytes = bytes_of(browser).await?;
    if bytes > MOST_BYTES_OF_TRACKING {
        faults.push(format!("{name}: {bytes} bytes"));
    }
    Ok(faults)
}

/// What came over the wire for the page that is open, fonts apart. Style and script count on each
/// page, also those that the browser still had from the page before.
async fn bytes_of(browser: &Browser) -> anyhow::Result<usize> {
    let counted = "const parts = performance.getEntriesByType('resource') \
                   .filter((part) => !part.name.endsWith('.woff2')); \
                   return performance.getEntriesByType('navigation').concat(parts) \
                   .reduce((bytes, part) => bytes + part.encodedBodySize, 0);";
    let bytes = browser.run(counted, Vec::new()).await?;
    Ok(usize::try_from(bytes.as_u64().filter(|bytes| *bytes > 0).context("nothing counted")?)?)
}
