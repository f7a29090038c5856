//! TLS to the centre: the platform's roots and one of the province's own, if it has one.
//! Invariant: one configuration with one store of sessions for the life of the process, so that a
//! connection after a cut resumes what the one before it agreed on.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls::version::TLS13;
use rustls_platform_verifier::Verifier;

/// Names the PEM file with the certificate of the authority that a province runs itself.
const ROOT_CERTIFICATE: &str = "PISHKHAN_ROOT_CERTIFICATE";

/// What was agreed with servers, for every client that this process makes.
static SHARED: Mutex<Option<ClientConfig>> = Mutex::new(None);

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file that `PISHKHAN_ROOT_CERTIFICATE` names is missing, or is no PEM with a certificate.
    #[error("no certificate can be read from {0}")]
    RootCertificate(PathBuf, #[source] pem::Error),
    /// No roots of trust on this system, or not usable ones.
    #[error(transparent)]
    Roots(#[from] rustls::Error),
}

/// The configuration of this process, made when it is first needed.
pub(super) fn shared() -> Result<ClientConfig, TlsError> {
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(config) = &*shared {
        return Ok(config.clone());
    }
    let config = trusting(own_root()?)?;
    Ok(shared.insert(config).clone())
}

fn own_root() -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let Some(path) = std::env::var_os(ROOT_CERTIFICATE).filter(|path| !path.is_empty()) else {
        return Ok(Vec::new());
    };
    let path = PathBuf::from(path);
    let unreadable = |error| TlsError::RootCertificate(path.clone(), error);
    let found: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(&path).map_err(unreadable)?.collect();
    let found = found.map_err(unreadable)?;
    if found.is_empty() { Err(unreadable(pem::Error::NoItemsFound)) } else { Ok(found) }
}

/// The platform's roots, and these.
pub(super) fn trusting(roots: Vec<CertificateDer<'static>>) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let verifier = if roots.is_empty() {
        Verifier::new(Arc::clone(&provider))?
    } else {
        Verifier::new_with_extra_roots(roots, Arc::clone(&provider))?
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}
