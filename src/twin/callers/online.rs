//! Whoever files online dossiers in the shape P3 (portal.md §2.9, §7.5), and tells of them.

use super::call::Call;
use super::{Error, Round, Way};
use serde_json::{Value, json};

/// A dossier that only this side knows.
const OWN: &str = "H99.14-20260301-9000001";
const OTHER: &str = "H99.14-20260301-9000002";

/// Dossiers, and the papers that one of them lacked.
pub(super) async fn files(round: &Round<'_>) -> Result<(), Error> {
    round.twice(&dossier(OWN, "don.pdf"), true).await?;
    round.lost(&dossier(OTHER, "don.pdf")).await?;
    // It does not wait for papers.
    round.say(&dossier(OTHER, "khac.pdf"), Way::Plain, false).await?;
    if let Some(number) = &round.province.awaiting {
        round.say(&dossier(number, "don.pdf"), Way::Plain, true).await?;
        round
            .say(&dossier(number, "bo-sung.pdf"), Way::Plain, true)
            .await?;
        round
            .say(&dossier(number, "bo-sung.pdf"), Way::Duplicates, true)
            .await?;
    }
    Ok(())
}

/// States and steps, of the province's dossiers.
pub(super) async fn tells(round: &Round<'_>) -> Result<(), Error> {
    let (Some(one), Some(two)) = (round.number(7), round.number(8)) else {
        return Ok(());
    };
    round
        .twice(&status(one, 5, "Bổ sung bản sao giấy khai sinh"), true)
        .await?;
    round.lost(&status(two, 4, "Đang thẩm định")).await?;
    let step = |content, at| progress(one, content, at);
    let (early, late) = (
        step("Tiếp nhận", "2026-03-02T08:00:00.000"),
        step("Thẩm định", "2026-03-03T08:00:00.000"),
    );
    round.say(&late, Way::Swaps, true).await?;
    round.say(&early, Way::Swaps, true).await?;
    round.say(&early, Way::Duplicates, true).await?;
    Ok(())
}

fn call(kind: &'static str, target: &str, body: &Value) -> Call {
    Call {
        kind,
        target: target.to_owned(),
        body: Some(body.to_string()),
        asks: false,
        done: |status, heard| status == 200 && heard["code"] == 200,
    }
}

fn dossier(number: &str, file: &str) -> Call {
    let body = json!({
        "MaHoSo": number, "MaTTHC": "1.001234", "MaDichVuCong": "1.001234.01", "ChuHoSo": "Nguyễn Thử Nghiệm",
        "LoaiDoiTuong": 0, "MaDonViTiepNhan": "H99.14", "NgayNop": "2026-03-01 08:15:00",
        "NgayTiepNhan": "2026-03-01 09:30:00", "EformThongTinChiTiet": {"soBan": 2},
        "ThanhPhanHoSo": [{
            "MaThanhPhanHoSo": "000.00.00.G99-KQ000001", "TenThanhPhanHoSo": "Đơn đề nghị", "SoLuong": 1,
            "LoaiBan": 2, "GiayToDinhKem": [
                {"IdGiayTo": format!("tep-{file}"), "MaKetQua": "KQ.DVC.THONGTIN", "TenGiayTo": file}],
        }],
        "ThongTinNguoiNop": {"LoaiDoiTuong": 0, "IdDoiTuong": "00000000-0000-4000-8000-000000000001",
            "ThongTinChiTiet": {
                "TenNguoiNop": "Nguyễn Thử Nghiệm", "SoDinhDanh": "099090000001", "NgaySinh": "19900101000000",
                "SoDienThoai": "0900000001", "TenChuHs": "Nguyễn Thử Nghiệm", "SoDinhDanhChuHs": "099090000001"}},
    });
    call("dossier", "/NoiHoSo", &body)
}

fn status(number: &str, state: u8, opinion: &str) -> Call {
    let body = json!([{
        "IdHoSo": "65a500000000000000000001", "MaHoSo": number, "TrangThai": state, "NoiDungYKien": opinion,
        "PhongBanXuLy": "Bộ phận Một cửa", "NoiDungXuLy": "Xử lý hồ sơ", "DanhSachLePhi": [],
        "DanhSachGiayToKetQua": [],
    }]);
    call("status", "/CapNhatTrangThai", &body)
}

fn progress(number: &str, content: &str, at: &str) -> Call {
    let body = json!([{
        "IDHoSo": "65a500000000000000000001", "MaHoSo": number, "NguoiXuLy": "CÁN BỘ THỬ", "ThoiDiemXuLy": at,
        "PhongBanXuLy": "Bộ phận Một cửa", "NoiDungXuLy": content, "TrangThai": 4, "NgayBatDau": at,
    }]);
    call("progress", "/CapNhatTienTrinh", &body)
}
