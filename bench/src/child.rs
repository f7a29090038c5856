//! An office as a process that says JSON lines and takes orders, one a line. Invariant: it ends with
//! this process.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Longer than anything that is measured.
const PATIENCE: Duration = Duration::from_secs(1_200);

pub(crate) struct Talking {
    process: Child,
    orders: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
}

impl Talking {
    pub(crate) fn start(mut command: Command) -> anyhow::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().with_context(|| format!("{command:?}"))?;
        let orders = process.stdin.take().context("no input")?;
        let said = process.stdout.take().context("no output")?;
        Ok(Self { process, orders, said: BufReader::new(said).lines() })
    }

    /// The next thing it says; what is no JSON is somebody's chatter.
    pub(crate) async fn hear(&mut self) -> anyhow::Result<Value> {
        let next = async {
            while let Some(line) = self.said.next_line().await? {
                if let Ok(said) = serde_json::from_str(&line) {
                    return Ok(said);
                }
            }
            bail!("an office ended without a word")
        };
        tokio::time::timeout(PATIENCE, next).await.context("an office says nothing")?
    }

    pub(crate) async fn order(&mut self, order: &str) -> anyhow::Result<Value> {
        self.orders.write_all(format!("{order}\n").as_bytes()).await?;
        self.hear().await
    }

    /// Lets it end.
    pub(crate) async fn end(self) -> anyhow::Result<()> {
        let Self { mut process, orders, said } = self;
        drop((orders, said));
        process.wait().await?;
        Ok(())
    }
}
