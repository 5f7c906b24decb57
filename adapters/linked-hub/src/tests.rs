use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use wire::attach::Unusable;
use wire::callback::{Effect, Unread};
use wire::conformance;
use wire::tray::Tray;
use wire::{Adapter, Answer, Call, Credentials, Next, Opened, Reading, Verdict};

use super::*;

const PROFILES: [&str; 2] = [
    include_str!("../../../config/profiles/linked-hub/dvclt.toml"),
    include_str!("../../../config/profiles/linked-hub/dvclt-status.toml"),
];
const BIRTH: &str = include_str!("../../../fixtures/linked-hub/birth/sample/answer.json");
const DEATH: &str = include_str!("../../../fixtures/linked-hub/death/sample/answer.json");
const STATUS: &str = include_str!("../samples/status.json");
const PROBLEM: &str = include_str!("../samples/problem.json");
const LIST: &str = r#"{"data":[{"id":1,"maDonVi":990099,"maTTHC":"1.001193","module":"KS","maHoSo":"LT-2026-0000001","ngayTiepNhan":"06/01/2026 09:00:00","techId":"tech-0001"}]}"#;

static WIRES: LazyLock<Vec<Hub>> = LazyLock::new(|| {
    let wire = |profile: &&str| Hub::new(toml::from_str(profile).unwrap()).unwrap();
    PROFILES.iter().map(wire).collect()
});

/// The adapter that has the operation: who reads and who tells states are two partners.
fn hub(operation: &str) -> &'static Hub {
    WIRES
        .iter()
        .find(|hub| hub.operation(operation).is_some())
        .unwrap()
}

fn answered(operation: &str, status: u16, body: &str) -> Reading {
    let answer = Answer {
        status,
        body: body.as_bytes(),
        ..Answer::default()
    };
    hub(operation).read(operation, &answer)
}

fn read(operation: &str, body: &str) -> Reading {
    answered(operation, 200, body)
}

fn class(operation: &str, body: &str) -> Class {
    read(operation, body).class.unwrap()
}

fn framed(operation: &str, payload: &[u8], arguments: &[(&str, &str)]) -> (String, String) {
    let call = Call {
        operation,
        payload,
        arguments,
        session: Some("tok"),
        ..Call::default()
    };
    let request = hub(operation).frame(&call).unwrap();
    let line = format!("{} {}", request.method.as_str(), request.target);
    (line, String::from_utf8(request.body).unwrap())
}

#[test]
fn every_shipped_profile_keeps_the_laws() {
    let mut faults: Vec<_> = WIRES.iter().flat_map(|hub| conformance::check(hub)).collect();
    for (operation, body) in [
        ("list", LIST),
        ("detail", BIRTH),
        ("acknowledge", "\"Cập nhật thành công\""),
        ("status", r#"{"message":"Cập nhật trạng thái thành công"}"#),
    ] {
        faults.extend(conformance::accepted(hub(operation), operation, body.as_bytes()));
    }
    assert_eq!(faults, []);
}

#[test]
fn calls_are_framed_as_the_hub_reads_them() {
    let path = "/api/lienthongdvclt/hosolienthong";
    assert_eq!(framed("list", b"", &[]), (format!("GET {path}"), String::new()));
    assert_eq!(framed("detail", b"", &[("id", "7")]).0, format!("GET {path}/7"));
    assert_eq!(
        framed("acknowledge", b"", &[("linked", "LT-2026-0000001")]),
        (
            format!("PUT {path}"),
            r#"{"maHoSo":"LT-2026-0000001","daNhan":true}"#.to_owned()
        )
    );
    let (line, body) = framed("status", STATUS.trim().as_bytes(), &[]);
    assert_eq!(
        (line.as_str(), body.as_str()),
        ("POST /api/lienthongdvclt/trangthai", STATUS.trim())
    );
    let sample: Value = serde_json::from_str(STATUS).unwrap();
    assert_eq!(
        sample.to_string(),
        STATUS.trim(),
        "read and written again it is the same"
    );
}

#[test]
fn two_accounts_open_two_doors() {
    let account = Credentials {
        username: "a",
        password: "b",
        secrets: &[],
    };
    let body = |hub: &Hub| String::from_utf8(hub.login(&account).unwrap().body).unwrap();
    assert_eq!(body(&WIRES[0]), r#"{"userName":"a","password":"b"}"#);
    assert_eq!(body(&WIRES[1]), r#"{"SecretId":"a","SecretPass":"b"}"#);
    let opened = WIRES[1].opened(&Answer {
        status: 200,
        body: br#"{"token":"t-1","expiration":"2026-01-06T10:00:00Z"}"#,
        ..Answer::default()
    });
    assert!(matches!(opened, Opened::Session { token, .. } if token == "t-1"));
}

#[test]
fn trap_1_a_dossier_is_xml_in_json_and_in_json_in_a_text_once_more() {
    let detail = |body: &str| {
        let reading = read("detail", body);
        assert_eq!(reading.class, Some(Class::Match));
        linked(reading.result.as_deref().unwrap(), sha256).unwrap()
    };
    let birth = detail(BIRTH);
    assert_eq!(birth.number, "LT-2026-0000001");
    let entry: Value = serde_json::from_slice(&birth.entry).unwrap();
    let form = &entry["hoTich"];
    assert_eq!(
        (&entry["maDonVi"], &form["nksNoiSinhDVHC"]),
        (&json!("990099"), &json!("14797"))
    );
    assert_eq!(
        form["nksNoiSinh"],
        "Bệnh viện Mẫu, Phường Hạc Thành, Tỉnh Thanh Hóa"
    );
    let [paper] = birth.papers.as_slice() else {
        panic!()
    };
    assert_eq!(
        (paper.name.as_str(), paper.file.as_str()),
        ("Giấy chứng sinh", "giay-to.pdf")
    );
    assert_eq!(
        (paper.withdrawn, paper.bytes.as_deref()),
        (false, Ok(b"%PDF-1.4\n".as_slice()))
    );
    assert!(!String::from_utf8_lossy(&birth.entry).contains("JVBER"));

    let death = detail(DEATH);
    let entry: Value = serde_json::from_slice(&death.entry).unwrap();
    assert_eq!(entry["hoTich"]["nktNguyenNhanChet"], "Tuổi già & bệnh");
    assert_eq!((entry["module"].as_str(), death.papers.len()), (Some("KT"), 1));
    assert!(entry.get("data").is_none());
}

/// A detail whose innermost document is this.
fn with(data: &str) -> String {
    json!({"data": {"maHoSo": "LT-1", "data": data}}).to_string()
}

#[test]
fn a_dossier_that_is_none_or_is_a_bomb_is_not_read() {
    let bomb = "<!DOCTYPE a [<!ENTITY b \"&c;&c;\"><!ENTITY c \"0\">]><hoTich><a>&b;</a></hoTich>";
    let deep = "<a>".repeat(40) + "<hoTich><x>1</x></hoTich>" + &"</a>".repeat(40);
    let many = format!("<hoTich>{}</hoTich>", "<x/>".repeat(10_001));
    let long = format!("<hoTich><x>{}</x></hoTich>", "a".repeat(1 << 20));
    for data in [
        bomb,
        &deep,
        &many,
        &long,
        "<hoTich/>",
        "<a><b>1</b></a>",
        "",
        "x",
        "{}",
        "[1]",
    ] {
        let reading = read("detail", &with(data));
        assert_eq!(
            (reading.class, reading.result),
            (Some(Class::UpstreamMalformed), None)
        );
    }
    let mut nested = with("<hoTich><x>1</x></hoTich>");
    for _ in 0..3 {
        nested = json!({ "data": nested }).to_string();
    }
    assert_eq!(
        class("detail", &nested),
        Class::UpstreamMalformed,
        "nobody wraps that often"
    );
    assert_eq!(
        class(
            "detail",
            &with("<hotich><HoSo><x> 1 </x><x>2</x></HoSo></hotich>")
        ),
        Class::Match
    );
}

#[test]
fn what_is_not_there_is_told() {
    let lost =
        r#"{"errors":{"id":["Không tìm thấy hồ sơ"]},"title":"Not Found","status":404,"traceId":"00-1"}"#;
    let reading = answered("detail", 404, lost);
    assert_eq!(
        (reading.class, reading.trace.as_deref()),
        (Some(Class::NoMatch), Some("00-1"))
    );
    assert_eq!(answered("detail", 404, "<html>").class, Some(Class::ConfigError));
    assert_eq!(class("list", r#"{"data":[]}"#), Class::NoMatch);
    assert_eq!(class("list", r#"{"data":null}"#), Class::UpstreamMalformed);
    let rows = items(read("list", LIST).result.as_deref().unwrap()).unwrap();
    let [item] = rows.as_slice() else { panic!() };
    let told = [&item.id, &item.number, &item.procedure, &item.module];
    assert_eq!(told, ["1", "LT-2026-0000001", "1.001193", "KS"]);
}

#[test]
fn trap_13_and_14_the_words_of_the_hub_say_what_to_do() {
    use Class::{
        Duplicate, Ok, UpstreamMalformed, UpstreamOutOfOrder, UpstreamRejected, UpstreamUnavailable,
    };
    for (words, class, next) in [
        ("Cập nhật trạng thái THÀNH CÔNG", Ok, Next::Settle),
        (
            "Hồ sơ đã bị từ chối. Không thể cập nhật trạng thái",
            Duplicate,
            Next::Settle,
        ),
        ("Hồ sơ đã tồn tại trong một cửa điện tử", Duplicate, Next::Settle),
        (
            "Hồ sơ đã trả kết quả, không được cập nhật trạng thái",
            Duplicate,
            Next::Settle,
        ),
        (
            "Hồ sơ đã có kết quả xử lý. Không thể cập nhật trạng thái",
            Duplicate,
            Next::Settle,
        ),
        (
            "Hồ sơ đã hoàn thành đăng ký, không được cập nhật trạng thái",
            Duplicate,
            Next::Settle,
        ),
        (
            "Hồ sơ chưa cập nhật trạng thái 3",
            UpstreamOutOfOrder,
            Next::Retry,
        ),
        (
            "Hồ sơ chưa được gửi không thể cập nhật trạng thái",
            UpstreamOutOfOrder,
            Next::Retry,
        ),
        (
            "Có lỗi trong quá trình thêm mới",
            UpstreamUnavailable,
            Next::Retry,
        ),
        ("Client received SOAP Fault", UpstreamUnavailable, Next::Retry),
        ("Lỗi hệ thống", UpstreamUnavailable, Next::Retry),
        ("Cập nhật không thành công", UpstreamUnavailable, Next::Retry),
        ("Logic xử lý không hợp lệ", UpstreamRejected, Next::Person),
        ("Hồ sơ không tồn tại", UpstreamRejected, Next::Person),
        ("Xin vui lòng chờ", UpstreamMalformed, Next::Retry),
    ] {
        let plain = words.to_owned();
        let quoted = json!(words).to_string();
        let problem = json!({"errors": {"trangThai": [words]}, "title": "x"}).to_string();
        for body in [plain, quoted, problem] {
            let reading = read("status", &body);
            assert_eq!((reading.class, reading.next), (Some(class), next), "{body}");
            assert_eq!(reading.text.as_deref(), Some(words), "{body}");
        }
    }
}

#[test]
fn a_problem_of_the_hub_is_a_refusal_with_its_trace() {
    use Class::UpstreamRejected;
    let problem = answered("status", 400, PROBLEM);
    assert_eq!(
        (problem.class, problem.verdict),
        (Some(UpstreamRejected), Verdict::Refused)
    );
    assert_eq!(
        (problem.trace.as_deref(), problem.next),
        (Some("00-mock-01"), Next::Person)
    );
}

#[test]
fn a_dossier_is_acknowledged_by_its_words_alone() {
    for (body, expected) in [
        ("Cập nhật thành công", Class::Ok),
        (r#"{"message":"Cập nhật thành công"}"#, Class::Ok),
        (
            r#"{"data":"Cập nhật không thành công"}"#,
            Class::UpstreamUnavailable,
        ),
        ("OK", Class::UpstreamMalformed),
        ("{}", Class::UpstreamMalformed),
        ("true", Class::UpstreamMalformed),
    ] {
        assert_eq!(class("acknowledge", body), expected, "{body}");
    }
    let unknown = r#"{"errors":{"maHoSo":["Hồ sơ không tồn tại"]},"status":400}"#;
    assert_eq!(answered("acknowledge", 400, unknown).class, Some(Class::NoMatch));
}

#[test]
fn a_result_is_told_flat_with_its_paper_and_code() {
    let entry = json!({"value": [{"ketQuaXuLy": {
        "soDinhDanh": "099326000031", "nksGioiTinh": "2", "nksQueQuan": {"maTinh": "38", "maXa": "14797", "dcChiTiet": "Thôn 1"},
    }}]});
    let place = |place: Place<'_>| format!("{}, {}, {}", place.line, place.commune, place.province);
    let paper = Issued {
        bytes: b"%PDF-1.4\n",
        code: "KQ.G15.000031",
    };
    let told = finished(STATUS.as_bytes(), entry.to_string().as_bytes(), paper, &place).unwrap();
    let told: Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(
        (&told["maTTHC"], &told["coQuanXuLy"]),
        (&json!("1.001193"), &json!(5))
    );
    let result: Value = serde_json::from_str(told["ketQuaXuLy"].as_str().unwrap()).unwrap();
    assert_eq!(
        result,
        json!({
            "soDinhDanh": "099326000031", "nksGioiTinh": "2", "nksQueQuan": "Thôn 1, 14797, 38",
            "maGiayToKetQua": "KQ.G15.000031", "giayKhaiSinh": "JVBERi0xLjQK",
        })
    );
    let names: Vec<&String> = told.as_object().unwrap().keys().collect();
    let sample: Value = serde_json::from_str(STATUS).unwrap();
    assert_eq!(
        names,
        sample.as_object().unwrap().keys().collect::<Vec<_>>(),
        "the order stays"
    );
    assert_eq!(finished(b"[]", b"{}", paper, &place), None);
}

#[test]
fn trap_22_a_paper_that_is_none_is_told_and_the_others_stay() {
    let body = json!({"data": {"maHoSo": "LT-1", "data": "<hoTich><x>1</x></hoTich>", "fileDinhKem": [
        {"tenGiayTo": "a", "huyGiayTo": "1", "duLieuTepDinhKem": "JVBERi0xLjQK"},
        {"tenGiayTo": "b", "huyGiayTo": 0, "duLieuTepDinhKem": "không"}, {"tenGiayTo": "c", "duLieuTepDinhKem": null}, {"tenGiayTo": "d"},
    ]}});
    let linked = linked(
        read("detail", &body.to_string()).result.as_deref().unwrap(),
        sha256,
    )
    .unwrap();
    let told: Vec<_> = linked
        .papers
        .iter()
        .map(|paper| {
            (
                paper.name.as_str(),
                paper.withdrawn,
                paper.bytes.as_ref().err().copied(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("a", true, None),
            ("b", false, Some(Unusable::Encoding)),
            ("c", false, Some(Unusable::Encoding)),
        ]
    );
    let shown = format!(
        "{linked:?} {:?}",
        items(read("list", LIST).result.as_deref().unwrap())
    );
    assert!(!shown.contains("LT-") && !shown.contains("JVBER"), "{shown}");
}

/// Stands for SHA-256 here: this crate has no cryptography.
fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut digest = [0; 32];
    for (place, byte) in bytes.iter().enumerate() {
        digest[place % 32] ^= byte;
    }
    digest
}

#[test]
fn an_item_of_the_tray_is_what_its_sender_files_with_its_papers_by_digest() {
    let listed = read("list", LIST);
    let items = Waiting.items(listed.result.as_deref().unwrap()).unwrap();
    let [item] = items.as_slice() else { panic!() };
    assert_eq!((item.id.as_str(), item.key.as_str()), ("1", "LT-2026-0000001"));
    let whole = read("detail", BIRTH).result.unwrap();
    let birth = Waiting.read(item, &whole, sha256).unwrap();
    assert_eq!((birth.kind, birth.effect), ("birth", Effect::Files));
    assert_eq!((birth.key.as_str(), birth.number), ("LT-2026-0000001", None));
    assert_eq!(birth.procedure.as_deref(), Some("1.001193"));
    let [paper] = birth.papers.as_slice() else {
        panic!()
    };
    let document: Value = serde_json::from_slice(&birth.document).unwrap();
    assert_eq!(
        document["fileDinhKem"][0]["duLieuTepDinhKem"],
        paper.digest.as_str()
    );
    let death = read("detail", DEATH).result.unwrap();
    let other = Waiting.read(item, &death, sha256);
    assert_eq!(
        other,
        Err(Unread::Wrong("maHoSo")),
        "an answer about another dossier"
    );
    assert_eq!(Waiting.read(item, b"{}", sha256), Err(Unread::Body));
    let shown = format!("{item:?}");
    assert!(!shown.contains("LT-"), "{shown}");
    for asks in [Waiting.reads(), Waiting.acknowledges()] {
        let operation = hub(asks.operation).operation(asks.operation).unwrap();
        assert_eq!(operation.arguments, [asks.argument]);
    }
    assert!(hub(Waiting.lists()).operation(Waiting.lists()).is_some());
}

#[test]
fn what_is_wanted_is_told_in_the_order_of_the_hub_and_nothing_before_its_time() {
    use wire::tray::Tells;
    for (told, wanted, next) in [
        (&[][..], &[1, 3, 7, 4, 5][..], &[1, 3, 7, 4, 5][..]),
        (&[], &[5, 4, 7, 3, 1], &[1, 3, 7, 4, 5]),
        (&[1], &[1, 3], &[3]),
        (&[1, 3], &[1, 3, 4], &[]),
        (&[1, 3], &[1, 3, 7, 4], &[7, 4]),
        (&[1, 3, 7, 4], &[1, 3, 7, 4, 6], &[]),
        (&[1], &[1, 2], &[2]),
        (&[1, 2], &[1, 2], &[]),
        (&[1, 6], &[1, 3, 7], &[]),
        (&[1, 3, 7, 4, 5], &[1, 3, 7, 4, 5], &[]),
    ] {
        assert_eq!(States.road(told, wanted), next, "{told:?} {wanted:?}");
    }
    let operation = hub(States.tells()).operation(States.tells()).unwrap();
    assert_eq!(operation.payload, wire::Payload::Object);
}

proptest! {
    #[test]
    fn reading_is_total(body in proptest::collection::vec(any::<u8>(), 0..200), status in 100_u16..600) {
        let answer = Answer { status, body: &body, ..Answer::default() };
        for hub in WIRES.iter() {
            for operation in hub.operations() {
                prop_assert_ne!(hub.read(operation.name, &answer).verdict, Verdict::Accepted);
            }
        }
    }

    #[test]
    fn whatever_stands_in_a_form_comes_out_as_it_is(name in "[^\\p{C}\\s]{1,12}") {
        let mut form = wire::xml::Element::new("hoTich");
        form.children.push(wire::xml::Element::with_text("nksHoTen", &name));
        let xml = String::from_utf8(wire::xml::write(&form).unwrap()).unwrap();
        let reading = read("detail", &with(&xml));
        let document: Value = serde_json::from_slice(reading.result.as_deref().unwrap()).unwrap();
        prop_assert_eq!(&document["hoTich"]["nksHoTen"], &json!(name));
    }
}
