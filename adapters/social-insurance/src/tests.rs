use proptest::prelude::*;
use serde_json::{Value, json};
use wire::{Adapter, Answer, Hop, Reading, Verdict, conformance};

use super::*;

const QUESTION: &str = include_str!("../../../fixtures/social-insurance/number-of/sample/request.json");
const SAMPLE: &str = include_str!("../../../fixtures/social-insurance/number-of/sample/answer.json");
const NGSP: &str = include_str!("../../../config/profiles/social-insurance/ngsp.toml");
const TN: &str = include_str!("../../../config/profiles/social-insurance/tn.toml");

const PERSON: &str = r#"{"hoTen":"TRẦN VĂN MẪU","soSoCu":"","ngaySinh":"19900517","loaiNgaySinh":"0","gioiTinh":"1","maTinhKs":"38","maHuyenKs":"","maXaKs":"14797","trangThai":"1"}"#;

const WHO: [(&str, &str); 5] = [
    ("name", "Trần Văn Mẫu"),
    ("born", "1990-05-17"),
    ("gender", "male"),
    ("province", "38"),
    ("commune", "14797"),
];

fn insurance(profile: &str) -> SocialInsurance {
    SocialInsurance::new(toml::from_str(profile).unwrap()).unwrap()
}

fn framed(operation: &str, arguments: &[(&str, &str)]) -> Result<String, Malformed> {
    let call = Call {
        operation,
        arguments,
        session: Some("tok"),
        ..Call::default()
    };
    let request = insurance(NGSP).frame(&call)?;
    Ok(String::from_utf8(request.body).unwrap())
}

fn answer(profile: &str, operation: &str, status: u16, body: &str) -> Reading {
    let answer = Answer {
        status,
        body: body.as_bytes(),
        ..Answer::default()
    };
    insurance(profile).read(operation, &answer)
}

fn read(operation: &str, body: &str) -> Reading {
    answer(NGSP, operation, 200, body)
}

fn normal(reading: &Reading) -> Value {
    serde_json::from_slice(reading.result.as_deref().unwrap()).unwrap()
}

/// As the platform of Thái Nguyên wraps it.
fn wrapped(code: &str, person: &str) -> String {
    format!(
        r#"{{"code":200,"status":"success","correlationId":"c-1","response":{{"TST_GetTraCuuTtHgdByMaSoBhxhResponse":{{"successful":{{"dataThongTinHgd":{person},"errorCode":{code}}}}}}}}}"#
    )
}

#[test]
fn every_shipped_profile_keeps_the_laws() {
    assert_eq!(conformance::check(&insurance(NGSP)), []);
    assert_eq!(conformance::check(&insurance(TN)), []);
    assert_eq!(
        conformance::accepted(&insurance(NGSP), "number-of", SAMPLE.as_bytes()),
        []
    );
    assert_eq!(
        conformance::accepted(&insurance(NGSP), "by-number", PERSON.as_bytes()),
        []
    );
    let body = wrapped("\"0\"", PERSON);
    assert_eq!(
        conformance::accepted(&insurance(TN), "by-number", body.as_bytes()),
        []
    );
}

#[test]
fn a_number_is_asked_for_as_in_the_sample_byte_for_byte() {
    assert_eq!(framed("number-of", &WHO).as_deref(), Ok(QUESTION));
    let bare = framed("number-of", &WHO[..3]).unwrap();
    assert!(
        bare.ends_with(r#""maTinhKs":"","maHuyenKs":"","maXaKs":"","isKs":"1"}"#),
        "{bare}"
    );
    assert_eq!(
        framed("by-number", &[("code", "9999000001")]).as_deref(),
        Ok(r#"{"maSoBhxh":"9999000001"}"#)
    );
    assert_eq!(
        framed("household", &[WHO[3], WHO[0], WHO[1], WHO[2], ("book", "S-1")]).as_deref(),
        Ok(
            r#"{"maTinh":"38","hoTen":"TRẦN VĂN MẪU","ngaySinh":"19900517","loaiNgaySinh":"0","gioiTinh":"1","soSo":"S-1","maThe":"","isKs":"0"}"#
        )
    );
}

#[test]
fn how_much_of_a_birth_date_is_known_is_said_beside_it() {
    let with = |born| {
        let mut who = WHO;
        who[1].1 = born;
        framed("number-of", &who)
    };
    for (born, said) in [
        ("1990-05-17", r#""ngaySinh":"19900517","loaiNgaySinh":"0""#),
        ("1990", r#""ngaySinh":"1990","loaiNgaySinh":"1""#),
        ("1990-05", r#""ngaySinh":"199005","loaiNgaySinh":"2""#),
    ] {
        assert!(with(born).unwrap().contains(said), "{born}");
    }
    assert!(matches!(with("17/05/1990"), Err(Malformed::Argued(_))));
    for code in ["999900001", "99990000011", "999900000x", "٩٩٩٩٠٠٠٠٠١"] {
        assert_eq!(
            framed("by-number", &[("code", code)]),
            Err(Malformed::Argued("code"))
        );
    }
}

#[test]
fn the_sample_is_read_without_loss() {
    let reading = read("number-of", SAMPLE);
    assert_eq!(
        (reading.class, reading.verdict),
        (Some(Class::Match), Verdict::Accepted)
    );
    assert_eq!(String::from_utf8(reading.result.unwrap()).unwrap(), SAMPLE);
    let person = read("by-number", PERSON);
    assert_eq!(String::from_utf8(person.result.unwrap()).unwrap(), PERSON);
}

#[test]
fn the_platform_of_thai_nguyen_is_opened_down_to_the_register() {
    let reading = answer(TN, "by-number", 200, &wrapped("\"0\"", PERSON));
    assert_eq!(
        (reading.class, reading.trace.as_deref()),
        (Some(Class::Match), Some("c-1"))
    );
    assert_eq!(normal(&reading), serde_json::from_str::<Value>(PERSON).unwrap());
    let none = answer(
        TN,
        "by-number",
        200,
        &wrapped("\"1\"", r#"{"errorDescription":"Không tìm thấy"}"#),
    );
    assert_eq!((none.class, none.result), (Some(Class::NoMatch), None));
    let refused = answer(
        TN,
        "by-number",
        200,
        &wrapped("7", r#"{"errorDescription":"Sai tham số"}"#),
    );
    assert_eq!(
        (refused.class, refused.hop),
        (Some(Class::UpstreamRejected), Some(Hop::Ministry))
    );
    assert_eq!(
        (refused.code.as_deref(), refused.text.as_deref()),
        (Some("7"), Some("Sai tham số"))
    );
    let broken =
        r#"{"code":500,"status":"error","correlationId":"c-2","response":null,"message":"Lỗi hệ thống"}"#;
    let broken = answer(TN, "by-number", 200, broken);
    assert_eq!(
        (broken.class, broken.hop),
        (Some(Class::UpstreamRejected), Some(Hop::Lgsp))
    );
    assert_eq!(
        (broken.trace.as_deref(), broken.text.as_deref()),
        (Some("c-2"), Some("Lỗi hệ thống"))
    );
    let empty = answer(
        TN,
        "by-number",
        200,
        r#"{"code":200,"response":{"TST_GetTraCuuTtHgdByMaSoBhxhResponse":{}}}"#,
    );
    assert_eq!(empty.class, Some(Class::UpstreamMalformed));
    let number = r#"{"code":"200","response":{"TST_GetMaSoBhxhTheoTieuChiResponse":{"successful":{"maSoBhxh":9000001,"errorCode":0}}}}"#;
    assert_eq!(
        normal(&answer(TN, "number-of", 200, number))["maSoBhxh"],
        "0009000001"
    );
}

// The rows of national-databases.md §8 that concern this wire, by their numbers.

#[test]
fn trap_02_success_is_a_code_of_this_wire_or_its_absence() {
    let with = |code: &str| {
        read(
            "by-number",
            &PERSON.replace('}', &format!(r#","errorCode":{code}}}"#)),
        )
    };
    for good in ["\"0\"", "0", "\"00\"", "\"\"", "null"] {
        assert_eq!(with(good).class, Some(Class::Match), "{good}");
    }
    for bad in ["\"1\"", "1", "true", "\"SUCCESSFUL\"", "-1", "200"] {
        let reading = with(bad);
        assert_eq!(
            (reading.class, reading.result),
            (Some(Class::UpstreamRejected), None),
            "{bad}"
        );
        assert_eq!(reading.hop, Some(Hop::Ministry));
    }
    let none = read(
        "by-number",
        r#"{"errorCode":"1","errorDescription":"Không tìm thấy"}"#,
    );
    assert_eq!(
        (none.class, none.code.as_deref()),
        (Some(Class::NoMatch), Some("1"))
    );
    let blank = read("number-of", r#"{"maSoBhxh":"","trangThai":"","errorCode":"0"}"#);
    assert_eq!((blank.class, blank.result), (Some(Class::NoMatch), None));
    assert_eq!(
        read("number-of", r#"{"errorCode":"0"}"#).class,
        Some(Class::UpstreamMalformed)
    );
}

#[test]
fn trap_03_a_date_says_no_more_than_is_known() {
    let with = |born: &str, precision: &str| {
        let body = PERSON
            .replace(r#""19900517""#, born)
            .replace(r#""loaiNgaySinh":"0""#, &format!(r#""loaiNgaySinh":{precision}"#));
        normal(&read("by-number", &body))["ngaySinh"].clone()
    };
    for (born, precision, said) in [
        ("\"19900517\"", "0", "19900517"),
        ("\"17/05/1990\"", "\"0\"", "19900517"),
        ("\"1990-05-17T00:00:00\"", "0", "19900517"),
        ("\"19900101\"", "\"1\"", "1990"),
        ("19900000", "1", "1990"),
        ("1990", "1", "1990"),
        ("\"19900501\"", "2", "199005"),
        ("\"05/1990\"", "2", "199005"),
        ("\"1990\"", "0", "1990"),
        ("\"19900517\"", "7", "19900517"),
        ("\"không rõ\"", "0", "không rõ"),
    ] {
        assert_eq!(with(born, precision), said, "{born} {precision}");
    }
}

#[test]
fn trap_06_numbers_get_back_the_zeros_they_lost() {
    let body = r#"{"maSo":99000001,"hoTen":"A","maTinhKs":1,"maHuyenKs":0,"maXaKs":4,"errorCode":0}"#;
    let person = normal(&read("household", body));
    assert_eq!(
        (&person["maSo"], &person["maTinhKs"], &person["maXaKs"]),
        (&json!("0099000001"), &json!("01"), &json!("00004"))
    );
    assert_eq!(person["maHuyenKs"], Value::Null);
}

#[test]
fn trap_07_gender_is_written_in_the_codes_of_this_wire() {
    for (gender, code) in [("male", "1"), ("female", "2"), ("other", "3")] {
        let mut who = WHO;
        who[2].1 = gender;
        assert!(
            framed("number-of", &who)
                .unwrap()
                .contains(&format!(r#""gioiTinh":"{code}""#))
        );
    }
    let mut who = WHO;
    who[2].1 = "0";
    assert!(matches!(framed("number-of", &who), Err(Malformed::Argued(_))));
    assert_eq!(
        normal(&read(
            "by-number",
            &PERSON.replace(r#""gioiTinh":"1""#, r#""gioiTinh":3"#)
        ))["gioiTinh"],
        "3"
    );
}

#[test]
fn trap_11_one_person_or_a_list_of_one_and_of_several_none() {
    let plain = normal(&read("by-number", PERSON));
    let mut coded = plain.clone();
    coded["errorCode"] = json!("0");
    assert_eq!(normal(&read("by-number", &format!("[{coded}]"))), coded);
    let twice = answer(
        TN,
        "by-number",
        200,
        &wrapped("0", &format!("[{PERSON},{PERSON}]")),
    );
    assert_eq!(normal(&twice), plain);
    let other = PERSON.replace("MẪU", "THỬ");
    let two = answer(
        TN,
        "by-number",
        200,
        &wrapped("0", &format!("[{PERSON},{other}]")),
    );
    assert_eq!((two.class, two.result), (Some(Class::Ambiguous), None));
    let none = answer(TN, "by-number", 200, &wrapped("0", "[]"));
    assert_eq!((none.class, none.result), (Some(Class::NoMatch), None));
}

#[test]
fn what_is_hostile_or_stands_before_the_register_has_its_class() {
    let twice = PERSON.replace('}', r#","hoTen":"KHÁC"}"#);
    let deep = format!(r#"{{"hoTen":{}1{}}}"#, "[".repeat(40), "]".repeat(40));
    let cases = [
        (
            429,
            r#"{"fault":{"code":900803,"message":"x"}}"#,
            Class::RateLimited,
        ),
        (
            401,
            r#"{"fault":{"code":900901,"message":"x"}}"#,
            Class::UpstreamAuth,
        ),
        (200, "<html>Bảo trì</html>", Class::UpstreamMalformed),
        (200, "<a><hoTen>A</hoTen></a>", Class::UpstreamMalformed),
        (200, twice.as_str(), Class::UpstreamMalformed),
        (200, &deep, Class::UpstreamMalformed),
        (
            200,
            r#"{"hoTen":["A"],"errorCode":"0"}"#,
            Class::UpstreamMalformed,
        ),
        (200, r#"{"hoTen":true}"#, Class::UpstreamMalformed),
        (200, "", Class::UpstreamMalformed),
        (200, "[]", Class::UpstreamMalformed),
        (200, r#"[0,"Thành công",{}]"#, Class::UpstreamMalformed),
        (503, "", Class::UpstreamUnavailable),
    ];
    for (status, body, class) in cases {
        let reading = answer(NGSP, "by-number", status, body);
        assert_eq!(
            (reading.class, reading.result),
            (Some(class), None),
            "{status} {body:.60}"
        );
    }
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..120), at in any::<usize>(), status in 100_u16..600) {
        let outer = wrapped("0", PERSON);
        for (profile, sample) in [(NGSP, SAMPLE), (NGSP, PERSON), (TN, &outer)] {
            let mut body = sample.as_bytes().to_vec();
            let at = at % body.len();
            let end = (at + bytes.len() / 2).min(body.len());
            body.splice(at..end, bytes.iter().copied());
            let adapter = insurance(profile);
            for operation in adapter.operations() {
                let answer = Answer { status, body: &body, ..Answer::default() };
                let reading = adapter.read(operation.name, &answer);
                prop_assert!(reading.class.is_some());
                prop_assert!(reading.result.is_none() || reading.verdict == Verdict::Accepted);
            }
        }
    }

    #[test]
    fn what_is_framed_parses_back(name in "\\PC{1,30}", year in 1900_u16..2026, commune in "[0-9\"\\\\]{1,6}") {
        let born = year.to_string();
        let who = [("name", name.as_str()), ("born", &born), ("gender", "female"), ("commune", &commune)];
        prop_assume!(!name.trim().is_empty());
        let body: Value = serde_json::from_str(&framed("number-of", &who).unwrap()).unwrap();
        prop_assert_eq!(&body["hoTen"], &wire::text::upper(&name));
        prop_assert_eq!((&body["ngaySinh"], &body["maXaKs"]), (&json!(born), &json!(commune)));
        let order: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        let sample: Value = serde_json::from_str(QUESTION).unwrap();
        prop_assert_eq!(order, sample.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>());
    }
}
