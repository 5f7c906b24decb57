//! One dossier of a poll, taken apart: where it stands, what was registered, and the paper that came of it.

use std::fmt;

use serde_json::{Value, json};
use wire::attach::{BULK, Unusable, decoded};

/// Where the register says a dossier stands (§4.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// 1: waiting.
    Waiting,
    /// 2: a supplement is asked for.
    Supplement,
    /// 3: in process.
    Underway,
    /// 4: the result is there.
    Finished,
    /// 5: finished and handed over.
    Returned,
    /// 6: refused.
    Refused,
    /// 7: forwarded to the ministry.
    Forwarded,
}

impl State {
    fn of(code: &str) -> Option<Self> {
        Some(match code {
            "1" => State::Waiting,
            "2" => State::Supplement,
            "3" => State::Underway,
            "4" => State::Finished,
            "5" => State::Returned,
            "6" => State::Refused,
            "7" => State::Forwarded,
            _ => return None,
        })
    }
}

/// One dossier of a poll.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// The dossier's number in the province (`maHoSoMCDT`).
    pub dossier: String,
    /// Its number at the hub (`maHoSoLT`).
    pub linked: Option<String>,
    /// Where it stands; none for a state that is not known.
    pub state: Option<State>,
    /// The state as it came.
    pub code: String,
    /// What the officer there wrote, and until when a supplement is awaited: as they stand.
    pub words: Vec<String>,
    /// The row for the mapping `civil-status/results`, without its paper.
    pub entry: Vec<u8>,
    /// The paper, where one came.
    pub paper: Option<Result<Vec<u8>, Unusable>>,
}

/// Sizes only: an entry of the register is personal data.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paper = self.paper.as_ref().map(|paper| paper.as_ref().map(Vec::len));
        f.debug_struct("Row")
            .field("state", &self.state)
            .field("entry.bytes", &self.entry.len())
            .field("paper.bytes", &paper)
            .finish_non_exhaustive()
    }
}

/// Members that hold the paper: of a birth, of a death, and of anything else (guess).
const PAPER: [&str; 3] = ["giayKhaiSinh", "giayKhaiTu", "giayToKetQua"];
/// Members that hold words for an officer to read.
const WORDS: [&str; 4] = ["errors", "ghiChu", "noiDungXuLy", "hanBoSungHoSo"];

/// The dossiers of a poll that was read; none when these bytes are no poll of this wire.
#[must_use]
pub fn rows(result: &[u8]) -> Option<Vec<Row>> {
    let mut document: Value = serde_json::from_slice(result).ok()?;
    let rows = document.get_mut("value")?.as_array_mut()?;
    Some(rows.drain(..).filter_map(row).collect())
}

/// One dossier; a row that does not name its own is nobody's.
fn row(mut row: Value) -> Option<Row> {
    let paper = row.get_mut("ketQuaXuLy").and_then(paper);
    let text = |name: &str| {
        let text = row.get(name).and_then(Value::as_str).map(str::trim);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let code = text("trangThai").unwrap_or_default();
    let parts = (text("maHoSoMCDT")?, text("maHoSoLT"), State::of(&code));
    let words = WORDS.iter().filter_map(|name| text(name)).collect();
    let (dossier, linked, state) = parts;
    Some(Row {
        dossier,
        linked,
        state,
        code,
        words,
        entry: json!({ "value": [row] }).to_string().into_bytes(),
        paper,
    })
}

/// The paper, taken out of a result: the entry does not carry it a second time.
fn paper(result: &mut Value) -> Option<Result<Vec<u8>, Unusable>> {
    let members = result.as_object_mut()?;
    let values: Vec<Value> = PAPER
        .iter()
        .filter_map(|name| members.shift_remove(*name))
        .collect();
    let text = values.into_iter().find_map(|value| match value {
        Value::String(text) if !text.trim().is_empty() => Some(text),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => None,
    })?;
    Some(decoded(&text, BULK.file))
}
