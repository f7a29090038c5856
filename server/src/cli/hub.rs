//! Running a hub until it is told to stop.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::keys::PublicKey;
use pishkhan_server::hub::{Hub, QUOTA_BYTES, ToCentre};
use pishkhan_server::web::door::{self, Door};
use tokio::net::TcpListener;

use super::running::{TlsDoor, told_to_stop};

#[derive(Args)]
pub(super) struct HubOptions {
    /// Address to listen on, for the offices of the local network.
    #[arg(long, env = "PISHKHAN_HUB_LISTEN", default_value = "0.0.0.0:8090")]
    listen: SocketAddr,
    /// Folder for the files.
    #[arg(long, env = "PISHKHAN_HUB_DATA")]
    data: PathBuf,
    /// Address of the centre.
    #[arg(long, env = "PISHKHAN_HUB_CENTRE")]
    centre: String,
    /// Public key of the centre, as `pishkhan-server centre key` prints it.
    #[arg(long, env = "PISHKHAN_HUB_CENTRE_KEY", value_parser = public_key)]
    centre_key: PublicKey,
    /// A root certificate (PEM) to trust beside those of the system.
    #[arg(long, env = "PISHKHAN_HUB_ROOT_CERTIFICATE")]
    root_certificate: Option<PathBuf>,
    /// What may wait for one device, in MiB.
    #[arg(long, env = "PISHKHAN_HUB_QUOTA_MIB", default_value_t = QUOTA_BYTES >> 20)]
    quota_mib: u64,
    #[command(flatten)]
    tls: Option<TlsDoor>,
}

fn public_key(text: &str) -> Result<PublicKey, String> {
    let key = text.trim().parse::<ContentHash>();
    key.map(|key| PublicKey(key.0)).map_err(|_| "64 hexadecimal digits".to_owned())
}

pub(super) async fn run(options: HubOptions) -> anyhow::Result<()> {
    let centre = ToCentre::new(&options.centre, options.root_certificate.as_deref())?;
    let quota = options.quota_mib.saturating_mul(1 << 20);
    let hub = Hub::open(&options.data, options.centre_key, quota).await.context("the folder")?;
    let listener = TcpListener::bind(options.listen).await.context("listening")?;
    tracing::info!(listen = %listener.local_addr()?, waiting = hub.waiting().await?, "hub");
    let mut doors = vec![Door::plain(listener)];
    if let Some(tls) = options.tls {
        doors.push(tls.open().await?);
    }
    let stop = told_to_stop()?;
    tokio::select! {
        () = door::serve(doors, hub.router(), stop) => {}
        () = hub.forward(&centre) => {}
    }
    Ok(())
}
