//! The only way out of the process: time limits, size limits, no ambient proxy, no chunked bodies.
//!
//! It does not know why it is asked. It tells one thing exactly: whether any byte of a request may have left.

mod door;
mod fresh;
mod guard;
mod retry;
mod scanner;
mod system;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use door::{Acceptor, Certified, Peer, certificate};
pub use fresh::Fresh;
pub use scanner::{At, NoScanner, Scanner, Verdict};

use guard::Guard;
use retry::Waits;
use zeroize::Zeroizing;

use crate::model::Network;

/// How to reach one partner.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What every target is joined to, such as `http://10.0.0.10:8080`.
    pub base: String,
    /// How long making a connection may take.
    pub connect: Duration,
    /// How long the whole answer may take, from the first byte sent.
    pub answer: Duration,
    /// The longest answer that is read, in bytes; the rest is left unread and the answer is unclear.
    pub answer_limit: usize,
    /// Connections kept open for reuse.
    pub connections: usize,
    /// Short tries to connect before the message goes back to the outbox.
    pub connect_tries: u32,
    /// Who we are and whom we believe, where the partner's TLS asks.
    pub tls: Tls,
    /// The only networks that are gone to; none are all.
    pub networks: Vec<Network>,
}

/// TLS towards one partner, in PEM files that are read anew when they change.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// Our certificate, leaf first, and its key in PKCS#8: one file.
    pub identity: Option<PathBuf>,
    /// The only roots that are believed; none are those of the system.
    pub roots: Option<PathBuf>,
}

/// What came back, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// The `Content-Type`, as sent.
    pub content_type: Option<String>,
    /// Seconds of `Retry-After`, when it is given as a number or as a date with a `Date` to hold it against.
    pub retry_after: Option<u64>,
    /// The headers by which a platform on the way speaks (`X-Road-…`), names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, at most `answer_limit` bytes.
    pub body: Vec<u8>,
}

/// Why no whole answer came. What matters is on which side of the first byte it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No connection was made: nothing left, so nothing can have been applied.
    #[error("not reached")]
    NotReached,
    /// The answer did not come in time.
    #[error("no answer in time")]
    TimedOut,
    /// The connection broke before the answer was whole.
    #[error("connection broke")]
    Broke,
    /// The answer is longer than is read.
    #[error("answer too long")]
    TooLong,
    /// The request cannot be put on this network (a header or an address that HTTP cannot carry).
    #[error("request cannot be sent")]
    Unsendable,
}

impl Failure {
    /// One stable word for logs, metrics and the exchange log.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotReached => "not-reached",
            Self::TimedOut => "timed-out",
            Self::Broke => "connection-broke",
            Self::TooLong => "answer-too-long",
            Self::Unsendable => "unsendable",
        }
    }

    /// Whether it is certain that nothing left.
    pub fn nothing_left(self) -> bool {
        match self {
            Self::NotReached | Self::Unsendable => true,
            Self::TimedOut | Self::Broke | Self::TooLong => false,
        }
    }
}

/// A pooled way to one partner.
pub struct Transport {
    client: Fresh<reqwest::Client>,
    settings: Settings,
}

/// Why a way to a partner could not be made.
#[derive(Debug, thiserror::Error)]
#[error("no way to this partner can be made: {0}")]
pub struct Unbuildable(String);

impl Transport {
    /// Makes the pool. No connection is opened yet.
    pub fn new(settings: Settings) -> Result<Self, Unbuildable> {
        let Tls { identity, roots } = &settings.tls;
        let files = identity.iter().chain(roots).cloned().collect();
        let made = settings.clone();
        let client = Fresh::new(files, move || client(&made)).map_err(Unbuildable)?;
        Ok(Self { client, settings })
    }

    /// Sends one request and reads the whole answer. A partner that cannot be reached is tried a few times shortly,
    /// because nothing has left by then.
    pub async fn send(&self, request: &wire::Request) -> Result<Response, Failure> {
        let mut waits = Waits::new(self.settings.connect_tries);
        loop {
            match self.once(request).await {
                Err(Failure::NotReached) => match waits.next() {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => return Err(Failure::NotReached),
                },
                done => return done,
            }
        }
    }

    async fn once(&self, request: &wire::Request) -> Result<Response, Failure> {
        let url = format!("{}{}", self.settings.base.trim_end_matches('/'), request.target);
        let method = match request.method {
            wire::Method::Get => reqwest::Method::GET,
            wire::Method::Post => reqwest::Method::POST,
            wire::Method::Put => reqwest::Method::PUT,
        };
        let mut builder = self.client.now().request(method, url).body(request.body.clone());
        for (name, value) in &request.headers {
            builder = builder.header(name.as_str(), value.as_str());
        }
        let response = builder.send().await.map_err(|error| failure(&error))?;
        let status = response.status().as_u16();
        let content_type = header(&response, "content-type");
        let retry_after = header(&response, "retry-after")
            .and_then(|wanted| seconds(&wanted, header(&response, "date").as_deref()));
        let headers = spoken(&response);
        let body = self.body(response).await?;
        Ok(Response {
            status,
            content_type,
            retry_after,
            headers,
            body,
        })
    }

    async fn body(&self, mut response: reqwest::Response) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| late(&error))? {
            if body.len() + chunk.len() > self.settings.answer_limit {
                return Err(Failure::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// The one way to make a client; what its files lack is said, never what is in them.
fn client(settings: &Settings) -> Result<reqwest::Client, String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one home of the HTTP client"
    )]
    let mut client = reqwest::Client::builder()
        .no_proxy()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(settings.connect)
        .timeout(settings.answer)
        .pool_max_idle_per_host(settings.connections)
        .pool_idle_timeout(Duration::from_secs(20))
        .tcp_nodelay(true);
    if !settings.networks.is_empty() {
        guard::stands(&settings.base, &settings.networks)?;
        client = client.dns_resolver(Guard::new(&settings.networks));
    }
    certified(client, &settings.tls)?
        .build()
        .map_err(|why| why.to_string())
}

/// Says to a client who it is and whom it believes.
fn certified(client: reqwest::ClientBuilder, tls: &Tls) -> Result<reqwest::ClientBuilder, String> {
    let Tls { identity, roots } = tls;
    if identity.is_none() && roots.is_none() {
        return Ok(client.tls_backend_preconfigured(system::system()?));
    }
    let mut client = client.tls_version_min(reqwest::tls::Version::TLS_1_2);
    if let Some(file) = identity {
        client = client.identity(shown(file)?);
    }
    if let Some(file) = roots {
        let roots = reqwest::Certificate::from_pem_bundle(&read(file)?);
        client = client.tls_certs_only(roots.map_err(|why| format!("{}: {why}", file.display()))?);
    }
    Ok(client)
}

/// The certificate that is shown, with its key.
fn shown(file: &Path) -> Result<reqwest::Identity, String> {
    const KEY: &str = "-----BEGIN PRIVATE KEY-----";
    let pem = read(file)?;
    let text = std::str::from_utf8(&pem).unwrap_or_default();
    let at = text
        .find(KEY)
        .ok_or_else(|| format!("{} has no key in PKCS#8", file.display()))?;
    let identity = reqwest::Identity::from_pkcs8_pem(&pem, &pem[at..]);
    identity.map_err(|_| format!("{} is no certificate with its key", file.display()))
}

fn read(file: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let bytes = std::fs::read(file).map(Zeroizing::new);
    bytes.map_err(|why| format!("{}: {why}", file.display()))
}

fn failure(error: &reqwest::Error) -> Failure {
    if error.is_connect() {
        return Failure::NotReached;
    }
    if error.is_builder() {
        return Failure::Unsendable;
    }
    late(error)
}

/// A failure after the first byte left.
fn late(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        Failure::TimedOut
    } else {
        Failure::Broke
    }
}

fn header(response: &reqwest::Response, name: &str) -> Option<String> {
    response
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

/// The headers that are kept of an answer.
fn spoken(response: &reqwest::Response) -> Vec<(String, String)> {
    let named = response.headers().iter();
    named
        .filter(|(name, _)| name.as_str().starts_with("x-road-"))
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect()
}

/// `Retry-After` (RFC 9110 §10.2.3): seconds, or a date held against the partner's own `Date`, not our clock.
fn seconds(wanted: &str, date: Option<&str>) -> Option<u64> {
    if let Ok(seconds) = wanted.trim().parse() {
        return Some(seconds);
    }
    let parser = jiff::fmt::rfc2822::DateTimeParser::new();
    let then = parser.parse_timestamp(wanted.trim()).ok()?;
    let now = parser.parse_timestamp(date?.trim()).ok()?;
    Some(u64::try_from(then.as_second() - now.as_second()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        assert_eq!(seconds("120", None), Some(120));
        let date = "Mon, 23 Nov 2026 10:00:00 GMT";
        assert_eq!(seconds("Mon, 23 Nov 2026 12:00:00 GMT", Some(date)), Some(7200));
        assert_eq!(seconds("Mon, 23 Nov 2026 09:00:00 GMT", Some(date)), Some(0));
        assert_eq!(seconds("soon", Some(date)), None);
        assert_eq!(seconds("Mon, 23 Nov 2026 12:00:00 GMT", None), None);
    }
}
