//! A business, and how each format of the register writes it (§3.2, §3.3).

use super::people::{Person, Trap};
use super::service::Entry;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// A business as the register holds it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Enterprise {
    #[serde(default = "company")]
    pub(super) kind: String,
    pub(super) code: String,
    #[serde(default)]
    id: u64,
    #[serde(default = "limited")]
    form: [String; 2],
    name: String,
    #[serde(default)]
    short: String,
    #[serde(default)]
    foreign: String,
    #[serde(default = "day")]
    founded: String,
    #[serde(default = "day")]
    amended: String,
    #[serde(default)]
    changes: u64,
    #[serde(default)]
    pub(super) head: String,
    #[serde(default = "active")]
    status: [String; 2],
    paused: Option<[String; 3]>,
    #[serde(default)]
    capital: u64,
    #[serde(default = "province")]
    province: [String; 2],
    district: Option<[String; 2]>,
    #[serde(default = "commune")]
    commune: [String; 2],
    #[serde(default)]
    line: String,
    #[serde(default)]
    activities: Vec<[String; 2]>,
    #[serde(default)]
    members: Vec<[String; 2]>,
    pub(super) trap: Option<Trap>,
}

/// What kind of business a question is about.
pub(super) fn kind(entry: Entry) -> &'static str {
    match entry {
        Entry::Household => "household",
        Entry::Cooperative => "cooperative",
        Entry::Enterprise
        | Entry::Newer
        | Entry::Certificate
        | Entry::Filings
        | Entry::Today
        | Entry::Filing => "enterprise",
    }
}

/// The answer in the format of the question.
pub(super) fn shown(entry: Entry, one: Option<&Enterprise>, head: Option<&Arc<Person>>) -> Value {
    match entry {
        Entry::Certificate => json!({"GetEntCert": one.map(|one| [certificate(one, head)])}),
        Entry::Household => json!({"HHCert": one.map(|one| [household(one, head)])}),
        Entry::Cooperative => json!({"CoopCert": one.map(|one| [cooperative(one, head)])}),
        Entry::Enterprise | Entry::Newer | Entry::Filings | Entry::Today | Entry::Filing => {
            first(entry, one, head)
        }
    }
}

/// Format 1.
fn first(entry: Entry, one: Option<&Enterprise>, head: Option<&Arc<Person>>) -> Value {
    let Some(one) = one else {
        let empty = json!({"MainInformation": null, "HOAdress": null, "Representatives": [], "BusinessActivities": null, "Member": []});
        return json!({"Data": empty, "DataCount": 0, "Status": "1", "Message": "success"});
    };
    let name = head.map(|head| head.name.as_str()).unwrap_or_default();
    let newer = entry == Entry::Newer;
    let day = |text: &str| {
        if newer {
            format!("{text} 00:00:00.0")
        } else {
            slashes(text)
        }
    };
    let mut main = json!({
        "ENTERPRISE_ID": one.id, "ENTERPRISE_GDT_CODE": one.code, "IMP_BUSINESS_CODE": "",
        "ENTERPRISE_TYPE_ID": one.form[0], "ENTERPRISE_TYPE_NAME": one.form[1], "NAME": one.name,
        "SHORT_NAME": one.short, "NAME_F": one.foreign, "FOUNDING_DATE": day(&one.founded),
        "LAST_AMEND_DATE": day(&one.amended), "NUMBER_CHANGES": one.changes, "LEGAL_NAMES": name,
        "CAPITAL_AMOUNT": one.capital,
    });
    if newer {
        main["ENTERPRISE_STATUS_ID"] = json!(one.status[0]);
        main["ENTERPRISE_STATUS_NAME"] = json!(one.status[1]);
    } else {
        main["ENTERPRISE_STATUS"] = json!(one.status[0]);
    }
    let activities = one.activities.iter().enumerate().map(
        |(at, [code, name])| json!({"CODE": code, "NAME": name, "IS_MAIN": if at == 0 { "Y" } else { "N" }}),
    );
    let members = one.members.iter().map(|[name, percent]| {
        json!({"MEMBER_NAME": name, "AMOUNT": one.capital, "RATIO_PERCENT": percent, "COUNTRY": "Việt Nam"})
    });
    let data = json!({
        "MainInformation": main, "HOAdress": office(one), "Representatives": [{"FULL_NAME": name}],
        "BusinessActivities": {"BusinessActivity": activities.collect::<Vec<_>>()},
        "Member": members.collect::<Vec<_>>(),
    });
    json!({"Data": data, "DataCount": 1, "Status": "1", "Message": "success"})
}

fn office(one: &Enterprise) -> Value {
    let full = format!("{}, {}, {}", one.line, one.commune[1], one.province[1]);
    let mut office = json!({
        "CityID": one.province[0], "CityName": one.province[1], "WardID": one.commune[0], "WardName": one.commune[1],
        "StreetNumber": one.line, "AddressFullText": full,
    });
    if let Some([code, name]) = &one.district {
        office["DistrictID"] = json!(code);
        office["DistrictName"] = json!(name);
    }
    office
}

/// Format 2.
fn certificate(one: &Enterprise, head: Option<&Arc<Person>>) -> Value {
    let [from, until, why] = one.paused.clone().unwrap_or_default();
    let pause = |day: &str| {
        if day.is_empty() {
            Value::Null
        } else {
            json!(midnight(day))
        }
    };
    json!({
        "MaNoiBo": one.id.to_string(), "MaSoDoanhNghiep": one.code, "SoGCNDKKD": one.code, "MaLoaiHinhDN": one.form[0],
        "LoaiHinhDN": one.form[1], "TenTiengViet": one.name, "TenNuocNgoai": one.foreign, "TenVietTat": one.short,
        "NgayDangKyLanDau": midnight(&one.founded), "NgayDangKyThayDoi": midnight(&one.amended),
        "SoLanDangKyThayDoi": one.changes,
        "TinhTrangPhapLy": [{"TinhTrangPhapLy": one.status[1], "MaTinhTrangPhapLy": one.status[0],
            "NgayBatDauTamNgung": pause(&from), "NgayKetThucTamNgung": pause(&until), "LyDoTamNgung": why}],
        "DaiDienPhapLuat": [{"ThongTinCaNhan": [person(head, json!("VN"))]}],
        "DiaChiTruSo": [{"DiaChi": [place(one)]}],
        "NganhNgheKinhDoanh": trades(one),
    })
}

fn household(one: &Enterprise, head: Option<&Arc<Person>>) -> Value {
    json!({
        "MaNoiBo": one.id.to_string(), "MaSoHKD": one.code, "MaSoDangKyHKD": one.code, "MaLoaiHinhHKD": one.form[0],
        "LoaiHinhHKD": one.form[1], "TenTiengViet": one.name, "TenVietTat": one.short, "TenNuocNgoai": one.foreign,
        "FOUNDING_DATE": midnight(&one.founded), "NgayDangKyLanDau": midnight(&one.founded),
        "NgayDangKyThayDoi": midnight(&one.amended), "SoLanDangKyThayDoi": one.changes,
        "ChuHoKinhDoanh": [person(head, json!(704))], "DiaChiTruSo": [flat_place(one)], "NganhNgheKinhDoanh": trades(one),
    })
}

/// The representative is one object here, not a list.
fn cooperative(one: &Enterprise, head: Option<&Arc<Person>>) -> Value {
    json!({
        "MaNoiBo": one.id.to_string(), "MaSoHTX": one.code, "MaLoaiHinhHTX": one.form[0], "LoaiHinhHTX": one.form[1],
        "TenTiengViet": one.name, "TenVietTat": one.short, "TenNuocNgoai": one.foreign,
        "NgayDangKyLanDau": midnight(&one.founded), "NgayDangKyThayDoi": midnight(&one.amended),
        "SoLanDangKyThayDoi": one.changes, "DaiDienPhapLuat": person(head, json!(704)),
        "DiaChiTruSo": [flat_place(one)], "NganhNgheKinhDoanh": trades(one),
    })
}

fn person(head: Option<&Arc<Person>>, nationality: Value) -> Value {
    let text = |read: fn(&Person) -> &str| head.map(|head| read(head)).unwrap_or_default();
    json!({
        "HoVaTen": text(|head| &head.name), "LoaiGiayToChungThuc": "CCCD", "MaLoaiGiayToChungThuc": "1",
        "SoGiayChungThuc": text(|head| &head.number), "NgayCap": "2022-01-10T00:00:00", "NoiCap": "Cơ quan mẫu",
        "QuocTich": "Việt Nam", "MaQuocTich": nationality,
    })
}

/// Codes as numbers: whatever zeros stood before them are gone.
fn place(one: &Enterprise) -> Value {
    let [district, name] = one.district.clone().unwrap_or_default();
    json!({
        "QuocGia": "Việt Nam", "MaQuocGia": "VN", "TenTinhThanh": one.province[1], "MaTinhThanh": number(&one.province[0]),
        "TenQuanHuyen": name, "MaQuanHuyen": number(&district), "TenPhuongXa": one.commune[1],
        "MaPhuongXa": number(&one.commune[0]), "DiaChi": one.line, "SoNha": one.line,
    })
}

fn flat_place(one: &Enterprise) -> Value {
    let [district, name] = one.district.clone().unwrap_or_default();
    json!({
        "MaTinhThanh": number(&one.province[0]), "TenTinhThanh": one.province[1], "MaQuanHuyen": number(&district),
        "TenQuanHuyen": name, "MaPhuongXa": number(&one.commune[0]), "TenPhuongXa": one.commune[1], "SoNha": one.line,
        "DiaChiDayDu": format!("{}, {}, {}", one.line, one.commune[1], one.province[1]),
    })
}

fn trades(one: &Enterprise) -> Value {
    let rows = one.activities.iter().enumerate();
    rows.map(
        |(at, [code, name])| json!({"MaNganh": code, "TenNganh": name, "LaNganhChinh": u8::from(at == 0)}),
    )
    .collect()
}

fn number(code: &str) -> u32 {
    code.parse().unwrap_or_default()
}

/// `dd/MM/yyyy` of `yyyy-MM-dd`.
pub(super) fn slashes(day: &str) -> String {
    let parts: Vec<&str> = day.split('-').rev().collect();
    parts.join("/")
}

fn midnight(day: &str) -> String {
    format!("{day}T00:00:00")
}

fn company() -> String {
    "enterprise".to_owned()
}

fn day() -> String {
    "2020-01-01".to_owned()
}

fn pair(code: &str, name: &str) -> [String; 2] {
    [code.to_owned(), name.to_owned()]
}

fn limited() -> [String; 2] {
    pair("TNHH1TV", "Công ty TNHH một thành viên")
}

fn active() -> [String; 2] {
    pair("1", "Đang hoạt động")
}

fn province() -> [String; 2] {
    pair("38", "Tỉnh Thanh Hóa")
}

fn commune() -> [String; 2] {
    pair("14797", "Phường Hạc Thành")
}
