use proptest::prelude::*;
use serde_json::{Value, json};
use wire::Method;
use wire::time::moment;

use super::*;

fn online() -> Online {
    Online::new(Doors::default()).unwrap()
}

/// A stand-in that tells different texts apart.
fn sha256(bytes: &[u8]) -> [u8; 32] {
    let sum = bytes.iter().fold(7_u64, |sum, byte| {
        sum.wrapping_mul(1_099_511_628_211).wrapping_add(u64::from(*byte))
    });
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&sum.to_be_bytes());
    digest
}

fn sent<'a>(query: &'a str, body: &'a [u8]) -> Sent<'a> {
    Sent {
        method: Method::Post,
        path: "/NoiHoSo",
        query,
        body,
        sha256,
    }
}

fn read(door: &str, body: &Value) -> Result<Callback, Unread> {
    online().read(door, &sent("", body.to_string().as_bytes()))
}

fn with(mut body: Value, path: &str, value: Value) -> Value {
    *body.pointer_mut(path).unwrap() = value;
    body
}

/// portal.md §7.5.
fn sample() -> Value {
    json!({
        "MaHoSo": "H99.14-20260115-0000001", "MaTTHC": "1.001234", "MaDichVuCong": "1.001234.01",
        "ChuHoSo": "Nguyễn Thử Nghiệm", "LoaiDoiTuong": 0, "MaDonViTiepNhan": "H99.14",
        "NgayNop": "2026-01-15 08:15:00", "NgayTiepNhan": "2026-01-15 09:30:00", "EformThongTinChiTiet": {},
        "ThanhPhanHoSo": [{
            "MaThanhPhanHoSo": "000.00.00.G99-KQ000001", "TenThanhPhanHoSo": "Đơn đề nghị", "SoLuong": 1, "LoaiBan": 2,
            "GiayToDinhKem": [{
                "IdGiayTo": "tep-0001", "MaKetQua": "KQ.DVC.THONGTIN", "TenGiayTo": "don.pdf",
                "HashTepTin": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            }],
        }],
        "ThongTinNguoiNop": {
            "LoaiDoiTuong": 0, "IdDoiTuong": "00000000-0000-4000-8000-000000000001",
            "ThongTinChiTiet": {
                "TenNguoiNop": "Nguyễn Thử Nghiệm", "SoDinhDanh": "099090000001", "NgayCapDinhDanh": "20210101000000",
                "NgaySinh": "19900101000000", "SoDienThoai": "0900000001", "MaTinh": "99", "MaXa": "99001",
            },
        },
    })
}

fn step() -> Value {
    json!({
        "IDHoSo": "65a500000000000000000001", "MaHoSo": "H99.14-20260115-0000001", "NguoiXuLy": "CÁN BỘ THỬ",
        "ThoiDiemXuLy": "2026-01-15T09:30:00.000", "TrangThai": 4, "NoiDungXuLy": "Thẩm định",
    })
}

#[test]
fn a_dossier_is_read_with_its_three_forms_of_dates_as_they_came() {
    let callback = read("dossier", &sample()).unwrap();
    assert_eq!((callback.kind, callback.effect), ("dossier", Effect::Files));
    assert_eq!(callback.key, "H99.14-20260115-0000001");
    assert_eq!(callback.number.as_ref(), Some(&callback.key));
    assert_eq!(callback.procedure.as_deref(), Some("1.001234"));
    assert_eq!(callback.agency.as_deref(), Some("H99.14"));
    assert_eq!(callback.at, moment("2026-01-15T08:15:00"));
    assert_eq!((callback.updating, &callback.proof), (None, &Proof::Nothing));
    let document: Value = serde_json::from_slice(&callback.document).unwrap();
    assert_eq!(document["NgayNop"], "2026-01-15 08:15:00");
    assert_eq!(
        document["ThongTinNguoiNop"]["ThongTinChiTiet"]["NgaySinh"],
        "19900101000000"
    );
    assert_eq!(
        (
            &document["LoaiDoiTuong"],
            &document["ThanhPhanHoSo"][0]["SoLuong"]
        ),
        (&json!("0"), &json!("1"))
    );
    assert!(!format!("{callback:?}").contains("Nguyễn"));
}

#[test]
fn what_is_no_dossier_says_why() {
    for (path, value, unread) in [
        ("/MaHoSo", Value::Null, Unread::Missing("MaHoSo")),
        ("/MaHoSo", json!(["a"]), Unread::Wrong("MaHoSo")),
        ("/MaTTHC", json!(" "), Unread::Missing("MaTTHC")),
        ("/ChuHoSo", Value::Null, Unread::Missing("ChuHoSo")),
        ("/ChuHoSo", json!({}), Unread::Wrong("ChuHoSo")),
        (
            "/EformThongTinChiTiet",
            json!("<a/>"),
            Unread::Wrong("EformThongTinChiTiet"),
        ),
        ("/ThongTinNguoiNop", json!([]), Unread::Wrong("ThongTinNguoiNop")),
        ("/ThanhPhanHoSo", json!({}), Unread::Wrong("ThanhPhanHoSo")),
        ("/ThanhPhanHoSo", json!([1]), Unread::Wrong("ThanhPhanHoSo")),
    ] {
        assert_eq!(read("dossier", &with(sample(), path, value)).unwrap_err(), unread);
    }
    for door in ["dossier", "progress", "status"] {
        let raw = |body: &[u8]| online().read(door, &sent("", body)).unwrap_err();
        for body in [b"".as_slice(), b"[]", b"{", b"1", b"<a/>", b"\xff", b"[1]"] {
            assert_eq!(raw(body), Unread::Body);
        }
        assert_eq!(raw(&vec![b' '; 100 << 20]), Unread::Large);
        assert_eq!(raw("[".repeat(100_000).as_bytes()), Unread::Large);
    }
    assert_eq!(read("fax", &sample()).unwrap_err(), Unread::Body);
}

#[test]
fn steps_and_states_are_lists_that_all_they_say_tells_apart() {
    let one = read("progress", &json!([step()])).unwrap();
    assert_eq!((one.kind, one.effect), ("progress", Effect::Tells));
    assert_eq!(one.number.as_deref(), Some("H99.14-20260115-0000001"));
    assert_eq!(one.at, moment("2026-01-15T09:30:00"));
    assert_eq!(read("progress", &step()).unwrap(), one, "a row without its list");
    let later = with(step(), "/ThoiDiemXuLy", json!("2026-01-15T10:30:00.000"));
    let two = read("progress", &json!([step(), later])).unwrap();
    assert_eq!(two.at, moment("2026-01-15T10:30:00"));
    assert_ne!(two.key, one.key);
    let other = with(step(), "/MaHoSo", json!("H99.14-20260115-0000002"));
    assert_eq!(read("progress", &json!([step(), other])).unwrap().number, None);
    let state =
        json!({"IdHoSo": "65a5", "MaHoSo": "H99.14-20260115-0000001", "TrangThai": 5, "DanhSachLePhi": []});
    let two = with(state.clone(), "/TrangThai", json!(9));
    assert_eq!(
        read("status", &json!([state, two])).unwrap_err(),
        Unread::Wrong("MaHoSo")
    );
    let state = read("status", &json!([state])).unwrap();
    assert_eq!((state.kind, state.at), ("status", None));
    for (path, value, unread) in [
        ("/MaHoSo", Value::Null, Unread::Missing("MaHoSo")),
        ("/MaHoSo", json!(true), Unread::Wrong("MaHoSo")),
        ("/MaHoSo", json!("a\nb"), Unread::Wrong("MaHoSo")),
        ("/ThoiDiemXuLy", json!(""), Unread::Missing("ThoiDiemXuLy")),
    ] {
        assert_eq!(
            read("progress", &json!([with(step(), path, value)])).unwrap_err(),
            unread
        );
    }
    assert_eq!(
        read("status", &json!([{"MaHoSo": "a"}])).unwrap_err(),
        Unread::Missing("TrangThai")
    );
}

#[test]
fn a_caller_hears_the_envelope_of_its_own_shape() {
    let callback = read("dossier", &sample()).unwrap();
    let reply = |end| {
        let reply = online().reply("dossier", Some(&callback), end);
        (reply.status, String::from_utf8(reply.body).unwrap())
    };
    let good = r#"{"code":200,"message":"Thành công","data":{"idHoSo":"H99.14-20260115-0000001","maHoSo":"H99.14-20260115-0000001"}}"#;
    assert_eq!(reply(End::Taken), (200, good.to_owned()));
    for (end, status) in [
        (End::Conflict, 400),
        (End::Closed, 400),
        (End::UnknownProcedure, 400),
        (End::Forged, 401),
        (End::Busy, 503),
    ] {
        let (code, body) = reply(end);
        assert_eq!(code, status);
        assert!(
            body.starts_with(&format!("{{\"code\":{status},")) && body.ends_with("\"data\":null}"),
            "{body}"
        );
    }
    let unread = online().reply("status", None, End::Unread(Unread::Missing("MaHoSo")));
    assert_eq!(unread.status, 400);
}

#[test]
fn doors_and_key_are_the_sites_to_say() {
    let doors: Doors =
        toml::from_str("dossier = ['/api/ho-so/{don-vi}']\nprogress = []\nstatus = []\nkey = 'Khoa'")
            .unwrap();
    let online = Online::new(doors).unwrap();
    assert_eq!(online.addresses().len(), 1);
    let body = sample().to_string();
    let proof = |query| {
        online
            .read("dossier", &sent(query, body.as_bytes()))
            .unwrap()
            .proof
    };
    assert_eq!(proof("Khoa=k-1"), Proof::Key("k-1".to_owned()));
    assert_eq!((proof(""), proof("Khoa=")), (Proof::Nothing, Proof::Nothing));
    let doors: Doors = toml::from_str("dossier = ['x']\nkey = ''").unwrap();
    assert_eq!(
        Online::new(doors).err().unwrap(),
        [Unfit::Path("x".into()), Unfit::Blank("key")]
    );
}

proptest! {
    #[test]
    fn nothing_that_is_sent_makes_it_panic(
        door in "(dossier|progress|status|.)",
        name in "(MaHoSo|NgayNop|ThanhPhanHoSo|EformThongTinChiTiet)",
        text in "[\\[\\]{}:,\"\\\\0-9a-cT é-]{0,30}",
        bytes in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let bodies = [
            text.clone().into_bytes(),
            bytes,
            with(sample(), &format!("/{name}"), json!(text)).to_string().into_bytes(),
            json!([with(step(), "/ThoiDiemXuLy", json!(text))]).to_string().into_bytes(),
            format!("[{{\"MaHoSo\":{text},\"TrangThai\":1,\"ThoiDiemXuLy\":\"{text}\"}}]").into_bytes(),
        ];
        for body in bodies {
            let read = online().read(&door, &sent("", &body));
            let end = read.as_ref().err().map_or(End::Taken, |why| End::Unread(*why));
            let _ = online().reply(&door, read.as_ref().ok(), end);
        }
    }
}
