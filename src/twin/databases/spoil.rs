//! What is done to a call instead of answering it, or to its answer: the traps of persons and of days (§9.8).

use super::call::{Call, Said, Told};
use super::fault::{self, Fault};
use super::people::Trap;
use super::population::officer_unknown;
use super::reply::{End, HTML, Reply, TEXT};
use super::road::Pass;
use super::service::Service;
use super::soap::wrong;
use serde_json::json;

impl Trap {
    /// Its word in the books.
    pub(super) fn word(self) -> &'static str {
        match self {
            Trap::Another => "another",
            Trap::ApiBlocked => "api-blocked",
            Trap::Blocked => "blocked",
            Trap::Cut => "cut",
            Trap::Deep => "deep",
            Trap::Forbidden => "forbidden",
            Trap::Gateway => "gateway",
            Trap::Hang => "hang",
            Trap::Huge => "huge",
            Trap::Laughs => "laughs",
            Trap::Lost => "lost",
            Trap::Namespace => "namespace",
            Trap::Officer => "officer",
            Trap::Page => "page",
            Trap::Refused => "refused",
            Trap::ServerFault => "server-fault",
            Trap::Split => "split",
            Trap::Supplement => "supplement",
            Trap::Suspended => "suspended",
            Trap::Text => "text",
            Trap::ThrottledOnce => "throttled-once",
            Trap::Two => "two",
            Trap::UnauthorisedOnce => "unauthorised-once",
            Trap::Unknown => "unknown",
            Trap::Wrapped => "wrapped",
        }
    }

    /// Whether it springs only the first time.
    pub(super) fn once(self) -> bool {
        matches!(self, Trap::ThrottledOnce | Trap::UnauthorisedOnce)
    }
}

/// A trap's word in the books, if the answer is another one than the database's; some only change what it holds.
pub(super) fn word(trap: Trap) -> &'static str {
    let held = matches!(
        trap,
        Trap::Refused | Trap::Split | Trap::Supplement | Trap::Two | Trap::Unknown
    );
    if held { "" } else { trap.word() }
}

/// Answered instead of taking the call.
pub(super) fn before(trap: Trap, call: &Call<'_>) -> Option<Told> {
    let fault = |fault: Fault| Some(Told::new(fault.class, Said::Fault(fault)));
    let population = call.service.is_population();
    match trap {
        Trap::ThrottledOnce => fault(fault::THROTTLED),
        Trap::UnauthorisedOnce => fault(fault::INVALID),
        Trap::Forbidden => fault(fault::FORBIDDEN),
        Trap::Blocked => fault(fault::BLOCKED),
        Trap::Lost => fault(fault::LOST),
        Trap::ApiBlocked => fault(fault::API_BLOCKED),
        Trap::Suspended => {
            let reply = fault::SUSPENDED.as_xml();
            Some(Told::new(fault::SUSPENDED.class, Said::Ready(reply)))
        }
        Trap::Gateway => {
            let reply = Reply::new(502, HTML, BAD_GATEWAY);
            Some(Told::new("upstream_unavailable", Said::Ready(reply)))
        }
        Trap::Wrapped if call.service != Service::Sent => Some(wrapped(call)),
        Trap::Officer if population => Some(Told::refused(officer_unknown())),
        Trap::ServerFault if population => {
            let wrong = wrong("SERVER", "the database is not available");
            Some(Told::new("upstream_unavailable", Said::Server(wrong)))
        }
        Trap::Another
        | Trap::Cut
        | Trap::Deep
        | Trap::Hang
        | Trap::Huge
        | Trap::Laughs
        | Trap::Namespace
        | Trap::Officer
        | Trap::Page
        | Trap::Refused
        | Trap::ServerFault
        | Trap::Split
        | Trap::Supplement
        | Trap::Text
        | Trap::Two
        | Trap::Unknown
        | Trap::Wrapped => None,
    }
}

const BAD_GATEWAY: &str = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>";

/// The error of whoever stands between: X-Road's own, or a wrapper's with HTTP 200.
fn wrapped(call: &Call<'_>) -> Told {
    let text = "Không kết nối được cơ sở dữ liệu quốc gia";
    let reply = if call.road.pass == Pass::Client {
        fault::xroad(
            "Server.ServerProxy.NetworkError",
            "Could not connect to target host",
        )
    } else {
        Reply::json(200, &json!({"error_code": call.code(-1), "message": text}))
    };
    Told::new("upstream_unavailable", Said::Ready(reply))
}

/// What becomes of an answer that was ready.
pub(super) fn after(trap: Trap, reply: Reply) -> Reply {
    let mut reply = reply;
    match trap {
        Trap::Hang => return reply.ending(End::Hang),
        Trap::Cut => {
            let half = reply.body.len() / 2;
            return reply.ending(End::Cut(half));
        }
        Trap::Page => return Reply::new(200, HTML, PAGE),
        Trap::Text => return Reply::new(200, TEXT, "Client received SOAP Fault from server: timeout"),
        Trap::Namespace => {
            reply.body = reply
                .body
                .replace(super::citizen::ANSWER, "http://www.example.vn/khac/1.0")
        }
        Trap::Laughs => reply.body = laughs(),
        Trap::Deep => reply.body = format!("{}{}", "<a>".repeat(DEEP), "</a>".repeat(DEEP)),
        Trap::Huge => return reply.ending(End::Flood),
        Trap::Another
        | Trap::ApiBlocked
        | Trap::Blocked
        | Trap::Forbidden
        | Trap::Gateway
        | Trap::Lost
        | Trap::Officer
        | Trap::Refused
        | Trap::ServerFault
        | Trap::Split
        | Trap::Supplement
        | Trap::Suspended
        | Trap::ThrottledOnce
        | Trap::Two
        | Trap::UnauthorisedOnce
        | Trap::Unknown
        | Trap::Wrapped => {}
    }
    reply
}

const PAGE: &str = "<!DOCTYPE html><html><head><title>Đăng nhập</title></head><body><form><input name=\"user\"></form></body></html>";
const DEEP: usize = 100_000;

/// Ten entities, each ten of the one before: a billion of the first.
fn laughs() -> String {
    let mut text = "<?xml version=\"1.0\"?><!DOCTYPE soapenv:Envelope [<!ENTITY a0 \"ha\">".to_owned();
    for at in 1..10 {
        let ten = format!("&a{};", at - 1).repeat(10);
        text.push_str(&format!("<!ENTITY a{at} \"{ten}\">"));
    }
    text.push_str("]><soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>&a9;</soapenv:Body></soapenv:Envelope>");
    text
}
