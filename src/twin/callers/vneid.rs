//! VNeID, which files criminal-record dossiers under numbers that the province gives it (portal.md §3.5).

use super::call::Call;
use super::{Error, Round, Way};
use serde_json::{Value, json};

/// A number, and a dossier under it.
pub(super) async fn files(round: &Round<'_>) -> Result<(), Error> {
    let key = round.province.vneid.clone();
    let ask = number(&key);
    let one = round.say(&ask, Way::Plain, true).await?;
    let two = round.say(&ask, Way::Duplicates, true).await?;
    let given = |body: Option<Value>| body.and_then(|body| Some(body["Data"].as_str()?.to_owned()));
    let (Some(one), Some(two)) = (given(one), given(two)) else {
        return Ok(());
    };
    // A number that is given twice would make one dossier of two.
    let other = one != two;
    round.twice(&filed(&key, &one, "Xin việc làm"), other).await?;
    round.lost(&filed(&key, &two, "Xin việc làm")).await?;
    // It does not wait for papers.
    round
        .say(&filed(&key, &one, "Đi du học"), Way::Plain, false)
        .await?;
    let mut wrong = key;
    wrong.pop();
    wrong.push('x');
    round.say(&number(&wrong), Way::WrongChecksum, false).await?;
    round
        .say(
            &filed(&wrong, &one, "Xuất khẩu lao động"),
            Way::WrongChecksum,
            false,
        )
        .await?;
    Ok(())
}

fn number(key: &str) -> Call {
    Call {
        kind: "number",
        target: format!("/LLTP/LayMaHoSo?CodeGet={key}"),
        body: None,
        asks: true,
        done: |status, heard| status == 200 && heard["Data"].is_string(),
    }
}

fn filed(key: &str, number: &str, purpose: &str) -> Call {
    let body = json!({
        "maTinh": "99", "tenTinh": "Tỉnh Mẫu", "maHoSoMCDT": number, "ngayTiepNhan": "06/03/2026",
        "nguonDangKy": 2, "tenNguonDangKy": "VNeID", "toKhai": {
            "loaiPhieu": 1, "yeuCauCDNCV": 0, "maMucDich": 1, "tenMucDich": purpose, "soLuongCap": 1,
            "nycHoTen": "LÊ THỊ THỬ", "nycGioiTinh": 2, "nycNgaySinh": "03/11/1992",
            "nycThuongTru": {"chiTiet": "Địa chỉ mẫu số 2"}, "nycDienThoai": "0900000002",
            "nycEmail": "thu.nghiem@mau.example", "nycLoaiGiayTo": 4, "nycSoGiayTo": "099192000025",
            "nycNgayCapGiayTo": "10/01/2022", "nycNoiCapGiayTo": "Cơ quan mẫu", "nycQuocTich": "VN",
            "giayToDinhKem": [{"ma": "CCCD", "ten": "Bản chụp thẻ căn cước", "danhSach": [
                {"loai": "application/pdf", "duLieu": "JVBERi0xLjQK"}]}],
        },
        "thongTinBienLai": {"maDichVu": 2, "maTTHC": "3.000333", "trangThaiGD": 1},
    });
    Call {
        kind: "filed",
        target: format!("/LLTP/TaoHoSo?CodeGet={key}"),
        body: Some(body.to_string()),
        asks: false,
        done: |_, heard| heard["statusCode"] == "00",
    }
}
