//! A portal of the tests' own on a plain socket: it says any bytes, at any time, or nothing at all, and keeps its own books.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// One call, as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The wire's name of the service; `login` for a login.
    pub(crate) service: String,
    /// Whether it says of itself that it updates.
    pub(crate) updating: bool,
    /// The dossier's number, if it is about one.
    pub(crate) number: String,
    /// Which call of this service about this dossier it is, from 1.
    pub(crate) nth: usize,
    /// The body.
    pub(crate) body: Value,
}

impl Asked {
    /// A push of a dossier or of steps.
    pub(crate) fn pushes(&self) -> bool {
        self.dossier() || self.service == STEPS
    }

    /// A push of a dossier.
    pub(crate) fn dossier(&self) -> bool {
        self.service == DOSSIER
    }

    /// A push of a dossier that says it is new.
    pub(crate) fn creates(&self) -> bool {
        self.dossier() && !self.updating
    }
}

pub(crate) const DOSSIER: &str = "DongBoHoSoMC";
pub(crate) const STEPS: &str = "CapNhatTienDoHoSoMC";
pub(crate) const LOOKUP: &str = "TraCuuHoSo";

/// What is said.
pub(crate) enum Say {
    /// A whole answer.
    Answer(u16, &'static str, String),
    /// These bytes, and then the connection is closed.
    Bytes(Vec<u8>),
    /// Nothing: the connection is closed.
    Nothing,
    /// The same, later.
    Late(Duration, Box<Say>),
}

impl Say {
    /// An answer in the portal's form.
    pub(crate) fn code(code: i64, message: &str) -> Self {
        Self::Answer(
            200,
            "",
            json!({"error_code": code, "message": message}).to_string(),
        )
    }

    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Answer(status, more, body) => {
                let length = body.len();
                format!(
                    "HTTP/1.1 {status} So\r\ncontent-type: application/json\r\nconnection: close\r\n{more}content-length: \
                     {length}\r\n\r\n{body}"
                )
                .into_bytes()
            }
            Self::Bytes(bytes) => bytes,
            Self::Nothing => Vec::new(),
            Self::Late(wait, say) => {
                std::thread::park_timeout(wait);
                say.bytes()
            }
        }
    }
}

/// What a test makes of a call; the second does what an honest portal does.
type Rule = Box<dyn Fn(&Asked, &dyn Fn() -> Say) -> Say + Send + Sync>;

struct Inner {
    rule: Rule,
    asked: Mutex<Vec<Asked>>,
    known: Mutex<BTreeSet<String>>,
    gone: AtomicBool,
    deaf: AtomicBool,
}

/// A portal that runs until it is dropped.
pub(crate) struct Portal {
    pub(crate) base: String,
    address: SocketAddr,
    inner: Arc<Inner>,
}

impl Portal {
    /// A portal with this rule.
    pub(crate) fn start(rule: impl Fn(&Asked, &dyn Fn() -> Say) -> Say + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner {
            rule: Box::new(rule),
            asked: Mutex::default(),
            known: Mutex::default(),
            gone: AtomicBool::new(false),
            deaf: AtomicBool::new(false),
        });
        let serving = Arc::clone(&inner);
        std::thread::spawn(move || {
            let open = || !serving.gone.load(Ordering::SeqCst);
            for stream in listener.incoming().take_while(|_| open()) {
                let inner = Arc::clone(&serving);
                std::thread::spawn(move || inner.serve(stream.unwrap()));
            }
        });
        Self {
            base: format!("http://{address}"),
            address,
            inner,
        }
    }

    /// From now on no body of a push is read: the connection is closed behind its head.
    pub(crate) fn deafen(&self, deaf: bool) {
        self.inner.deaf.store(deaf, Ordering::SeqCst);
    }

    /// Everything that was asked, in order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.inner.asked.lock().unwrap().clone()
    }

    /// How many calls this is true of.
    pub(crate) fn count(&self, of: impl Fn(&Asked) -> bool) -> usize {
        self.inner
            .asked
            .lock()
            .unwrap()
            .iter()
            .filter(|asked| of(asked))
            .count()
    }

    /// How many calls of a service.
    pub(crate) fn calls(&self, service: &str) -> usize {
        self.count(|asked| asked.service == service)
    }

    /// How often each dossier was pushed so.
    pub(crate) fn each(&self, of: impl Fn(&Asked) -> bool) -> BTreeMap<String, usize> {
        let mut each = BTreeMap::new();
        for asked in self.asked().into_iter().filter(|asked| of(asked)) {
            *each.entry(asked.number).or_default() += 1;
        }
        each
    }

    /// The dossiers it knows.
    pub(crate) fn known(&self) -> usize {
        self.inner.known.lock().unwrap().len()
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.inner.gone.store(true, Ordering::SeqCst);
        let _woken = TcpStream::connect(self.address);
    }
}

impl Inner {
    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut target, mut length, mut line) = (String::new(), 0, String::new());
        while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
            let lower = line.to_ascii_lowercase();
            if target.is_empty() {
                target.clone_from(&lower);
            }
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        let login = target.contains("/mapi/login");
        if target.is_empty() || (!login && self.deaf.load(Ordering::SeqCst)) {
            return;
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let asked = self.note(login, serde_json::from_slice(&body).unwrap());
        let said = (self.rule)(&asked, &|| self.honest(&asked)).bytes();
        let mut stream = stream;
        let _sent = stream.write_all(&said);
    }

    fn note(&self, login: bool, body: Value) -> Asked {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let service = if login {
            "login".to_owned()
        } else {
            text(&body["service"])
        };
        let number = match service.as_str() {
            LOOKUP => text(&body["mahoso"]),
            _ => text(&body["data"][0]["MaHoSo"]),
        };
        let mut all = self.asked.lock().unwrap();
        let nth = 1 + all
            .iter()
            .filter(|asked| asked.service == service && asked.number == number)
            .count();
        let updating = body["isUpdating"] == "True";
        let asked = Asked {
            service,
            updating,
            number,
            nth,
            body,
        };
        all.push(asked.clone());
        asked
    }

    fn honest(&self, asked: &Asked) -> Say {
        let mut known = self.known.lock().unwrap();
        let number = asked.number.as_str();
        let result =
            |result: Value| Say::Answer(200, "", json!({"error_code": 0, "result": result}).to_string());
        match asked.service.as_str() {
            "login" => Say::Answer(
                200,
                "",
                json!({"error_code": 0, "session": format!("S{}", asked.nth)}).to_string(),
            ),
            DOSSIER if !asked.updating && known.contains(number) => Say::code(-3, "Hồ sơ đã tồn tại"),
            DOSSIER if asked.updating && !known.contains(number) => Say::code(-1, "Hồ sơ không tồn tại"),
            DOSSIER => {
                known.insert(number.to_owned());
                Say::code(0, "Đồng bộ thành công")
            }
            STEPS => Say::code(0, "Cập nhật tiến độ thành công"),
            LOOKUP if known.contains(number) => result(json!([{ "MaHoSo": number }])),
            LOOKUP => result(json!([])),
            _ => Say::code(-1, "Không có"),
        }
    }
}
