//! TLS on the door: our certificate from files that may be replaced, and the certificates that callers show.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use openssl::ssl::{Ssl, SslAcceptor, SslFiletype, SslMethod, SslRef, SslVerifyMode, SslVersion};
use openssl::x509::X509Name;
use tokio::net::TcpStream;
use tokio_openssl::SslStream;

use super::Fresh;

/// The one application protocol that is spoken (RFC 7301: each name after its length).
const SPOKEN: &[u8] = b"\x08http/1.1";
/// What sessions are resumed under; without it a caller with a certificate could not resume one.
const CONTEXT: &[u8] = b"lienthong";

/// Who the door is, and whom it believes; all files are PEM.
#[derive(Clone, Debug)]
pub struct Certified {
    /// Its certificate, leaf first.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// Who may vouch for callers; without it nobody is asked for a certificate.
    pub clients: Option<PathBuf>,
    /// Whether a caller without a certificate is turned away.
    pub strict: bool,
}

/// Who is at the other end of a connection; each of its requests carries it.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// The address; a proxy in front shows its own.
    pub address: SocketAddr,
    /// SHA-256 of the certificate it showed.
    pub certificate: Option<[u8; 32]>,
}

/// The acceptor of connections, made anew when its files change.
pub struct Acceptor(Fresh<SslAcceptor>);

impl Acceptor {
    /// Reads the files; says what is wrong with them, never what is in them.
    pub fn new(files: Certified) -> Result<Self, String> {
        let named = [Some(&files.certificate), Some(&files.key), files.clients.as_ref()];
        let named = named.into_iter().flatten().cloned().collect();
        Fresh::new(named, move || acceptor(&files)).map(Self)
    }

    /// Shakes hands over a connection.
    pub async fn shake(&self, stream: TcpStream) -> Result<SslStream<TcpStream>, openssl::ssl::Error> {
        let ssl = Ssl::new(self.0.now().context())?;
        let mut stream = SslStream::new(ssl, stream)?;
        Pin::new(&mut stream).accept().await?;
        Ok(stream)
    }
}

/// SHA-256 of the certificate that a caller showed, once somebody whom we believe has vouched for it.
pub fn certificate(ssl: &SslRef) -> Option<[u8; 32]> {
    let der = ssl.peer_certificate()?.to_der().ok()?;
    Some(openssl::sha::sha256(&der))
}

fn acceptor(files: &Certified) -> Result<SslAcceptor, String> {
    let said = |path: &Path| {
        let path = path.display().to_string();
        move |why: openssl::error::ErrorStack| format!("{path}: {why}")
    };
    let plain = |why: openssl::error::ErrorStack| why.to_string();
    // OpenSSL's own lists for servers of today, from Mozilla's advice: TLS 1.2 with forward secrecy, and 1.3.
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).map_err(plain)?;
    acceptor
        .set_min_proto_version(Some(SslVersion::TLS1_2))
        .map_err(plain)?;
    acceptor
        .set_certificate_chain_file(&files.certificate)
        .map_err(said(&files.certificate))?;
    acceptor
        .set_private_key_file(&files.key, SslFiletype::PEM)
        .map_err(said(&files.key))?;
    acceptor.check_private_key().map_err(said(&files.key))?;
    acceptor.set_session_id_context(CONTEXT).map_err(plain)?;
    acceptor.set_alpn_select_callback(|_, offered| {
        openssl::ssl::select_next_proto(SPOKEN, offered).ok_or(openssl::ssl::AlpnError::NOACK)
    });
    if let Some(clients) = &files.clients {
        acceptor.set_ca_file(clients).map_err(said(clients))?;
        let names = X509Name::load_client_ca_file(clients).map_err(said(clients))?;
        acceptor.set_client_ca_list(names);
        let strict = if files.strict {
            SslVerifyMode::FAIL_IF_NO_PEER_CERT
        } else {
            SslVerifyMode::NONE
        };
        acceptor.set_verify(SslVerifyMode::PEER | strict);
    }
    Ok(acceptor.build())
}
