//! A load generator that costs little: requests are bytes made ahead, connections stay open, and of an answer only status
//! and length are read.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::super::Failed;

/// What is asked of a gateway, and how.
#[derive(Clone)]
pub(super) struct Load {
    /// Whom.
    pub(super) address: SocketAddr,
    /// The requests, each as its bytes; each is sent once.
    pub(super) requests: Arc<Vec<Vec<u8>>>,
    /// Connections that send at the same time.
    pub(super) connections: usize,
    /// After this no request is begun.
    pub(super) limit: Duration,
    /// The time between two requests, over all connections; none is as fast as it goes.
    pub(super) every: Duration,
}

/// One request that was answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answered {
    /// Which of the requests.
    pub(super) place: usize,
    /// The status.
    pub(super) status: u16,
    /// When it was begun.
    pub(super) began: Instant,
    /// How long the answer took.
    pub(super) took: Duration,
}

impl Answered {
    fn is_taken(&self) -> bool {
        matches!(self.status, 200 | 202)
    }
}

/// What a load came to.
pub(super) struct Run {
    /// Every answer.
    pub(super) answers: Vec<Answered>,
    /// From the first request to the last answer.
    pub(super) took: Duration,
}

impl Run {
    /// What was taken: pushes with 202, callbacks with 200.
    pub(super) fn accepted(&self) -> impl Iterator<Item = &Answered> {
        self.answers.iter().filter(|answer| answer.is_taken())
    }

    /// A load that met anything but acceptance measures something else.
    pub(super) fn sound(&self) -> Result<(), Failed> {
        match self.answers.iter().find(|answer| !answer.is_taken()) {
            None if self.answers.is_empty() => {
                Err(Failed::NotDone("a measured door did not answer".to_owned()))
            }
            None => Ok(()),
            Some(answer) => Err(Failed::NotDone(format!(
                "a measured door answered {} where 200 or 202 was due",
                answer.status
            ))),
        }
    }

    /// Accepted a second.
    pub(super) fn rate(&self) -> f64 {
        self.accepted().count() as f64 / self.took.as_secs_f64()
    }

    /// How long the accepted ones took, in ms.
    pub(super) fn millis(&self) -> Vec<f64> {
        self.accepted()
            .map(|answer| answer.took.as_secs_f64() * 1_000.0)
            .collect()
    }
}

impl Load {
    /// Sends them all, or as many as the limit allows. A connection that breaks sends nothing more.
    pub(super) async fn run(self) -> Run {
        let next = Arc::new(AtomicUsize::new(0));
        let mut tasks = JoinSet::new();
        let began = Instant::now();
        for _ in 0..self.connections {
            tasks.spawn(connection(self.clone(), Arc::clone(&next), began));
        }
        let mut answers = Vec::with_capacity(self.requests.len());
        while let Some(done) = tasks.join_next().await {
            answers.extend(done.unwrap_or_default());
        }
        Run {
            answers,
            took: began.elapsed(),
        }
    }
}

async fn connection(load: Load, next: Arc<AtomicUsize>, began: Instant) -> Vec<Answered> {
    let mut answers = Vec::new();
    let Ok(mut wire) = Wire::open(load.address).await else {
        return answers;
    };
    while began.elapsed() < load.limit {
        let place = next.fetch_add(1, Ordering::Relaxed);
        let Some(request) = load.requests.get(place) else {
            break;
        };
        let due = began + load.every * u32::try_from(place).unwrap_or(u32::MAX);
        if due > Instant::now() {
            tokio::time::sleep_until(due.into()).await;
        }
        let began = Instant::now();
        let Ok(status) = wire.ask(request).await else {
            break;
        };
        answers.push(Answered {
            place,
            status,
            began,
            took: began.elapsed(),
        });
    }
    answers
}

/// One keep-alive connection.
pub(super) struct Wire {
    stream: TcpStream,
    held: Vec<u8>,
}

impl Wire {
    /// Connects.
    pub(super) async fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self::over(stream))
    }

    /// Speaks over a connection that stands.
    pub(super) fn over(stream: TcpStream) -> Self {
        Self {
            stream,
            held: Vec::with_capacity(8_192),
        }
    }

    /// Sends one request and reads its answer's status.
    pub(super) async fn ask(&mut self, request: &[u8]) -> std::io::Result<u16> {
        self.write(request).await?;
        let head = self.head().await?;
        self.held.drain(..head.end + head.length);
        Ok(head.status)
    }

    /// Writes bytes as they are.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Reads one whole message and shows its bytes.
    pub(super) async fn message<T>(&mut self, look: impl FnOnce(&[u8]) -> T) -> std::io::Result<T> {
        let head = self.head().await?;
        let end = head.end + head.length;
        let seen = look(&self.held[..end]);
        self.held.drain(..end);
        Ok(seen)
    }

    /// Reads until one whole message stands at the front.
    async fn head(&mut self) -> std::io::Result<Head> {
        loop {
            if let Some(head) = Head::read(&self.held)
                && self.held.len() >= head.end + head.length
            {
                return Ok(head);
            }
            if self.stream.read_buf(&mut self.held).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// What is needed of a message's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    /// Where the body begins.
    end: usize,
    /// Its length.
    length: usize,
    /// The status of an answer, 0 of a request.
    status: u16,
}

impl Head {
    /// Reads a head that is whole.
    fn read(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let text = std::str::from_utf8(&bytes[..end]).ok()?;
        let mut lines = text.split("\r\n");
        let first = lines.next()?;
        let status = if first.starts_with("HTTP/") {
            first.split(' ').nth(1)?.parse().ok()?
        } else {
            0
        };
        let length = lines
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.trim().parse().ok())
            .unwrap_or(0);
        Some(Self { end, length, status })
    }
}

/// A POST with a JSON body, as its bytes.
pub(super) fn post(target: &str, token: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {target} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_answers_and_requests_are_read_once_they_are_whole() {
        let answer = b"HTTP/1.1 202 Accepted\r\nContent-Length: 3\r\nlocation: /a:b\r\n\r\nabc";
        assert_eq!(
            Head::read(answer),
            Some(Head {
                end: answer.len() - 3,
                length: 3,
                status: 202
            })
        );
        assert_eq!(Head::read(&answer[..answer.len() - 4]), None);
        let request = post("/x", "t", b"{}");
        assert_eq!(
            Head::read(&request),
            Some(Head {
                end: request.len() - 2,
                length: 2,
                status: 0
            })
        );
        assert_eq!(
            Head::read(b"HTTP/1.1 204 No Content\r\n\r\n").map(|head| head.length),
            Some(0)
        );
    }
}
