use serde_json::{Value, json};
use wire::{
    Adapter, Answer, Auth, Call, Class, Credentials, Heals, Malformed, Request, Verdict, conformance,
};

use wire::callback::Unread;

use super::sha256;
use crate::{Framing, Payment, Standing, Unfit, asking, page, standing};

const PROFILES: [&str; 3] = [
    include_str!("../../../../config/profiles/payment/direct.toml"),
    include_str!("../../../../config/profiles/payment/relay.toml"),
    include_str!("../../../../config/profiles/payment/paygov.toml"),
];

fn payment(profile: &str) -> Payment {
    Payment::new(toml::from_str(profile).unwrap()).unwrap()
}

/// The platform of a partner, with the secret of its vectors.
fn of(partner: &str) -> Payment {
    payment(&PROFILES[0].replace("DOITAC-THU", partner))
}

fn auth<'a>(secrets: &'a [(&'a str, &'a str)]) -> Auth<'a> {
    Auth {
        at: 0,
        credentials: Credentials {
            secrets,
            ..Credentials::default()
        },
        sha256,
        hmac: |_, _| [0; 32],
    }
}

/// A payment of the vectors: who, which secret, its reference, time, text and address.
struct Vector {
    partner: &'static str,
    secret: &'static str,
    reference: &'static str,
    at: &'static str,
    words: &'static str,
    ip: &'static str,
    sums: [&'static str; 3],
}

/// portal.md §2.7.5, and national-databases.md §6.3.2.
const VECTORS: [Vector; 2] = [
    Vector {
        partner: "DOITAC-THU",
        secret: "KHOA-BI-MAT-THU-NGHIEM",
        reference: "dvcH991424011500017",
        at: "20240115143015",
        words: "THANH TOAN HO SO H99.14-240115-0001",
        ip: "10.0.0.5",
        sums: [
            "71e42998e3965adcc287eb6fcb8991ec89b2f9ce325e84f4616bcc940b1fc057",
            "0f7f8f3a976513420152925cab7b2b17f3228eb31350b15c06b44ab635603688",
            "b1a1a5874642bf5637d2d3d791101b39695f95d4af7a5f0ba4cc1c7007404dbe",
        ],
    },
    Vector {
        partner: "PARTNERDEMO",
        secret: "demo-secret",
        reference: "dvcH56260106000120260106093000",
        at: "20260106093000",
        words: "THANH TOAN HO SO H56.10-260106-0001",
        ip: "203.0.113.10",
        sums: [
            "1cdcf8e18847b6d721d57c051507f421e2239126ef08fae10d23d248865376ca",
            "5cdd234115380c2217d8562e738de04d38eb193fc6c880dfd095bb5e04c9c265",
            "4405fd11b09fb6e831e42348a61f5b4bbbc0c67bf59719e00519f7685c03d3f0",
        ],
    },
];

impl Vector {
    fn payload(&self) -> Value {
        json!({
            "MaThamChieu": self.reference, "SoTien": "150000", "ThongTinGiaoDich": self.words,
            "ThoiGianGD": self.at, "Ip": self.ip,
            "ThongTinBienLai": {
                "MaDichVu": "2", "HoTenNguoiNop": "Nguyễn Thử Nghiệm", "SoCMNDNguoiNop": "099090000001",
                "DSKhoanNop": [{"NoiDung": "Phí", "SoTien": "100000"}, {"NoiDung": "Lệ phí", "SoTien": 50000}],
            },
        })
    }

    fn framed(&self, operation: &str, payload: &str) -> Result<Request, Malformed> {
        let arguments = [("MaThamChieu", self.reference), ("ThoiGianGD", self.at)];
        let secrets = [("key", self.secret)];
        let call = Call {
            operation,
            payload: payload.as_bytes(),
            arguments: if payload.is_empty() { &arguments } else { &[] },
            auth: Some(auth(&secrets)),
            ..Call::default()
        };
        of(self.partner).frame(&call)
    }

    fn sum(&self, operation: &str, payload: &str) -> Result<String, Malformed> {
        let request = self.framed(operation, payload)?;
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        Ok(body["MaXacThuc"].as_str().unwrap().to_owned())
    }
}

#[test]
fn the_checksums_are_those_of_the_vectors() {
    for vector in &VECTORS {
        let payload = vector.payload().to_string();
        let sums = [("init", payload.as_str()), ("query", ""), ("bill", "")];
        for ((operation, payload), sum) in sums.into_iter().zip(vector.sums) {
            assert_eq!(vector.sum(operation, payload).as_deref(), Ok(sum), "{operation}");
        }
    }
}

#[test]
fn a_payment_keeps_its_bytes_beside_the_envelope() {
    let payload = VECTORS[0].payload().to_string();
    let request = VECTORS[0].framed("init", &format!(" {payload}\n")).unwrap();
    let body = std::str::from_utf8(&request.body).unwrap();
    let inner = payload.strip_prefix('{').unwrap();
    assert_eq!(
        body,
        format!(
            "{{\"LoaiBanTin\":\"INIT\",\"PhienBan\":\"1.0.6\",\"MaDoiTac\":\"DOITAC-THU\",\"LoaiHinhThanhToan\":\"PAY\",\
             \"MaKenhThanhToan\":\"1\",\"MaThietBi\":\"1\",\"NgonNgu\":\"vi-VN\",\"MaTienTe\":\"VND\",\"MaNganHang\":\"PAYMENT\",\
             \"MaXacThuc\":\"{}\",{inner}",
            VECTORS[0].sums[0]
        )
    );
    let asked = VECTORS[0].framed("query", "").unwrap();
    assert_eq!(
        std::str::from_utf8(&asked.body).unwrap(),
        format!(
            "{{\"LoaiBanTin\":\"QUERY\",\"PhienBan\":\"1.0.6\",\"MaDoiTac\":\"DOITAC-THU\",\"MaThamChieu\":\"dvcH991424011500017\",\
             \"ThoiGianGD\":\"20240115143015\",\"MaXacThuc\":\"{}\"}}",
            VECTORS[0].sums[1]
        )
    );
}

#[test]
fn the_receipt_is_not_covered_and_everything_else_is() {
    let payload = VECTORS[0].payload();
    let sum = |payload: &Value| VECTORS[0].sum("init", &payload.to_string()).unwrap();
    let mut other = payload.clone();
    other["ThongTinBienLai"]["HoTenNguoiNop"] = json!("LÊ THỊ THỬ");
    assert_eq!(sum(&payload), sum(&other));
    for (name, value) in [
        ("MaThamChieu", "dvcH991424011500018"),
        ("ThongTinGiaoDich", "THANH TOAN HO SO H99.14-240115-0002"),
        ("ThoiGianGD", "20240115023015"),
        ("Ip", "10.0.0.6"),
    ] {
        let mut other = payload.clone();
        other[name] = json!(value);
        assert_ne!(sum(&payload), sum(&other), "{name}");
    }
}

#[test]
fn what_is_no_payment_does_not_leave() {
    let fault = |name: &str, value: Value| {
        let mut payload = VECTORS[0].payload();
        payload[name] = value;
        VECTORS[0]
            .sum("init", &payload.to_string())
            .unwrap_err()
            .to_string()
    };
    for (name, value) in [
        ("MaThamChieu", json!("")),
        ("MaThamChieu", json!("x".repeat(256))),
        ("MaThamChieu", json!("a|b")),
        ("SoTien", json!(150_000)),
        ("SoTien", json!("0")),
        ("SoTien", json!("1.5")),
        ("ThongTinGiaoDich", json!("THANH TOÁN")),
        ("ThongTinGiaoDich", json!("A|B")),
        ("ThoiGianGD", json!("20240115023")),
        ("ThoiGianGD", json!("20240115250000")),
        ("ThoiGianGD", Value::Null),
        ("MaDoiTac", json!("DOITAC-KHAC")),
        ("MaXacThuc", json!("x")),
    ] {
        let said = fault(name, value.clone());
        assert!(said.contains("not a payment"), "{name} {value}: {said}");
    }
    let sums = [
        json!([{"SoTien": "1"}]),
        json!([{}]),
        json!({}),
        json!([{"SoTien": i64::MAX}, {"SoTien": 1}]),
    ];
    for parts in sums {
        let said = fault("ThongTinBienLai", json!({ "DSKhoanNop": parts }));
        assert!(said.contains("DSKhoanNop"), "{said}");
    }
    let call = Call {
        operation: "query",
        arguments: &[("MaThamChieu", "r"), ("ThoiGianGD", "2024-01-15 14:30:15")],
        auth: Some(auth(&[("key", "k")])),
        ..Call::default()
    };
    assert_eq!(of("D").frame(&call), Err(Malformed::Argued("ThoiGianGD")));
    let arguments = [("MaThamChieu", "a|b"), ("ThoiGianGD", "20240115143015")];
    let barred = Call {
        arguments: &arguments,
        ..call
    };
    assert_eq!(of("D").frame(&barred), Err(Malformed::Argued("MaThamChieu")));
    let arguments = [("MaThamChieu", "a"), ("ThoiGianGD", "20240115143015")];
    let keyless = Call {
        arguments: &arguments,
        auth: Some(auth(&[])),
        ..call
    };
    assert_eq!(of("D").frame(&keyless), Err(Malformed::Secret("key")));
}

#[test]
fn an_order_at_paygov_has_the_checksum_of_its_vector() {
    let order = |order: &str, amount: Value| {
        json!({"orderId": order, "requestCode": "RQ0001", "amount": amount, "orderInfo": "LE PHI", "returnUrl": "https://x.example/"})
            .to_string()
    };
    let framed = |payload: &str| {
        payment(PROFILES[2]).frame(&Call {
            operation: "create",
            payload: payload.as_bytes(),
            session: Some("tok"),
            auth: Some(auth(&[("key", "demo-secret"), ("access", "demo-access")])),
            ..Call::default()
        })
    };
    let request = framed(&order("000.00.05.H56-H56.10-260106-0001-01", json!(150_000))).unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(
        body["checksum"],
        "14152499bc61c117c3d0f42375ef992b739bc4064b5cb3b9453a170b8a1ec0fa"
    );
    assert_eq!(
        (&body["accessKey"], &body["serviceCode"]),
        (&json!("demo-access"), &json!("DICHVUDEMO"))
    );
    let named = |name: &str| request.headers.iter().any(|(header, _)| header == name);
    assert!(named("lgspaccesstoken") && named("Authorization"));
    for payload in [
        order("", json!(150_000)),
        order("a", json!("150000")),
        order("a", json!(0)),
        order("a", json!(1.5)),
        json!({"accessKey": "x"}).to_string(),
    ] {
        assert!(matches!(framed(&payload), Err(Malformed::Form(_))), "{payload}");
    }
}

fn read(profile: &str, operation: &str, body: &str) -> wire::Reading {
    payment(profile).read(
        operation,
        &Answer {
            status: 200,
            content_type: Some("application/json"),
            body: body.as_bytes(),
            ..Answer::default()
        },
    )
}

fn relayed(body: &str) -> String {
    json!({"error_code": "0", "message": body}).to_string()
}

/// One row a line: operation, verdict, next, body; each is read as it is and through a relay.
fn rows(rows: &str) {
    for row in rows.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let mut parts = row.splitn(4, ' ');
        let [operation, verdict, next, body] = [0; 4].map(|_| parts.next().unwrap());
        for (profile, body) in [(PROFILES[0], body.to_owned()), (PROFILES[1], relayed(body))] {
            let reading = read(profile, operation, &body);
            let said = format!("{:?} {:?}", reading.verdict, reading.next);
            assert_eq!(said, format!("{verdict} {next}"), "{row}");
            assert_eq!(reading.result.is_some(), verdict == "Accepted", "{row}");
        }
    }
}

#[test]
fn answers_are_read_directly_and_through_a_relay() {
    rows(
        r#"
        init Accepted Settle {"MaLoi":"00","UrlThanhToan":"https://tra.example/x"}
        init Unclear Retry {"MaLoi":"00","UrlThanhToan":""}
        init Unclear Retry {"MaLoi":"00","UrlThanhToan":"javascript:alert(1)"}
        init Refused Person {"MaLoi":"99","MoTaLoi":"Các lỗi khác"}
        init Unclear Retry {"UrlThanhToan":"https://tra.example/x"}
        query Accepted Settle {"MaLoi":"00","TrangThaiGD":"1"}
        query Accepted Settle {"MaLoi":"00","TrangThaiGD":1}
        query Accepted Settle {"MaLoi":"00","TrangThaiGD":"3"}
        query Accepted Settle {"MaLoi":"00","TrangThaiGD":4}
        query Accepted Settle {"MaLoi":"01","TrangThaiGD":"4"}
        query Unclear Retry {"MaLoi":"99","TrangThaiGD":"1"}
        query Unclear Retry {"MaLoi":"00","TrangThaiGD":"2"}
        query Unclear Retry {"TrangThaiGD":"1"}
        query Unclear Retry {"MaLoi":"00"}
        query Refused Person {"MaLoi":"99","MoTaLoi":"không có"}
        bill Accepted Settle {"MaLoi":"00","SoBienLai":"1"}
        bill Refused Person {"MaLoi":"99"}
        bill Unclear Retry []
        "#,
    );
    let relayed = read(
        PROFILES[1],
        "init",
        r#"{"error_code":"-1","message":"Lỗi hệ thống"}"#,
    );
    // A relay's own error, which no row knows: the platform behind it may have begun the payment.
    assert_eq!(
        (relayed.verdict, relayed.code.as_deref()),
        (Verdict::Unclear, Some("-1"))
    );
    let said = read(
        PROFILES[0],
        "init",
        r#"{"MaLoi":"99","MoTaLoi":"CCCD 099090000001"}"#,
    );
    assert_eq!(said.text.as_deref(), Some("CCCD ************"));
}

#[test]
fn what_is_read_has_no_checksum_and_nothing_of_a_card() {
    let body = r#"{"MaLoi":"00","TrangThaiGD":1,"SoTien":"150000","MaXacThuc":"x","SoThe":"9704","token":"t","ThangThe":1,"NamThe":2}"#;
    let result = read(PROFILES[0], "query", body).result.unwrap();
    assert_eq!(result, br#"{"MaLoi":"00","TrangThaiGD":"1","SoTien":"150000"}"#);
}

#[test]
fn a_bill_is_told_by_its_first_bytes() {
    let read = |status, media, body: &[u8]| {
        payment(PROFILES[0]).read(
            "bill",
            &Answer {
                status,
                content_type: Some(media),
                body,
                ..Answer::default()
            },
        )
    };
    for media in ["application/pdf", "application/octet-stream", "text/html"] {
        let reading = read(200, media, b"%PDF-1.4\n");
        assert_eq!(
            reading.result.as_deref(),
            Some(b"%PDF-1.4\n".as_slice()),
            "{media}"
        );
        assert_eq!(reading.verdict, Verdict::Accepted);
    }
    for (status, media, body) in [
        (200, "application/pdf;charset=x", b"<html>".as_slice()),
        (500, "application/pdf", b"%PDF-1.4\n"),
        (404, "application/pdf", b"%PDF-1.4\n"),
    ] {
        assert_eq!(read(status, media, body).verdict, Verdict::Unclear);
    }
    let long = [b"%PDF-".to_vec(), vec![b' '; wire::attach::BULK.file]].concat();
    let reading = read(200, "application/pdf", &long);
    assert_eq!(
        (reading.verdict, reading.class),
        (Verdict::Refused, Some(Class::NotSupported))
    );
    let other = payment(PROFILES[0]).read(
        "query",
        &Answer {
            status: 200,
            body: b"%PDF-1.4",
            ..Answer::default()
        },
    );
    assert_eq!(other.verdict, Verdict::Unclear);
}

#[test]
fn an_order_is_there_when_there_is_a_page_to_pay_at() {
    for (body, verdict) in [
        (r#"{"data":{"url":"https://tra.example/x"}}"#, Verdict::Accepted),
        (
            r#"{"error_code":"SUCCESSFUL","data":{"url":"https://tra.example/x"}}"#,
            Verdict::Accepted,
        ),
        (r#"{"error_code":"FAILED","error_message":"x"}"#, Verdict::Refused),
        (
            r#"{"error_code":"FAILED","data":{"url":"https://tra.example/x"}}"#,
            Verdict::Unclear,
        ),
        (r#"{"data":{}}"#, Verdict::Unclear),
    ] {
        assert_eq!(read(PROFILES[2], "create", body).verdict, verdict, "{body}");
    }
}

#[test]
fn the_laws_of_every_wire_are_kept() {
    for profile in PROFILES {
        let payment = payment(profile);
        assert_eq!(conformance::check(&payment), []);
        assert!(
            payment
                .operations()
                .iter()
                .all(|operation| operation.heals == Heals::Repeatable)
        );
    }
    let begun = br#"{"MaLoi":"00","UrlThanhToan":"https://tra.example/x"}"#;
    assert_eq!(conformance::accepted(&payment(PROFILES[0]), "init", begun), []);
    let paid = relayed(r#"{"MaLoi":"00","TrangThaiGD":"1"}"#);
    assert_eq!(
        conformance::accepted(&payment(PROFILES[1]), "query", paid.as_bytes()),
        []
    );
}

#[test]
fn a_framing_that_cannot_be_spoken_says_why_all_at_once() {
    let framing =
        |text: &str| -> Framing { toml::from_str(&format!("profile = 'x'\nversion = 1\n{text}")).unwrap() };
    assert_eq!(framing("").faults(), [Unfit::Nothing]);
    let text = "token = { kind = 'signed' }\n[platform]\npartner = 'a|b'\nkind = ''\npaths = { init = 'x' }\n\
                [paygov]\npath = ''\npartner = ''\ncode = 'c'";
    let said = [
        Unfit::Token,
        Unfit::Bar("platform.partner"),
        Unfit::Blank("platform.kind"),
        Unfit::Path("platform.paths.init"),
        Unfit::Blank("paygov.partner"),
        Unfit::Path("paygov.path"),
    ];
    assert_eq!(framing(text).faults(), said);
    assert_eq!(
        framing("[platform]\npartner = 'a'\npaths = {}").faults(),
        [Unfit::Blank("platform.paths")]
    );
}

#[test]
fn what_a_question_brought_is_said_as_a_confirmation_says_it() {
    let brought = |body: &str| read(PROFILES[0], "query", body).result.unwrap();
    let paid = brought(
        r#"{"LoaiBanTin":"QUERY","MaLoi":"00","TrangThaiGD":1,"MaDoiTac":"D","MaThamChieu":"R1","SoTien":150000,
            "MaTienTe":"VND","MaGiaoDich":"GD1","MaNganHang":"N","ThoiGianGD":"20240115143207","MaXacThuc":"x"}"#,
    );
    let Ok(Standing::Settled(said)) = standing(&paid) else {
        panic!("it was paid")
    };
    assert_eq!((said.kind, said.key.as_str()), ("queried", "R1|GD1|00"));
    assert_eq!(
        (said.reference.as_deref(), said.at),
        (Some("R1"), wire::time::stamp("20240115143207"))
    );
    assert_eq!(
        said.money,
        Some(wire::callback::Money {
            amount: 150_000,
            paid: true,
            transaction: Some("GD1".to_owned()),
        })
    );
    assert!(!String::from_utf8(said.document).unwrap().contains("MaXacThuc"));
    let failed = brought(r#"{"MaLoi":"51","TrangThaiGD":"4","MaThamChieu":"R1"}"#);
    assert!(
        matches!(standing(&failed), Ok(Standing::Settled(said)) if said.kind == "query-declined" && said.money.is_none())
    );
    let open = brought(r#"{"MaLoi":"00","TrangThaiGD":"3"}"#);
    assert_eq!(standing(&open), Ok(Standing::Pending));
}

#[test]
fn what_was_paid_without_an_amount_or_a_reference_is_not_believed() {
    for (body, why) in [
        (
            r#"{"MaLoi":"00","TrangThaiGD":"1","MaThamChieu":"R1"}"#,
            Unread::Missing("SoTien"),
        ),
        (
            r#"{"MaLoi":"00","TrangThaiGD":"1","SoTien":"1"}"#,
            Unread::Missing("MaThamChieu"),
        ),
        (
            r#"{"MaLoi":"00","TrangThaiGD":"1","MaThamChieu":"R1","SoTien":"-1"}"#,
            Unread::Wrong("SoTien"),
        ),
        (
            r#"{"MaLoi":"00","TrangThaiGD":"1","MaThamChieu":"R1","SoTien":"1","MaTienTe":"USD"}"#,
            Unread::Wrong("MaTienTe"),
        ),
        (
            r#"{"MaLoi":"00","TrangThaiGD":"7","MaThamChieu":"R1"}"#,
            Unread::Wrong("TrangThaiGD"),
        ),
        ("[", Unread::Body),
    ] {
        assert_eq!(standing(body.as_bytes()), Err(why), "{body}");
    }
}

#[test]
fn a_payment_is_asked_after_by_what_it_was_sent_with() {
    let payload = VECTORS[0].payload();
    let asked = asking(payload.to_string().as_bytes()).unwrap();
    assert_eq!(
        asked.map(|(_, value)| value),
        ["MaThamChieu", "ThoiGianGD"].map(|name| payload[name].as_str().unwrap().to_owned())
    );
    assert_eq!(asking(b"{}"), None);
    let begun = read(
        PROFILES[0],
        "init",
        r#"{"MaLoi":"00","UrlThanhToan":" https://tra.example/x "}"#,
    );
    assert_eq!(
        page(&begun.result.unwrap()).as_deref(),
        Some("https://tra.example/x")
    );
}
