//! Waiting for something to become true.

use std::time::Duration;

use anyhow::bail;
use tokio::time::{Instant, sleep};

/// Long enough for a loaded machine, short enough for a person.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// For what waits for the line: a probe, a back-off.
pub const LINE_PATIENCE: Duration = Duration::from_secs(300);

/// Looks until there is something. An error while looking counts as "not yet", since a page changes
/// under the eyes of whoever looks; the last one is told when the patience ends.
///
/// # Errors
/// That the patience ended.
pub async fn until<T>(
    what: &str,
    patience: Duration,
    mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let end = Instant::now() + patience;
    loop {
        let seen = look().await;
        match seen {
            Ok(Some(found)) => return Ok(found),
            Ok(None) if Instant::now() < end => {}
            Err(_) if Instant::now() < end => {}
            Ok(None) => bail!("waited {patience:?} in vain for {what}"),
            Err(error) => {
                return Err(error.context(format!("waited {patience:?} in vain for {what}")));
            }
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// A port that nobody listens on now.
///
/// # Errors
/// That the system has none.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Waits until somebody listens.
///
/// # Errors
/// As [`until`].
pub async fn listening(what: &str, port: u16) -> anyhow::Result<()> {
    until(what, PATIENCE, async || {
        Ok(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok().map(drop))
    })
    .await
}
