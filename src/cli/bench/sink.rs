//! A partner that costs nearly nothing: it takes everything, hangs, or fails, and notes when each dossier came; and a province that is told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::load::Wire;

/// How it answers a message; a login it always answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// Everything is well.
    Takes,
    /// No answer ever comes.
    Hangs,
    /// Always 500.
    Fails,
}

/// When dossiers came, by the number at the end of their own.
type Arrivals = Arc<Mutex<Vec<(u64, Instant)>>>;

/// The partner; dropped, it is gone.
pub(super) struct Sink {
    /// Where it is reached, as a base address.
    pub(super) base: String,
    arrivals: Arrivals,
    _tasks: JoinSet<()>,
}

impl Sink {
    /// Opens it, on a free port when `port` is 0.
    pub(super) async fn open(port: u16, manner: Manner) -> std::io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
        let base = format!("http://{}", listener.local_addr()?);
        let arrivals = Arrivals::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(doors(listener, manner, Arc::clone(&arrivals)));
        Ok(Self {
            base,
            arrivals,
            _tasks: tasks,
        })
    }

    /// Takes what came since this was last asked.
    pub(super) fn take(&self) -> Vec<(u64, Instant)> {
        std::mem::take(&mut *self.arrivals.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn doors(listener: TcpListener, manner: Manner, arrivals: Arrivals) {
    let mut open = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        open.spawn(door(stream, manner, Arc::clone(&arrivals)));
        while open.try_join_next().is_some() {}
    }
}

async fn door(stream: TcpStream, manner: Manner, arrivals: Arrivals) {
    // A stream that refuses this only answers later.
    let _late = stream.set_nodelay(true);
    let mut wire = Wire::over(stream);
    while let Ok(asked) = wire.message(Asked::read).await {
        if let Asked::Dossier(number) | Asked::Told(number) = asked {
            arrivals
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((number, Instant::now()));
        }
        let answer = match (asked, manner) {
            (Asked::Login, _) => answer(
                200,
                r#"{"error_code":0,"message":"Thành công","session":"bench"}"#,
            ),
            (Asked::Told(_), _) => answer(200, ""),
            (Asked::Dossier(_) | Asked::Procedure | Asked::Other, Manner::Hangs) => {
                return std::future::pending().await;
            }
            (Asked::Dossier(_) | Asked::Procedure | Asked::Other, Manner::Fails) => answer(500, "{}"),
            // What it would not understand counts as a failure: some in a row close the way to this partner for seconds.
            (Asked::Procedure, Manner::Takes) => {
                answer(200, r#"{"error_code":-1,"message":"Không có thủ tục"}"#)
            }
            (Asked::Dossier(_), Manner::Takes) => {
                answer(200, r#"{"error_code":"0","message":"Đồng bộ thành công"}"#)
            }
            (Asked::Other, Manner::Takes) => {
                answer(200, r#"{"error_code":0,"message":"Cập nhật tiến độ thành công"}"#)
            }
        };
        if wire.write(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn answer(status: u16, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// What a request asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Login,
    /// Takes a dossier; the number at the end of its own.
    Dossier(u64),
    /// Tells a province of a dossier, by a webhook; the number at the end of its own.
    Told(u64),
    /// Asks for a procedure of the catalogue, of which it has none.
    Procedure,
    Other,
}

impl Asked {
    fn read(request: &[u8]) -> Self {
        if request.starts_with(b"POST /mapi/login") {
            return Self::Login;
        }
        if request.starts_with(b"POST /told") {
            return after(request, br#""number":""#).map_or(Self::Other, |rest| Self::Told(last(rest)));
        }
        if after(request, br#""service":"LayThuTuc""#).is_some() {
            return Self::Procedure;
        }
        match after(request, br#""service":"DongBoHoSoMC""#).and_then(|rest| after(rest, br#""MaHoSo":""#)) {
            Some(rest) => Self::Dossier(last(rest)),
            None => Self::Other,
        }
    }
}

/// What stands after the first place where `what` stands.
fn after<'a>(bytes: &'a [u8], what: &[u8]) -> Option<&'a [u8]> {
    let at = bytes.windows(what.len()).position(|window| window == what)?;
    Some(&bytes[at + what.len()..])
}

/// The digits at the end of a text that ends at its closing quote.
fn last(rest: &[u8]) -> u64 {
    let text = rest.split(|byte| *byte == b'"').next().unwrap_or_default();
    let digits = text.rsplit(|byte| *byte == b'-').next().unwrap_or_default();
    std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dossier_is_known_by_the_end_of_its_number() {
        let body = br#"POST /mapi/g {"service":"DongBoHoSoMC","isUpdating":"False","data":[{"MaHoSo":"000.00.14.H99-240115-0042","x":1}]}"#;
        assert_eq!(Asked::read(body), Asked::Dossier(42));
        assert_eq!(Asked::read(b"POST /mapi/login HTTP/1.1"), Asked::Login);
        let told = br#"POST /told {"type":"x","data":{"number":"H99.14-20260115-0000007"}}"#;
        assert_eq!(Asked::read(told), Asked::Told(7));
        assert_eq!(
            Asked::read(br#"POST /mapi/g {"service":"LayThuTuc","maTTHC":"1.001234"}"#),
            Asked::Procedure
        );
        assert_eq!(
            Asked::read(br#"POST /mapi/g {"service":"CapNhatTienDoHoSoMC","data":[{"MaHoSo":"1-2"}]}"#),
            Asked::Other
        );
    }
}
