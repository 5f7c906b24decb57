//! The normal form of what the register answers: numbers as texts with the zeros they lost, and names, days and places in one
//! shape each, whichever generation of the form a unit writes (§4.3).

use serde_json::{Map, Value, json};
use wire::normal::{self, Form, Forms};

/// Codes that come as numbers or as texts.
const FORMS: &Forms = &[
    ("trangThai", Form::Digits(1)),
    ("maTinh", Form::Code(2)),
    ("maHuyen", Form::Code(3)),
    ("maXa", Form::Code(5)),
    ("ndkksMaTinh", Form::Code(2)),
    ("ndkksMaHuyen", Form::Code(3)),
    ("ndkksMaXa", Form::Code(5)),
    ("nksDanToc", Form::Code(2)),
    ("nktDanToc", Form::Code(2)),
    ("chaDanToc", Form::Code(2)),
    ("meDanToc", Form::Code(2)),
];
/// The ends of names that hold a person's name, a day and a place.
const NAME: &str = "HoTen";
const BORN: &str = "NgaySinh";
const PLACES: [&str; 4] = ["NoiSinh", "QueQuan", "NoiCuTru", "NoiChet"];

/// The rows of a poll.
pub(crate) fn results(document: Value) -> Value {
    let value = match document {
        Value::Object(mut members) => members.remove("value").unwrap_or_default(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Value::Null,
    };
    let mut rows = normal::normal(value, FORMS);
    for row in rows.as_array_mut().into_iter().flatten() {
        if let Some(result) = row.get_mut("ketQuaXuLy") {
            opened(result);
            shaped(result);
        }
    }
    json!({ "value": rows })
}

/// A record of generation 1.
pub(crate) fn record(document: Value) -> Value {
    let mut record = normal::normal(document, FORMS);
    shaped(&mut record);
    record
}

/// A result that stands in a text is the document in it.
fn opened(result: &mut Value) {
    let text = result.as_str().map(str::trim).unwrap_or_default();
    if text.starts_with('{')
        && let Some(inner) = wire::document::read(text)
    {
        *result = normal::normal(inner, FORMS);
    } else if text.is_empty() && result.is_string() {
        *result = Value::Null;
    }
}

/// Names whole, days as `dd.MM.yyyy`, places as groups.
fn shaped(result: &mut Value) {
    let Value::Object(members) = result else { return };
    for (name, value) in members {
        if name.ends_with(NAME) {
            joined(value, &["Ho", "ChuDem", "Ten"], " ");
        } else if name.ends_with(BORN) {
            joined(value, &["ngaySinh", "thangSinh", "namSinh"], ".");
        } else if PLACES.iter().any(|place| name.ends_with(place)) {
            placed(value);
        }
    }
}

/// The parts of a group as one text; what is no group stays.
fn joined(value: &mut Value, parts: &[&str], mark: &str) {
    let Value::Object(group) = &*value else { return };
    let part = |name: &&str| {
        let text = group.get(*name).and_then(Value::as_str).map(str::trim);
        let text = text.filter(|text| !text.is_empty())?;
        Some(if mark == "." {
            format!("{text:0>2}")
        } else {
            text.to_owned()
        })
    };
    let whole: Vec<String> = parts.iter().filter_map(part).collect();
    *value = Value::String(whole.join(mark));
}

/// A place in one line is the detail of a place.
fn placed(value: &mut Value) {
    if let Value::String(line) = &*value {
        let mut group = Map::new();
        group.insert("dcChiTiet".to_owned(), Value::String(line.clone()));
        *value = Value::Object(group);
    }
}
