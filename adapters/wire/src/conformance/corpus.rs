use std::iter;

use crate::{Answer, Auth, Credentials, Payload};

/// Secrets by every name that a framing of ours may give one; each tries to leave its place.
pub(super) const HOSTILE_SECRETS: &[(&str, &str)] = &[
    ("key", "1\"'&<>\r\nX-Injected: yes\r\n\r\n"),
    ("access", "1\"'&<>\r\nX-Injected: yes"),
    ("client_secret", "1\"'&<>\r\nX-Injected: yes"),
];

/// What signs a good call. The hash is none; only its form counts here.
pub(super) const AUTH: Auth<'static> = Auth {
    at: 1_767_225_600_000,
    credentials: Credentials {
        username: "sandbox",
        password: "not-a-password",
        secrets: &[
            ("key", "not-a-key"),
            ("access", "not-an-access"),
            ("client_secret", "not-a-secret"),
        ],
    },
    sha256: |_| [7; 32],
    hmac: |_, _| [8; 32],
};

/// A good value of an argument, by the names that look-ups use.
pub(super) fn argument(name: &str) -> &'static str {
    match name {
        "number" => "099090000017",
        "officer" => "099185000058",
        "gender" => "male",
        "born" => "1990-05-17",
        "name" => "TRẦN VĂN MẪU",
        "code" => "9900000016",
        "procedure" => "1.001193",
        "results" => "KQ.G15.000031",
        "from" | "until" => "2026-01-06",
        "from-time" => "08:00",
        "until-time" => "17:00",
        "offset" => "0",
        "size" => "20",
        "channel" => "1",
        "ThoiGianGD" => "20260106093000",
        _ => "A-1",
    }
}

/// Statuses under which a body that says nothing is unclear. 401, 429 and 503 speak for themselves.
const STATUSES: [u16; 9] = [200, 202, 204, 302, 400, 404, 413, 500, 502];
const HTML: &[u8] = b"<!DOCTYPE html><html><body><h1>200 OK</h1> 0 success</body></html>";

/// Bodies that say nothing about what was sent.
const MEANINGLESS: [&[u8]; 18] = [
    b"",
    b" \r\n",
    b"\xef\xbb\xbf",
    b"\0\0\0\0",
    b"\xff\xfe{\0}\0",
    b"\xff\xfb\xc3\x28",
    b"server error",
    b"OK",
    b"Client received SOAP Fault from server: timeout",
    HTML,
    b"<html>",
    b"{",
    b"{\"error_code\":0,\"message\":\"Th\xc3\xa0nh c\xc3\xb4ng\"",
    b"{\"error_code\":0,\"message\":\"Th\xc3\xa0nh c\xc3\xb4ng\"}{\"error_code\":-1}",
    b"{\"error_code\":0,\"message\":\"\xff\"}",
    b"<?xml version=\"1.0\"?><Envelope><Body><code>0</code>",
    b"<!DOCTYPE a [<!ENTITY b \"&c;&c;\"><!ENTITY c \"0\">]><code>&b;</code>",
    b"{\"a\":[1,2",
];

/// Bodies a lenient reader may make something of, though never an acceptance.
const ODD: [&[u8]; 12] = [
    b"null",
    b"0",
    b"\"0\"",
    b"[]",
    b"{}",
    b"[0,\"Th\xc3\xa0nh c\xc3\xb4ng\",[{}],\"s\"]",
    b"{\"error_code\":null,\"message\":null,\"result\":null}",
    b"{\"error_code\":0,\"error_code\":-1,\"message\":\"Th\xc3\xa0nh c\xc3\xb4ng\"}",
    b"{\"error_code\":\"\",\"code\":\"\",\"message\":{\"a\":[{}]},\"result\":\"\"}",
    b"{\"error_code\":-1,\"code\":500,\"message\":\"CCCD 099090000001 \xc4\x91t 0900000001\"}",
    b"{\"error_code\":\"099090000001\",\"code\":\"099090000001\",\"message\":[[[]]]}",
    b"{\"error_code\":1e999,\"message\":\"{\\\"message\\\":\\\"{\\\\\\\"\\\"}\"}",
];

/// Answers that must be unclear.
pub(super) fn meaningless() -> impl Iterator<Item = Answer<'static>> {
    let bodies = MEANINGLESS.into_iter();
    bodies
        .flat_map(|body| STATUSES.into_iter().map(move |status| (status, body)))
        .map(|(status, body)| answer(status, body))
}

/// Answers that must be read without harm, the first ones very deep.
pub(super) fn odd() -> impl Iterator<Item = Answer<'static>> {
    const DEEP: [&[u8]; 3] = [&[b'['; 100_000], &[b'{'; 100_000], &[b'9'; 100_000]];
    let bodies = DEEP.into_iter().chain(ODD);
    bodies.flat_map(|body| {
        iter::once(200)
            .chain(STATUSES)
            .map(move |status| answer(status, body))
    })
}

fn answer(status: u16, body: &'static [u8]) -> Answer<'static> {
    Answer {
        status,
        body,
        content_type: Some("application/json"),
        ..Answer::default()
    }
}

/// A payload of that form, with the members that some wire looks at, spelled as no serialiser would, so that a re-written one is noticed.
pub(super) fn payload(form: Payload) -> &'static [u8] {
    match form {
        Payload::Nothing => b"",
        Payload::Array => b"[ {\"Ma\" :\"\\u0041\",\"Ten\":\"Th\xe1\xbb\xad \\/\",\"So\":1.0e+2}\n]",
        Payload::Object => {
            b"{ \"Ma\" :\"\\u0041\",\"Ten\":\"Th\xe1\xbb\xad \\/\",\"So\":1.0e+2\n,\"MaThamChieu\":\"H99\\u0031\",\
              \"SoTien\": \"150000\",\"ThongTinGiaoDich\":\"THU\",\"ThoiGianGD\":\"20260106093000\",\"Ip\":\"203.0.113.10\",\
              \"orderId\":\"H99-1\",\"requestCode\":\"RQ0001\",\"amount\": 150000}"
        }
        Payload::Xml => b"<a  b = 'c' ><d></d>Th\xe1\xbb\xad &#65;\n</a>",
    }
}

/// Payloads that are not of that form, or would break out of their envelope.
pub(super) fn unfit(form: Payload) -> Vec<&'static [u8]> {
    match form {
        Payload::Nothing => vec![b"[{}]"],
        Payload::Array => vec![
            b"",
            b"{}",
            b"[",
            b"[{}",
            b"[{}]]",
            b"[{}],\"service\":\"x\",\"data\":[{}]",
            b"[\"\xff\"]",
        ],
        Payload::Object => vec![
            b"",
            b"[{}]",
            b"{",
            b"{}}",
            b"{},\"service\":\"x\",\"data\":{}",
            b"{\"a\":\"\xff\"}",
        ],
        Payload::Xml => vec![
            b"",
            b"a",
            b"<a>",
            b"<a/><b/>",
            b"</x><y>",
            b"<!DOCTYPE a><a/>",
            b"<a>\xff</a>",
        ],
    }
}
