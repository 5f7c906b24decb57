//! One call on a connection of its own, as plain as HTTP/1.1 gets.

use crate::twin::books::hex;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The longest that an answer is awaited.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is sent.
pub(super) struct Call {
    /// What it is.
    pub(super) kind: &'static str,
    /// Where it goes, with its query.
    pub(super) target: String,
    /// What it says; nothing where it is fetched.
    pub(super) body: Option<String>,
    /// Whether it only asks.
    pub(super) asks: bool,
    /// Whether an answer of this status says that it was done.
    pub(super) done: fn(u16, &serde_json::Value) -> bool,
}

/// What was heard.
pub(super) struct Heard {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Heard {
    /// What tells one answer from another.
    pub(super) fn digest(&self) -> String {
        hex(&openssl::sha::sha256(
            &[self.status.to_be_bytes().as_slice(), &self.body].concat(),
        ))
    }
}

impl Call {
    /// What tells one call from another: the same may come to another address of the same door.
    pub(super) fn digest(&self) -> String {
        let body = self.body.as_deref().unwrap_or(&self.target);
        hex(&openssl::sha::sha256(body.as_bytes()))
    }

    /// Sends it and hears the answer.
    pub(super) async fn send(&self, address: SocketAddr) -> io::Result<Heard> {
        let mut bytes = Vec::new();
        let heard = async {
            let mut stream = self.begin(address).await?;
            stream.read_to_end(&mut bytes).await
        };
        timeout(PATIENCE, heard).await??;
        parse(&bytes).ok_or_else(|| io::Error::other("no answer in HTTP"))
    }

    /// Sends it and goes away once there is an answer, without reading it.
    pub(super) async fn lose(&self, address: SocketAddr) -> io::Result<()> {
        let lost = async { self.begin(address).await?.readable().await };
        timeout(PATIENCE, lost).await?
    }

    async fn begin(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let method = if self.body.is_some() { "POST" } else { "GET" };
        let (target, body) = (&self.target, self.body.as_deref().unwrap_or_default());
        let mut stream = TcpStream::connect(address).await?;
        let request = format!(
            "{method} {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await?;
        Ok(stream)
    }
}

/// Status and body; the connection ends with the answer.
fn parse(bytes: &[u8]) -> Option<Heard> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Heard {
        status,
        body: bytes.get(end + 4..)?.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_its_status_and_its_body() {
        let heard = parse(b"HTTP/1.1 200 OK\r\na: b\r\n\r\n{}").unwrap();
        assert_eq!((heard.status, heard.body.as_slice()), (200, b"{}".as_slice()));
        assert!(parse(b"HTTP/1.1 200 OK\r\n").is_none() && parse(b"\r\n\r\n").is_none());
    }
}
