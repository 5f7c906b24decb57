//! Reads one object of `data` against its table, strictly: every scalar a JSON string, nothing unknown.

use super::catalogue::Catalogue;
use super::fields::{DOSSIER, Field, Need, Rule, STEP};
use openssl::sha::Sha256;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Why an element of `data` is refused, in the words the portal answers with. It names fields, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Trường {path}: {why}")]
pub(super) struct Wrong {
    pub(super) path: String,
    pub(super) why: Why,
}

/// What is the matter with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Why {
    #[error("thiếu")]
    Missing,
    #[error("bắt buộc không được để trống")]
    Empty,
    #[error("phải là chuỗi ký tự")]
    NotText,
    #[error("phải là mảng")]
    NotRows,
    #[error("phải là đối tượng")]
    NotObject,
    #[error("không có trong đặc tả")]
    Unknown,
    #[error("bị lặp")]
    Repeated,
    #[error("vượt quá {0} ký tự")]
    TooLong(usize),
    #[error("sai định dạng ngày yyyyMMddHHmmss")]
    NotDate,
    #[error("giá trị ngoài danh mục")]
    NotListed,
    #[error("phải là số")]
    NotDigits,
    #[error("phải là đường dẫn http")]
    NotAddress,
    #[error("không khớp với danh mục thủ tục")]
    NotCatalogued,
}

impl Why {
    pub(super) fn at(self, path: &str) -> Wrong {
        Wrong {
            path: path.to_owned(),
            why: self,
        }
    }
}

impl Wrong {
    fn within(self, name: &str, row: usize) -> Wrong {
        let path = if self.path.is_empty() {
            format!("{name}[{row}]")
        } else {
            format!("{name}[{row}].{}", self.path)
        };
        Wrong { path, why: self.why }
    }
}

/// A dossier that has passed.
#[derive(Debug)]
pub(super) struct Dossier<'a> {
    pub(super) number: Cow<'a, str>,
    pub(super) status: u8,
    pub(super) raw: &'a str,
}

/// A step that has passed; `print` is the same for a repetition of it.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) number: Cow<'a, str>,
    pub(super) status: u8,
    pub(super) print: u64,
    pub(super) raw: &'a str,
}

/// The elements of `data`, which must be an array with at least one.
pub(super) fn rows(data: &RawValue) -> Result<Vec<&RawValue>, Wrong> {
    match serde_json::from_str::<Vec<&RawValue>>(data.get()) {
        Ok(rows) if rows.is_empty() => Err(Why::Empty.at("data")),
        Ok(rows) => Ok(rows),
        Err(_) => Err(Why::NotRows.at("data")),
    }
}

/// Reads a dossier; `newer` admits the fields of Decision 766/QĐ-TTg.
pub(super) fn dossier<'a>(
    raw: &'a RawValue,
    catalogue: &Catalogue,
    newer: bool,
) -> Result<Dossier<'a>, Wrong> {
    let object = object(DOSSIER, raw, newer)?;
    // §2.4.1 calls it compulsory, and KPI counts dossiers without one: it stands once the dossier was accepted (§4.1.1).
    let received = !matches!(object.status("TrangThaiHoSo"), 1 | 3 | 7);
    if received && object.text("NgayTiepNhan").trim().is_empty() {
        return Err(Why::Empty.at("NgayTiepNhan"));
    }
    let procedure = catalogue
        .procedure(&object.text("MaTTHC"))
        .ok_or_else(|| Why::NotCatalogued.at("MaTTHC"))?;
    if object.text("TenTTHC") != procedure.name {
        return Err(Why::NotCatalogued.at("TenTTHC"));
    }
    if object.text("MaLinhVuc") != procedure.field {
        return Err(Why::NotCatalogued.at("MaLinhVuc"));
    }
    Ok(Dossier {
        number: object.text("MaHoSo"),
        status: object.status("TrangThaiHoSo"),
        raw: raw.get(),
    })
}

/// Reads a step.
pub(super) fn step(raw: &RawValue) -> Result<Step<'_>, Wrong> {
    let object = object(STEP, raw, true)?;
    let mut hash = Sha256::new();
    for name in ["MaHoSo", "ThoiDiemXuLy", "NoiDungXuLy", "TrangThai", "NguoiXuLy"] {
        hash.update(object.text(name).as_bytes());
        hash.update(b"\n\x1f");
    }
    Ok(Step {
        number: object.text("MaHoSo"),
        status: object.status("TrangThai"),
        print: start(&hash.finish()),
        raw: raw.get(),
    })
}

/// The first eight bytes of a digest as a number.
pub(super) fn start(digest: &[u8; 32]) -> u64 {
    digest
        .iter()
        .take(8)
        .fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}

fn object<'a>(fields: &[Field], raw: &'a RawValue, newer: bool) -> Result<Object<'a>, Wrong> {
    let object: Object<'a> = serde_json::from_str(raw.get()).map_err(|_| Why::NotObject.at(""))?;
    let mut seen = 0u64;
    for (turn, (name, value)) in object.0.iter().enumerate() {
        let place = find(fields, turn, name, newer).ok_or_else(|| Why::Unknown.at(name))?;
        if seen & (1 << place) != 0 {
            return Err(Why::Repeated.at(name));
        }
        seen |= 1 << place;
        if let Some(field) = fields.get(place) {
            judge(field, value, newer)?;
        }
    }
    match fields
        .iter()
        .enumerate()
        .find(|(place, f)| f.need != Need::Free && seen & (1 << place) == 0)
    {
        Some((_, field)) => Err(Why::Missing.at(field.name)),
        None => Ok(object),
    }
}

/// Fields mostly come in the order of the table: the place of the turn is tried first.
fn find(fields: &[Field], turn: usize, name: &str, newer: bool) -> Option<usize> {
    let known = |field: &Field| field.name == name && (newer || !field.since_766);
    if fields.get(turn).is_some_and(known) {
        return Some(turn);
    }
    fields.iter().position(known)
}

fn judge(field: &Field, raw: &RawValue, newer: bool) -> Result<(), Wrong> {
    if let Rule::Rows(inner) = field.rule {
        return judge_rows(field.name, inner, raw, newer);
    }
    let value = text(raw).ok_or_else(|| Why::NotText.at(field.name))?;
    if value.trim().is_empty() {
        return match field.need {
            Need::Full => Err(Why::Empty.at(field.name)),
            Need::Present | Need::Free => Ok(()),
        };
    }
    match fault(field.rule, &value) {
        Some(why) => Err(why.at(field.name)),
        None => Ok(()),
    }
}

fn judge_rows(name: &str, inner: &[Field], raw: &RawValue, newer: bool) -> Result<(), Wrong> {
    let rows: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_| Why::NotRows.at(name))?;
    for (row, raw) in rows.iter().enumerate() {
        let object = object(inner, raw, newer).map_err(|wrong| wrong.within(name, row))?;
        agree(name, &object).map_err(|wrong| wrong.within(name, row))?;
    }
    Ok(())
}

/// What two fields of one row say about each other (§2.4.2, §2.4.3).
fn agree(name: &str, row: &Object<'_>) -> Result<(), Wrong> {
    let identity = name == "DinhDanhCHS";
    let long = if row.text("LoaiDinhDanh") == "1" { 12 } else { 9 };
    if identity && row.text("SoDinhDanh").len() != long {
        return Err(Why::NotListed.at("SoDinhDanh"));
    }
    if row.text("DuocTaiSuDung") == "2" && row.text("MaKetQuaThayThe").is_empty() {
        return Err(Why::Empty.at("MaKetQuaThayThe"));
    }
    Ok(())
}

fn fault(rule: Rule, value: &str) -> Option<Why> {
    let (good, why) = match rule {
        Rule::Text | Rule::Rows(_) => return None,
        // Bytes first: a text that is short in bytes is short in characters.
        Rule::Max(max) => (
            value.len() <= max || value.chars().count() <= max,
            Why::TooLong(max),
        ),
        Rule::Date => (possible(value), Why::NotDate),
        Rule::OneOf(values) => (values.contains(&value), Why::NotListed),
        Rule::Digits => (value.bytes().all(|b| b.is_ascii_digit()), Why::NotDigits),
        Rule::Address => (
            value.starts_with("http://") || value.starts_with("https://"),
            Why::NotAddress,
        ),
    };
    (!good).then_some(why)
}

/// `yyyyMMddHHmmss` of a day and a time that exist.
fn possible(value: &str) -> bool {
    if value.len() != 14 || !value.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let number = |from: usize, to: usize| value.get(from..to).and_then(|part| part.parse::<i16>().ok());
    let small = |from: usize| number(from, from + 2).and_then(|n| i8::try_from(n).ok());
    let moment = || {
        let (year, month, day) = (number(0, 4)?, small(4)?, small(6)?);
        let date = jiff::civil::Date::new(year, month, day).ok()?;
        let time = jiff::civil::Time::new(small(8)?, small(10)?, small(12)?, 0).ok()?;
        Some((date, time))
    };
    moment().is_some_and(|(date, _)| date.year() >= 1900)
}

/// The text of a JSON string, borrowed when nothing in it is escaped; `None` for any other value.
fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        return serde_json::from_str(raw.get()).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inner))
}

/// The members of an object, in order, values unread.
struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// The text of a field, empty when it is absent.
    fn text(&self, name: &str) -> Cow<'a, str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.and_then(|(_, raw)| text(raw)).unwrap_or_default()
    }

    fn status(&self, name: &str) -> u8 {
        self.text(name).parse().unwrap_or_default()
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Object<'de>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Object<'de>, M::Error> {
        let mut members = Vec::with_capacity(40);
        while let Some((Name(name), value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
            members.push((name, value));
        }
        Ok(Object(members))
    }
}

#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::trial;
    use serde_json::{Value, json};

    fn judged(value: &Value, newer: bool) -> String {
        let catalogue = Catalogue::read().unwrap();
        let raw = serde_json::value::to_raw_value(value).unwrap();
        let verdict = dossier(&raw, &catalogue, newer).map(|d| format!("{} {}", d.number, d.status));
        verdict.unwrap_or_else(|wrong| wrong.to_string())
    }

    /// The good dossier with one place changed.
    fn with(pointer: &str, value: Value) -> String {
        let mut dossier = trial::dossier("H99.14-240115-0001");
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let object = dossier
            .pointer_mut(parent)
            .and_then(Value::as_object_mut)
            .unwrap();
        object.insert(name.to_owned(), value);
        judged(&dossier, true)
    }

    /// What is put where, and what is said of it.
    const WRONG: &str = r#"
/MaHoSo ← " " ⇒ MaHoSo: bắt buộc không được để trống
/TrangThaiHoSo ← 2 ⇒ TrangThaiHoSo: phải là chuỗi ký tự
/TaiLieuNop/0/IsDeleted ← false ⇒ TaiLieuNop[0].IsDeleted: phải là chuỗi ký tự
/MaDoiTuong ← null ⇒ MaDoiTuong: phải là chuỗi ký tự
/TrangThaiHoSo ← "11" ⇒ TrangThaiHoSo: giá trị ngoài danh mục
/TrangThaiHoSo ← "02" ⇒ TrangThaiHoSo: giá trị ngoài danh mục
/LoaiDoiTuong ← "0" ⇒ LoaiDoiTuong: giá trị ngoài danh mục
/KenhThucHien ← "4" ⇒ KenhThucHien: giá trị ngoài danh mục
/DuocThanhToanTrucTuyen ← "4" ⇒ DuocThanhToanTrucTuyen: giá trị ngoài danh mục
/NgayTiepNhan ← "20240230093000" ⇒ NgayTiepNhan: sai định dạng ngày yyyyMMddHHmmss
/NgayTiepNhan ← "20240115243000" ⇒ NgayTiepNhan: sai định dạng ngày yyyyMMddHHmmss
/NgayTiepNhan ← "2024-01-15" ⇒ NgayTiepNhan: sai định dạng ngày yyyyMMddHHmmss
/NgayTiepNhan ← "" ⇒ NgayTiepNhan: bắt buộc không được để trống
/TaiLieuNop/0/DuongDanTaiTepTin ← "tep/1" ⇒ TaiLieuNop[0].DuongDanTaiTepTin: phải là đường dẫn http
/TaiLieuNop/0/DuocTaiSuDung ← "2" ⇒ TaiLieuNop[0].MaKetQuaThayThe: bắt buộc không được để trống
/DinhDanhCHS/0/SoDinhDanh ← "099000000" ⇒ DinhDanhCHS[0].SoDinhDanh: giá trị ngoài danh mục
/DanhSachLePhi/0/Gia ← "150.000" ⇒ DanhSachLePhi[0].Gia: phải là số
/DanhSachLePhi ← {} ⇒ DanhSachLePhi: phải là mảng
/TaiLieuNop ← ["x"] ⇒ TaiLieuNop[0]: phải là đối tượng
/GhiChuThem ← "" ⇒ GhiChuThem: không có trong đặc tả
/MaTTHC ← "9.000000" ⇒ MaTTHC: không khớp với danh mục thủ tục
/TenTTHC ← "Thủ tục khác" ⇒ TenTTHC: không khớp với danh mục thủ tục
/MaLinhVuc ← "G99-TN05" ⇒ MaLinhVuc: không khớp với danh mục thủ tục"#;

    #[test]
    fn a_good_dossier_passes_in_any_order_and_with_escapes() {
        let good = trial::dossier("H99.14-240115-0001");
        assert_eq!(judged(&good, true), "H99.14-240115-0001 2");
        let turned: serde_json::Map<_, _> = good.as_object().unwrap().clone().into_iter().rev().collect();
        assert_eq!(judged(&Value::Object(turned), true), "H99.14-240115-0001 2");
        assert_eq!(with("/GhiChu", json!("một\n\"hai\"")), "H99.14-240115-0001 2");
        assert_eq!(with("/NgayHenTra", json!("")), "H99.14-240115-0001 2");
    }

    #[test]
    fn each_wrong_value_is_refused_by_its_path() {
        for line in WRONG.lines().skip(1) {
            let (place, message) = line.split_once(" ⇒ ").unwrap();
            let (pointer, value) = place.split_once(" ← ").unwrap();
            assert_eq!(
                with(pointer, serde_json::from_str(value).unwrap()),
                format!("Trường {message}")
            );
        }
    }

    #[test]
    fn texts_are_limited_by_their_characters() {
        let limits = [("/MaHoSo", 50), ("/TrichYeuHoSo", 1000), ("/GhiChu", 2000)];
        let nested = [
            ("/TaiLieuNop/0/TenTepDinhKem", 4000),
            ("/DanhSachGiayToKetQua/0/TenGiayTo", 2000),
        ];
        for (pointer, max) in limits.into_iter().chain(nested) {
            let text = |count| json!("ạ".repeat(count));
            assert!(!with(pointer, text(max)).contains("Trường"), "{pointer}");
            let verdict = with(pointer, text(max + 1));
            assert!(
                verdict.ends_with(&format!(": vượt quá {max} ký tự")),
                "{pointer}: {verdict}"
            );
        }
    }

    #[test]
    fn each_compulsory_field_is_missed() {
        let good = trial::dossier("H99.14-240115-0001");
        for field in DOSSIER {
            let mut less = good.clone();
            less.as_object_mut().unwrap().shift_remove(field.name).unwrap();
            let verdict = judged(&less, true);
            match field.need {
                Need::Free => assert_eq!(verdict, "H99.14-240115-0001 2", "{}", field.name),
                Need::Full | Need::Present => assert_eq!(verdict, format!("Trường {}: thiếu", field.name)),
            }
        }
    }

    #[test]
    fn the_classic_profile_knows_no_field_of_766_and_no_name_comes_twice() {
        let good = trial::dossier("H99.14-240115-0001");
        assert_eq!(judged(&good, false), "Trường KenhThucHien: không có trong đặc tả");
        let twice = good
            .to_string()
            .replacen('{', r#"{"MaHoSo":"H99.14-240115-0002","#, 1);
        let raw = serde_json::from_str::<Box<RawValue>>(&twice).unwrap();
        let wrong = dossier(&raw, &Catalogue::read().unwrap(), true).unwrap_err();
        assert_eq!(wrong, Why::Repeated.at("MaHoSo"));
    }

    #[test]
    fn a_step_has_the_print_of_its_repetition_and_of_no_other() {
        let print = |value: &Value| {
            let raw = serde_json::value::to_raw_value(value).unwrap();
            step(&raw).map(|step| step.print)
        };
        let first = trial::step("H99.14-240115-0001", 0);
        let mut other_room = first.clone();
        other_room["PhongBanXuLy"] = json!("Phòng khác");
        assert_eq!(print(&first), print(&other_room));
        assert_ne!(print(&first), print(&trial::step("H99.14-240115-0001", 1)));
        let mut long = first.clone();
        long["NguoiXuLy"] = json!("ạ".repeat(51));
        assert_eq!(print(&long).unwrap_err(), Why::TooLong(50).at("NguoiXuLy"));
    }
}
