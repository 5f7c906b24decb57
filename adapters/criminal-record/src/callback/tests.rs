use proptest::prelude::*;
use serde_json::{Value, json};
use wire::time::moment;

use super::*;

fn vneid() -> Allocated {
    Allocated::new(Doors::default()).unwrap()
}

fn sent<'a>(method: Method, query: &'a str, body: &'a [u8]) -> Sent<'a> {
    Sent {
        method,
        path: "/LLTP/TaoHoSo",
        query,
        body,
        sha256: |bytes| [u8::try_from(bytes.len() % 251).unwrap(); 32],
    }
}

fn read(body: &Value) -> Result<Callback, Unread> {
    vneid().read(
        "filed",
        &sent(Method::Post, "CodeGet=khoa-thu", body.to_string().as_bytes()),
    )
}

/// Persons and numbers are invented.
fn sample() -> Value {
    json!({
        "maTinh": "99", "tenTinh": "Tỉnh Thử", "maHoSoMCDT": "H99.10-260106-0002", "ngayTiepNhan": "06/01/2026",
        "nguonDangKy": 2, "tenNguonDangKy": "VNeID",
        "toKhai": {
            "nycHoTen": "LÊ THỊ THỬ", "nycSoGiayTo": "099192000025", "chaNamSinh": 1960,
            "thongTinThanhToan": {"nhomDoiTuong": 1, "hinhThucNhanBanGiay": 2, "tongPhi": 200_000},
            "giayToDinhKem": [{"ma": "1", "ten": "CCCD", "danhSach": [{"loai": "application/pdf", "duLieu": "JVBERi0xLjQK"}]}],
        },
        "thongTinBienLai": {"maDichVu": 2, "maTTHC": "2.000488", "trangThaiGD": 1},
    })
}

fn with(path: &str, value: Value) -> Value {
    let mut body = sample();
    *body.pointer_mut(path).unwrap() = value;
    body
}

#[test]
fn a_number_is_asked_for_with_a_key_and_told_as_it_was_reserved() {
    let ask = |query| vneid().read("number", &sent(Method::Get, query, b"")).unwrap();
    let callback = ask("CodeGet=khoa%2Dthu");
    assert_eq!((callback.kind, callback.effect), ("number", Effect::Reserves));
    assert_eq!(callback.proof, Proof::Key("khoa-thu".to_owned()));
    assert_eq!(
        (callback.key.as_str(), callback.document.as_slice()),
        ("", b"{}".as_slice())
    );
    for query in ["", "CodeGet=", "codeget=khoa", "CodeGet=a&CodeGet=b"] {
        assert_eq!(ask(query).proof, Proof::Nothing, "{query}");
    }
    let reply = |end| vneid().reply("number", Some(&callback), end);
    assert_eq!(
        reply(End::Found(b"H99.10-260106-0002")).body,
        br#"{"Data":"H99.10-260106-0002"}"#
    );
    let forged = reply(End::Forged);
    assert_eq!(
        (forged.status, forged.body),
        (400, "Mã xác thực không hợp lệ".as_bytes().to_vec())
    );
    assert_eq!(reply(End::Busy).status, 503);
    assert_eq!(reply(End::Found(b"\xff")).status, 503);
}

#[test]
fn a_dossier_is_filed_under_the_number_that_was_reserved() {
    let callback = read(&sample()).unwrap();
    assert_eq!((callback.kind, callback.effect), ("filed", Effect::Files));
    assert_eq!(callback.key, "H99.10-260106-0002");
    assert_eq!(callback.number.as_ref(), Some(&callback.key));
    assert_eq!(callback.procedure.as_deref(), Some("2.000488"));
    assert_eq!(callback.at, moment("2026-01-06T00:00:00"));
    assert_eq!(
        (callback.updating, &callback.proof),
        (None, &Proof::Key("khoa-thu".to_owned()))
    );
    let document: Value = serde_json::from_slice(&callback.document).unwrap();
    let paper = &document["toKhai"]["giayToDinhKem"][0]["danhSach"][0]["duLieu"];
    assert_eq!(paper, &"09".repeat(32));
    assert_eq!(
        (&document["nguonDangKy"], &document["toKhai"]["chaNamSinh"]),
        (&json!("2"), &json!("1960"))
    );
    assert_eq!(callback.papers[0].bytes, b"%PDF-1.4\n");
    let shown = format!("{callback:?}");
    assert!(
        !shown.contains("khoa-thu") && !shown.contains("THỬ") && !shown.contains("0991"),
        "{shown}"
    );
}

#[test]
fn what_is_no_dossier_says_why() {
    for (path, value, unread) in [
        ("/maHoSoMCDT", Value::Null, Unread::Missing("maHoSoMCDT")),
        ("/maHoSoMCDT", json!({}), Unread::Wrong("maHoSoMCDT")),
        ("/toKhai", Value::Null, Unread::Missing("toKhai")),
        ("/toKhai", json!("<hoTich/>"), Unread::Wrong("toKhai")),
        ("/ngayTiepNhan", json!([]), Unread::Wrong("ngayTiepNhan")),
        (
            "/toKhai/giayToDinhKem/0/danhSach/0/duLieu",
            json!("không"),
            Unread::Wrong("toKhai/giayToDinhKem[]/danhSach[]/duLieu"),
        ),
        (
            "/toKhai/giayToDinhKem/0/danhSach",
            json!({}),
            Unread::Wrong("toKhai/giayToDinhKem[]/danhSach[]/duLieu"),
        ),
    ] {
        assert_eq!(read(&with(path, value)).unwrap_err(), unread);
    }
    let raw = |body: &[u8]| vneid().read("filed", &sent(Method::Post, "", body)).unwrap_err();
    for body in [b"".as_slice(), b"[]", b"{", b"<a/>", b"\xff"] {
        assert_eq!(raw(body), Unread::Body);
    }
    assert_eq!(raw(&vec![b'['; 100 << 20]), Unread::Large);
    assert_eq!(raw("{\"toKhai\":".repeat(10_000).as_bytes()), Unread::Large);
    let paper = with(
        "/toKhai/giayToDinhKem/0/danhSach/0/duLieu",
        json!("A".repeat(29 << 20)),
    );
    assert_eq!(read(&paper).unwrap_err(), Unread::Large);
}

#[test]
fn vneid_hears_its_own_codes() {
    let callback = read(&sample()).unwrap();
    let reply = |end| {
        let reply = vneid().reply("filed", Some(&callback), end);
        (reply.status, String::from_utf8(reply.body).unwrap())
    };
    let good = r#"{"statusCode":"00","errorDetail":"","data":"H99.10-260106-0002"}"#;
    assert_eq!(reply(End::Taken), (200, good.to_owned()));
    assert_eq!(reply(End::Kept), (200, good.to_owned()));
    let closed = r#"{"statusCode":"01","errorDetail":"Hồ sơ không ở trạng thái bổ sung, không thể thực hiện cập nhật","data":null}"#;
    assert_eq!(reply(End::Closed), (200, closed.to_owned()));
    assert_eq!(reply(End::Conflict), (200, closed.to_owned()));
    assert_eq!(reply(End::Busy).0, 503);
    assert_eq!(reply(End::Forged), (400, "Mã xác thực không hợp lệ".to_owned()));
    let unread = vneid().reply("filed", None, End::Unread(Unread::Missing("toKhai")));
    assert!(
        String::from_utf8(unread.body)
            .unwrap()
            .contains("`toKhai` is missing")
    );
}

#[test]
fn the_doors_are_two_and_are_the_sites_to_say() {
    let addresses = vneid().addresses();
    let seen: Vec<(&str, &str)> = addresses
        .iter()
        .map(|address| (address.method.as_str(), address.path.as_str()))
        .collect();
    assert_eq!(seen, [("GET", "/LLTP/LayMaHoSo"), ("POST", "/LLTP/TaoHoSo")]);
    let doors: Doors = toml::from_str("number = []\nfiled = []").unwrap();
    assert_eq!(Allocated::new(doors).err().unwrap(), [Unfit::Nowhere]);
}

proptest! {
    #[test]
    fn nothing_that_is_sent_makes_it_panic(
        door in "(number|filed|.)",
        text in "[\\[\\]{}:,\"\\\\0-9a-c=é ]{0,30}",
        query in "(CodeGet=|&|%|[ -~é]){0,6}",
        bytes in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let bodies = [
            text.clone().into_bytes(),
            bytes,
            format!("{{\"maHoSoMCDT\":\"a\",\"toKhai\":{text}}}").into_bytes(),
            with("/toKhai/giayToDinhKem", json!([{"danhSach": [{"duLieu": text}]}])).to_string().into_bytes(),
        ];
        for body in bodies {
            let read = vneid().read(&door, &sent(Method::Post, &query, &body));
            let end = read.as_ref().err().map_or(End::Taken, |why| End::Unread(*why));
            let _ = vneid().reply(&door, read.as_ref().ok(), end);
        }
    }
}
