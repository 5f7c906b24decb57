//! A scanner for malware that speaks as clamd does: `INSTREAM` over a socket of this machine, or over TCP on loopback.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

/// The longest answer that is read, in bytes.
const ANSWER: u64 = 4_096;
/// The longest name of something found, in characters.
const NAME: usize = 100;

/// Where the scanner listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// A socket in the file system: `unix:` and its path.
    Unix(PathBuf),
    /// A port of this machine.
    Loopback(SocketAddr),
}

/// A text that names no scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a scanner is `unix:` and the path of its socket, or an address of this machine with a port, such as 127.0.0.1:3310"
)]
pub struct NoScanner;

impl FromStr for At {
    type Err = NoScanner;

    /// Files are about persons, and this protocol hides nothing: they do not leave this machine by it.
    fn from_str(text: &str) -> Result<Self, NoScanner> {
        if let Some(path) = text.strip_prefix("unix:").filter(|path| path.starts_with('/')) {
            return Ok(Self::Unix(PathBuf::from(path)));
        }
        let address = text.parse::<SocketAddr>().ok();
        let address = address.filter(|address| address.ip().is_loopback());
        address.map(Self::Loopback).ok_or(NoScanner)
    }
}

/// What the scanner says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// Something was found: its name.
    Found(String),
    /// There is no verdict, because of this: one stable word.
    Silent(&'static str),
}

/// The scanner.
#[derive(Clone, Debug)]
pub struct Scanner {
    at: At,
    wait: Duration,
}

impl Scanner {
    /// A scanner that has so long for one file.
    pub fn new(at: At, wait: Duration) -> Self {
        Self { at, wait }
    }

    /// Has bytes scanned, as `next` hands them out until there are none.
    pub async fn scan<F, N>(&self, next: F) -> Verdict
    where
        F: FnMut() -> N,
        N: Future<Output = io::Result<Vec<u8>>>,
    {
        let scanning = async {
            match &self.at {
                At::Unix(path) => talk(UnixStream::connect(path).await?, next).await,
                At::Loopback(address) => talk(TcpStream::connect(address).await?, next).await,
            }
        };
        match tokio::time::timeout(self.wait, scanning).await {
            Ok(Ok(answer)) => read(&answer),
            Ok(Err(_)) => Verdict::Silent("scanner-broke-off"),
            Err(_) => Verdict::Silent("scanner-silent"),
        }
    }
}

async fn talk<S, F, N>(mut stream: S, mut next: F) -> io::Result<Vec<u8>>
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: FnMut() -> N,
    N: Future<Output = io::Result<Vec<u8>>>,
{
    stream.write_all(b"zINSTREAM\0").await?;
    loop {
        let some = next().await?;
        let length = u32::try_from(some.len()).map_err(io::Error::other)?;
        stream.write_all(&length.to_be_bytes()).await?;
        if some.is_empty() {
            break;
        }
        stream.write_all(&some).await?;
    }
    stream.flush().await?;
    let mut answer = Vec::new();
    stream.take(ANSWER).read_to_end(&mut answer).await?;
    Ok(answer)
}

/// `stream: OK`, `stream: <name> FOUND`, or `… ERROR`. Anything else is no verdict.
fn read(answer: &[u8]) -> Verdict {
    let text = String::from_utf8_lossy(answer);
    let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    let Some(said) = text.strip_prefix("stream: ") else {
        return Verdict::Silent("scanner-refused");
    };
    match said.strip_suffix(" FOUND") {
        Some(name) => Verdict::Found(name.chars().filter(|c| c.is_ascii_graphic()).take(NAME).collect()),
        None if said == "OK" => Verdict::Clean,
        None => Verdict::Silent("scanner-refused"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_answer_is_a_verdict() {
        for (answer, verdict) in [
            ("stream: OK\0", Verdict::Clean),
            (
                "stream: Eicar-Test-Signature FOUND\0",
                Verdict::Found("Eicar-Test-Signature".to_owned()),
            ),
            (
                "stream: bad\nname\u{202e} FOUND\n",
                Verdict::Found("badname".to_owned()),
            ),
            (
                "INSTREAM size limit exceeded. ERROR\0",
                Verdict::Silent("scanner-refused"),
            ),
            ("stream: OK?\0", Verdict::Silent("scanner-refused")),
            ("stream: FOUND", Verdict::Silent("scanner-refused")),
            ("OK", Verdict::Silent("scanner-refused")),
            ("", Verdict::Silent("scanner-refused")),
        ] {
            assert_eq!(read(answer.as_bytes()), verdict, "{answer}");
        }
    }

    #[test]
    fn files_do_not_leave_this_machine_unhidden() {
        let at = |text: &str| text.parse::<At>();
        assert!(
            at("unix:/run/clamav/clamd.ctl").is_ok()
                && at("127.0.0.1:3310").is_ok()
                && at("[::1]:3310").is_ok()
        );
        for wrong in [
            "10.0.0.5:3310",
            "unix:clamd.ctl",
            "clamd.example:3310",
            "127.0.0.1",
            "",
        ] {
            assert_eq!(at(wrong), Err(NoScanner), "{wrong}");
        }
    }
}
