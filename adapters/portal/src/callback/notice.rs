//! The XML of a land-tax notice (§3.2.4): `DATA/BODY/ROW_LIST`, each with `MA_HSO` and one `LIST` or several.

use data_encoding::HEXLOWER;
use serde_json::{Map, Value};
use wire::xml::{self, Bounds, Element};

/// The element that names a dossier.
const NUMBER: &str = "MA_HSO";

/// The decisions, one object for each `LIST`, with the dossier of its `ROW_LIST`; none where it is no notice.
pub(super) fn rows(bytes: &[u8]) -> Option<Value> {
    let root = xml::read(bytes, &Bounds::default()).ok()?;
    let body = Some(&root).filter(|root| root.local() == "DATA")?.child("BODY")?;
    let lists = body.children.iter().filter(|child| child.local() == "ROW_LIST");
    let rows: Vec<Vec<Value>> = lists.map(row).collect::<Option<_>>()?;
    (!rows.is_empty()).then(|| Value::Array(rows.concat()))
}

/// A row names its dossier and at least one decision.
fn row(list: &Element<'_>) -> Option<Vec<Value>> {
    let number = code(list.text_at(&[NUMBER])?)?;
    let decisions = list.children.iter().filter(|child| child.local() == "LIST");
    let decisions: Vec<Value> = decisions
        .map(|list| decision(number, list))
        .collect::<Option<_>>()?;
    (!decisions.is_empty()).then_some(decisions)
}

fn decision(number: &str, list: &Element<'_>) -> Option<Value> {
    code(list.text_at(&["SO_QUYET_DINH"])?)?;
    let mut members = Map::from_iter([(NUMBER.to_owned(), Value::String(number.to_owned()))]);
    for child in &list.children {
        // Two programs spell it in two ways; both are one.
        let name = match child.local() {
            "TEN_TIEU_MUC" => "TEN_TIEUMUC",
            name => name,
        };
        let before = members.insert(name.to_owned(), Value::String(child.text.to_string()));
        // What comes twice and differs is nobody's to choose from; what has parts is no member.
        let differs = before.is_some_and(|before| before != child.text.as_ref());
        if differs || !child.children.is_empty() {
            return None;
        }
    }
    Some(Value::Object(members))
}

fn code(text: &str) -> Option<&str> {
    let fits = !text.is_empty() && text.chars().count() <= 255 && !text.contains(char::is_control);
    fits.then_some(text)
}

/// The dossier that all rows are about, where it is one, and the key of the notice: dossier and number of its decision
/// (national-databases.md §6.7), or a digest of all of them.
pub(super) fn named(rows: &Value, sha256: fn(&[u8]) -> [u8; 32]) -> Option<(Option<String>, String)> {
    let mut pairs: Vec<String> = Vec::new();
    let mut numbers: Vec<&str> = Vec::new();
    for row in rows.as_array()? {
        let number = row.get(NUMBER)?.as_str()?;
        numbers.push(number);
        pairs.push(format!("{number}|{}", row.get("SO_QUYET_DINH")?.as_str()?));
    }
    numbers.dedup();
    pairs.sort_unstable();
    pairs.dedup();
    let number = (numbers.len() == 1).then(|| numbers.concat());
    let key = match pairs.as_slice() {
        [pair] => pair.clone(),
        several => HEXLOWER.encode(&sha256(several.join("\n").as_bytes())),
    };
    Some((number, key))
}
