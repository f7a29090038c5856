//! A village office worked from the command line, for tests that are about what comes after.

use std::process::Stdio;

use anyhow::{Context as _, ensure};
use jiff::Timestamp;
use pishkhan_domain::jalali::tehran_date;
use pishkhan_testkit::catalogue::cards;
use pishkhan_testkit::samples::Sampler;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::built::program;
use crate::centre::Centre;

const PIN: &str = "123456";

/// An enrolled office.
pub(crate) struct OfficeWithoutWindow(TempDir);

/// An application as its citizen knows it.
pub(crate) struct Filed {
    pub(crate) code: String,
    pub(crate) last_four: String,
}

impl OfficeWithoutWindow {
    /// Enrols with the code of the sample office.
    pub(crate) async fn enrolled(centre: &Centre) -> anyhow::Result<Self> {
        Self::enrolled_with(centre, &centre.enrolment_code()?).await
    }

    /// Enrols with a code that the administrator has made.
    pub(crate) async fn enrolled_with(centre: &Centre, code: &str) -> anyhow::Result<Self> {
        let office = Self(TempDir::new()?);
        let (url, operator) = (centre.url(""), "کاربر نمونه");
        office.does(&["enrol", "--centre", &url, "--code", code, "--operator", operator]).await?;
        office.does(&["sync"]).await?;
        Ok(office)
    }

    /// Records this many samples of an agency's services, and sends them.
    pub(crate) async fn files(&self, agency: &str, count: usize) -> anyhow::Result<Vec<Filed>> {
        let cards: Vec<_> =
            cards()?.into_iter().filter(|card| card.agency.code.0 == agency).collect();
        let today = tehran_date(Timestamp::now().as_millisecond());
        let mut sampler = Sampler::new(cards, today, 7);
        let (mut lines, mut last_fours) = (String::new(), Vec::new());
        while last_fours.len() < count {
            let typed = sampler.good().context("no sample")?;
            if let Some(last_four) = last_four(&typed) {
                last_fours.push(last_four);
                lines.push_str(&format!("{typed}\n"));
            }
        }
        let file = self.0.path().join("samples.jsonl");
        std::fs::write(&file, lines)?;
        let told = self.does(&["record", file.to_str().context("a path")?]).await?;
        self.does(&["sync"]).await?;
        let codes = told.lines().map(|line| {
            let line: Value = serde_json::from_str(line)?;
            line["tracking_code"].as_str().map(str::to_owned).context("not recorded")
        });
        let codes: Vec<String> = codes.collect::<anyhow::Result<_>>()?;
        ensure!(codes.len() == count, "{told}");
        let filed = codes.into_iter().zip(last_fours);
        Ok(filed.map(|(code, last_four)| Filed { code, last_four }).collect())
    }

    /// Asks the centre for what is new, and gives the state of an application as the office has it.
    pub(crate) async fn learns_state(&self, code: &str) -> anyhow::Result<String> {
        let shown = self.learns(code).await?;
        Ok(shown["row"]["state"].as_str().context("no state")?.to_owned())
    }

    /// The same for the agency that has it, where it was handed over.
    pub(crate) async fn learns_who_has_it(&self, code: &str) -> anyhow::Result<String> {
        let shown = self.learns(code).await?;
        Ok(shown["handed_to"].as_str().context("not handed over")?.to_owned())
    }

    async fn learns(&self, code: &str) -> anyhow::Result<Value> {
        self.does(&["sync"]).await?;
        Ok(serde_json::from_str(&self.does(&["show", code]).await?)?)
    }

    async fn does(&self, order: &[&str]) -> anyhow::Result<String> {
        let ran = Command::new(program("pishkhan-cli"))
            .args(order)
            .env("PISHKHAN_DATA_DIR", self.0.path())
            .env("PISHKHAN_PIN", PIN)
            .stdin(Stdio::null())
            .output()
            .await?;
        let told = String::from_utf8_lossy(&ran.stdout).into_owned();
        let complaint = String::from_utf8_lossy(&ran.stderr);
        ensure!(ran.status.success(), "{order:?}: {told}\n{complaint}");
        Ok(told)
    }
}

/// Last digits of the national id of a sample, where it has one.
pub(crate) fn last_four(typed: &Value) -> Option<String> {
    let id = typed["applicant"]["national_id"].as_str()?;
    // Written with digits of any kind.
    let id = pishkhan_domain::digits::to_latin_digits(id);
    id.get(id.len().saturating_sub(4)..).filter(|it| it.len() == 4).map(str::to_owned)
}
