use data_encoding::{BASE64, HEXLOWER};
use proptest::prelude::*;
use serde_json::{Value, json};
use wire::Method;
use wire::time::moment;

use super::*;

fn sha256(bytes: &[u8]) -> [u8; 32] {
    openssl::sha::sha256(bytes)
}

fn portal() -> Forwarded {
    Forwarded::new(Doors::default()).unwrap()
}

fn sent(body: &[u8]) -> Sent<'_> {
    Sent {
        method: Method::Post,
        path: "/web/guest/nhanhsdvcqg",
        query: "",
        body,
        sha256,
    }
}

fn read(door: &str, body: &Value) -> Result<Callback, Unread> {
    portal().read(door, &sent(body.to_string().as_bytes()))
}

fn document(callback: &Callback) -> Value {
    serde_json::from_slice(&callback.document).unwrap()
}

fn with(mut body: Value, path: &str, value: Value) -> Value {
    *body.pointer_mut(path).unwrap() = value;
    body
}

/// §7.5.
fn notice_of_a_promotion() -> Value {
    json!({
        "MaHoSo": "000.00.00.G22-240201-0042", "MaTTHC": "2.000033", "SoVanBan": "12/TB",
        "NgayNopHoSo": "20240201080000", "TenThuongNhan": "Công ty TNHH Mẫu", "MaSoThue": "0900000001",
        "DiaChiDoanhNghiep": {"MaTinh": "99", "MaHuyen": "990", "MaXa": "99001", "DiaChiChiTiet": "Số 1 đường Thử"},
        "DienThoai": "0900000002", "Fax": "", "Email": "lien.he@mau.example", "NguoiLienHe": "Phạm Liên Hệ",
        "SoDienThoaiNguoiLienHe": "0900000003", "TenChuongTrinhKhuyenMai": "Khuyến mại thử nghiệm",
        "HinhThucKhuyenMai": "Giảm giá", "ThoiGianKhuyenMaiTu": "20240210000000",
        "ThoiGianKhuyenMaiDen": "20240220000000", "TenTepDonDangKy": "thong-bao.pdf", "TepDonDangKy": "JVBERi0xLjQK",
        "TaiLieuNop": [{"TenTepDinhKem": "the-le.pdf", "Base64": "JVBERi0xLjQK"}],
    })
}

fn amended() -> Value {
    json!({
        "service": "SuaDoiKhuyenMai", "isUpdating": "False",
        "data": {
            "MaHoSoQG": "000.00.00.G22-240205-0043", "MaTTHC": "2.000033", "TenThuongNhan": "Công ty TNHH Mẫu",
            "MaSoThue": "0900000001", "ThongTinDaNop": {"MaHoSoQGDNP": "000.00.00.G22-240201-0042"},
            "ThongTinSuaDoi": {"TenChuongTrinhKM": "Khuyến mại sửa đổi"}, "TenTepDangKy": "sua.pdf",
            "URLTepDangKy": "https://cong.example/sua.pdf",
        },
    })
}

fn paid() -> Value {
    json!({
        "service": "NhanChungTuThueDat", "isUpdating": false,
        "data": {
            "MaHoSo": "H99.14-240115-0001", "HoTenNguoiNopTien": "Nguyễn Thử Nghiệm",
            "SoCMTNguoiNopTien": "099090000001", "DiaChiNguoiNopTien": "Số 1 đường Thử", "TinhNguoiNopTien": "99",
            "HuyenNguoiNopTien": "990", "XaNguoiNopTien": "99001", "MaSoThue": "0900000001",
            "UrlFileChungTu": "https://cong.example/ct.pdf",
            "ThongTinThanhToan": {
                "MaThongBaoThue": "TB-2024-1", "ThoiGianThanhToan": "20240120143000", "SoTien": "12500000",
                "NoiDungThanhToan": "Lệ phí trước bạ", "TrangThaiThanhToan": "1",
            },
        },
    })
}

const TAX: &str = "<DATA><BODY><ROW_LIST><MA_HSO>H99.14-240115-0001</MA_HSO><LIST><MA_SO_THUE>9900000016</MA_SO_THUE>\
    <SO_QUYET_DINH>MAU/TB-2024-1</SO_QUYET_DINH><NGAY_QUYET_DINH>16-01-2024</NGAY_QUYET_DINH>\
    <TEN_TIEUMUC>Lệ phí trước bạ</TEN_TIEUMUC><SO_TIEN>12500000</SO_TIEN></LIST></ROW_LIST></BODY></DATA>";

fn taxed(xml: &str) -> Value {
    json!({
        "service": "NhanThongBaoThueDat", "isUpdating": "True",
        "data": {"FileThongBaoThue": BASE64.encode(xml.as_bytes())},
    })
}

#[test]
fn a_promotion_is_a_dossier_with_its_papers_taken_out() {
    let callback = read("promotion", &notice_of_a_promotion()).unwrap();
    assert_eq!((callback.kind, callback.effect), ("promotion", Effect::Files));
    assert_eq!(callback.key, "000.00.00.G22-240201-0042");
    assert_eq!(callback.number.as_ref(), Some(&callback.key));
    assert_eq!(callback.procedure.as_deref(), Some("2.000033"));
    assert_eq!(callback.at, moment("2024-02-01T08:00:00"));
    assert_eq!((callback.updating, &callback.proof), (None, &Proof::Nothing));
    let digest = HEXLOWER.encode(&sha256(b"%PDF-1.4\n"));
    let document = document(&callback);
    assert_eq!(document["TepDonDangKy"], digest.as_str());
    assert_eq!(document["TaiLieuNop"][0]["Base64"], digest.as_str());
    assert_eq!(document["TenThuongNhan"], "Công ty TNHH Mẫu");
    assert_eq!(callback.papers.len(), 1, "one file that came twice is one paper");
    assert_eq!(callback.papers[0].bytes, b"%PDF-1.4\n");
}

#[test]
fn an_amendment_is_a_dossier_that_may_be_a_change() {
    let callback = read("amendment", &amended()).unwrap();
    assert_eq!((callback.kind, callback.effect), ("amendment", Effect::Files));
    assert_eq!(callback.number.as_deref(), Some("000.00.00.G22-240205-0043"));
    assert_eq!(callback.updating, Some(false));
    for (said, updating) in [
        (json!("True"), Some(true)),
        (json!("true"), Some(true)),
        (json!(true), Some(true)),
        (json!(false), Some(false)),
        (json!(""), None),
        (Value::Null, None),
    ] {
        assert_eq!(
            read("amendment", &with(amended(), "/isUpdating", said))
                .unwrap()
                .updating,
            updating
        );
    }
    let wrong = with(amended(), "/isUpdating", json!("có"));
    assert_eq!(
        read("amendment", &wrong).unwrap_err(),
        Unread::Wrong("isUpdating")
    );
    let less = with(amended(), "/data/ThongTinSuaDoi", Value::Null);
    assert_eq!(
        read("amendment", &less).unwrap_err(),
        Unread::Missing("ThongTinSuaDoi")
    );
    let other = with(amended(), "/data/ThongTinSuaDoi", json!("<x/>"));
    assert_eq!(
        read("amendment", &other).unwrap_err(),
        Unread::Wrong("ThongTinSuaDoi")
    );
}

#[test]
fn a_receipt_comes_in_both_spellings() {
    let callback = read("amendment", &paid()).unwrap();
    assert_eq!((callback.kind, callback.effect), ("tax-receipt", Effect::Tells));
    assert_eq!(callback.key, "H99.14-240115-0001|TB-2024-1|20240120143000");
    assert_eq!(
        (callback.money.as_ref().map(|money| money.amount), callback.at),
        (Some(12_500_000), moment("2024-01-20T14:30:00"))
    );
    let mut inner = paid()["data"].take();
    inner["ThongTinThanhToan"]["SoTien"] = json!(12_500_000);
    inner["ThongTinThanhToan"]["TrangThaiThanhToan"] = json!(1);
    let other = json!({"SecurityKey": "khoa-thu", "Service": "NhanChungTuThueDat", "IsUpdating": "False", "Data": inner});
    let other = read("amendment", &other).unwrap();
    assert_eq!(other.proof, Proof::Key("khoa-thu".to_owned()));
    assert_eq!((&other.key, &other.document), (&callback.key, &callback.document));
}

#[test]
fn a_receipt_of_what_was_not_paid_says_no_amount() {
    let unpaid = with(paid(), "/data/ThongTinThanhToan/TrangThaiThanhToan", json!(0));
    assert_eq!(read("amendment", &unpaid).unwrap().money, None);
}

#[test]
fn every_member_that_a_receipt_needs_is_asked_for() {
    for name in [
        "MaHoSo",
        "HoTenNguoiNopTien",
        "MaSoThue",
        "UrlFileChungTu",
        "ThongTinThanhToan",
    ] {
        let less = with(paid(), &format!("/data/{name}"), Value::Null);
        assert_eq!(read("amendment", &less).unwrap_err(), Unread::Missing(name));
    }
    let inner = [
        "MaThongBaoThue",
        "ThoiGianThanhToan",
        "SoTien",
        "NoiDungThanhToan",
        "TrangThaiThanhToan",
    ];
    for name in inner {
        let less = with(paid(), &format!("/data/ThongTinThanhToan/{name}"), json!(" "));
        assert_eq!(read("amendment", &less).unwrap_err(), Unread::Missing(name));
    }
    for (name, value) in [
        ("SoTien", json!("12.5")),
        ("SoTien", json!(-1)),
        ("ThoiGianThanhToan", json!("20240120")),
    ] {
        let wrong = with(paid(), &format!("/data/ThongTinThanhToan/{name}"), value);
        assert_eq!(read("amendment", &wrong).unwrap_err(), Unread::Wrong(name));
    }
}

#[test]
fn a_tax_notice_is_read_out_of_its_xml_in_both_spellings() {
    let callback = read("notice", &taxed(TAX)).unwrap();
    assert_eq!((callback.kind, callback.effect), ("tax-notice", Effect::Tells));
    assert_eq!(callback.key, "H99.14-240115-0001|MAU/TB-2024-1");
    assert_eq!(callback.number.as_deref(), Some("H99.14-240115-0001"));
    assert_eq!((callback.updating, callback.money.clone()), (Some(true), None));
    let rows = &document(&callback)["ROW_LIST"];
    assert_eq!(
        rows,
        &json!([{"MA_HSO": "H99.14-240115-0001",
            "MA_SO_THUE": "9900000016", "SO_QUYET_DINH": "MAU/TB-2024-1", "NGAY_QUYET_DINH": "16-01-2024",
            "TEN_TIEUMUC": "Lệ phí trước bạ", "SO_TIEN": "12500000"}])
    );
    assert_eq!(callback.papers[0].bytes, TAX.as_bytes());
    let other = read("notice", &taxed(&TAX.replace("TEN_TIEUMUC", "TEN_TIEU_MUC"))).unwrap();
    assert_eq!(&document(&other)["ROW_LIST"], rows);
}

#[test]
fn a_tax_notice_may_be_about_several() {
    let (before, row) = TAX.split_at(TAX.find("<ROW_LIST>").unwrap());
    let row = row.strip_suffix("</BODY></DATA>").unwrap();
    let of = |rows: &[String]| format!("{before}{}</BODY></DATA>", rows.concat());
    let second = row.replace("TB-2024-1", "TB-2024-2");
    let same = read("notice", &taxed(&of(&[row.to_owned(), second]))).unwrap();
    assert_eq!(same.number.as_deref(), Some("H99.14-240115-0001"));
    assert_eq!(same.key.len(), 64);
    let elsewhere = row.replace("0115-0001", "0115-0002");
    let rows = [row.to_owned(), elsewhere];
    let both = read("notice", &taxed(&of(&rows))).unwrap();
    assert_eq!(both.number, None);
    let turned = read("notice", &taxed(&of(&[rows[1].clone(), rows[0].clone()]))).unwrap();
    assert_eq!(both.key, turned.key);
    assert_ne!(both.key, same.key);
}

#[test]
fn xml_that_could_hurt_or_is_another_is_refused() {
    let unfit = Unread::Wrong("FileThongBaoThue");
    for xml in [
        "<DATA/>".to_owned(),
        "<DATA><BODY/></DATA>".to_owned(),
        TAX.replace("DATA", "DULIEU"),
        TAX.replace("SO_QUYET_DINH", "SO"),
        TAX.replace("H99.14-240115-0001", " "),
        TAX.replace("12500000", "<x/>"),
        TAX.replace("</LIST>", "<SO_TIEN>1</SO_TIEN></LIST>"),
        TAX.replace("</LIST>", "<MA_HSO>H99.14-240115-0002</MA_HSO></LIST>"),
        format!("<!DOCTYPE DATA [<!ENTITY x SYSTEM 'file:///x'>]>{TAX}"),
        TAX.replace("Lệ phí", "&x;"),
        "<a>".repeat(5_000),
        "%PDF-1.4".to_owned(),
    ] {
        assert_eq!(read("notice", &taxed(&xml)).unwrap_err(), unfit, "{:.80}", xml);
    }
    for file in [
        json!(TAX),
        json!("không"),
        json!(7),
        json!({"a": TAX}),
        json!("PGh0bWw+"),
    ] {
        let body = with(taxed(TAX), "/data/FileThongBaoThue", file);
        assert!(matches!(
            read("notice", &body).unwrap_err(),
            Unread::Wrong("FileThongBaoThue")
        ));
    }
    let empty = with(taxed(TAX), "/data/FileThongBaoThue", json!(""));
    assert_eq!(
        read("notice", &empty).unwrap_err(),
        Unread::Missing("FileThongBaoThue")
    );
}

#[test]
fn services_stay_at_their_doors() {
    assert_eq!(
        read("amendment", &taxed(TAX)).unwrap_err(),
        Unread::Wrong("service")
    );
    assert_eq!(read("notice", &paid()).unwrap_err(), Unread::Wrong("service"));
    assert_eq!(read("fax", &paid()).unwrap_err(), Unread::Body);
    let nothing = json!({"service": "NhanChungTuThueDat"});
    assert_eq!(read("amendment", &nothing).unwrap_err(), Unread::Missing("data"));
    let text = json!({"service": "NhanChungTuThueDat", "data": "{}"});
    assert_eq!(read("amendment", &text).unwrap_err(), Unread::Wrong("data"));
}

#[test]
fn nonsense_is_read_as_such() {
    for door in ["promotion", "amendment", "notice", "search"] {
        let raw = |body: &[u8]| portal().read(door, &sent(body)).unwrap_err();
        for body in [
            b"".as_slice(),
            b"[]",
            b"{",
            b"<DATA/>",
            b"\xff",
            b"{\"a\":1,\"a\":1}",
        ] {
            assert_eq!(raw(body), Unread::Body);
        }
        assert_eq!(raw("{\"a\":".repeat(100_000).as_bytes()), Unread::Large);
        assert_eq!(raw(&vec![b'{'; 100 << 20]), Unread::Large);
    }
    for (path, value, unread) in [
        ("/MaHoSo", json!(["x"]), Unread::Wrong("MaHoSo")),
        ("/MaHoSo", json!("x\ny"), Unread::Wrong("MaHoSo")),
        ("/MaTTHC", Value::Null, Unread::Missing("MaTTHC")),
        ("/TenThuongNhan", json!(""), Unread::Missing("TenThuongNhan")),
        ("/TepDonDangKy", json!("<xml/>"), Unread::Wrong("TepDonDangKy")),
        (
            "/TaiLieuNop",
            json!("JVBERi0xLjQK"),
            Unread::Wrong("TaiLieuNop[]/Base64"),
        ),
        (
            "/TaiLieuNop/0/Base64",
            json!(1),
            Unread::Wrong("TaiLieuNop[]/Base64"),
        ),
        ("/TaiLieuNop/0", json!("x"), Unread::Wrong("TaiLieuNop[]/Base64")),
    ] {
        assert_eq!(
            read("promotion", &with(notice_of_a_promotion(), path, value)).unwrap_err(),
            unread
        );
    }
    let paper = "A".repeat(29 << 20);
    let large = with(notice_of_a_promotion(), "/TepDonDangKy", json!(paper));
    assert_eq!(read("promotion", &large).unwrap_err(), Unread::Large);
}

fn replied(door: &str, callback: Option<&Callback>, end: End<'_>) -> (u16, String) {
    let reply = portal().reply(door, callback, end);
    (reply.status, String::from_utf8(reply.body).unwrap())
}

#[test]
fn a_promotion_is_answered_in_the_words_that_the_portal_knows() {
    let callback = read("promotion", &notice_of_a_promotion()).unwrap();
    let reply = |end| replied("promotion", Some(&callback), end);
    let said = |code: i8, words: &str| {
        format!(r#"{{"error_code":{code},"message":"000.00.00.G22-240201-0042| {words}"}}"#)
    };
    for end in [End::Taken, End::Kept] {
        assert_eq!(reply(end), (200, said(0, "create dossier success")));
    }
    assert_eq!(reply(End::Conflict), (200, said(1, "duplicate refId")));
    assert_eq!(
        reply(End::UnknownProcedure),
        (200, said(-1, "Not found serviceInfo mapping with: 2.000033"))
    );
    assert_eq!(reply(End::Busy), (503, said(-1, "create dossier error")));
    let forged = r#"{"error_code":-1,"message":"401 Unauthorized - Error Security Code"}"#;
    assert_eq!(reply(End::Forged), (200, forged.to_owned()));
    for (why, words) in [
        (Unread::Missing("MaSoThue"), "MaSoThue empty"),
        (Unread::Missing("MaHoSo"), "MaHoSo empty"),
        (Unread::Missing("data"), "Data empty"),
    ] {
        let expected = format!(r#"{{"error_code":-1,"message":"{words}"}}"#);
        assert_eq!(replied("promotion", None, End::Unread(why)), (200, expected));
    }
    for why in [Unread::Body, Unread::Large, Unread::Wrong("MaHoSo")] {
        let reply = portal().reply("promotion", None, End::Unread(why));
        assert_eq!((reply.status, reply.media), (500, "text/plain; charset=utf-8"));
        assert_eq!(reply.body, b"request body incorrect");
    }
}

#[test]
fn the_others_are_answered_in_theirs() {
    let message = |door: &str, body: &Value, end: End<'_>| {
        let callback = read(door, body).unwrap();
        let (status, reply) = replied(door, Some(&callback), end);
        let reply: Value = serde_json::from_str(&reply).unwrap();
        assert_eq!(status, 200);
        (
            reply["error_code"].as_i64().unwrap(),
            reply["message"].as_str().unwrap().to_owned(),
        )
    };
    let is = |code: i64, words: &str| (code, words.to_owned());
    let changed = with(amended(), "/isUpdating", json!("True"));
    assert_eq!(
        message("amendment", &changed, End::Taken),
        is(0, "update dossier success")
    );
    assert_eq!(
        message("amendment", &amended(), End::Taken),
        is(0, "000.00.00.G22-240205-0043| create dossier success")
    );
    assert_eq!(
        message("amendment", &amended(), End::Conflict),
        is(1, "Duplicate refId")
    );
    assert_eq!(
        message("amendment", &paid(), End::Taken),
        is(0, "Gửi dữ liệu thành công : H99.14-240115-0001")
    );
    for (door, body) in [("amendment", paid()), ("notice", taxed(TAX))] {
        let words = "H99.14-240115-0001 không tồn tại trên hệ thống";
        assert_eq!(message(door, &body, End::UnknownDossier), is(-1, words));
    }
    assert_eq!(
        message("notice", &taxed(TAX), End::Taken),
        is(0, "gửi dữ liệu thành công")
    );
}

#[test]
fn a_search_is_answered_with_the_dossier_or_not_found() {
    let asked = json!({"madonvi": "H99.14", "service": "TraCuuHoSo", "masohoso": "H99.14-240115-0001"});
    let callback = read("search", &asked).unwrap();
    assert_eq!((callback.kind, callback.effect), ("search", Effect::Asks));
    assert_eq!(callback.number.as_deref(), Some("H99.14-240115-0001"));
    assert_eq!(callback.agency.as_deref(), Some("H99.14"));
    let reply = |end| replied("search", Some(&callback), end).1;
    let found = r#"{"MaHoSo":"H99.14-240115-0001","LoaiDoiTuong":"3"}"#;
    assert_eq!(reply(End::Found(found.as_bytes())), found);
    let none = r#"{"error_code":-1,"message":"masohoso not found"}"#;
    for end in [
        End::UnknownDossier,
        End::Found(b"[]"),
        End::Found(b"x"),
        End::Busy,
    ] {
        assert_eq!(reply(end), none);
    }
}

#[test]
fn the_doors_are_where_the_portal_was_seen_to_call() {
    let addresses = portal().addresses();
    assert_eq!(addresses.len(), 10);
    for (path, door) in [
        (
            "/web/guest/VXPAdapter/RestService/forward/addtthcKhuyenMai",
            "promotion",
        ),
        ("/web/guest/addtthcKhuyenMai", "promotion"),
        (
            "/web/guest/XrdAdapter/RestService/forward/nhanhsdvcqg",
            "amendment",
        ),
        ("/web/guest/nhantbthuedvcqg", "notice"),
        ("/web/guest/search/call", "search"),
    ] {
        let there = addresses
            .iter()
            .any(|address| address.path == path && address.door == door);
        assert!(there, "{path}");
    }
    let doors: Doors =
        toml::from_str("notice = ['/api/ImportThongBaoThueFromDVCQG', '/web/guest/nhanhsdvcqg']").unwrap();
    let said = Forwarded::new(doors).err().unwrap();
    assert_eq!(said, [Unfit::Twice("/web/guest/nhanhsdvcqg".into())]);
    assert!(toml::from_str::<Doors>("colour = 1").is_err());
}

#[test]
fn no_key_is_kept_or_shown() {
    let mut body = notice_of_a_promotion();
    body["SecurityKey"] = json!("khoa-thu");
    let callback = read("promotion", &body).unwrap();
    assert_eq!(callback.proof, Proof::Key("khoa-thu".to_owned()));
    let shown = format!("{callback:?} {}", String::from_utf8_lossy(&callback.document));
    assert!(
        !shown.contains("khoa-thu") && !format!("{callback:?}").contains("Mẫu"),
        "{shown}"
    );
}

proptest! {
    #[test]
    fn nothing_that_is_sent_makes_it_panic(
        door in "(promotion|amendment|notice|search|.)",
        text in "[\\[\\]{}:,\"\\\\0-9a-c|é ]{0,30}",
        xml in "(<[/!]?(DATA|BODY|ROW_LIST|LIST|MA_HSO|SO_QUYET_DINH)>|[ -~é]{0,3}){0,12}",
        bytes in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let bodies = [
            text.clone().into_bytes(),
            bytes,
            taxed(&xml).to_string().into_bytes(),
            with(paid(), "/data/ThongTinThanhToan/SoTien", json!(text)).to_string().into_bytes(),
            format!("{{\"service\":\"NhanChungTuThueDat\",\"data\":{text}}}").into_bytes(),
            format!("{{\"masohoso\":{text}}}").into_bytes(),
        ];
        for body in bodies {
            let read = portal().read(&door, &sent(&body));
            let end = read.as_ref().err().map_or(End::Taken, |why| End::Unread(*why));
            let _ = portal().reply(&door, read.as_ref().ok(), end);
        }
    }
}
