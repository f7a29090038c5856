//! TLS in the server itself.
//!
//! Sessions are resumed from this process's memory, and not from sealed tickets: a number of 32
//! bytes then crosses a village's line, both ways, instead of some 200. After a restart each
//! device shakes hands in full once.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ServerSessionMemoryCache;
use tokio_rustls::TlsAcceptor;

/// Sessions that are remembered: some 150 bytes each.
const SESSIONS: usize = 50_000;

/// Why there is no TLS. The sentence is for whoever starts the server.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file is missing, or is no PEM.
    #[error("the certificate {0} cannot be read as PEM")]
    Certificate(PathBuf, #[source] rustls::pki_types::pem::Error),
    /// No certificate in it.
    #[error("there is no certificate in {0}")]
    NoCertificate(PathBuf),
    /// No key in it, or it is missing.
    #[error("there is no private key in {0} that can be read as PEM")]
    Key(PathBuf, #[source] rustls::pki_types::pem::Error),
    /// They do not belong together, or are of a kind that nobody speaks.
    #[error("the certificate {0} and the key {1} cannot be used together")]
    Mismatch(PathBuf, PathBuf, #[source] rustls::Error),
}

/// Certificate and key, and the sessions made with them.
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    sessions: Arc<ServerSessionMemoryCache>,
    config: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads certificate (with its chain) and key, both PEM.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn open(certificate: &Path, key: &Path) -> Result<Arc<Self>, TlsError> {
        let sessions = ServerSessionMemoryCache::new(SESSIONS);
        let config = RwLock::new(read(certificate, key, sessions.clone())?);
        let (certificate, key) = (certificate.to_owned(), key.to_owned());
        Ok(Arc::new(Self { certificate, key, sessions, config }))
    }

    /// Reads the files again, for a certificate that was renewed. New connections get it.
    ///
    /// # Errors
    /// [`TlsError`]; the former one stays in use then.
    pub fn reload(&self) -> Result<(), TlsError> {
        let config = read(&self.certificate, &self.key, self.sessions.clone())?;
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// For the next connection.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

fn read(
    certificate: &Path,
    key: &Path,
    sessions: Arc<ServerSessionMemoryCache>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let unreadable = |error| TlsError::Certificate(certificate.to_owned(), error);
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(unreadable)?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate(certificate.to_owned()));
    }
    let no_key = |error| TlsError::Key(key.to_owned(), error);
    let private = PrivateKeyDer::from_pem_file(key).map_err(no_key)?;
    let mismatch = |error| TlsError::Mismatch(certificate.to_owned(), key.to_owned(), error);
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(mismatch)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(mismatch)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.session_storage = sessions;
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}
