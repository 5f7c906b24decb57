use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::section::Section;

/// The door for provincial systems and operators.
#[derive(Clone, Debug)]
pub struct Http {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Its certificate and key; without them it speaks in clear.
    pub tls: Option<Tls>,
    /// How others reach this door; without it no file has an address.
    pub public: Option<String>,
    /// The largest body taken, in bytes.
    pub body_limit: u64,
    /// The most dossiers in one array.
    pub batch_limit: u32,
    /// The most connections at one time.
    pub connections: u32,
    /// How long a caller may take to send its headers.
    pub header_timeout: Duration,
    /// How long a caller may take to send its body.
    pub body_timeout: Duration,
    /// How long what has begun may go on after the node is told to stop.
    pub graceful: Duration,
}

/// TLS of the door; all files are PEM.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The certificate, leaf first.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// Who may vouch for callers; without it nobody is asked for a certificate.
    pub clients: Option<PathBuf>,
    /// Whether a caller without a certificate is turned away.
    pub strict: bool,
}

impl Tls {
    /// None in clear; half of it is a mistake.
    fn read(from: &Section<'_>) -> Option<Option<Self>> {
        let clients = from.maybe_path("clients_file");
        let strict = from.truth("clients_only");
        let halves = (from.maybe_path("certificate_file"), from.maybe_path("key_file"));
        if let (None, None) = halves {
            return Some(None);
        }
        let certificate = from.path("certificate_file");
        let key = from.path("key_file");
        Some(Some(Self {
            certificate: certificate?,
            key: key?,
            clients,
            strict: strict?,
        }))
    }
}

impl Http {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let listen = from.listen("listen");
        let tls = Tls::read(from);
        let public = from.maybe_url("public");
        let body_limit = from.size("body_limit");
        let batch_limit = from.count("batch_limit", 1..=100_000);
        let connections = from.count("connections", 1..=1_000_000);
        let header_timeout = from.duration("header_timeout");
        let body_timeout = from.duration("body_timeout");
        let graceful = from.duration("graceful");
        Some(Self {
            listen: listen?,
            tls: tls?,
            public,
            body_limit: body_limit?,
            batch_limit: batch_limit?,
            connections: connections?,
            header_timeout: header_timeout?,
            body_timeout: body_timeout?,
            graceful: graceful?,
        })
    }
}
