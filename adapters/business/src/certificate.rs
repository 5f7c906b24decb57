//! Format 2 and its relatives: Vietnamese names, a list of certificates under one name (§3.3).

use std::mem;

use serde_json::{Map, Value};
use wire::fault::Fault;
use wire::lookup::Found;
use wire::normal::{Form, Forms, normal};

use super::{standing, told};

const FORMS: &Forms = &[
    ("GetEntCert", Form::One),
    ("HHCert", Form::One),
    ("CoopCert", Form::One),
    ("MaSoDoanhNghiep", Form::Digits(10)),
    ("MaSoHKD", Form::Digits(10)),
    ("MaSoHTX", Form::Digits(10)),
    ("FOUNDING_DATE", Form::Day),
    ("NgayDangKyLanDau", Form::Day),
    ("NgayDangKyThayDoi", Form::Day),
    ("SoLanDangKyThayDoi", Form::Count),
    ("TinhTrangPhapLy", Form::One),
    ("NgayBatDauTamNgung", Form::Day),
    ("NgayKetThucTamNgung", Form::Day),
    ("DaiDienPhapLuat", Form::Many),
    ("ThongTinCaNhan", Form::Many),
    ("ChuHoKinhDoanh", Form::Many),
    ("NgayCap", Form::Day),
    ("DiaChiTruSo", Form::One),
    // also the name of a text within itself
    ("DiaChi", Form::One),
    ("MaTinhThanh", Form::Code(2)),
    ("MaQuanHuyen", Form::Code(3)),
    ("MaPhuongXa", Form::Code(5)),
    ("NganhNgheKinhDoanh", Form::Many),
    ("LaNganhChinh", Form::Count),
];

/// The certificate under `name`.
pub(super) fn found(document: Value, name: &str) -> Result<Found, Fault> {
    let mut document = normal(document, FORMS);
    if let Some(people) = document
        .get_mut(name)
        .and_then(|one| one.get_mut("DaiDienPhapLuat"))
    {
        *people = apart(people.take());
    }
    let key = match name {
        "HHCert" => "MaSoHKD",
        "CoopCert" => "MaSoHTX",
        _ => "MaSoDoanhNghiep",
    };
    told(standing(&document, name, key), &document)
}

/// Representatives with one person each: a row that lists several becomes as many rows, what it says beside them stays
/// with the first.
fn apart(people: Value) -> Value {
    let Value::Array(rows) = people else { return people };
    let mut all = Vec::with_capacity(rows.len());
    for mut row in rows {
        let persons = row.get_mut("ThongTinCaNhan").map(Value::take);
        match persons {
            Some(Value::Array(persons)) if !persons.is_empty() => {
                let mut around = row.as_object_mut().map(mem::take).unwrap_or_default();
                for person in persons {
                    let mut one = mem::take(&mut around);
                    one.insert("ThongTinCaNhan".to_owned(), person);
                    all.push(Value::Object(one));
                }
            }
            Some(other) => all.push(with(row, other)),
            None => all.push(row),
        }
    }
    Value::Array(all)
}

fn with(mut row: Value, person: Value) -> Value {
    if let Some(place) = row
        .as_object_mut()
        .and_then(|row: &mut Map<_, _>| row.get_mut("ThongTinCaNhan"))
    {
        *place = person;
    }
    row
}
