//! The national portal as it calls a province (portal.md §3.1, §3.2).

use super::call::Call;
use super::{Error, Round, Way};
use data_encoding::BASE64;
use serde_json::{Value, json};

/// Where it was seen to call; the same is listened to behind either adapter and plain.
const FORWARD: &str = "/web/guest/VXPAdapter/RestService/forward";
const PLAIN: &str = "/web/guest";

/// A receipt of a dossier that is not there yet.
pub(super) async fn early(round: &Round<'_>) -> Result<(), Error> {
    let Some(number) = round.number(1) else {
        return Ok(());
    };
    round
        .say(&receipt(number, "TB-SOM", "20260301080000"), Way::Early, true)
        .await?;
    Ok(())
}

/// Promotion notices and their amendments.
pub(super) async fn files(round: &Round<'_>) -> Result<(), Error> {
    round.twice(&promotion("0001", "Giảm giá"), true).await?;
    round.lost(&promotion("0002", "Tặng quà")).await?;
    // The same number with other words: it does not wait for papers.
    round
        .say(&promotion("0001", "Bốc thăm"), Way::Plain, false)
        .await?;
    round
        .twice(&amendment("0003", &json!("False"), "Đổi thời gian"), true)
        .await?;
    round
        .say(&amendment("0003", &json!(true), "Đổi giải"), Way::Plain, true)
        .await?;
    round
        .say(
            &amendment("0003", &json!("False"), "Đổi giải lần nữa"),
            Way::Plain,
            false,
        )
        .await?;
    // The change comes before what it changes, which then is none any more.
    round
        .say(&amendment("0004", &json!("True"), "Đổi sau"), Way::Swaps, true)
        .await?;
    round
        .say(&amendment("0004", &json!(false), "Đổi trước"), Way::Swaps, false)
        .await?;
    Ok(())
}

/// Land-tax notices and receipts.
pub(super) async fn tells(round: &Round<'_>) -> Result<(), Error> {
    let (Some(one), Some(two), Some(three)) = (round.number(2), round.number(3), round.number(4)) else {
        return Ok(());
    };
    round.twice(&notice(&[(one, "TB-0001")]), true).await?;
    round.lost(&receipt(one, "TB-0001", "20260302080000")).await?;
    round
        .say(&receipt(two, "TB-0002", "20260303080000"), Way::Swaps, true)
        .await?;
    round.say(&notice(&[(two, "TB-0002")]), Way::Swaps, true).await?;
    // About two dossiers: it is kept, and waits for a person.
    round
        .say(&notice(&[(one, "TB-0003"), (three, "TB-0004")]), Way::Plain, true)
        .await?;
    Ok(())
}

/// How a dossier stands.
pub(super) async fn asks(round: &Round<'_>) -> Result<(), Error> {
    if let Some(number) = round.number(2) {
        round.say(&search(number), Way::Plain, true).await?;
    }
    round
        .say(&search("H99.14-000101-9999"), Way::Plain, false)
        .await?;
    Ok(())
}

fn call(kind: &'static str, target: String, body: &Value) -> Call {
    Call {
        kind,
        target,
        body: Some(body.to_string()),
        asks: false,
        done: |_, heard| heard["error_code"] == 0,
    }
}

fn promotion(number: &str, form: &str) -> Call {
    let body = json!({
        "MaHoSo": format!("000.00.00.G22-260301-{number}"), "MaTTHC": "2.000033", "SoVanBan": "12/TB",
        "NgayNopHoSo": "20260301080000", "TenThuongNhan": "Công ty TNHH Mẫu", "MaSoThue": "9900000016",
        "DiaChiDoanhNghiep": {"DiaChiChiTiet": "Số 1 đường Thử"}, "DienThoai": "0900000002",
        "Email": "lien.he@mau.example", "NguoiLienHe": "Phạm Liên Hệ", "SoDienThoaiNguoiLienHe": "0900000003",
        "TenChuongTrinhKhuyenMai": "Khuyến mại thử nghiệm", "HinhThucKhuyenMai": form,
        "TenTepDonDangKy": "thong-bao.pdf", "TepDonDangKy": "JVBERi0xLjQK",
        "TaiLieuNop": [{"TenTepDinhKem": "the-le.pdf", "Base64": "JVBERi0xLjQK"}],
    });
    call("promotion", format!("{FORWARD}/addtthcKhuyenMai"), &body)
}

fn amendment(number: &str, updating: &Value, why: &str) -> Call {
    let body = json!({"service": "SuaDoiKhuyenMai", "isUpdating": updating, "data": {
        "MaHoSoQG": format!("000.00.00.G22-260305-{number}"), "MaTTHC": "2.000033",
        "TenThuongNhan": "Công ty TNHH Mẫu", "MaSoThue": "9900000016", "DienThoai": "0900000002",
        "ThongTinDaNop": {"MaHoSoQGDNP": "000.00.00.G22-260301-0001", "SoVanBanDaNopDNP": "12/TB"},
        "ThongTinSuaDoi": {"TenChuongTrinhKM": "Khuyến mại thử nghiệm, sửa đổi"}, "LyDoDieuChinh": why,
        "TenTepDangKy": "sua-doi.pdf", "URLTepDangKy": "https://cong.example/tep/sua-doi.pdf",
    }});
    call("amendment", format!("{PLAIN}/nhanhsdvcqg"), &body)
}

fn receipt(number: &str, notice: &str, at: &str) -> Call {
    let body = json!({"service": "NhanChungTuThueDat", "isUpdating": "False", "data": {
        "MaHoSo": number, "HoTenNguoiNopTien": "Nguyễn Thử Nghiệm", "SoCMTNguoiNopTien": "099090000001",
        "DiaChiNguoiNopTien": "Số 1 đường Thử", "TinhNguoiNopTien": "Tỉnh Mẫu", "HuyenNguoiNopTien": "Huyện Mẫu",
        "XaNguoiNopTien": "Xã Mẫu", "MaSoThue": "0990900001",
        "UrlFileChungTu": "https://thue.example/chung-tu/1.pdf", "ThongTinThanhToan": {
            "MaThongBaoThue": notice, "ThoiGianThanhToan": at, "SoTien": 12_500_000,
            "NoiDungThanhToan": "Nộp lệ phí trước bạ", "TrangThaiThanhToan": "1"},
    }});
    call("tax-receipt", format!("{FORWARD}/nhanhsdvcqg"), &body)
}

fn notice(rows: &[(&str, &str)]) -> Call {
    let rows: String = rows
        .iter()
        .map(|(number, decision)| {
            format!(
                "<ROW_LIST><MA_HSO>{number}</MA_HSO><LIST><MA_SO_THUE>0990900001</MA_SO_THUE>\
                 <SO_QUYET_DINH>{decision}</SO_QUYET_DINH><NGAY_QUYET_DINH>16-02-2026</NGAY_QUYET_DINH>\
                 <TEN_TIEU_MUC>Lệ phí trước bạ</TEN_TIEU_MUC><SO_TIEN>12500000</SO_TIEN></LIST></ROW_LIST>"
            )
        })
        .collect();
    let file = BASE64.encode(format!("<DATA><BODY>{rows}</BODY></DATA>").as_bytes());
    let body =
        json!({"service": "NhanThongBaoThueDat", "isUpdating": true, "data": {"FileThongBaoThue": file}});
    call("tax-notice", format!("{FORWARD}/nhantbthuedvcqg"), &body)
}

fn search(number: &str) -> Call {
    let body = json!({"madonvi": "000.00.00.H99", "service": "TraCuuHoSo", "masohoso": number});
    Call {
        asks: true,
        done: |status, heard| status == 200 && heard["TrangThaiHoSo"].is_string(),
        ..call("search", format!("{PLAIN}/search/call"), &body)
    }
}
