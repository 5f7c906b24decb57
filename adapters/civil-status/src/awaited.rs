//! What the register was pushed and comes back from it: each dossier of a poll as what it says (§4.6).

use data_encoding::HEXLOWER;
use serde_json::{Map, Value, json};
use wire::awaited::{Awaited, Row, Stand};
use wire::callback::{Callback, Effect, Paper, Proof};

use crate::row::{self, State};

/// What is registered.
pub struct Registrations;

/// What is asked with, by the member of the push that has it.
const TOGETHER: [(&str, &str); 2] = [("module", "module"), ("unit", "maDonVi")];
/// When the officer acted there: it dates what is said, and is no part of it, so that the same state is the same words.
const ACTED: &str = "thoiGianThucHien";

impl Awaited for Registrations {
    fn name(&self) -> &'static str {
        "civil-status"
    }

    fn asks(&self) -> &'static str {
        "results"
    }

    fn papers(&self) -> &'static str {
        crate::PAPERS
    }

    fn together(&self, payload: &[u8]) -> Option<Vec<(&'static str, String)>> {
        let push: Map<String, Value> = serde_json::from_slice(payload).ok()?;
        let said = |(argument, member): (&'static str, &str)| {
            let text = push.get(member)?.as_str()?;
            Some((argument, text.to_owned()))
        };
        TOGETHER.into_iter().map(said).collect()
    }

    fn rows(&self, answer: &[u8], sha256: fn(&[u8]) -> [u8; 32]) -> Option<Vec<Row>> {
        let rows = row::rows(answer)?.into_iter();
        rows.map(|row| said(row, sha256)).collect()
    }
}

fn said(row: row::Row, sha256: fn(&[u8]) -> [u8; 32]) -> Option<Row> {
    let mut document: Value = serde_json::from_slice(&row.entry).ok()?;
    let entry = document.get_mut("value")?.get_mut(0)?.as_object_mut()?;
    let at = entry.shift_remove(ACTED);
    let at = at.as_ref().and_then(Value::as_str).and_then(wire::time::instant);
    let result = entry.get("ketQuaXuLy");
    let kind = result.and_then(|result| result.get("maGiayToKetQua")).cloned();
    let papers: Vec<Paper> = row
        .paper
        .into_iter()
        .flatten()
        .map(|bytes| Paper {
            digest: HEXLOWER.encode(&sha256(&bytes)),
            bytes,
        })
        .collect();
    let module = entry.get("module").cloned();
    let mut document = json!({ "trangThai": row.code, "value": [entry] });
    if let Some(members) = document.as_object_mut() {
        let words = row.words.join("; ");
        if !words.is_empty() {
            members.insert("loi".to_owned(), Value::String(words));
        }
        if let Some(paper) = papers.first() {
            members.insert("giayTo".to_owned(), json!([issued(paper, kind, module.as_ref())]));
        }
    }
    Some(Row {
        number: row.dossier.clone(),
        stand: stand(row.state),
        said: Callback {
            kind: "result",
            effect: Effect::Tells,
            key: format!("{}/{}", row.dossier, row.code),
            number: Some(row.dossier),
            reference: None,
            agency: None,
            procedure: None,
            updating: None,
            at,
            money: None,
            proof: Proof::Nothing,
            document: document.to_string().into_bytes(),
            papers,
        },
        code: row.code,
    })
}

/// The paper of a result: by its digest, with what it is.
fn issued(paper: &Paper, kind: Option<Value>, module: Option<&Value>) -> Value {
    let mut issued = json!({ "bytes": paper.digest, "name": name(module) });
    if let (Some(members), Some(kind)) = (issued.as_object_mut(), kind) {
        members.insert("code".to_owned(), kind);
    }
    issued
}

/// 4, 5 and 6 are ends: the result, its handing over, and a refusal.
const fn stand(state: Option<State>) -> Stand {
    match state {
        Some(State::Supplement) => Stand::Supplement,
        Some(State::Finished | State::Returned | State::Refused) => Stand::Ended,
        Some(State::Waiting | State::Underway | State::Forwarded) | None => Stand::Underway,
    }
}

/// What the paper of a module is called.
fn name(module: Option<&Value>) -> &'static str {
    let module = module.and_then(Value::as_str).unwrap_or_default();
    match module.strip_prefix("LT").unwrap_or(module) {
        "KS" => "Giấy khai sinh",
        "KT" => "Trích lục khai tử",
        "KH" => "Giấy chứng nhận kết hôn",
        _ => "Giấy tờ hộ tịch",
    }
}
