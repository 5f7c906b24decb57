//! One dossier of a poll: where it stands, and what came of it as bytes that nobody here reads.

use std::fmt;

use serde_json::{Map, Value};

/// One dossier of a poll.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// The dossier's number in the province.
    pub dossier: String,
    /// Where it stands, by the portal's ten numbers (§5.2).
    pub state: String,
    /// What came of it: a JSON object, with its record sheet inside. To be sealed at once, shown to the officer of that
    /// dossier, and never to be logged or cached (§5.5).
    pub outcome: Option<Vec<u8>>,
}

/// State and size only.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("state", &self.state)
            .field("outcome.bytes", &self.outcome.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

/// The dossiers of a poll that was read; none when these bytes are no poll of this wire.
#[must_use]
pub fn rows(result: &[u8]) -> Option<Vec<Row>> {
    let document: Value = serde_json::from_slice(result).ok()?;
    let row = |row: &Value| {
        let text = |name: &str| {
            row.get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        let outcome = row.get("ketQuaXuLy").and_then(Value::as_object);
        Some(Row {
            dossier: Some(text("maHoSoMCDT")).filter(|number| !number.is_empty())?,
            state: text("trangThaiXuLy"),
            outcome: outcome
                .filter(|outcome| !outcome.is_empty())
                .and_then(|outcome| serde_json::to_vec(outcome).ok()),
        })
    };
    Some(
        document
            .get("value")?
            .as_array()?
            .iter()
            .filter_map(row)
            .collect(),
    )
}

/// The payload of a state for VNeID with what came of the dossier in it. None when the payload is no JSON object or the
/// outcome no JSON.
#[must_use]
pub fn with_outcome(payload: &[u8], outcome: &[u8]) -> Option<Vec<u8>> {
    let mut payload: Map<String, Value> = serde_json::from_slice(payload).ok()?;
    let outcome: Map<String, Value> = serde_json::from_slice(outcome).ok()?;
    payload.insert("ketQuaXuLy".to_owned(), Value::Object(outcome));
    serde_json::to_vec(&payload).ok()
}
