//! What stands on the way of a village's line: something that answers to everything, and is not
//! the centre.

use pishkhan_testkit::wait::{PATIENCE, until};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

const PAGE: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\
                    Content-Length: 38\r\n\r\n<h1>Please log in to the Internet</h1>\n";
/// Telephones ask for this to see whether they are online, so portals know it.
const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";

/// A captive portal on the centre's address: 204 to the probe, its own page to all else.
pub(crate) struct Portal(JoinHandle<()>);

impl Portal {
    pub(crate) async fn start(port: u16) -> anyhow::Result<Self> {
        let listener = until("the centre's port", PATIENCE, async || {
            Ok(Some(TcpListener::bind(("127.0.0.1", port)).await?))
        })
        .await?;
        Ok(Self(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream));
            }
        })))
    }

    /// Goes away, and waits until its port is free.
    pub(crate) async fn stopped(self) {
        self.0.abort();
        let _ended = self.0.await;
    }
}

async fn answer(mut stream: TcpStream) {
    let mut request = [0; 1024];
    let Ok(length) = stream.read(&mut request).await else { return };
    let probe = request[..length].starts_with(b"GET /sync/v1/probe");
    let reply = if probe { NO_CONTENT } else { PAGE };
    let _gone = stream.write_all(reply.as_bytes()).await;
}
