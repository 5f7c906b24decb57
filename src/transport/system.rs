//! TLS by the system's roots, made once: reading them takes a tenth of a second, and their copy a megabyte.

use std::sync::OnceLock;

use native_tls::{Protocol, TlsConnector};

static SYSTEM: OnceLock<TlsConnector> = OnceLock::new();

/// What every client shares that shows no certificate of its own and names no roots of its own.
pub(super) fn system() -> Result<TlsConnector, String> {
    if let Some(made) = SYSTEM.get() {
        return Ok(made.clone());
    }
    let mut builder = TlsConnector::builder();
    builder.min_protocol_version(Some(Protocol::Tlsv12));
    let made = builder.build().map_err(|why| why.to_string())?;
    Ok(SYSTEM.get_or_init(|| made).clone())
}
