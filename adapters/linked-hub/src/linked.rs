//! What the hub holds for the province: the rows of its list, and one dossier whole, which is XML in a text in JSON (and in
//! JSON in a text once more, in one province).

use std::fmt;

use data_encoding::HEXLOWER;
use serde_json::{Map, Value, json};
use wire::attach::{BULK, Unusable, decoded};
use wire::fault::Fault;
use wire::lookup::malformed;
use wire::normal::{self, Form, Forms};
use wire::xml::{self, Bounds, Element};

const FORMS: &Forms = &[("huyGiayTo", Form::Digits(1)), ("loaiGiayTo", Form::Count)];
/// How often a dossier may stand in a text within itself.
const LAYERS: usize = 3;
/// The form in XML; its papers stand beside it.
const BOUNDS: Bounds = Bounds {
    bytes: 1 << 20,
    depth: 32,
    elements: 10_000,
    attributes: 64,
};
/// The element that holds the form, and one that may stand within it.
const FORM: &str = "hoTich";
const INNER: &str = "hoSo";
/// The member of a paper that holds its bytes.
const BYTES: &str = "duLieuTepDinhKem";

/// A row of the list.
#[derive(Clone, PartialEq, Eq)]
pub struct Item {
    /// By which it is read whole.
    pub id: String,
    /// Its number at the hub.
    pub number: String,
    /// Its procedure, by the national code.
    pub procedure: String,
    /// `KS` or `KT`.
    pub module: String,
}

/// A number at the hub belongs to a person.
impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A paper of a linked dossier.
#[derive(Clone, PartialEq, Eq)]
pub struct Paper {
    /// What it is called.
    pub name: String,
    /// The name of its file.
    pub file: String,
    /// It was taken back.
    pub withdrawn: bool,
    /// Its bytes.
    pub bytes: Result<Vec<u8>, Unusable>,
}

/// A linked dossier, taken apart.
#[derive(Clone, PartialEq, Eq)]
pub struct Linked {
    /// Its number at the hub, by which it is acknowledged.
    pub number: String,
    /// `KS` or `KT`, as the hub writes it.
    pub module: String,
    /// Its procedure, by the national code.
    pub procedure: Option<String>,
    /// The dossier for the mapping of its module; where the bytes of a paper stood, their SHA-256 stands.
    pub entry: Vec<u8>,
    /// Its papers.
    pub papers: Vec<Paper>,
}

/// Sizes only.
impl fmt::Debug for Paper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes.as_ref().map(Vec::len);
        f.debug_struct("Paper")
            .field("bytes", &bytes)
            .finish_non_exhaustive()
    }
}

/// Sizes only.
impl fmt::Debug for Linked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Linked")
            .field("entry.bytes", &self.entry.len())
            .field("papers", &self.papers)
            .finish_non_exhaustive()
    }
}

/// The list in its normal form.
pub(crate) fn list(rows: Value) -> Value {
    json!({ "data": normal::normal(rows, FORMS) })
}

/// A dossier in its normal form: the form's fields as members of `hoTich`.
pub(crate) fn detail(document: Value) -> Result<Value, Fault> {
    let mut document = document;
    for _ in 0..LAYERS {
        let Some(text) = document.get("data").and_then(Value::as_str) else {
            return Err(malformed());
        };
        if text.trim_start().starts_with('<') {
            let form = form(text)?;
            return Ok(whole(document, form));
        }
        let inner = wire::document::read(text.trim()).filter(Value::is_object);
        document = within(document, inner.ok_or_else(malformed)?);
    }
    Err(malformed())
}

/// The dossier inside; what only the outer one says stays.
fn within(outer: Value, inner: Value) -> Value {
    let (Value::Object(mut all), Value::Object(inner)) = (outer, inner) else {
        return Value::Null;
    };
    all.remove("data");
    for (name, value) in inner {
        if !value.is_null() {
            all.insert(name, value);
        }
    }
    Value::Object(all)
}

fn whole(document: Value, form: Map<String, Value>) -> Value {
    let mut whole = normal::normal(document, FORMS);
    if let Some(members) = whole.as_object_mut() {
        members.shift_remove("data");
        members.insert(FORM.to_owned(), Value::Object(form));
    }
    whole
}

fn form(text: &str) -> Result<Map<String, Value>, Fault> {
    let root = xml::read(text.trim().as_bytes(), &BOUNDS).map_err(|_| malformed())?;
    let form = named(&root).ok_or_else(malformed)?;
    let inner = form
        .children
        .iter()
        .find(|child| child.local().eq_ignore_ascii_case(INNER));
    let members = members(inner.unwrap_or(form));
    if members.is_empty() {
        return Err(malformed());
    }
    Ok(members)
}

/// The element that holds the form, wherever the root of it is.
fn named<'a, 'b>(element: &'a Element<'b>) -> Option<&'a Element<'b>> {
    if element.local().eq_ignore_ascii_case(FORM) {
        return Some(element);
    }
    element.children.iter().find_map(named)
}

/// Fields are flat; what has children is a group, and what comes twice is kept once: the first.
fn members(element: &Element<'_>) -> Map<String, Value> {
    let mut all = Map::new();
    for child in &element.children {
        let value = if child.children.is_empty() {
            Value::String(child.text.to_string())
        } else {
            Value::Object(members(child))
        };
        all.entry(child.local()).or_insert(value);
    }
    all
}

/// The rows of a list that was read; none when these bytes are no list of this wire.
#[must_use]
pub fn items(result: &[u8]) -> Option<Vec<Item>> {
    let document: Value = serde_json::from_slice(result).ok()?;
    let item = |row: &Value| {
        let text =
            |name: &str| Some(row.get(name)?.as_str()?.trim().to_owned()).filter(|text| !text.is_empty());
        Some(Item {
            id: text("id")?,
            number: text("maHoSo")?,
            procedure: text("maTTHC").unwrap_or_default(),
            module: text("module").unwrap_or_default(),
        })
    };
    Some(
        document
            .get("data")?
            .as_array()?
            .iter()
            .filter_map(item)
            .collect(),
    )
}

/// A dossier that was read, taken apart; none when these bytes are no dossier of this wire.
#[must_use]
pub fn linked(result: &[u8], sha256: fn(&[u8]) -> [u8; 32]) -> Option<Linked> {
    let mut document: Value = serde_json::from_slice(result).ok()?;
    let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
    let (number, module, procedure) = (text("maHoSo")?, text("module"), text("maTTHC"));
    document.get(FORM)?;
    let rows = document.get_mut("fileDinhKem").and_then(Value::as_array_mut);
    let papers = rows
        .into_iter()
        .flatten()
        .filter_map(|row| paper(row, sha256))
        .collect();
    Some(Linked {
        number,
        module: module.unwrap_or_default(),
        procedure,
        entry: document.to_string().into_bytes(),
        papers,
    })
}

/// A paper; its bytes are taken out of the row, and their digest stands there instead. Bytes that are none leave nothing.
fn paper(row: &mut Value, sha256: fn(&[u8]) -> [u8; 32]) -> Option<Paper> {
    let place = row.get_mut(BYTES)?;
    let bytes = match place {
        Value::String(text) => decoded(text, BULK.file),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(Unusable::Encoding)
        }
    };
    *place = match &bytes {
        Ok(bytes) => Value::String(HEXLOWER.encode(&sha256(bytes))),
        Err(_) => Value::Null,
    };
    let text = |name: &str| {
        row.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    Some(Paper {
        name: text("tenGiayTo"),
        file: text("tenTepDinhKem"),
        withdrawn: text("huyGiayTo") == "1",
        bytes,
    })
}
