use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::Method;

fn sent(body: &[u8]) -> Sent<'_> {
    Sent {
        method: Method::Post,
        path: "/x",
        query: "",
        body,
        sha256: |bytes| [u8::try_from(bytes.len() % 251).unwrap(); 32],
    }
}

fn read(body: &str) -> Result<Body, Unread> {
    Body::read(&sent(body.as_bytes()))
}

fn told(body: Body) -> Callback {
    body.told("x", Effect::Tells, "k".to_owned())
}

#[test]
fn what_is_no_object_is_told_from_what_is_too_much() {
    for body in [
        "",
        "[]",
        "\"a\"",
        "{",
        "{}x",
        "{\"a\":1,\"a\":2}",
        "<html>",
        "\u{0}",
    ] {
        assert_eq!(read(body).err(), Some(Unread::Body), "{body}");
    }
    assert_eq!(Body::read(&sent(b"{\"a\":\"\xff\"}")).err(), Some(Unread::Body));
    assert!(read("\u{feff} {\"a\":\"[[[[\\\"{{\"} ").is_ok());
    let deep = |levels| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    assert!(read(&deep(31)).is_ok());
    assert_eq!(read(&deep(32)).err(), Some(Unread::Large));
    assert_eq!(read(&"[".repeat(100_000)).err(), Some(Unread::Large));
    assert_eq!(
        read(&format!("{{\"a\":[{}0]}}", "0,".repeat(MEMBERS))).err(),
        Some(Unread::Large)
    );
    let long = vec![b' '; BULK.message + 1];
    assert_eq!(Body::read(&sent(&long)).err(), Some(Unread::Large));
}

#[test]
fn members_are_read_in_the_spellings_that_were_seen() {
    let body = read(
        r#"{"s":" H99 ","n":150000,"e":" ","z":null,"o":{},"long":"x\ny","t":true,"f":"False","T":"TRUE","w":"yes","big":12345678901234567890123}"#,
    )
    .unwrap();
    assert_eq!(body.text("s"), Ok(Some("H99".to_owned())));
    assert_eq!(body.part("s"), Ok(" H99 ".to_owned()), "a checksum covers blanks");
    assert_eq!(body.part("n"), Ok("150000".to_owned()));
    assert_eq!(body.part("big"), Ok("12345678901234567890123".to_owned()));
    assert_eq!(
        (body.text("e"), body.text("z"), body.text("-")),
        (Ok(None), Ok(None), Ok(None))
    );
    assert_eq!(body.needs("e"), Err(Unread::Missing("e")));
    assert_eq!(body.needs("o"), Err(Unread::Wrong("o")));
    assert_eq!(body.needs("long"), Err(Unread::Wrong("long")));
    assert_eq!(body.part("t"), Err(Unread::Wrong("t")));
    let flags = ["t", "f", "T", "z"].map(|name| body.flag(name).unwrap());
    assert_eq!(flags, [Some(true), Some(false), Some(true), None]);
    assert_eq!(body.flag("w"), Err(Unread::Wrong("w")));
    assert_eq!(body.rows("o").err(), Some(Unread::Wrong("o")));
    let long = read(&json!({"a": "x".repeat(256)}).to_string()).unwrap();
    assert_eq!(long.needs("a"), Err(Unread::Wrong("a")));
}

#[test]
fn papers_give_way_to_their_digests_and_are_kept_once() {
    let body = r#"{"tep":[{"ten":"a","b":"JVBE\r\nRi0x"},{"b":""},{"b":null},{},{"b":"JVBERi0x"},{"b":"JVBERi0xLg=="}],"so":1}"#;
    let mut body = read(body).unwrap();
    body.papers("tep[]/b").unwrap();
    body.papers("khong/co").unwrap();
    let Callback { document, papers, .. } = told(body);
    let document: Value = serde_json::from_slice(&document).unwrap();
    assert_eq!(document["tep"][0]["b"], "06".repeat(32));
    assert_eq!(document["tep"][4]["b"], "06".repeat(32));
    assert_eq!(document["so"], "1");
    let bytes: Vec<&[u8]> = papers.iter().map(|paper| paper.bytes.as_slice()).collect();
    assert_eq!(bytes, [b"%PDF-1".as_slice(), b"%PDF-1."]);
}

#[test]
fn what_is_no_paper_is_said_by_its_place() {
    for (rows, unread) in [
        (r#"[{"b":"không"}]"#, Unread::Wrong("tep[]/b")),
        (r#"[{"b":7}]"#, Unread::Wrong("tep[]/b")),
        (r#"[{"b":"PGh0bWw+"}]"#, Unread::Wrong("tep[]/b")),
        (r#"["b"]"#, Unread::Wrong("tep[]/b")),
        (r#"{"b":"JVBERi0x"}"#, Unread::Wrong("tep[]/b")),
        ("\"x\"", Unread::Wrong("tep[]/b")),
    ] {
        let mut body = read(&format!("{{\"tep\":{rows}}}")).unwrap();
        assert_eq!(body.papers("tep[]/b"), Err(unread), "{rows}");
        assert!(body.value("tep").is_some());
    }
    let long = "A".repeat((BULK.file / 3 + 1_000_000) * 4);
    let mut body = read(&format!("{{\"b\":\"{long}\"}}")).unwrap();
    assert_eq!(body.papers("b"), Err(Unread::Large));
}

#[test]
fn a_list_may_come_without_its_list() {
    let list = |body: &str| Body::list(&sent(body.as_bytes()), "rows").map(|body| told(body).document);
    for body in [r#"[{"a":1}]"#, r#"{"a":1}"#] {
        assert_eq!(list(body).unwrap(), br#"{"rows":[{"a":"1"}]}"#);
    }
    for body in ["[]", "[1]", "[[]]", "1", ""] {
        assert_eq!(list(body), Err(Unread::Body), "{body}");
    }
}

#[test]
fn what_nobody_may_keep_is_taken_out_wherever_it_stands() {
    let mut body = read(r#"{"Token":"t","a":{"TOKEN":"t","b":[{"token":"t","c":1}]}}"#).unwrap();
    body.forget(&["Token"]);
    assert_eq!(told(body).document, br#"{"a":{"b":[{"c":"1"}]}}"#);
}

#[test]
fn what_a_callback_is_about_may_stand_within() {
    let body = || read(r#"{"Data":{"a":1},"x":"{}"}"#).unwrap();
    assert_eq!(
        told(body().within(&["data", "Data"]).unwrap()).document,
        br#"{"a":"1"}"#
    );
    assert_eq!(body().within(&["data"]).err(), Some(Unread::Missing("data")));
    assert_eq!(body().within(&["x"]).err(), Some(Unread::Wrong("x")));
}

#[test]
fn a_parameter_is_read_once_and_whole() {
    let read = |query| parameter(query, "CodeGet");
    assert_eq!(read("a=1&CodeGet=m%E1%BA%ADt+kh%2B").as_deref(), Some("mật kh+"));
    assert_eq!(read("CodeGet=").as_deref(), Some(""));
    for bad in [
        "",
        "CodeGet",
        "codeget=1",
        "CodeGet=a&CodeGet=a",
        "CodeGet=%",
        "CodeGet=%+1",
        "CodeGet=%ff",
    ] {
        assert_eq!(read(bad), None, "{bad}");
    }
}

proptest! {
    #[test]
    fn nothing_that_is_sent_makes_it_panic(
        text in "[\\[\\]{}:,\"\\\\0-9a-c/= é]{0,60}",
        bytes in prop::collection::vec(any::<u8>(), 0..60),
        query in ".{0,30}",
    ) {
        for body in [text.into_bytes(), bytes] {
            if let Ok(mut body) = Body::read(&sent(&body)) {
                let _ = (body.papers("a[]/b"), body.flag("a"), body.needs("b"), body.part("c"));
                body.forget(&["a"]);
                let _ = told(body);
            }
        }
        let _ = (parameter(&query, "a"), parameter(&format!("a={query}"), "a"));
    }
}
