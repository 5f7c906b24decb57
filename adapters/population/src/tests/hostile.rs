//! Answers that mean harm, and questions that are meant to.

use std::fmt::Write as _;

use proptest::prelude::*;
use wire::xml;

use super::*;

/// Each is refused for what it is, and says nothing of a person.
fn refused(body: &str) {
    for profile in ["c06", "hg", "sp"] {
        for operation in adapter(profile).operations() {
            let read = reading(profile, operation.name, body);
            assert_eq!(
                (read.class, read.result),
                (Some(Class::UpstreamMalformed), None),
                "{profile}"
            );
        }
    }
    let wrapped = serde_json::json!({"error_code": 0, "message": body}).to_string();
    assert_eq!(
        reading("th", "citizen", &wrapped).class,
        Some(Class::UpstreamMalformed)
    );
}

#[test]
fn a_billion_laughs_is_malformed() {
    let mut text = "<?xml version=\"1.0\"?><!DOCTYPE soapenv:Envelope [<!ENTITY a0 \"ha\">".to_owned();
    for at in 1..10 {
        let ten = format!("&a{};", at - 1).repeat(10);
        write!(text, "<!ENTITY a{at} \"{ten}\">").unwrap();
    }
    text.push_str("]><soapenv:Envelope><soapenv:Body>&a9;</soapenv:Body></soapenv:Envelope>");
    refused(&text);
    refused("<Envelope><Body>&a9;</Body></Envelope>");
}

#[test]
fn an_external_entity_is_malformed() {
    for entity in [
        "<!ENTITY x SYSTEM \"file:///etc/passwd\">",
        "<!ENTITY % x SYSTEM \"http://192.0.2.1/x\"> %x;",
    ] {
        refused(&format!(
            "<!DOCTYPE a [{entity}]>{}",
            collection(&citizen("<GhiChu>&x;</GhiChu>"))
        ));
    }
    refused(&format!(
        "<!DOCTYPE a SYSTEM \"http://192.0.2.1/a.dtd\">{}",
        collection(&citizen(""))
    ));
}

#[test]
fn fifty_megabytes_of_xml_are_malformed_and_not_read() {
    let filler = "<A>0123456789</A>".repeat((50 << 20) / 17);
    let text = collection(&citizen(&filler));
    assert!(text.len() >= 50 << 20);
    let read = reading("c06", "citizen", &text);
    assert_eq!((read.class, read.result), (Some(Class::UpstreamMalformed), None));
    let wrapped = format!(r#"{{"error_code":0,"message":"{filler}"}}"#);
    assert_eq!(
        reading("th", "citizen", &wrapped).class,
        Some(Class::UpstreamMalformed)
    );
    // What stands before it says so whatever follows.
    assert_eq!(
        status("c06", "citizen", 503, &text).class,
        Some(Class::UpstreamUnavailable)
    );
}

#[test]
fn a_megabyte_of_elements_is_malformed() {
    refused(&collection(&citizen(&"<A/>".repeat(100_000))));
    refused(&collection(&"<CongDan/>".repeat(60_000)));
}

#[test]
fn depth_bombs_are_malformed() {
    refused(&format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000)));
    refused(&collection(&citizen(&format!(
        "{}{}",
        "<a>".repeat(40),
        "</a>".repeat(40)
    ))));
    refused(&format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)));
    refused(&format!("{}1{}", "{\"Body\":".repeat(60), "}".repeat(60)));
    refused(&"[".repeat(100_000));
}

#[test]
fn an_element_of_a_hundred_thousand_attributes_is_malformed() {
    let mut attributes = String::new();
    for n in 0..60_000 {
        write!(attributes, " a{n}='1'").unwrap();
    }
    refused(&collection(&format!("<CongDan{attributes}/>")));
    refused(&collection(&citizen("<A b='1' b='2'/>")));
}

#[test]
fn unknown_encodings_are_malformed() {
    let declared = ANSWER.replace("encoding=\"UTF-8\"", "encoding=\"windows-1258\"");
    refused(&declared);
    let wide: Vec<u8> = ANSWER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin: Vec<u8> = "<?xml version='1.0' encoding='iso-8859-1'?><a>\u{e9}</a>"
        .chars()
        .map(|c| c as u8)
        .collect();
    for body in [wide, latin] {
        let answer = Answer {
            status: 200,
            body: &body,
            ..Answer::default()
        };
        assert_eq!(
            adapter("c06").read("citizen", &answer).class,
            Some(Class::UpstreamMalformed)
        );
    }
}

#[test]
fn characters_that_xml_does_not_know_are_malformed() {
    refused(&collection(&citizen("<GhiChu>&#0;</GhiChu>")));
    refused(&collection(&citizen("<GhiChu>\u{1}</GhiChu>")));
    refused(&collection(&citizen("<GhiChu>&nbsp;</GhiChu>")));
}

#[test]
fn a_question_cannot_break_out_of_its_place() {
    let evil = "A</dan:HoVaTen><dan:SoDinhDanh>099192000025</dan:SoDinhDanh><dan:HoVaTen>";
    for name in [
        evil,
        "]]><x/>",
        "<!--",
        "&a;",
        "\"},{\"SoDinhDanh\":\"099192000025",
        "A&cccd=099192000025",
    ] {
        for (profile, _) in PROFILES {
            let request = ask(&adapter(profile), "citizen", &with(&[("name", name)])).unwrap();
            let all = format!("{}{}", request.target, body(&request));
            assert!(
                !all.contains("<dan:SoDinhDanh>099192000025") && !all.contains("cccd=099192000025"),
                "{profile}"
            );
            assert!(!all.contains("\"SoDinhDanh\":\"099192000025"), "{profile}");
        }
    }
    for name in ["A\u{0}", "A\u{1b}B", "\u{fffe}"] {
        let refused = ask(&adapter("c06"), "citizen", &with(&[("name", name)]));
        assert_eq!(refused, Err(Malformed::Form("XML")), "{name:?}");
    }
}

/// The name in a framed question, read back.
fn name_in(request: &Request) -> String {
    let root = xml::read(&request.body, &xml::Bounds::default()).unwrap();
    let path = ["Body", "TraCuuThongTinCongDan", "HoVaTen"];
    root.text_at(&path).unwrap().to_owned()
}

/// Documents that begin as an answer does.
fn answers() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "CongDan",
        "HoVaTen",
        "Ten",
        "Ho",
        "SoDinhDanh",
        "Cha",
        "ThuongTru",
        "NgayThangNamSinh",
        "DanToc",
        "La",
        "Fault",
        "TonTai",
    ]);
    let leaf = (name.clone(), "[ -~ắ]{0,8}").prop_map(|(name, text)| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        format!("<{name} x='{}'>{text}</{name}>", text.replace('\'', ""))
    });
    leaf.prop_recursive(5, 40, 6, move |inner| {
        (name.clone(), prop::collection::vec(inner, 0..6))
            .prop_map(|(name, all)| format!("<{name}>{}</{name}>", all.concat()))
    })
}

proptest! {
    #[test]
    fn any_name_stays_inside_its_element_and_comes_back(name in "\\PC{1,60}") {
        let question = with(&[("name", &name)]);
        match ask(&adapter("c06"), "citizen", &question) {
            Ok(request) => prop_assert_eq!(name_in(&request), wire::text::upper(&name)),
            Err(malformed) => {
                let wide = wire::text::upper(&name).chars().count() > 100;
                let blank = wire::text::upper(&name).is_empty();
                let other = matches!(malformed, Malformed::Form("XML"));
                prop_assert!(wide || blank || other, "{malformed}");
            }
        }
    }

    #[test]
    fn no_bytes_make_reading_fall_over(
        bytes in prop::collection::vec(any::<u8>(), 0..300), cut in any::<usize>(), at in prop::sample::select(vec![200_u16, 400, 500])
    ) {
        let mut mixed = ANSWER.as_bytes().to_vec();
        let place = cut % mixed.len();
        mixed.splice(place..(place + bytes.len()).min(mixed.len()), bytes.iter().copied());
        for (profile, _) in PROFILES {
            let adapter = adapter(profile);
            for operation in adapter.operations() {
                for body in [&bytes, &mixed] {
                    let read = adapter.read(operation.name, &Answer { status: at, body, ..Answer::default() });
                    prop_assert!(read.class.is_some());
                    prop_assert_eq!(read.result.is_some(), read.class == Some(Class::Match));
                }
            }
        }
    }

    #[test]
    fn whatever_is_found_is_one_json_object_and_the_same_every_time(inner in answers()) {
        let body = collection(&citizen(&inner));
        let read = reading("c06", "citizen", &body);
        prop_assert_eq!(&read, &reading("hg", "citizen", &body));
        if read.result.is_some() {
            prop_assert!(result(&read).is_object());
        }
    }
}
