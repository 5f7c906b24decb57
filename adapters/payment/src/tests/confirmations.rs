use proptest::prelude::*;
use serde_json::{Value, json};
use wire::callback::{Address, Callback, Callbacks, Effect, End, Proof, Sent, Unfit, Unread};
use wire::{Method, time};

use super::sha256;
use crate::checksum::{barred, plain};
use crate::{Confirmations, Doors};

fn confirmations(doors: &str) -> Confirmations {
    Confirmations::new(toml::from_str(doors).unwrap()).unwrap()
}

fn amount(callback: &Callback) -> Option<i64> {
    callback.money.as_ref().map(|money| money.amount)
}

fn sent(body: &[u8]) -> Sent<'_> {
    Sent {
        method: Method::Post,
        path: "/DvcPayment/Confirm",
        query: "",
        body,
        sha256,
    }
}

fn read(door: &str, body: &Value) -> Result<Callback, Unread> {
    confirmations("").read(door, &sent(body.to_string().as_bytes()))
}

/// portal.md §7.6.
fn sample() -> Value {
    json!({
        "LoaiBanTin": "CONFIRM", "MaLoi": "00", "MaDoiTac": "DOITAC-THU", "MaThamChieu": "dvcH991424011500017",
        "SoTien": 150_000, "MaTienTe": "VND", "MaGiaoDich": "PP240115000123", "MaNganHang": "NHTHU",
        "ThoiGianGD": "20240115143207", "ThongTinGiaoDich": "THANH TOAN HO SO H99.14-240115-0001",
        "MaXacThuc": "9554b99a0046facd548ae68232d4bcd6aafbeb33df3130e67ec91497548dd28e",
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut body = sample();
    body[name] = value;
    body
}

fn parts(callback: &Callback) -> (Vec<&str>, &str) {
    match &callback.proof {
        Proof::Checksum { parts, given, .. } => (parts.iter().map(String::as_str).collect(), given),
        Proof::Nothing | Proof::Key(_) => panic!("it shows no checksum"),
    }
}

fn sum(callback: &Callback, secret: &str) -> String {
    barred(&parts(callback).0, secret, sha256)
}

#[test]
fn the_checksums_of_confirmations_are_those_of_the_vectors() {
    let portal = read("confirm", &sample()).unwrap();
    assert_eq!(sum(&portal, "KHOA-BI-MAT-THU-NGHIEM"), parts(&portal).1);
    let other = json!({
        "LoaiBanTin": "CONFIRM", "MaLoi": "00", "MaDoiTac": "PARTNERDEMO",
        "MaThamChieu": "dvcH56260106000120260106093000", "SoTien": 150_000, "MaTienTe": "VND",
        "MaGiaoDich": "GD0000000001", "MaNganHang": "BANKDEMO", "ThoiGianGD": "20260106093212",
        "ThongTinGiaoDich": "THANH TOAN HO SO H56.10-260106-0001",
        "MaXacThuc": "48baa544f2bc28776817818c7b4e7443d3eff82a041f9955bbd398fe9cc7fbdc",
    });
    let other = read("confirm", &other).unwrap();
    assert_eq!(sum(&other, "demo-secret"), parts(&other).1);
}

#[test]
fn a_confirmation_says_what_was_paid_for_what_and_when() {
    let callback = read("confirm", &with("MaHoSo", json!("H99.14-240115-0001"))).unwrap();
    assert_eq!((callback.kind, callback.effect), ("confirm", Effect::Tells));
    assert_eq!(callback.key, "dvcH991424011500017|PP240115000123|00");
    assert_eq!(callback.reference.as_deref(), Some("dvcH991424011500017"));
    assert_eq!(callback.number.as_deref(), Some("H99.14-240115-0001"));
    assert_eq!(amount(&callback), Some(150_000));
    assert_eq!(callback.at, time::moment("2024-01-15T14:32:07"));
    let document: Value = serde_json::from_slice(&callback.document).unwrap();
    assert_eq!(document["SoTien"], "150000");
    assert_eq!(document.get("MaXacThuc"), None);
    let text = read("confirm", &with("SoTien", json!("150000"))).unwrap();
    assert_eq!((amount(&text), parts(&text)), (Some(150_000), parts(&callback)));
    // A reference that cannot be used leaves the number.
    let mut by_number = with("MaHoSo", json!("H99.14-240115-0001"));
    by_number["MaThamChieu"] = json!("");
    let by_number = read("confirm", &by_number).unwrap();
    assert_eq!(
        (by_number.reference, by_number.key.as_str()),
        (None, "H99.14-240115-0001|PP240115000123|00")
    );
    // What failed and then succeeded is not one and the same.
    assert_ne!(
        read("confirm", &with("MaLoi", json!("99"))).unwrap().key,
        callback.key
    );
}

#[test]
fn nothing_of_a_card_is_kept() {
    let mut body = sample();
    for name in ["Token", "SoThe", "ThangThe", "NamThe", "soThe", "TOKEN"] {
        body[name] = json!("9704000000000018");
    }
    body["The"] = json!({"SoThe": "9704000000000018", "x": 1});
    let callback = read("confirm", &body).unwrap();
    let shown = format!("{callback:?} {}", String::from_utf8_lossy(&callback.document));
    assert!(!shown.contains("9704"), "{shown}");
    assert!(shown.contains(r#""The":{"x":"1"}"#));
}

#[test]
fn one_changed_character_anywhere_gives_other_parts() {
    let whole = sample();
    let before = read("confirm", &whole).unwrap();
    let covered = whole
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| *name != "MaXacThuc");
    for (name, value) in covered {
        let text = wire::json::scalar(value).unwrap();
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'1' { b'2' } else { b'1' };
            let changed = with(name, json!(String::from_utf8(changed).unwrap()));
            if let Ok(after) = read("confirm", &changed) {
                assert_ne!(parts(&after), parts(&before), "{changed}");
                assert_ne!(
                    sum(&after, "KHOA-BI-MAT-THU-NGHIEM"),
                    parts(&after).1,
                    "{changed}"
                );
            }
        }
    }
}

#[test]
fn the_checksum_of_another_message_does_not_pass_for_a_confirmation() {
    // An `INIT` that was overheard, its parts shifted into the places of a confirmation.
    let mut shifted = sample();
    for (name, value) in [
        ("LoaiBanTin", "INIT"),
        ("MaLoi", "1.0.6"),
        ("MaTienTe", "PAY"),
        ("MaGiaoDich", "1"),
        ("MaNganHang", "1"),
        ("ThoiGianGD", "vi-VN"),
        (
            "ThongTinGiaoDich",
            "VND|PAYMENT|THANH TOAN|20240115143015|10.0.0.5",
        ),
    ] {
        shifted[name] = json!(value);
    }
    assert_eq!(
        read("confirm", &shifted).unwrap_err(),
        Unread::Wrong("LoaiBanTin")
    );
    for name in ["MaThamChieu", "MaGiaoDich", "MaNganHang", "ThongTinGiaoDich"] {
        assert_eq!(
            read("confirm", &with(name, json!("a|b"))).unwrap_err(),
            Unread::Wrong(name)
        );
    }
}

#[test]
fn what_cannot_be_read_says_which_member() {
    for (name, value, unread) in [
        ("MaXacThuc", Value::Null, Unread::Missing("MaXacThuc")),
        ("MaLoi", json!(""), Unread::Missing("MaLoi")),
        ("MaDoiTac", Value::Null, Unread::Missing("MaDoiTac")),
        ("MaThamChieu", Value::Null, Unread::Missing("MaThamChieu")),
        (
            "MaThamChieu",
            json!("x".repeat(300)),
            Unread::Wrong("MaThamChieu"),
        ),
        ("MaThamChieu", json!(["x"]), Unread::Wrong("MaThamChieu")),
        ("SoTien", Value::Null, Unread::Missing("SoTien")),
        ("SoTien", json!(-1), Unread::Wrong("SoTien")),
        ("SoTien", json!(150_000.5), Unread::Wrong("SoTien")),
        ("SoTien", json!("150.000"), Unread::Wrong("SoTien")),
        ("SoTien", json!("99999999999999999999"), Unread::Wrong("SoTien")),
        ("SoTien", json!(true), Unread::Wrong("SoTien")),
        ("MaTienTe", json!("USD"), Unread::Wrong("MaTienTe")),
    ] {
        assert_eq!(read("confirm", &with(name, value)).unwrap_err(), unread);
    }
    assert_eq!(
        read("confirm", &with("ThoiGianGD", json!("lúc chiều")))
            .unwrap()
            .at,
        None
    );
    let raw = |body: &[u8]| confirmations("").read("confirm", &sent(body)).unwrap_err();
    for body in [
        b"".as_slice(),
        b"[]",
        b"null",
        b"{",
        b"<DATA/>",
        b"{\"SoTien\":1,\"SoTien\":2}",
        b"\xff",
    ] {
        assert_eq!(raw(body), Unread::Body);
    }
    assert_eq!(raw("[".repeat(1_000_000).as_bytes()), Unread::Large);
    assert_eq!(raw(&vec![b' '; 100 << 20]), Unread::Large);
    assert_eq!(raw(b"{\"SoTien\":1e999}"), Unread::Body);
    assert_eq!(
        confirmations("").read("fax", &sent(b"{}")).unwrap_err(),
        Unread::Body
    );
}

fn replied(doors: &str, door: &str, callback: Option<&Callback>, end: End<'_>) -> (u16, String) {
    let reply = confirmations(doors).reply(door, callback, end);
    assert_eq!(reply.media, "application/json");
    (reply.status, String::from_utf8(reply.body).unwrap())
}

#[test]
fn a_confirmation_is_answered_in_the_platforms_words() {
    let callback = read("confirm", &sample()).unwrap();
    let rest = r#""MaDoiTac":"DOITAC-THU","MaThamChieu":"dvcH991424011500017","ThoiGianGD":"20240115143207""#;
    let good = format!(r#"{{"MaLoi":"00","MoTaLoi":"Thành công",{rest}}}"#);
    let bad = format!(r#"{{"MaLoi":"99","MoTaLoi":"Các lỗi khác",{rest}}}"#);
    let reply = |end| replied("", "confirm", Some(&callback), end);
    for end in [End::Taken, End::Kept] {
        assert_eq!(reply(end), (200, good.clone()));
    }
    for end in [
        End::Conflict,
        End::Closed,
        End::UnknownDossier,
        End::Forged,
        End::Differs,
    ] {
        assert_eq!(reply(end), (200, bad.clone()));
    }
    assert_eq!(reply(End::Busy), (503, bad));
    assert_eq!(
        replied("", "confirm", None, End::Unread(Unread::Missing("SoTien"))),
        (
            200,
            r#"{"return_code":-1,"return_msg":"error: `SoTien` is missing"}"#.to_owned()
        )
    );
    // portal.md §7.6, where a platform demands the member.
    let echo = replied("checked = 'echo'", "confirm", Some(&callback), End::Taken);
    let sum = parts(&callback).1;
    assert_eq!(
        echo.1,
        format!(r#"{},"MaXacThuc":"{sum}"}}"#, good.trim_end_matches('}'))
    );
}

#[test]
fn a_question_for_a_bill_is_answered_with_a_bill_or_an_empty_list() {
    let asked = read("bill", &json!({"MaHoSo": "H99.14-240115-0001"})).unwrap();
    assert_eq!(
        (asked.kind, asked.effect, &asked.proof),
        ("bill", Effect::Asks, &Proof::Nothing)
    );
    assert_eq!(asked.number.as_deref(), Some("H99.14-240115-0001"));
    assert_eq!(read("bill", &json!({})).unwrap_err(), Unread::Missing("MaHoSo"));
    let reply = |end| replied("", "bill", Some(&asked), end).1;
    let bill = br#"{"MaHoSo":"H99.14-240115-0001","DSKhoanNop":[{"SoTien":"1"}]}"#;
    let heard: Value = serde_json::from_str(&reply(End::Found(bill))).unwrap();
    let bill: Value = serde_json::from_slice(bill).unwrap();
    assert_eq!(heard, json!({"error_code": 1, "message": bill}));
    let paid = br#"{"MaHoSo":"H99.14-240115-0001","DSKhoanNop":[]}"#;
    for nothing in [b"{}".as_slice(), b"[]", b"null", b"", paid] {
        assert_eq!(reply(End::Found(nothing)), r#"{"error_code":0,"message":[]}"#);
    }
    for end in [
        End::UnknownDossier,
        End::Unread(Unread::Body),
        End::Busy,
        End::Forged,
    ] {
        assert_eq!(reply(end), r#"{"error_code":-1,"message":[]}"#);
    }
}

#[test]
fn paygov_is_read_where_it_calls() {
    let doors = "[paygov]\npaths = ['/paygov']\ncovers = ['accessKey', 'partnerCode', 'orderId', 'requestCode', 'amount']\nfixed = { accessKey = 'demo-access', partnerCode = 'PARTNERDEMO' }";
    let body = json!({
        "amount": 150_000, "orderId": "000.00.05.H56-H56.10-260106-0001-01", "requestCode": "RQ0001",
        "transactionNo": "GD1", "payDate": "20260106093212", "errorCode": "00",
        "checksum": "14152499bc61c117c3d0f42375ef992b739bc4064b5cb3b9453a170b8a1ec0fa",
    });
    let read = |body: &Value| confirmations(doors).read("paygov", &sent(body.to_string().as_bytes()));
    let callback = read(&body).unwrap();
    let (covered, given) = parts(&callback);
    assert_eq!(plain(&covered, "demo-secret", sha256), given);
    assert_eq!(
        (amount(&callback), callback.reference.as_deref()),
        (Some(150_000), Some("RQ0001"))
    );
    assert_eq!(callback.at, time::stamp("20260106093212"));
    assert!(!String::from_utf8_lossy(&callback.document).contains(given));
    let mut failed = body.clone();
    failed["errorCode"] = json!("24");
    let failed = read(&failed).unwrap();
    assert_eq!((callback.kind, failed.kind), ("paygov", "paygov-declined"));
    let shown: Doors = toml::from_str(doors).unwrap();
    assert!(!format!("{shown:?}").contains("demo-access"));
    for name in ["amount", "requestCode", "orderId", "errorCode", "checksum"] {
        let mut less = body.clone();
        less[name] = Value::Null;
        assert_eq!(read(&less).unwrap_err(), Unread::Missing(name));
    }
    let code = |end| {
        let (_, body) = replied(doors, "paygov", Some(&callback), end);
        serde_json::from_str::<Value>(&body).unwrap()["error_code"].clone()
    };
    assert_eq!(code(End::Taken), "SUCCESSFUL");
    assert_eq!(code(End::Forged), "SIGNATURE_WRONG");
    for end in [End::Differs, End::Conflict, End::UnknownDossier, End::Busy] {
        assert_eq!(code(end), "FAILED");
    }
}

#[test]
fn the_doors_are_where_the_platforms_were_seen_to_call() {
    let paths: Vec<(String, &str)> = confirmations("")
        .addresses()
        .into_iter()
        .map(|Address { path, door, .. }| (path, door))
        .collect();
    let expected = [
        ("/o/pgi/ppdvcqg/dpnhankqthanhtoanhs", "confirm"),
        ("/DvcPayment/Confirm", "confirm"),
        ("/o/pgi/kpdvcqg/dptracuuthanhtoanhs", "bill"),
    ];
    assert_eq!(paths, expected.map(|(path, door)| (path.to_owned(), door)));
    let doors: Doors = toml::from_str("confirm = ['x']\nbill = []\nmessage = ' '").unwrap();
    let said = Confirmations::new(doors).err().unwrap();
    assert_eq!(said, [Unfit::Path("x".into()), Unfit::Blank("message")]);
    let uncovered: Doors = toml::from_str("[paygov]\npaths = ['/p']").unwrap();
    let said = Confirmations::new(uncovered).err().unwrap();
    assert_eq!(said, [Unfit::Blank("paygov.covers")]);
    assert!(toml::from_str::<Doors>("colour = 1").is_err());
}

proptest! {
    #[test]
    fn nothing_that_is_sent_makes_it_panic(
        door in "(confirm|bill|paygov|.)",
        name in "(LoaiBanTin|MaLoi|SoTien|MaThamChieu|MaXacThuc|ThoiGianGD|MaHoSo)",
        text in "[\\[\\]{}:,\"\\\\0-9a-c|é ]{0,30}",
        bytes in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let confirmations = confirmations("");
        let spliced = sample().to_string().replace(&format!("\"{name}\":"), &format!("\"{name}\":{text}"));
        for body in [text.as_bytes(), &bytes, spliced.as_bytes(), with(&name, json!(text)).to_string().as_bytes()] {
            let read = confirmations.read(&door, &sent(body));
            let end = read.as_ref().err().map_or(End::Taken, |why| End::Unread(*why));
            let _ = confirmations.reply(&door, read.as_ref().ok(), end);
        }
    }
}
