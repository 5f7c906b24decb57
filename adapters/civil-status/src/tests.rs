use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use wire::conformance;
use wire::{Adapter, Answer, Call, Hop, Next, Reading, Verdict};

use super::*;

const PROFILES: [&str; 3] = [
    include_str!("../../../config/profiles/civil-status/ngsp.toml"),
    include_str!("../../../config/profiles/civil-status/vnpt.toml"),
    include_str!("../../../config/profiles/civil-status/tn.toml"),
];
const PUSH: &str = include_str!("../samples/push.json");
const POLL: &str = include_str!("../../../fixtures/civil-status/results/sample/answer.json");
const TAKEN: &str =
    r#"{"status": "1", "statusDescription": "Thành công", "errorCode": "", "errorDescription": ""}"#;
const AGAIN: &str = r#"{"status": "0", "statusDescription": "Thất bại", "errorCode": "500", "errorDescription": "Hồ sơ H99.10-260106-0001 đã được tiếp nhận"}"#;

static WIRES: LazyLock<Vec<CivilStatus>> = LazyLock::new(|| {
    let wire = |profile: &&str| CivilStatus::new(toml::from_str(profile).unwrap()).unwrap();
    PROFILES.iter().map(wire).collect()
});

fn civil(profile: usize) -> &'static CivilStatus {
    &WIRES[profile]
}

/// An answer as that profile's platform wraps it.
fn wrapped(profile: usize, body: &str) -> String {
    match profile {
        2 => format!(r#"{{"code":200,"status":"OK","correlationId":"c-1","response":{body}}}"#),
        _ => body.to_owned(),
    }
}

fn answered(profile: usize, operation: &str, status: u16, body: &str) -> Reading {
    let answer = Answer {
        status,
        body: body.as_bytes(),
        ..Answer::default()
    };
    civil(profile).read(operation, &answer)
}

fn read(operation: &str, body: &str) -> Reading {
    answered(0, operation, 200, body)
}

fn class(operation: &str, body: &str) -> Class {
    read(operation, body).class.unwrap()
}

fn call<'a>(operation: &'a str, payload: &'a [u8], arguments: &'a [(&'a str, &'a str)]) -> Call<'a> {
    Call {
        operation,
        payload,
        arguments,
        session: Some("tok"),
        ..Call::default()
    }
}

#[test]
fn every_shipped_profile_keeps_the_laws() {
    for profile in 0..PROFILES.len() {
        let civil = civil(profile);
        let mut faults = conformance::check(civil);
        let taken = wrapped(profile, TAKEN);
        faults.extend(conformance::accepted(civil, "register", taken.as_bytes()));
        let poll = wrapped(profile, POLL.trim());
        faults.extend(conformance::accepted(civil, "results", poll.as_bytes()));
        assert_eq!(faults, [], "{profile}");
    }
}

#[test]
fn a_push_leaves_byte_for_byte_and_its_nested_json_with_it() {
    let payload = PUSH.trim().as_bytes();
    let request = civil(0).frame(&call("register", payload, &[])).unwrap();
    assert_eq!(request.target, "/apiLienThongKSKT/1.0/nhanHoSoDKHT");
    assert_eq!(request.body, payload);
    assert!(
        request
            .headers
            .contains(&("Authorization".to_owned(), "Bearer tok".to_owned()))
    );
    let document: Value = serde_json::from_slice(&request.body).unwrap();
    let data: Value = serde_json::from_str(document["data"].as_str().unwrap()).unwrap();
    assert_eq!(data["nksNoiSinh"]["maXa"], "14797");
    // What was read is written again as it stood.
    assert_eq!(data.to_string(), document["data"]);
}

#[test]
fn a_poll_asks_for_at_most_fifty() {
    let poll = |profile: usize, dossiers: &str| {
        let arguments = [
            ("dossiers", dossiers),
            ("province", "38"),
            ("module", "LTKS"),
            ("unit", "990099"),
        ];
        let request = civil(profile).frame(&call("results", b"", &arguments))?;
        Ok::<_, Malformed>(String::from_utf8(request.body).unwrap())
    };
    assert_eq!(
        poll(0, "H99.10-260106-0001,H99.10-260106-0002").unwrap(),
        r#"{"maDinhDanhHoSo":["H99.10-260106-0001","H99.10-260106-0002"],"maTinh":"99","module":"LTKS"}"#
    );
    assert!(
        poll(1, "1")
            .unwrap()
            .ends_with(r#""module":"LTKS","eformData":{"noiDangKy":"990099"}}"#)
    );
    assert!(poll(0, &vec!["1"; 50].join(",")).is_ok());
    assert_eq!(
        poll(0, &vec!["1"; 51].join(",")),
        Err(Malformed::Many {
            elements: 51,
            limit: 50
        })
    );
    assert_eq!(civil(0).limits("results").elements, 50);
    assert_eq!(civil(0).limits("register").bytes, 50 << 20);
}

#[test]
fn the_samples_are_read() {
    let taken = read("register", TAKEN);
    assert_eq!(
        (taken.verdict, taken.next, taken.class),
        (Verdict::Accepted, Next::Settle, Some(Class::Ok))
    );
    let reading = read("results", POLL);
    assert_eq!(reading.class, Some(Class::Match));
    let rows = rows(reading.result.as_deref().unwrap()).unwrap();
    let [row] = rows.as_slice() else {
        panic!("{rows:?}")
    };
    assert_eq!(
        (row.dossier.as_str(), row.linked.as_deref()),
        ("H99.10-260106-0001", Some("LT-2026-0000001"))
    );
    assert_eq!(
        (row.state, row.words.as_slice()),
        (Some(State::Finished), &["Hoàn thành".to_owned()][..])
    );
    assert_eq!(row.paper, Some(Ok(b"%PDF-1.4\n".to_vec())));
    let entry: Value = serde_json::from_slice(&row.entry).unwrap();
    let result = &entry["value"][0]["ketQuaXuLy"];
    assert_eq!(
        (&result["soDinhDanh"], &result["nksGioiTinh"]),
        (&json!("099326000031"), &json!("2"))
    );
    assert!(!String::from_utf8_lossy(&row.entry).contains("JVBER"));
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
fn what_is_awaited_says_where_it_stands_and_brings_its_paper_by_digest() {
    use wire::awaited::{Awaited, Stand};
    let poll = read("results", POLL).result.unwrap();
    let rows = Registrations.rows(&poll, sha256).unwrap();
    let [row] = rows.as_slice() else { panic!() };
    assert_eq!((row.code.as_str(), row.stand), ("4", Stand::Ended));
    assert_eq!(row.said.number.as_deref(), Some("H99.10-260106-0001"));
    assert_eq!(row.said.at, wire::time::instant("2026-01-07 14:05:11"));
    let document: Value = serde_json::from_slice(&row.said.document).unwrap();
    assert_eq!(document["giayTo"][0]["bytes"], row.said.papers[0].digest.as_str());
    assert_eq!(document["giayTo"][0]["name"], "Giấy khai sinh");
    assert_eq!(document["value"][0]["ketQuaXuLy"]["soDangKy"], "12");
    assert!(!String::from_utf8_lossy(&row.said.document).contains("14:05:11"));
    let shown = format!("{row:?}");
    assert!(!shown.contains("H99"), "{shown}");
    for (code, stand) in [
        ("1", Stand::Underway),
        ("2", Stand::Supplement),
        ("3", Stand::Underway),
        ("5", Stand::Ended),
        ("6", Stand::Ended),
        ("7", Stand::Underway),
        ("9", Stand::Underway),
    ] {
        let body =
            json!({"status": 1, "value": [{"maHoSoMCDT": "H99-1", "trangThai": code, "module": "KS"}]});
        let poll = read("results", &body.to_string()).result.unwrap();
        let rows = Registrations.rows(&poll, sha256).unwrap();
        assert_eq!((rows[0].stand, rows[0].said.papers.len()), (stand, 0), "{code}");
    }
    let together = Registrations.together(PUSH.as_bytes()).unwrap();
    assert_eq!(
        together,
        [("module", "LTKS".to_owned()), ("unit", "990099".to_owned())]
    );
    let asks = civil(0).operation(Registrations.asks()).unwrap();
    let known = |argument: &&str| asks.arguments.contains(argument) || asks.optional.contains(argument);
    assert!(together.iter().all(|(argument, _)| known(argument)));
    assert_eq!(Registrations.together(b"[]"), None);
    assert_eq!(Registrations.rows(b"[]", sha256), None);
}

#[test]
fn trap_2_success_is_one_in_any_spelling_and_nothing_else() {
    for taken in [
        r#"{"status":1}"#,
        r#"{"status":"1"}"#,
        r#"{"status":" 1 ","errorCode":null}"#,
    ] {
        assert_eq!(class("register", taken), Class::Ok, "{taken}");
    }
    for open in [
        r#"{"status":true}"#,
        "{}",
        r#"{"statusDescription":"Thành công"}"#,
        "\"1\"",
        "1",
        "Thành công",
    ] {
        assert_ne!(read("register", open).verdict, Verdict::Accepted, "{open}");
    }
    assert_eq!(
        class("register", r#"{"status":"0","errorDescription":"Thiếu họ tên"}"#),
        Class::UpstreamRejected
    );
}

#[test]
fn trap_13_a_repeat_is_refused_in_words_that_mean_done() {
    for profile in 0..PROFILES.len() {
        for body in [
            AGAIN.to_owned(),
            AGAIN.replace("đã được", "ĐÃ  Đu\u{31b}o\u{323}\u{31b}c"),
        ] {
            let reading = answered(profile, "register", 200, &wrapped(profile, &body));
            assert_eq!(reading.class, Some(Class::Duplicate), "{profile} {body}");
            assert_eq!((reading.verdict, reading.next), (Verdict::Accepted, Next::Settle));
        }
    }
    let civil = civil(0);
    let register = civil.operation("register").unwrap();
    // Nobody knows whether it was taken: the same is sent again, and what was taken says so.
    assert_eq!(register.heals, Heals::Repeatable);
    assert_eq!(read("register", "<html>").next, Next::Retry);
    assert_eq!(
        class("register", &AGAIN.replace("đã được", "chưa được")),
        Class::InvalidInput
    );
}

#[test]
fn trap_23_error_500_of_the_register_is_our_data() {
    let error = |code: &str| format!(r#"{{"status":"0","errorCode":"{code}","errorDescription":"x"}}"#);
    for (code, expected) in [
        ("100", Class::UpstreamAuth),
        ("101", Class::Denied),
        ("106", Class::InvalidInput),
        ("108", Class::InvalidInput),
        ("200", Class::InvalidInput),
        ("201", Class::UpstreamRejected),
        ("302", Class::InvalidInput),
        ("500", Class::InvalidInput),
        ("777", Class::UpstreamRejected),
    ] {
        for profile in 0..PROFILES.len() {
            let reading = answered(profile, "register", 200, &wrapped(profile, &error(code)));
            assert_eq!(reading.class, Some(expected), "{profile} {code}");
            assert_eq!(reading.code.as_deref(), Some(code));
        }
    }
    // No row knows that code: nobody can say that nothing was taken before it.
    for code in ["777", "-9", "CHUA-RO"] {
        let unknown = read("register", &error(code));
        assert_eq!(
            (unknown.verdict, unknown.next),
            (Verdict::Unclear, Next::Person),
            "{code}"
        );
    }
    assert_eq!(read("register", &error("106")).verdict, Verdict::Refused);
    assert_eq!(class("results", &error("201")), Class::NoMatch);
    // A province's wrapper: which fields are wrong, line by line.
    let wrapper = r#"{"title":"Bad","errors":"nksHoTen bắt buộc\nmeHoTen bắt buộc","status":500,"inputSend":{"data":"TRẦN AN"}}"#;
    for status in [200, 500] {
        let reading = answered(1, "register", status, wrapper);
        assert_eq!(
            (reading.class, reading.hop),
            (Some(Class::InvalidInput), Some(Hop::Lgsp))
        );
        assert_eq!((reading.verdict, reading.next), (Verdict::Refused, Next::Person));
        assert_eq!(
            reading.text.as_deref(),
            Some("nksHoTen bắt buộc meHoTen bắt buộc")
        );
    }
    assert_eq!(
        answered(1, "register", 500, "<html>").class,
        Some(Class::UpstreamUnavailable)
    );
}

#[test]
fn a_poll_that_finds_nothing_says_so() {
    for body in [
        r#"{"status":0,"statusDescription":"Không tìm thấy hồ sơ","value":[]}"#,
        r#"{"status":1,"statusDescription":"OK","value":[]}"#,
    ] {
        let reading = read("results", body);
        assert_eq!((reading.class, reading.result), (Some(Class::NoMatch), None));
    }
    assert_eq!(
        class("results", r#"{"status":1,"statusDescription":"OK"}"#),
        Class::UpstreamMalformed
    );
    assert_eq!(
        class("results", r#"{"status":0,"statusDescription":"Lỗi"}"#),
        Class::UpstreamRejected
    );
}

/// The one row of a poll whose row says this beside its keys.
fn one(row: Value) -> Row {
    let mut whole = json!({"maHoSoMCDT": "H99-1", "trangThai": 4});
    whole
        .as_object_mut()
        .unwrap()
        .extend(row.as_object().unwrap().clone());
    let body = json!({"status": "1", "value": [whole]}).to_string();
    let rows = rows(read("results", &body).result.as_deref().unwrap()).unwrap();
    rows.into_iter().next().unwrap()
}

fn result(row: &Row) -> Value {
    let entry: Value = serde_json::from_slice(&row.entry).unwrap();
    entry["value"][0]["ketQuaXuLy"].clone()
}

#[test]
fn trap_1_a_result_is_opened_whether_it_is_json_or_json_in_a_text() {
    let inner = json!({"nksGioiTinh": 2, "giayKhaiSinh": "JVBERi0xLjQK", "ndkksMaTinh": 1});
    for value in [inner.clone(), json!(inner.to_string())] {
        let row = one(json!({ "ketQuaXuLy": value }));
        assert_eq!(result(&row), json!({"nksGioiTinh": "2", "ndkksMaTinh": "01"}));
        assert!(row.paper.unwrap().is_ok());
    }
    for nothing in [json!(null), json!(""), json!({})] {
        assert_eq!(one(json!({ "ketQuaXuLy": nothing })).paper, None);
    }
}

#[test]
fn trap_5_names_days_and_places_have_one_shape() {
    let row = one(json!({"ketQuaXuLy": {
        "nksHoTen": {"Ho": "TRẦN", "ChuDem": "AN THỬ", "Ten": "NGHIỆM"}, "meHoTen": "LÊ THỊ THỬ",
        "nksNgaySinh": {"namSinh": 2026, "thangSinh": 1, "ngaySinh": 2}, "meNgaySinh": {"namSinh": "1992", "thangSinh": "", "ngaySinh": ""},
        "nksNoiSinh": "Bệnh viện Mẫu", "nksQueQuan": {"maTinh": 1, "maXa": 4, "dcChiTiet": ""}, "nksNgaySinhBangChu": "Ngày hai",
    }}));
    assert_eq!(
        result(&row),
        json!({
            "nksHoTen": "TRẦN AN THỬ NGHIỆM", "meHoTen": "LÊ THỊ THỬ", "nksNgaySinh": "02.01.2026", "meNgaySinh": "1992",
            "nksNoiSinh": {"dcChiTiet": "Bệnh viện Mẫu"}, "nksQueQuan": {"maTinh": "01", "maXa": "00004", "dcChiTiet": ""},
            "nksNgaySinhBangChu": "Ngày hai",
        })
    );
}

#[test]
fn trap_22_a_paper_is_taken_out_once_and_only_within_its_limit() {
    let row = one(json!({"ketQuaXuLy": {"giayKhaiSinh": "", "giayKhaiTu": "JVBERi0xLjQK", "soDangKy": "1"}}));
    assert_eq!(
        result(&row),
        json!({"soDangKy": "1"}),
        "what is taken out is not carried along"
    );
    assert_eq!(row.paper, Some(Ok(b"%PDF-1.4\n".to_vec())));
    assert_eq!(wire::attach::BULK.file, 20 << 20);
}

#[test]
fn generation_1_is_read_where_it_stands_and_what_it_holds() {
    let standing = read("status", r#"{"status": 2, "errorCode": ""}"#);
    assert_eq!(
        standing.result.as_deref(),
        Some(br#"{"trangThai":"2"}"#.as_slice())
    );
    assert_eq!(
        class("status", r#"{"status": 0, "errorCode": "201"}"#),
        Class::NoMatch
    );
    let record = read(
        "record",
        r#"{"status":1,"data":{"so":"12","nksHoTen":{"Ho":"A","Ten":"B"}}}"#,
    );
    assert_eq!(
        record.result.as_deref(),
        Some(r#"{"so":"12","nksHoTen":"A B"}"#.as_bytes())
    );
    assert_eq!(
        class("record", r#"{"status":1,"data":null}"#),
        Class::UpstreamMalformed
    );
    let arguments = [("module", "KS"), ("id", "77")];
    let request = civil(0).frame(&call("record", b"", &arguments)).unwrap();
    assert_eq!(request.body, br#"{"module":"KS","maHoSo":77}"#);
}

#[test]
fn nothing_of_a_person_is_in_the_debug_form() {
    let row = one(json!({"ketQuaXuLy": {"nksHoTen": "TRẦN AN", "giayKhaiSinh": "JVBERi0xLjQK"}}));
    let shown = format!("{row:?} {:?}", read("results", POLL));
    for word in ["TRẦN", "099326000031", "H99-1", "JVBER", "37, 80"] {
        assert!(!shown.contains(word), "{shown}");
    }
}

proptest! {
    #[test]
    fn reading_is_total(body in proptest::collection::vec(any::<u8>(), 0..200), status in 100_u16..600) {
        let answer = Answer { status, body: &body, ..Answer::default() };
        for profile in 0..PROFILES.len() {
            for operation in civil(profile).operations() {
                prop_assert_ne!(civil(profile).read(operation.name, &answer).verdict, Verdict::Accepted);
            }
        }
    }

    #[test]
    fn every_row_comes_out_with_its_own_facts(names in proptest::collection::vec("[A-ZĐ ]{1,20}", 1..20)) {
        let value: Vec<Value> = names
            .iter()
            .enumerate()
            .map(|(n, name)| json!({"maHoSoMCDT": format!("H99-{n}"), "trangThai": n % 9, "ketQuaXuLy": {"nksHoTen": name}}))
            .collect();
        let body = json!({"status": 1, "value": value}).to_string();
        let rows = rows(read("results", &body).result.as_deref().unwrap()).unwrap();
        prop_assert_eq!(rows.len(), names.len());
        for (n, (row, name)) in rows.iter().zip(&names).enumerate() {
            prop_assert_eq!(&row.dossier, &format!("H99-{n}"));
            prop_assert_eq!(row.state.is_some(), (1..=7).contains(&(n % 9)));
            prop_assert_eq!(&result(row)["nksHoTen"], &json!(name));
        }
    }
}
