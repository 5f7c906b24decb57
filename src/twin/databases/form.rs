//! The form inside a registration: which fields there are, which must be there, and how dates are written (§4.3–§4.5).

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a module registers: the prefix of its subject, and what must be there.
#[derive(Debug)]
pub(super) struct Module {
    prefix: &'static str,
    musts: &'static [&'static str],
}

/// Whom a registration is about, as far as the register needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Subject {
    pub(super) name: String,
    /// `yyyyMMdd` or `yyyy`.
    pub(super) born: String,
    pub(super) sex: String,
    pub(super) father: String,
    pub(super) mother: String,
    /// Number of whoever asks for it.
    #[serde(skip)]
    pub(super) asker: String,
}

const BIRTH: Module = Module {
    prefix: "nks",
    musts: &[
        "loaiDangKy",
        "noiDangKy",
        "nksHoTen",
        "nksGioiTinh",
        "nksNgaySinh",
        "nycHoTen",
    ],
};
const DEATH: Module = Module {
    prefix: "nkt",
    musts: &["loaiDangKy", "noiDangKy", "nktHoTen", "nktNgayChet", "nycHoTen"],
};
const MARRIAGE: Module = Module {
    prefix: "chong",
    musts: &["loaiDangKy", "noiDangKy", "chongHoTen", "voHoTen"],
};
const COPY: Module = Module {
    prefix: "cbs",
    musts: &["loaiBanSao", "cbsHoTen"],
};

/// What a module registers.
pub(super) fn module(name: &str) -> Option<&'static Module> {
    match name {
        "KS" | "LTKS" => Some(&BIRTH),
        "KT" | "LTKT" => Some(&DEATH),
        "KH" | "LTKH" => Some(&MARRIAGE),
        "BS" => Some(&COPY),
        _ => None,
    }
}

/// Fields that stand alone.
const ALONE: &[&str] = &[
    "maGCS",
    "ngayCapGCS",
    "maGBT",
    "ngayCapGBT",
    "loaiDangKy",
    "noiDangKy",
    "soLuongBanSao",
    "soBanSao",
    "loaiBanSao",
    "ngayXacLapQuanHeHonNhan",
    "ghiChu",
    "soDangKyNuocNgoai",
    "ngayDangKyNuocNgoai",
    "cqNuocNgoaiDaDangKy",
    "qgNuocNgoaiDaDangKy",
    "soDangKyTruocDay",
    "quyenSoTruocDay",
    "noiDangKyTruocDay",
    "ngayDangKyTruocDay",
];
/// Whom a field is about.
const PREFIXES: &[&str] = &["nks", "nkt", "cbs", "nyc", "gbt", "chong", "cha", "me", "vo"];
/// What it says about them.
const ENDINGS: &[&str] = &[
    "HoTen",
    "GioiTinh",
    "NgaySinh",
    "NgaySinhBangChu",
    "NoiSinh",
    "NoiSinhNuocNgoai",
    "NoiSinhDVHC",
    "QueQuan",
    "DanToc",
    "DanTocKhac",
    "QuocTich",
    "QuocTichKhac",
    "LoaiKhaiSinh",
    "LoaiGiayToTuyThan",
    "SoGiayToTuyThan",
    "NgayCapGiayToTuyThan",
    "NoiCapGiayToTuyThan",
    "GiayToKhac",
    "LoaiCuTru",
    "NoiCuTru",
    "SoDDCN",
    "XacThucThongTin",
    "QuanHe",
    "SoDienThoai",
    "Email",
    "NgayChet",
    "GioPhutChet",
    "NoiChet",
    "NguyenNhanChet",
    "Loai",
    "So",
    "Ngay",
    "CoQuanCap",
    "SoLanKH",
    "LoaiTinhTrangHonNhan",
    "TinhTrangHonNhan",
    "YeuCauXNTTHN",
    "NoiXNTTHN",
    "CuTruNuocNgoai",
];
/// Fields that may be numbers, and those that may be groups; every other one is a text.
const NUMBERS: &[&str] = &["soBanSao", "SoLanKH"];
const GROUPS: &[&str] = &["NoiSinh", "QueQuan", "NoiCuTru", "NoiChet", "HoTen", "NgaySinh"];

/// Why a form is refused: the register's error code, and a text.
type Refused = (&'static str, String);

/// Reads a form: no unknown field, no other type, nothing missing, every date as it is written here.
pub(super) fn read(module: &Module, members: &Map<String, Value>) -> Result<Subject, Refused> {
    for (name, value) in members {
        let Some(ending) = ending(name) else {
            return Err(("302", format!("Trường {name} không được hỗ trợ")));
        };
        check(name, ending, value)?;
    }
    let empty = |name: &&&str| {
        members
            .get(**name)
            .is_none_or(|value| value == "" || value.is_null())
    };
    if let Some(missing) = module.musts.iter().find(empty) {
        return Err(("200", format!("Trường {missing}: thiếu")));
    }
    let text = |name: &str| {
        members
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let own = |ending: &str| members.get(&format!("{}{ending}", module.prefix));
    Ok(Subject {
        name: own("HoTen").map(name).unwrap_or_default(),
        born: own("NgaySinh").map(born).unwrap_or_default(),
        sex: own("GioiTinh")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        father: text("chaSoGiayToTuyThan"),
        mother: text("meSoGiayToTuyThan"),
        asker: text("nycSoGiayToTuyThan"),
    })
}

fn ending(name: &str) -> Option<&str> {
    let alone = ALONE.iter().find(|known| **known == name).copied();
    alone.or_else(|| {
        let mut about = PREFIXES.iter().filter_map(|prefix| name.strip_prefix(prefix));
        about.find_map(|rest| ENDINGS.iter().find(|known| **known == rest).copied())
    })
}

fn check(name: &str, ending: &str, value: &Value) -> Result<(), Refused> {
    let wrong = || Err(("302", format!("Trường {name} không hợp lệ")));
    let date = ending.starts_with("Ngay") || ending.starts_with("ngay");
    match value {
        Value::String(text) if date && ending != "NgaySinhBangChu" => {
            if text.is_empty() || is_dotted(text) {
                Ok(())
            } else {
                wrong()
            }
        }
        Value::String(text) if ending == "GioiTinh" => {
            if matches!(text.as_str(), "1" | "2" | "3") {
                Ok(())
            } else {
                wrong()
            }
        }
        Value::String(_) => Ok(()),
        Value::Number(_) if NUMBERS.contains(&ending) => Ok(()),
        Value::Object(_) if GROUPS.contains(&ending) => Ok(()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => wrong(),
    }
}

/// `dd.MM.yyyy`, or a year.
fn is_dotted(text: &str) -> bool {
    Date::strptime("%d.%m.%Y", text).is_ok() || (text.len() == 4 && text.parse::<u16>().is_ok())
}

/// A name in one piece or in three.
fn name(value: &Value) -> String {
    let part = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    match value.as_str() {
        Some(whole) => whole.to_owned(),
        None => {
            let parts = [part("Ho"), part("ChuDem"), part("Ten")];
            parts
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" ")
        }
    }
}

/// A date in one piece or in three.
fn born(value: &Value) -> String {
    let part = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    match value.as_str() {
        Some(whole) => whole.split('.').rev().collect(),
        None => {
            let (year, month, day) = (part("namSinh"), part("thangSinh"), part("ngaySinh"));
            if month.is_empty() || day.is_empty() {
                year.to_owned()
            } else {
                format!("{year}{month:0>2}{day:0>2}")
            }
        }
    }
}

/// `dd/MM/yyyy HH:mm:ss` or `dd/MM/yyyy`.
pub(super) fn is_moment(text: &str) -> bool {
    DateTime::strptime("%d/%m/%Y %H:%M:%S", text).is_ok() || Date::strptime("%d/%m/%Y", text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SAMPLE: &str = r#"{"maGCS":"GCS-MAU-0001","ngayCapGCS":"03.01.2026","loaiDangKy":"1","noiDangKy":"990099","soLuongBanSao":"2","nksHoTen":"TRẦN AN THỬ NGHIỆM","nksGioiTinh":"2","nksNgaySinh":"02.01.2026","nksNoiSinh":{"maTinh":"38","maXa":"14797","dcChiTiet":"Bệnh viện Mẫu"},"nksDanToc":"01","nksQuocTich":"VN","nksLoaiKhaiSinh":"1","meHoTen":"LÊ THỊ THỬ","meNgaySinh":"03.11.1992","meLoaiGiayToTuyThan":"4","meSoGiayToTuyThan":"099192000025","meXacThucThongTin":"1","chaHoTen":"TRẦN VĂN MẪU","chaNgaySinh":"17.05.1990","chaLoaiGiayToTuyThan":"4","chaSoGiayToTuyThan":"099090000017","chaXacThucThongTin":"1","nycHoTen":"TRẦN VĂN MẪU","nycQuanHe":"Cha","nycSoGiayToTuyThan":"099090000017","nycSoDienThoai":"0000000000"}"#;

    fn of(change: impl Fn(&mut Map<String, Value>)) -> Result<Subject, Refused> {
        let mut members: Map<String, Value> = serde_json::from_str(SAMPLE).unwrap();
        change(&mut members);
        read(module("LTKS").unwrap(), &members)
    }

    #[test]
    fn the_sample_is_read_and_its_newest_form_too() {
        let subject = of(|_| {}).unwrap();
        assert_eq!(
            (subject.name.as_str(), subject.born.as_str()),
            ("TRẦN AN THỬ NGHIỆM", "20260102")
        );
        assert_eq!(
            (subject.mother.as_str(), subject.asker.as_str()),
            ("099192000025", "099090000017")
        );
        let newest = of(|members| {
            members.insert(
                "nksHoTen".to_owned(),
                json!({"Ho": "TRẦN", "ChuDem": "AN THỬ", "Ten": "NGHIỆM"}),
            );
            let born = json!({"namSinh": "2026", "thangSinh": "1", "ngaySinh": "2"});
            members.insert("nksNgaySinh".to_owned(), born);
        });
        assert_eq!(newest.unwrap(), subject);
    }

    #[test]
    fn what_is_missing_unknown_or_of_another_kind_is_refused() {
        let code = |name: &str, value: Value| {
            of(|members| drop(members.insert(name.to_owned(), value.clone())))
                .unwrap_err()
                .0
        };
        assert_eq!(code("nksHoTen", json!("")), "200");
        assert_eq!(code("nksHoVaTen", json!("x")), "302");
        assert_eq!(code("nksGioiTinh", json!(2)), "302");
        assert_eq!(code("nksGioiTinh", json!("0")), "302");
        assert_eq!(code("nksNgaySinh", json!("02/01/2026")), "302");
        assert_eq!(code("meDanToc", json!({})), "302");
        assert!(module("XX").is_none());
    }
}
