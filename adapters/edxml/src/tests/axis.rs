//! The calls of the axis and what they come to.

use std::sync::LazyLock;

use data_encoding::BASE64;
use wire::conformance;
use wire::{
    Adapter, Answer, Auth, Call, Class, Credentials, Heals, Hop, Malformed, Method, Next, Opened, Reading,
    Request, Verdict,
};

use super::headers::hmac;
use super::sample::packet;
use crate::status::Transport;
use crate::{Body, Edxml, Framing, Limits, Unfit, mark, packets, parse};

const PROFILE: &str = include_str!("../../../../config/profiles/edxml/vxp.toml");
pub(super) const SECRET: &str = "khoa-thu-nghiem";

pub(super) const AUTH: Auth<'static> = Auth {
    at: 1_767_666_600_123,
    credentials: Credentials {
        username: "H99-thu-nghiem",
        password: SECRET,
        secrets: &[],
    },
    sha256: openssl::sha::sha256,
    hmac,
};

fn framing() -> Framing {
    toml::from_str(PROFILE).unwrap()
}

static AXIS: LazyLock<Edxml> = LazyLock::new(|| Edxml::new(framing()).unwrap());

pub(super) fn framed(
    operation: &str,
    payload: &[u8],
    arguments: &[(&str, &str)],
) -> Result<Request, Malformed> {
    AXIS.frame(&Call {
        operation,
        payload,
        arguments,
        auth: Some(AUTH),
        ..Call::default()
    })
}

fn answered(operation: &str, status: u16, body: &str) -> Reading {
    let answer = Answer {
        status,
        body: body.as_bytes(),
        ..Answer::default()
    };
    AXIS.read(operation, &answer)
}

fn read(operation: &str, body: &str) -> Reading {
    answered(operation, 200, body)
}

const DONE: &str = r#"{"status":"OK","ErrorCode":"0","ErrorDesc":"Success"}"#;
const SENT: &str = r#"{"status":"OK","ErrorCode":"0","ErrorDesc":"Success","DocId":"d-7"}"#;

/// Success with these members besides.
fn good(members: &str) -> String {
    format!(r#"{{"status":"OK","ErrorCode":"0","ErrorDesc":"",{members}}}"#)
}

#[test]
fn the_shipped_profile_keeps_the_laws() {
    assert_eq!(conformance::check(&*AXIS), []);
    let packet = BASE64.encode(b"<a/>");
    for (operation, body) in [
        ("send", SENT.to_owned()),
        ("tell", SENT.to_owned()),
        ("mark-done", DONE.to_owned()),
        ("documents", good(r#""data":[{"docId":"d-7"}]"#)),
        ("sent", good(r#""data":[{"receiverDocId":"d-8"}]"#)),
        ("fetch", good(&format!(r#""data":"{packet}""#))),
        ("count-documents", good(r#""count":3"#)),
        ("agencies", good(r#""data":[{"code":"000.00.10.H99"}]"#)),
    ] {
        assert_eq!(
            conformance::accepted(&*AXIS, operation, body.as_bytes()),
            [],
            "{operation}"
        );
    }
}

#[test]
fn every_operation_of_the_wire_is_framed_by_the_shipped_profile() {
    let names: Vec<&str> = AXIS.operations().iter().map(|operation| operation.name).collect();
    assert_eq!(names.len(), framing().services.len());
    assert_eq!(names.len(), 14);
    for transport in [Transport::Processing, Transport::Done, Transport::Failed] {
        assert!(names.contains(&mark(transport)));
        let request = framed(mark(transport), b"", &[("id", "d-7")]).unwrap();
        assert_eq!(header(&request, "XroadVnpt-status"), Some(transport.word()));
    }
}

fn header<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    let found = request.headers.iter().find(|(key, _)| key == name)?;
    Some(&found.1)
}

#[test]
fn a_packet_is_the_only_part_of_a_form() {
    let packet = packet();
    let request = framed("send", packet.as_bytes(), &[("sender", "000.00.10.H99")]).unwrap();
    assert_eq!(
        (request.method, request.target.as_str()),
        (Method::Post, "/sendEdoc")
    );
    let media = header(&request, "Content-Type").unwrap();
    let boundary = media.strip_prefix("multipart/form-data; boundary=").unwrap();
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file_doc\"; filename=\"packet.edxml\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{packet}\r\n--{boundary}--\r\n"
    );
    assert_eq!(String::from_utf8(request.body.clone()).unwrap(), expected);
    assert!(!packet.contains(boundary));
    assert_eq!(header(&request, "XroadVnpt-messagetype"), Some("edoc"));
    assert_eq!(header(&request, "XroadVnpt-to"), None);
    let told = framed("tell", packet.as_bytes(), &[("sender", "000.00.10.H99")]).unwrap();
    assert_eq!(header(&told, "XroadVnpt-messagetype"), Some("status"));
}

#[test]
fn a_packet_that_holds_its_own_boundary_gets_another() {
    let fixed = Auth {
        sha256: |_| [7; 32],
        ..AUTH
    };
    let inside = format!("<a>--edxml-{}</a>", "07".repeat(16));
    let request = AXIS.frame(&Call {
        operation: "send",
        payload: inside.as_bytes(),
        arguments: &[("sender", "H99")],
        auth: Some(fixed),
        ..Call::default()
    });
    let request = request.unwrap();
    let boundary = header(&request, "Content-Type")
        .unwrap()
        .rsplit('=')
        .next()
        .unwrap();
    assert!(boundary.ends_with('x') && !inside.contains(boundary));
}

#[test]
fn parameters_are_headers_and_the_body_is_empty_as_the_sdk_sends_it() {
    let request = framed(
        "documents",
        b"",
        &[("from", "2026-01-05"), ("until", "2026-01-06"), ("size", "50")],
    )
    .unwrap();
    assert_eq!(
        (request.target.as_str(), request.body.len()),
        ("/getReceivedEdocList", 0)
    );
    for (name, value) in [
        ("XroadVnpt-servicetype", "eDoc"),
        ("XroadVnpt-messagetype", "edoc"),
        ("XroadVnpt-fromDate", "05/01/2026"),
        ("XroadVnpt-toDate", "06/01/2026"),
        ("XroadVnpt-pageSize", "50"),
        ("Content-Type", "application/json"),
    ] {
        assert_eq!(header(&request, name), Some(value));
    }
    let counted = framed("count-documents", b"", &[]).unwrap();
    assert_eq!(
        (counted.method, counted.target.as_str()),
        (Method::Get, "/countReceiveEdoc")
    );
    assert_eq!(header(&counted, "Content-Type"), None);
    let both = Edxml::new(Framing {
        body: Body::Json,
        ..framing()
    });
    let request = both.unwrap().frame(&Call {
        operation: "agencies",
        arguments: &[("level", "1")],
        auth: Some(AUTH),
        ..Call::default()
    });
    assert_eq!(request.unwrap().body, br#"{"level":"1"}"#);
}

#[test]
fn each_call_has_its_own_time() {
    let at = |at| {
        let call = Call {
            operation: "fetch",
            arguments: &[("id", "7")],
            auth: Some(Auth { at, ..AUTH }),
            ..Call::default()
        };
        let request = AXIS.frame(&call).unwrap();
        header(&request, "XroadVnpt-timestamp").unwrap().to_owned()
    };
    assert_eq!(at(AUTH.at), "06012026T093000+0123");
    assert_eq!(at(AUTH.at + 1), "06012026T093000+0124");
}

#[test]
fn what_is_missing_or_does_not_fit_does_not_leave() {
    let send = |payload: &[u8], arguments: &[(&str, &str)]| framed("send", payload, arguments).unwrap_err();
    assert_eq!(send(b"<a/>", &[]), Malformed::Argument("sender"));
    assert_eq!(
        send(b"<a>", &[("sender", "H99")]),
        Malformed::Form("one XML document")
    );
    assert_eq!(
        send(b"<a/>", &[("sender", "H99\r\nX: y")]),
        Malformed::Argued("a header")
    );
    assert_eq!(
        send(b"<a/>", &[("sender", " H99")]),
        Malformed::Argued("a header")
    );
    assert_eq!(send(b"<a/>", &[("sender", "Huế")]), Malformed::Argued("a header"));
    assert_eq!(
        framed("documents", b"", &[("from", "06/01/2026")]),
        Err(Malformed::Argued("a day"))
    );
    let secretless = |credentials| {
        AXIS.frame(&Call {
            operation: "fetch",
            arguments: &[("id", "7")],
            auth: Some(Auth { credentials, ..AUTH }),
            ..Call::default()
        })
    };
    let account = AUTH.credentials;
    assert_eq!(
        secretless(Credentials {
            password: "",
            ..account
        }),
        Err(Malformed::Secret("password"))
    );
    for username in ["", "a\nb", "a "] {
        assert_eq!(
            secretless(Credentials { username, ..account }),
            Err(Malformed::Secret("username"))
        );
    }
    let small = Edxml::new(Framing {
        limits: Limits {
            packet: 8,
            ..Limits::default()
        },
        ..framing()
    });
    let small = small.unwrap();
    let long = small.frame(&Call {
        operation: "send",
        payload: b"<a>b</a> ",
        arguments: &[("sender", "H99")],
        auth: Some(AUTH),
        ..Call::default()
    });
    assert_eq!(long, Err(Malformed::Long { bytes: 9, limit: 8 }));
    assert_eq!(small.limits("send").bytes, 8);
    assert_eq!((small.limits("fetch").bytes, small.limits("none").bytes), (0, 0));
}

#[test]
fn a_document_is_never_sent_again_blindly_and_a_status_may_be() {
    let heals = |name: &str| AXIS.operation(name).unwrap().heals;
    assert_eq!(heals("send"), Heals::Neither);
    for repeatable in [
        "tell",
        "mark-done",
        "mark-failed",
        "mark-processing",
        "fetch",
        "documents",
    ] {
        assert_eq!(heals(repeatable), Heals::Repeatable);
    }
    for lost in [(502, ""), (200, "<html>"), (200, "")] {
        let sent = answered("send", lost.0, lost.1);
        assert_eq!((sent.verdict, sent.next), (Verdict::Unclear, Next::Person));
        assert_eq!(answered("tell", lost.0, lost.1).next, Next::Retry);
    }
}

#[test]
fn success_is_two_words_that_agree() {
    let sent = read("send", SENT);
    assert_eq!(
        (sent.class, sent.hop, sent.trace.as_deref()),
        (Some(Class::Ok), Some(Hop::Ndxp), Some("d-7"))
    );
    assert_eq!(sent.result.as_deref(), Some(br#"{"docId":"d-7"}"#.as_slice()));
    let number = read("mark-done", r#"{"status":"OK","ErrorCode":0,"ErrorDesc":""}"#);
    assert_eq!(number.class, Some(Class::Ok));
    let refused = read(
        "send",
        r#"{"status":"FAIL","ErrorCode":"12","ErrorDesc":"Sai mã đơn vị 099090000017"}"#,
    );
    // No table of its codes is known: without a row that knows one, nobody can say that nothing was taken.
    assert_eq!(
        (refused.verdict, refused.next, refused.class),
        (Verdict::Unclear, Next::Person, Some(Class::UpstreamRejected))
    );
    assert_eq!(refused.code.as_deref(), Some("12"));
    assert_eq!(refused.text.as_deref(), Some("Sai mã đơn vị ************"));
    for contradiction in [
        r#"{"status":"OK","ErrorCode":"12","ErrorDesc":"x","DocId":"d-7"}"#,
        r#"{"status":"OK","ErrorDesc":"x","DocId":"d-7"}"#,
        r#"{"ErrorCode":"0","DocId":"d-7"}"#,
        r#"{"status":"FAIL","ErrorCode":"0","ErrorDesc":"Success"}"#,
    ] {
        let unclear = read("send", contradiction);
        assert_eq!(
            (unclear.verdict, unclear.next),
            (Verdict::Unclear, Next::Person),
            "{contradiction}"
        );
    }
}

#[test]
fn a_site_says_what_codes_and_words_mean() {
    let text = PROFILE.replacen(
        "trace = \"DocId\", hop = \"ndxp\"",
        "trace = \"DocId\", hop = \"ndxp\", codes = { \"7\" = \"denied\" }, words = [{ holds = \"đã tồn tại\", class = \"duplicate\" }]",
        1,
    );
    let axis = Edxml::new(toml::from_str(&text).unwrap()).unwrap();
    let class = |body: &str| {
        let answer = Answer {
            status: 200,
            body: body.as_bytes(),
            ..Answer::default()
        };
        axis.read("send", &answer).class
    };
    assert_eq!(
        class(r#"{"status":"FAIL","ErrorCode":"7","ErrorDesc":"x"}"#),
        Some(Class::Denied)
    );
    let again = r#"{"status":"FAIL","ErrorCode":"9","ErrorDesc":"Văn bản ĐÃ TỒN TẠI"}"#;
    assert_eq!(class(again), Some(Class::Duplicate));
}

#[test]
fn lists_are_read_row_by_row() {
    let body = good(
        r#""data":[{"docId":"d-1","messageType":"edoc","from":"000.00.14.H99","to":"000.00.10.H99","status":"inbox","created_time":"2026-01-06","contentSha256":"ab"},{"id":7,"messageType":"status"}]"#,
    );
    let reading = read("documents", &body);
    assert_eq!(reading.class, Some(Class::Match));
    let rows = packets(&reading.result.unwrap()).unwrap();
    let ids: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (row.id.as_str(), row.sort.as_str()))
        .collect();
    assert_eq!(ids, [("d-1", "edoc"), ("7", "status")]);
    assert_eq!(
        (rows[0].from.as_str(), rows[0].state.as_str()),
        ("000.00.14.H99", "inbox")
    );
    assert_eq!(rows[0].digest.as_deref(), Some("ab"));
    assert_eq!(
        read("documents", &good(r#""data":[]"#)).class,
        Some(Class::NoMatch)
    );
    for wrong in [
        good(r#""data":null"#),
        good(r#""data":[{}]"#),
        good(r#""data":[1]"#),
        DONE.to_owned(),
    ] {
        assert_eq!(
            read("documents", &wrong).class,
            Some(Class::UpstreamMalformed),
            "{wrong}"
        );
    }
    assert_eq!(packets(b"[]"), None);
}

#[test]
fn a_packet_comes_in_base64_and_is_read() {
    let packet = packet();
    let body = good(&format!(r#""data":"{}""#, BASE64.encode(packet.as_bytes())));
    let reading = read("fetch", &body);
    assert_eq!(reading.class, Some(Class::Match));
    let bytes = reading.result.unwrap();
    assert_eq!(bytes, packet.as_bytes());
    assert!(parse(&bytes, &AXIS.framing().tolerance()).is_ok());
    for wrong in [
        good(r#""data":"?""#),
        good(r#""data":"AAAA""#),
        good(r#""data":7"#),
        DONE.to_owned(),
    ] {
        assert_eq!(
            read("fetch", &wrong).class,
            Some(Class::UpstreamMalformed),
            "{wrong}"
        );
    }
    let page = good(&format!(
        r#""data":"{}""#,
        BASE64.encode(b"<!DOCTYPE html><html>")
    ));
    assert_eq!(read("fetch", &page).class, Some(Class::UpstreamMalformed));
}

#[test]
fn there_are_no_sessions() {
    assert_eq!(AXIS.login(&AUTH.credentials), None);
    let answer = Answer {
        retry_after: Some(7),
        ..Answer::default()
    };
    assert_eq!(AXIS.opened(&answer), Opened::Unclear { after: Some(7) });
    assert_eq!(AXIS.read("none", &answer).class, Some(Class::NotSupported));
}

#[test]
fn a_profile_that_cannot_be_spoken_says_why() {
    let faults = |from: &str, to: &str| {
        let text = PROFILE.replacen(from, to, 1);
        assert_ne!(text, PROFILE, "{from}");
        Edxml::new(toml::from_str(&text).unwrap())
            .err()
            .unwrap_or_default()
    };
    let field = |name: &str, to: &str| vec![Unfit::Field(name.to_owned(), to.to_owned())];
    assert!(matches!(
        faults("services.fetch]", "services.fax]")[..],
        [Unfit::Offered(..)]
    ));
    assert!(matches!(
        faults("from = \"id\"", "from = \"number\"")[..],
        [Unfit::Argument(..)]
    ));
    assert!(matches!(
        faults("\"/getEdoc\"", "\"getEdoc\"")[..],
        [Unfit::Path(..)]
    ));
    assert_eq!(
        faults("file       = \"file_doc\"\n", ""),
        [Unfit::File("send".to_owned())]
    );
    assert_eq!(
        faults("\"file_doc\"", "\"a b\""),
        [Unfit::File("send".to_owned())]
    );
    assert_eq!(
        faults("{ to = \"docId\", from = \"id\" }", "{ to = \"docId\" }"),
        field("fetch", "docId")
    );
    assert_eq!(
        faults("to = \"docId\"", "to = \"sign-header\""),
        field("fetch", "sign-header")
    );
    assert_eq!(faults("to = \"docId\"", "to = \"a b\""), field("fetch", "a b"));
    assert_eq!(
        faults("to = \"messagetype\"", "to = \"From\""),
        field("send", "From")
    );
    assert_eq!(
        faults("adapter = \"3.0.201608\"", "adapter = \"\""),
        [Unfit::Header("adapter")]
    );
    assert!(toml::from_str::<Framing>(&PROFILE.replacen("skew ", "colour ", 1)).is_err());
}
