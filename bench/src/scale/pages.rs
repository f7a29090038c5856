//! Pages as a browser fetches them: one at a time, warm, over a connection that stays open.

use std::time::Instant;

use anyhow::{Context as _, ensure};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, COOKIE, SET_COOKIE};
use reqwest::{RequestBuilder, StatusCode};

use super::Running;
use super::loading::{Known, Loaded, OFFICER, PASSWORD};

/// Opened so often before it is measured.
const WARMING: usize = 20;

/// How long a page took.
pub(crate) struct Page {
    name: &'static str,
    /// Of each time, in ascending order.
    milliseconds: Vec<f64>,
    bytes: usize,
}

impl Page {
    /// A row of a table.
    pub(crate) fn row(&self) -> String {
        let at = |share: f64| {
            let place = (self.milliseconds.len() as f64 * share) as usize;
            self.milliseconds.get(place.min(self.milliseconds.len() - 1)).copied()
        };
        format!(
            "| {} | {:.1} | {:.1} | {:.1} | {} |",
            self.name,
            at(0.5).unwrap_or_default(),
            at(0.95).unwrap_or_default(),
            at(1.0).unwrap_or_default(),
            self.bytes
        )
    }
}

/// Opens every page so often.
pub(crate) async fn open(
    running: &Running,
    loaded: &Loaded,
    times: usize,
) -> anyhow::Result<Vec<Page>> {
    let cookie = signed_in(running).await?;
    let get = |path: String| {
        let request = running.client.get(format!("{}{path}", running.url));
        request.header(COOKIE, &cookie)
    };
    let track = |known: &Known| {
        let form = format!("code={}&last_four={}", known.code, known.last_four);
        let request = running.client.post(format!("{}/track", running.url));
        request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form)
    };
    let mut pages = Vec::new();
    let mut measure = async |name, ask: &dyn Fn(&Known) -> RequestBuilder| {
        pages.push(measured(name, &loaded.known, times, ask).await?);
        anyhow::Ok(())
    };
    measure("queue", &|_| get("/console".to_owned())).await?;
    measure("search by national id", &|it| get(format!("/console?q={}", it.national_id))).await?;
    measure("search by tracking code", &|it| get(format!("/console?q={}", it.code))).await?;
    measure("search by name", &|it| get(format!("/console?q={}", percent(&it.name)))).await?;
    measure("tracking", &track).await?;
    measure("services", &|_| get("/".to_owned())).await?;
    measure("transparency", &|_| get("/transparency".to_owned())).await?;
    Ok(pages)
}

async fn measured(
    name: &'static str,
    known: &[Known],
    times: usize,
    ask: &dyn Fn(&Known) -> RequestBuilder,
) -> anyhow::Result<Page> {
    let (mut milliseconds, mut bytes) = (Vec::new(), 0);
    for (time, known) in known.iter().cycle().take(WARMING + times).enumerate() {
        let begun = Instant::now();
        let answer = ask(known).header(ACCEPT_ENCODING, "gzip").send().await?;
        ensure!(answer.status() == StatusCode::OK, "{name}: {}", answer.status());
        bytes = answer.bytes().await?.len();
        if time >= WARMING {
            milliseconds.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
    }
    milliseconds.sort_by(f64::total_cmp);
    Ok(Page { name, milliseconds, bytes })
}

async fn signed_in(running: &Running) -> anyhow::Result<String> {
    let form = format!("username={OFFICER}&password={PASSWORD}");
    let request = running.client.post(format!("{}/console/login", running.url));
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
    let answer = request.send().await?;
    let cookie = answer.headers().get(SET_COOKIE).context("not signed in")?.to_str()?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
