//! What the axis answers (§2): `status`, `ErrorCode` and `ErrorDesc` around what was asked for.

use std::fmt;

use serde_json::{Map, Value, json};
use wire::attach::decoded;
use wire::fault::Fault;
use wire::lookup::{Found, malformed};
use wire::profile::Inside;
use wire::{Class, Hop};

/// What an operation is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The axis's own id of what was sent.
    Id,
    /// Rows of packets.
    Rows,
    /// A packet.
    Packet,
    /// Rows of bodies.
    Agencies,
    /// How many there are.
    Count,
    /// Nothing but that it was done.
    Done,
}

/// What an answer of the axis comes to. Success is two words that agree; where they contradict each other, nobody can say
/// whether anything was taken.
pub(crate) fn found(asked: Asked, inside: Inside<'_>, longest: usize) -> Result<Found, Fault> {
    let Inside::Json(Value::Object(mut members)) = inside else {
        return Err(malformed());
    };
    let code = members.get("ErrorCode").and_then(wire::json::scalar);
    if code.as_deref().map(str::trim) != Some("0") {
        return Err(contradiction(code.as_deref()));
    }
    match asked {
        Asked::Done => Ok(Found::nothing(Class::Ok)),
        Asked::Id => {
            let id = members
                .get("DocId")
                .and_then(wire::json::scalar)
                .unwrap_or_default();
            Ok(Found::of(Class::Ok, &json!({ "docId": id })))
        }
        Asked::Count => {
            let count = members.get("count").and_then(wire::json::scalar);
            let count: u64 = count
                .and_then(|count| count.trim().parse().ok())
                .ok_or_else(broken)?;
            Ok(Found::of(Class::Match, &json!({ "count": count })))
        }
        Asked::Packet => packet(members.get("data"), longest),
        Asked::Rows => rows(
            members.shift_remove("data"),
            &["docId", "id", "receiverDocId", "senderDocId"],
        ),
        Asked::Agencies => rows(members.shift_remove("data"), &["code", "id"]),
    }
}

/// What words of the axis settle by themselves, where a site's profile knows them.
pub(crate) fn settled(asked: Asked, class: Class) -> Option<Found> {
    let settles = match asked {
        Asked::Id | Asked::Done => class == Class::Duplicate,
        Asked::Rows | Asked::Packet | Asked::Agencies | Asked::Count => class == Class::NoMatch,
    };
    settles.then(|| Found::nothing(class))
}

/// A refusal whose code is that of success contradicts itself, as success with another code does: it says nothing.
pub(crate) fn believed(fault: Fault) -> Fault {
    let good = fault
        .code
        .as_deref()
        .is_some_and(|code| ["0", "OK"].contains(&code.trim()));
    if good && fault.class == Class::UpstreamRejected {
        contradiction(fault.code.as_deref())
    } else {
        fault
    }
}

fn contradiction(code: Option<&str>) -> Fault {
    broken().saying(code, "the status and the error code contradict each other")
}

fn broken() -> Fault {
    Fault::new(Class::UpstreamMalformed, Hop::Ndxp)
}

/// The packet itself, out of its base64. What it says is read by [`crate::parse`].
fn packet(text: Option<&Value>, longest: usize) -> Result<Found, Fault> {
    let text = text.and_then(Value::as_str).ok_or_else(broken)?;
    let bytes = decoded(text, longest).map_err(|why| broken().saying(None, &why.to_string()))?;
    if !bytes.contains(&b'<') {
        return Err(broken());
    }
    Ok(Found {
        class: Class::Match,
        result: Some(bytes),
    })
}

/// Rows, each with a name of its own under one of these members; none at all is an answer too.
fn rows(list: Option<Value>, names: &[&str]) -> Result<Found, Fault> {
    let Some(Value::Array(rows)) = list else {
        return Err(broken());
    };
    let named = |row: &Value| {
        names
            .iter()
            .any(|name| row.get(name).is_some_and(|id| !id.is_null()))
    };
    if rows.is_empty() {
        return Ok(Found::nothing(Class::NoMatch));
    }
    if !rows.iter().all(named) {
        return Err(broken());
    }
    Ok(Found::of(Class::Match, &json!({ "rows": rows })))
}

/// One packet of a list that was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// The axis's own id of it, by which it is fetched and told of.
    pub id: String,
    /// `edoc` or `status`.
    pub sort: String,
    /// Who sent it.
    pub from: String,
    /// The packet's transport status there.
    pub state: String,
    /// SHA-256 of the packet in hexadecimal digits, where the axis says it.
    pub digest: Option<String>,
}

/// Whose packet it is, is nobody's matter in a log.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("id", &self.id)
            .field("sort", &self.sort)
            .finish_non_exhaustive()
    }
}

/// The packets of a list that was read; none when these bytes are no list of this wire. A row without an id is nobody's.
#[must_use]
pub fn packets(result: &[u8]) -> Option<Vec<Row>> {
    let document: Value = serde_json::from_slice(result).ok()?;
    let rows = document.get("rows")?.as_array()?;
    Some(rows.iter().filter_map(Value::as_object).filter_map(row).collect())
}

fn row(members: &Map<String, Value>) -> Option<Row> {
    let text = |name: &str| {
        let text = members.get(name).and_then(wire::json::scalar)?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    Some(Row {
        id: text("docId").or_else(|| text("id"))?,
        sort: text("messageType").unwrap_or_default(),
        from: text("from").unwrap_or_default(),
        state: text("status").unwrap_or_default(),
        digest: text("contentSha256"),
    })
}
