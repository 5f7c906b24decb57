use proptest::prelude::*;
use serde_json::{Value, json};
use wire::{Adapter, Answer, Next, Reading, Verdict, conformance};

use super::*;

const QUESTION: &str = include_str!("../../../fixtures/document-store/list/sample/request.json");
const SAMPLE: &str = include_str!("../../../fixtures/document-store/list/sample/answer.json");
const NGSP: &str = include_str!("../../../config/profiles/document-store/ngsp.toml");

const LIST: [(&str, &str); 5] = [
    ("number", "099192000025"),
    ("officer", "099185000058"),
    ("officer-name", "CÁN BỘ THỬ"),
    ("procedure", "1.001193"),
    ("results", "KQ.G15.000031"),
];

fn store() -> DocumentStore {
    DocumentStore::new(toml::from_str(NGSP).unwrap()).unwrap()
}

fn framed(operation: &str, arguments: &[(&str, &str)]) -> Result<String, Malformed> {
    let call = Call {
        operation,
        arguments,
        session: Some("tok"),
        ..Call::default()
    };
    let request = store().frame(&call)?;
    Ok(String::from_utf8(request.body).unwrap())
}

fn answer(operation: &str, status: u16, body: &[u8]) -> Reading {
    let answer = Answer {
        status,
        body,
        ..Answer::default()
    };
    store().read(operation, &answer)
}

fn read(operation: &str, body: &str) -> Reading {
    answer(operation, 200, body.as_bytes())
}

fn fetched(bytes: &[u8]) -> Reading {
    read("file", &format!("\"{}\"", BASE64.encode(bytes)))
}

#[test]
fn the_shipped_profile_keeps_the_laws() {
    assert_eq!(conformance::check(&store()), []);
    assert_eq!(conformance::accepted(&store(), "list", SAMPLE.as_bytes()), []);
    assert_eq!(conformance::accepted(&store(), "file", b"\"JVBERi0xLjQK\""), []);
}

#[test]
fn a_list_is_asked_for_as_in_the_sample_byte_for_byte() {
    assert_eq!(framed("list", &LIST).as_deref(), Ok(QUESTION));
    let mut two = LIST;
    two[4].1 = "KQ.G15.000031, KQ.G15.000032";
    let body: Value = serde_json::from_str(&framed("list", &two).unwrap()).unwrap();
    assert_eq!(
        body["DanhSachDanhMucKetQua"],
        json!([{"MaKetQua": "KQ.G15.000031", "SoKyHieu": ""}, {"MaKetQua": "KQ.G15.000032", "SoKyHieu": ""}])
    );
    two[4].1 = ",";
    assert!(matches!(framed("list", &two), Err(Malformed::Argued(_))));
}

#[test]
fn the_officer_asks_and_never_the_owner() {
    let body: Value = serde_json::from_str(&framed("list", &LIST).unwrap()).unwrap();
    assert_eq!(
        (&body["KenhThucHien"], &body["SoDinhDanhNguoiYeuCau"]),
        (&json!("1"), &json!("099185000058"))
    );
    let mut disguised = LIST;
    disguised[1].1 = disguised[0].1;
    assert_eq!(framed("list", &disguised), Err(Malformed::Argued("officer")));
    for left_out in 0..LIST.len() {
        let mut some = LIST.to_vec();
        let (name, _) = some.remove(left_out);
        assert_eq!(framed("list", &some), Err(Malformed::Argument(name)));
    }
}

#[test]
fn the_sample_is_read_without_loss() {
    let reading = read("list", SAMPLE);
    assert_eq!(
        (reading.class, reading.verdict, reading.next),
        (Some(Class::Match), Verdict::Accepted, Next::Settle)
    );
    // Every value of it is a text, every group a list already: it is its own normal form, order and all.
    assert_eq!(String::from_utf8(reading.result.unwrap()).unwrap(), SAMPLE);
}

#[test]
fn what_the_store_does_not_have_is_told_from_what_it_does_not_say() {
    let with = |result: &str| {
        read(
            "list",
            &format!(r#"{{"errorCode":"0","message":"","result":{result}}}"#),
        )
    };
    for none in [
        "null",
        r#"{"DanhSachGiayToKetQua":[]}"#,
        r#"{"DanhSachGiayToKetQua":null}"#,
    ] {
        let reading = with(none);
        assert_eq!(
            (reading.class, reading.result),
            (Some(Class::NoMatch), None),
            "{none}"
        );
    }
    for unclear in [
        "{}",
        "\"x\"",
        "[]",
        "1",
        r#"{"DanhSachGiayToKetQua":"x"}"#,
        r#"{"DanhSachGiayToKetQua":["x"]}"#,
    ] {
        let reading = with(unclear);
        assert_eq!(
            (reading.class, reading.verdict),
            (Some(Class::UpstreamMalformed), Verdict::Unclear),
            "{unclear}"
        );
    }
}

// The rows of national-databases.md §8 that concern this wire, by their numbers.

#[test]
fn trap_02_success_is_a_code_of_this_wire_and_nothing_else() {
    let with = |code: &str| {
        read(
            "list",
            &SAMPLE.replace(r#""errorCode":"0""#, &format!(r#""errorCode":{code}"#)),
        )
    };
    assert_eq!(with("0").class, Some(Class::Match));
    for bad in ["1", "\"1\"", "\"00\"", "true", "\"SUCCESSFUL\"", "-1"] {
        let reading = with(bad);
        assert_eq!(
            (reading.class, reading.hop),
            (Some(Class::UpstreamRejected), Some(Hop::Ministry)),
            "{bad}"
        );
        assert_eq!(reading.result, None);
    }
    assert_eq!(with("null").class, Some(Class::UpstreamMalformed));
    let said = read(
        "list",
        r#"{"errorCode":"1","message":"Công dân 099192000025 chưa có kho","result":null}"#,
    );
    assert_eq!(said.text.as_deref(), Some("Công dân ************ chưa có kho"));
}

#[test]
fn trap_11_one_result_and_one_file_may_be_objects() {
    let one = SAMPLE
        .replace(r#""DanhSachGiayToKetQua":[{"#, r#""DanhSachGiayToKetQua":{"#)
        .replace(r#""DanhSachTepDinhKem":[{"#, r#""DanhSachTepDinhKem":{"#)
        .replace("}]}]}}", "}}}}");
    assert_eq!(read("list", &one).result, read("list", SAMPLE).result);
}

#[test]
fn trap_22_a_file_is_bounded_and_is_not_copied_on_the_way() {
    let paper = b"%PDF-1.4\nGi\xe1\xba\xa5y khai sinh\n".as_slice();
    let reading = fetched(paper);
    assert_eq!(
        (reading.class, reading.result.as_deref()),
        (Some(Class::Match), Some(paper))
    );
    let lines = BASE64.encode(&[b"%PDF-", [b'x'; 200].as_slice()].concat());
    let broken = format!("\"{}\\r\\n{}\\r\\n\"", &lines[..76], &lines[76..]);
    assert_eq!(read("file", &broken).result.map(|bytes| bytes.len()), Some(205));
    let mut most = b"%PDF-1.4".to_vec();
    most.resize(3_000, b'x');
    let found = |bytes: &[u8]| file(&BASE64.encode(bytes), 3_000);
    assert_eq!(found(&most).unwrap().result, Some(most.clone()));
    most.push(b'x');
    let long = found(&most).unwrap_err();
    assert_eq!((long.class, long.hop), (Class::NotSupported, Hop::Gateway));
    let endless = vec![b'A'; LONGEST / 2 * 3 + 1];
    let body = [b"\"", endless.as_slice(), b"\""].concat();
    let long = answer("file", 200, &body);
    assert_eq!(
        (long.class, long.hop, long.result),
        (Some(Class::NotSupported), Some(Hop::Gateway), None)
    );
    assert_eq!((long.verdict, long.next), (Verdict::Refused, Next::Person));
}

#[test]
fn what_is_no_file_is_none() {
    for body in [
        "\"\"",
        "null",
        "\"JVBERi0xLjQK=\"",
        "\"JVBE Ri0=\"",
        "\"%PDF-1.4\"",
        "7",
        "fail",
        "\"fail\"",
        "9999",
        "[\"JVBERi0xLjQK\"]",
    ] {
        let reading = read("file", body);
        assert_eq!(
            (reading.class, reading.result),
            (Some(Class::UpstreamMalformed), None),
            "{body}"
        );
    }
    let page = fetched(b"<!DOCTYPE html><html>Kh\xc3\xb4ng t\xc3\xacm th\xe1\xba\xa5y</html>");
    assert_eq!((page.class, page.result), (Some(Class::UpstreamMalformed), None));
    let refused = read("file", r#"{"errorCode":"3","message":"Không có quyền"}"#);
    assert_eq!(
        (refused.class, refused.code.as_deref()),
        (Some(Class::UpstreamRejected), Some("3"))
    );
    let throttled = answer("file", 429, br#"{"fault":{"code":900803,"message":"x"}}"#);
    assert_eq!(
        (throttled.class, throttled.after),
        (Some(Class::RateLimited), Some(60))
    );
}

#[test]
fn a_file_is_asked_for_where_it_is_kept() {
    let body = framed("file", &[("issuer", "H56.10"), ("path", "/mock/0001")]);
    assert_eq!(
        body.as_deref(),
        Ok(r#"{"CoQuanChuQuan":"H56.10","DuongDan":"/mock/0001"}"#)
    );
}

#[test]
fn neither_a_file_nor_a_person_is_shown() {
    let file = fetched(b"%PDF-1.4 bi mat");
    let list = read("list", SAMPLE);
    let shown = format!(
        "{file:?} {list:?} {:?}",
        Store::found("list", Inside::Text("099192000025".into()))
    );
    for secret in ["PDF", "37, 80", "Giấy khai sinh", "099192000025"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..120), at in any::<usize>(), status in 100_u16..600) {
        for sample in [SAMPLE, "\"JVBERi0xLjQK\""] {
            let mut body = sample.as_bytes().to_vec();
            let at = at % body.len();
            let end = (at + bytes.len() / 2).min(body.len());
            body.splice(at..end, bytes.iter().copied());
            for operation in ["list", "file"] {
                let reading = answer(operation, status, &body);
                prop_assert!(reading.class.is_some());
                prop_assert!(reading.result.is_none() || reading.verdict == Verdict::Accepted);
            }
        }
    }

    #[test]
    fn what_is_framed_parses_back(name in "\\PC{1,30}", codes in prop::collection::vec("[A-Z0-9.\"\\\\]{1,14}", 1..6), path in "\\PC{1,30}") {
        prop_assume!(!name.trim().is_empty() && !path.trim().is_empty());
        let joined = codes.join(",");
        let mut list = LIST;
        (list[2].1, list[4].1) = (&name, &joined);
        let body: Value = serde_json::from_str(&framed("list", &list).unwrap()).unwrap();
        prop_assert_eq!(&body["HoTenNguoiYeuCau"], &name);
        let rows = body["DanhSachDanhMucKetQua"].as_array().unwrap();
        let read: Vec<&str> = rows.iter().map(|row| row["MaKetQua"].as_str().unwrap()).collect();
        prop_assert_eq!(read, codes);
        let body: Value = serde_json::from_str(&framed("file", &[("issuer", &name), ("path", &path)]).unwrap()).unwrap();
        prop_assert_eq!((&body["CoQuanChuQuan"], &body["DuongDan"]), (&json!(name), &json!(path)));
    }

    #[test]
    fn a_file_comes_back_byte_for_byte(bytes in prop::collection::vec(any::<u8>(), 1..400)) {
        let bytes = [b"%PDF-1.7".as_slice(), &bytes].concat();
        prop_assert_eq!(fetched(&bytes).result, Some(bytes));
    }
}
