//! What the day does to a call of the databases, counted under names of its own.

use super::call::Call;
use super::fault;
use super::people::Trap;
use super::reply::{End, HTML, Reply, TEXT};
use super::road::{Road, Wrap};
use super::service::{Part, Service};
use crate::twin::answer;
use crate::twin::day::{After, Before, Lie};
use crate::twin::weather::Weather;

/// What a day says instead of taking the call.
pub(super) fn instead(weather: &Weather, road: &Road, before: Before) -> Reply {
    let (fault, reply) = match before {
        Before::BadGateway => ("lookup-storm", Reply::new(502, HTML, BAD_GATEWAY)),
        Before::TooMany => ("lookup-limit", fault::THROTTLED.told(road.manner)),
        Before::Unavailable => ("lookup-unavailable", fault::SUSPENDED.told(road.manner)),
        // Nothing was done, so half of the truth is half of an error.
        Before::Lie(lie) => ("lookup-lie", lied(lie, HALF)),
    };
    weather.hit(fault);
    reply
}

/// What a day does to an answer that was ready, and its word in the books.
pub(super) fn after(weather: &Weather, after: After, reply: Reply) -> (&'static str, Reply) {
    let (fault, word, reply) = match after {
        After::Hang => ("lookup-hang", "hang", reply.ending(End::Hang)),
        After::Cut(bytes) => ("lookup-reset", "cut", reply.ending(End::Cut(bytes))),
        After::Forget => (
            "lookup-forgotten",
            "forgotten",
            Reply::new(500, TEXT, "server error"),
        ),
        After::Lie(lie) => ("lookup-lie", "lie", lied(lie, &reply.body)),
    };
    weather.hit(fault);
    (word, reply)
}

/// The trap that the day lays for a call, fitted to it: only persons can be mistaken, only XML has namespaces.
pub(super) fn fitted(trap: Trap, call: &Call<'_>) -> Option<Trap> {
    let xml = call.service.is_population() && !matches!(call.road.wrap, Wrap::Dt | Wrap::Tn);
    let about_one = matches!(
        call.service,
        Service::Population(_) | Service::Business(_) | Service::Papers(Part::List) | Service::Insurance(_)
    );
    if trap == Trap::Namespace && !xml {
        return Some(Trap::Text);
    }
    let person = matches!(trap, Trap::Another | Trap::Two);
    let other = if person && !call.service.is_population() {
        Trap::Another
    } else {
        trap
    };
    (about_one || !person).then_some(other)
}

/// Counts a trap that the day laid.
pub(super) fn laid(weather: &Weather, trap: Trap) {
    let bomb = matches!(trap, Trap::Laughs | Trap::Huge | Trap::Deep);
    let person = matches!(trap, Trap::Another | Trap::Two);
    weather.hit(match (bomb, person) {
        (true, _) => "lookup-bomb",
        (_, true) => "lookup-wrong-person",
        (false, false) => "lookup-garbled",
    });
}

const BAD_GATEWAY: &str = "<html><body><h1>502 Bad Gateway</h1></body></html>";
const HALF: &str = r#"{"error_code": -1, "message": "Lỗi hệ thống"}"#;

fn lied(lie: Lie, body: &str) -> Reply {
    let (kind, text) = answer::lied(lie, body);
    Reply::new(200, kind, text)
}
