//! What a finished dossier yields, as the hub wants it told: one flat object of texts, written into a text, with the paper and
//! its code beside (§4.7).

use data_encoding::BASE64;
use serde_json::{Map, Value};

/// A place of the register, by its codes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Place<'a> {
    /// House, street, hamlet, hospital.
    pub line: &'a str,
    /// The commune's code.
    pub commune: &'a str,
    /// The district's code.
    pub district: &'a str,
    /// The province's code.
    pub province: &'a str,
    /// The country's code.
    pub country: &'a str,
}

/// The paper of a result: its bytes, and the code of what it is (`KQ.G15.000031`).
#[derive(Clone, Copy)]
pub struct Issued<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// Its code.
    pub code: &'a str,
}

/// The payload of state 4 with the result in it: `payload` is the state as its mapping writes it, `entry` the register's row
/// in its normal form, `place` says a place in words. None when either is no such thing.
#[must_use]
pub fn finished(
    payload: &[u8],
    entry: &[u8],
    paper: Issued<'_>,
    place: &dyn Fn(Place<'_>) -> String,
) -> Option<Vec<u8>> {
    let mut payload: Map<String, Value> = serde_json::from_slice(payload).ok()?;
    let row: Value = serde_json::from_slice(entry).ok()?;
    let result = row.get("value")?.get(0)?.get("ketQuaXuLy")?.as_object()?;
    let mut flat = Map::new();
    for (name, value) in result {
        flat.insert(name.clone(), Value::String(told(value, place)));
    }
    let name = if result.contains_key("nktHoTen") {
        "giayKhaiTu"
    } else {
        "giayKhaiSinh"
    };
    flat.insert("maGiayToKetQua".to_owned(), Value::String(paper.code.to_owned()));
    flat.insert(name.to_owned(), Value::String(BASE64.encode(paper.bytes)));
    payload.insert(
        "ketQuaXuLy".to_owned(),
        Value::String(Value::Object(flat).to_string()),
    );
    serde_json::to_vec(&payload).ok()
}

fn told(value: &Value, place: &dyn Fn(Place<'_>) -> String) -> String {
    let part = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    match value {
        Value::Object(_) => place(Place {
            line: part("dcChiTiet"),
            commune: part("maXa"),
            district: part("maHuyen"),
            province: part("maTinh"),
            country: part("quocGia"),
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            wire::json::scalar(value).unwrap_or_default()
        }
    }
}
