//! What a finished dossier yields: the entry in the register, and its paper.

use super::civil::Registration;
use super::pdf;
use serde_json::{Value, json};

/// The result of a civil-status dossier.
pub(super) fn civil(known: &Registration, province: &str) -> Value {
    let entry = known.serial;
    let year = super::clock(known.at).get(6..10).unwrap_or_default().to_owned();
    let day = super::clock(known.at).get(..10).unwrap_or_default().to_owned();
    let child = &known.subject;
    let mut result = json!({
        "ngayDangKy": day, "soDangKy": entry.to_string(), "quyenSo": format!("01/{year}"),
        "trangSo": (entry / 2 + 1).to_string(),
    });
    match known.module.as_str() {
        "KS" | "LTKS" => {
            result["soDinhDanh"] = json!(known.personal);
            result["ndkksMaTinh"] = json!(province);
            result["ndkksMaHuyen"] = json!("");
            result["ndkksMaXa"] = json!("14797");
            result["nksHoTen"] = json!(child.name);
            result["nksGioiTinh"] = json!(child.sex.parse::<u8>().unwrap_or_default());
            result["nksNgaySinh"] = json!(dotted(&child.born));
            result["maGiayToKetQua"] = json!("KQ.G15.000031");
            result["giayKhaiSinh"] = json!(pdf::page(&format!("GIAY KHAI SINH {entry}/{year}")));
        }
        "KT" | "LTKT" => {
            result["nktHoTen"] = json!(child.name);
            result["maGiayToKetQua"] = json!("KQ.G15.000033");
            result["giayKhaiTu"] = json!(pdf::page(&format!("TRICH LUC KHAI TU {entry}/{year}")));
        }
        _ => {
            result["maGiayToKetQua"] = json!("KQ.G15.000032");
            result["giayToKetQua"] = json!(pdf::page(&format!("HO TICH {entry}/{year}")));
        }
    }
    result
}

/// The record sheet of a criminal-record dossier.
pub(super) fn record(known: &Registration) -> Value {
    let (day, year) = {
        let clock = super::clock(known.at);
        (
            clock.get(..10).unwrap_or_default().to_owned(),
            clock.get(6..10).unwrap_or_default().to_owned(),
        )
    };
    json!({
        "soPhieuLLTP": format!("MAU-{:04}/{year}", known.serial), "ngayCapPhieu": day, "loaiPhieu": known.module,
        "nguoiLapPhieu": "CÁN BỘ THỬ", "nguoiKy": "LÃNH ĐẠO THỬ", "chucVu": "Phó Giám đốc", "tinhTrangAnTich": "0",
        "tenTinhTrangAnTich": "Không có án tích", "thongTinAn": [], "dsCDNCV": [],
        "phieuLLTP": pdf::page(&format!("PHIEU LLTP {:04}/{year}", known.serial)), "quyetDinhThuHoi": "",
    })
}

/// `dd.MM.yyyy` of eight digits; a year stays one.
fn dotted(born: &str) -> String {
    match (born.get(..4), born.get(4..6), born.get(6..8)) {
        (Some(year), Some(month), Some(day)) => format!("{day}.{month}.{year}"),
        _ => born.to_owned(),
    }
}
