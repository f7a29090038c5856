//! Clients that somebody else has written from the description of the protocol alone.

use std::process::Stdio;

use anyhow::Context as _;
use serde_json::Value;
use tokio::process::Command;

use crate::built::root;
use crate::centre::{Centre, Database};

/// Debian's own: the packages that the client needs are installed for it and for no other.
const PYTHON: &str = "/usr/bin/python3";

#[tokio::test]
async fn a_client_in_another_language_enrols_and_pushes_an_application() -> anyhow::Result<()> {
    let centre = Centre::start(Database::Embedded).await?;
    let client = root().join("tests/clients/enrol_and_push.py");
    let lines = std::fs::read_to_string(&client)?.lines().count();
    assert!(lines < 200, "{lines} lines: the description should make a client short");

    let ran = Command::new(PYTHON)
        .arg(&client)
        .arg(centre.url(""))
        .arg(centre.enrolment_code()?)
        .stdin(Stdio::null())
        .output()
        .await
        .context(PYTHON)?;
    let complaint = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{complaint}\n{}", centre.log());
    let pushed: Value = serde_json::from_slice(&ran.stdout)?;
    let text = |key: &str| pushed[key].as_str().context("not told");

    let question = format!("code={}&last_four={}", text("tracking_code")?, text("last_four")?);
    let client = reqwest::Client::builder().no_proxy().build()?;
    let answer = client
        .post(centre.url("/track"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(question)
        .send()
        .await?;
    assert_eq!(answer.status(), 200);
    let page = answer.text().await?;
    assert!(page.contains("رسید مرکز"), "a citizen sees it: {page}");
    Ok(())
}
