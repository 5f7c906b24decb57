use super::stage;
use crate::twin::trial::{Back, Caller};
use serde_json::{Value, json};

async fn look(caller: Caller, target: &str) -> Back {
    caller.ministry("GET", target, &Value::Null).await
}

#[tokio::test]
async fn an_enterprise_is_shown_in_each_of_its_formats() {
    let (_folder, stage, caller) = stage("calm").await;
    let first = look(caller, "/ndxp/apiCSDLDKDN/1.0/chiTietDoanhNghiep?msdn=9900000016")
        .await
        .json();
    let sample = json!({
        "ENTERPRISE_ID": 990001, "ENTERPRISE_GDT_CODE": "9900000016", "IMP_BUSINESS_CODE": "", "ENTERPRISE_TYPE_ID": "TNHH1TV",
        "ENTERPRISE_TYPE_NAME": "Công ty TNHH một thành viên", "NAME": "CÔNG TY TNHH VÍ DỤ MINH HỌA", "SHORT_NAME": "VI DU CO., LTD",
        "NAME_F": "MINH HOA EXAMPLE COMPANY LIMITED", "FOUNDING_DATE": "05/03/2021", "LAST_AMEND_DATE": "12/09/2024",
        "NUMBER_CHANGES": 3, "LEGAL_NAMES": "TRẦN VĂN MẪU", "CAPITAL_AMOUNT": 1_000_000_000, "ENTERPRISE_STATUS": "1",
    });
    assert_eq!(first["Data"]["MainInformation"], sample);
    assert_eq!(first["Data"]["HOAdress"]["WardName"], "Phường Hạc Thành");
    assert_eq!((&first["DataCount"], &first["Status"]), (&json!(1), &json!("1")));
    let newer = look(caller, "/ndxp/apiCSDLDKDN/1.1/chiTietDoanhNghiep?msdn=9900000016")
        .await
        .json();
    let main = &newer["Data"]["MainInformation"];
    assert_eq!(
        (&main["ENTERPRISE_STATUS_NAME"], &main["FOUNDING_DATE"]),
        (&json!("Đang hoạt động"), &json!("2021-03-05 00:00:00.0"))
    );
    let second = look(
        caller,
        "/ndxp/apiDKKD/DoanhNghiep/chiTietDoanhNghiep?msdn=9900000024",
    )
    .await
    .json();
    let one = &second["GetEntCert"][0];
    let place = &one["DiaChiTruSo"][0]["DiaChi"][0];
    assert_eq!(
        [&place["MaTinhThanh"], &place["MaQuanHuyen"], &place["MaPhuongXa"]],
        [1, 1, 4]
    );
    assert_eq!(one["DaiDienPhapLuat"][0]["ThongTinCaNhan"][0]["MaQuocTich"], "VN");
    assert_eq!(
        one["TinhTrangPhapLy"][0]["NgayBatDauTamNgung"],
        "2026-01-01T00:00:00"
    );
    let household = look(
        caller,
        "/ndxp/apiDKKD/HoKinhDoanh/chiTietHoKinhDoanh?mst=9900000032",
    )
    .await
    .json();
    assert_eq!(household["HHCert"][0]["ChuHoKinhDoanh"][0]["MaQuocTich"], 704);
    let cooperative = look(caller, "/ndxp/apiDKKD/HopTacXa/chiTietHopTacXa?mst=9900000040")
        .await
        .json();
    assert_eq!(
        cooperative["CoopCert"][0]["DaiDienPhapLuat"]["HoVaTen"],
        "NGUYỄN VĂN VÍ DỤ"
    );
    stage.down().await;
}

#[tokio::test]
async fn what_the_register_does_not_hold_or_refuses() {
    let (_folder, stage, caller) = stage("calm").await;
    let none = look(caller, "/ndxp/apiCSDLDKDN/1.0/chiTietDoanhNghiep?msdn=9900009999")
        .await
        .json();
    assert_eq!(
        (&none["Data"]["MainInformation"], &none["DataCount"]),
        (&Value::Null, &json!(0))
    );
    look(
        caller,
        "/ndxp/apiDKKD/DoanhNghiep/chiTietDoanhNghiep?msdn=9900009999",
    )
    .await
    .has(200, r#"{"GetEntCert":null}"#);
    // A household business is no enterprise.
    look(
        caller,
        "/ndxp/apiDKKD/DoanhNghiep/chiTietDoanhNghiep?msdn=9900000032",
    )
    .await
    .has(200, r#"{"GetEntCert":null}"#);
    look(caller, "/ndxp/apiCSDLDKDN/1.0/chiTietDoanhNghiep?msdn=9900000095")
        .await
        .has(200, r#""Status":"0""#);
    look(caller, "/ndxp/apiCSDLDKDN/1.0/chiTietDoanhNghiep?msdn=x")
        .await
        .has(200, r#""Status":"0""#);
    look(caller, "/ndxp/apiCSDLDKDN/1.0/chiTietDoanhNghiep?msdn=9900000059")
        .await
        .has(401, "900901");
    look(caller, "/ndxp/apiCSDLDKDN/1.0/chiTietDoanhNghiep?msdn=9900000059")
        .await
        .has(200, "GÂY HẾT PHIÊN");
    let open = "/lgsp/th-open/apiDKKD/DoanhNghiep/chiTietDoanhNghiep?msdn=9900000016";
    caller.call("GET", open, "", "").await.has(200, "VÍ DỤ MINH HỌA");
    let adapter = "/lgsp/qs/adapter?category=chiTietDoanhNghiep&version=1.1&msdn=9900000016";
    caller
        .call("GET", adapter, "", "")
        .await
        .has(200, "ENTERPRISE_STATUS_ID");
    stage.down().await;
}

#[tokio::test]
async fn filings_are_listed_for_five_days_at_most() {
    let (_folder, stage, caller) = stage("calm").await;
    let list = |from: &str, to: &str| {
        format!("/ndxp/apiCSDLDKDN/1.0/danhSachHoSo?from_date={from}&to_date={to}&offset=0&limit=20")
    };
    let back = look(caller, &list("05/01/2026", "10/01/2026")).await.json();
    assert_eq!(
        (&back["DataCount"], &back["Data"][0]["RECEIPT_DATE"]),
        (&json!(2), &json!("05/01/2026"))
    );
    look(caller, &list("05/01/2026", "11/01/2026"))
        .await
        .has(200, "không được vượt quá 5 ngày");
    look(caller, &list("2026-01-05", "06/01/2026"))
        .await
        .has(200, "dd/MM/yyyy");
    let today = "/ndxp/apiCSDLDKDN/1.0/danhSachHoSoTrongNgay?from_ts=08:00&to_ts=17:00&offset=0&limit=20";
    look(caller, today).await.has(200, r#""Status":"1""#);
    look(
        caller,
        "/ndxp/apiCSDLDKDN/1.0/tinhTrangHoSo?in_journal_no=DK-2026-0002",
    )
    .await
    .has(200, "IN_PROCESS");
    stage.down().await;
}

#[tokio::test]
async fn the_store_lists_what_was_issued_and_gives_the_file() {
    let (_folder, stage, caller) = stage("calm").await;
    let list = "/ndxp/apiKhoDuLieu/1.0/danhSachGiayToKetQua";
    let mut body = json!({"SoDinhDanhChuSoHuu": "099192000025", "HoTenNguoiYeuCau": "CÁN BỘ THỬ", "SoDinhDanhNguoiYeuCau": "099185000058", "KenhThucHien": "1", "MaThuTuc": "1.001193", "DanhSachDanhMucKetQua": [{"MaKetQua": "KQ.G15.000031", "SoKyHieu": ""}]});
    let found = caller.ministry("POST", list, &body).await.json();
    assert_eq!(
        (&found["errorCode"], &found["signature"]),
        (&json!("0"), &json!(""))
    );
    let papers = found["result"]["DanhSachGiayToKetQua"].as_array().unwrap();
    assert_eq!((papers.len(), &papers[0]["SoKyHieu"]), (1, &json!("12/2026")));
    let path = papers[0]["DanhSachTepDinhKem"][0]["DuongDan"].as_str().unwrap();
    let file = "/ndxp/apiKhoDuLieu/1.0/taiTepTin";
    let fetched = caller
        .ministry(
            "POST",
            file,
            &json!({"CoQuanChuQuan": "H56.10", "DuongDan": path}),
        )
        .await
        .json();
    assert!(
        data_encoding::BASE64
            .decode(fetched.as_str().unwrap().as_bytes())
            .unwrap()
            .starts_with(b"%PDF-1.4")
    );
    caller
        .ministry(
            "POST",
            file,
            &json!({"CoQuanChuQuan": "H99.14", "DuongDan": path}),
        )
        .await
        .has(200, "\"\"");
    body["DanhSachDanhMucKetQua"][0]["SoKyHieu"] = json!("13/2026");
    caller
        .ministry("POST", list, &body)
        .await
        .has(200, r#""DanhSachGiayToKetQua":[]"#);
    body["SoDinhDanhNguoiYeuCau"] = json!("099192000025");
    caller
        .ministry("POST", list, &body)
        .await
        .has(200, r#""errorCode":"0""#);
    body["KenhThucHien"] = json!("3");
    caller
        .ministry("POST", list, &body)
        .await
        .has(200, "KenhThucHien");
    let tally = stage.down().await.summary().databases;
    assert_eq!(
        (
            tally.owner_as_officer,
            tally.by_class["match"],
            tally.by_class["no_match"]
        ),
        (1, 2, 3)
    );
}

#[tokio::test]
async fn the_insured_are_known_by_number_and_by_details() {
    let (_folder, stage, caller) = stage("calm").await;
    let criteria = json!({"hoTen": "TRẦN VĂN MẪU", "ngaySinh": "19900517", "loaiNgaySinh": "0", "gioiTinh": "1", "maTinhKs": "38", "maHuyenKs": "", "maXaKs": "14797", "isKs": "1"});
    let number = caller
        .ministry("POST", "/ndxp/apiBHXH/getMaSoBhxhTheoTieuChi", &criteria)
        .await
        .json();
    assert_eq!(
        number,
        json!({"maSoBhxh": "9999000001", "trangThai": "1", "errorCode": "0"})
    );
    let by_number = json!({"maSoBhxh": "9999000001"});
    let person = caller
        .ministry("POST", "/ndxp/apiBHXH/getTraCuuTtHgdByMaSoBhxh", &by_number)
        .await
        .json();
    assert_eq!(
        (&person["hoTen"], &person["ngaySinh"]),
        (&json!("TRẦN VĂN MẪU"), &json!("19900517"))
    );
    let wrapped = caller
        .ministry(
            "POST",
            "/lgsp/tn/ngsp/BaoHiemXaHoi/getTraCuuTtHgdByMaSoBhxh",
            &by_number,
        )
        .await
        .json();
    let inner = &wrapped["response"]["TST_GetTraCuuTtHgdByMaSoBhxhResponse"]["successful"];
    assert_eq!(
        (&inner["dataThongTinHgd"]["hoTen"], &inner["errorCode"]),
        (&json!("TRẦN VĂN MẪU"), &json!("0"))
    );
    let home = json!({"maTinh": "38", "hoTen": "LÊ THỊ THỬ", "ngaySinh": "1992", "loaiNgaySinh": "1", "gioiTinh": "2", "soSo": "", "maThe": "", "isKs": "0"});
    let home = caller
        .ministry("POST", "/ndxp/apiBHXH/getTraCuuThongTinHgd", &home)
        .await
        .json();
    assert_eq!(
        (&home["maSo"], &home["maHo"]),
        (&json!("9999000002"), &json!("MAU-HO-0001"))
    );
    caller
        .ministry(
            "POST",
            "/ndxp/apiBHXH/getTraCuuTtHgdByMaSoBhxh",
            &json!({"maSoBhxh": "9999999999"}),
        )
        .await
        .has(200, r#""errorCode":"1""#);
    caller
        .ministry(
            "POST",
            "/ndxp/apiBHXH/getTraCuuTtHgdByMaSoBhxh",
            &json!({"maSoBhxh": "9"}),
        )
        .await
        .has(200, r#""errorCode":"2""#);
    stage.down().await;
}

#[tokio::test]
async fn licences_are_behind_a_session_in_the_body() {
    let (_folder, stage, caller) = stage("calm").await;
    let kind = "Content-Type: application/json\r\n";
    let mapi = "/ndxp/apiDVC-GPLX/tcdbdvcdata/mapi";
    let login = json!({"username": "h99-demo", "password": "mat-khau-thu-nghiem"}).to_string();
    let login = caller
        .call("POST", &format!("{mapi}/login"), kind, &login)
        .await
        .json();
    let mut body = json!({"session": login["session"], "service": "DanhSachHoSo", "donViXuLy": "H99.14", "ngayNhan1": "2026-01-01", "ngayNhan2": "2026-01-31"});
    let list = caller
        .call("POST", &format!("{mapi}/g"), kind, &body.to_string())
        .await
        .json();
    assert_eq!(list["data"][0]["gplxDaCap"][0]["hanggplxgplx"], "B2");
    (body["service"], body["mahoso"]) = (json!("TraCuuHoSo"), json!("GPLX-2026-0002"));
    caller
        .call("POST", &format!("{mapi}/g"), kind, &body.to_string())
        .await
        .has(200, "LÊ THỊ THỬ");
    body["session"] = json!("0");
    caller
        .call("POST", &format!("{mapi}/g"), kind, &body.to_string())
        .await
        .has(200, "hết hạn");
    stage.down().await;
}
