//! The MAC of the headers, held against another hand's HMAC, and everything that could be changed under it.

use data_encoding::HEXLOWER;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use proptest::prelude::*;

use super::axis::{AUTH, SECRET, framed};
use super::sample::packet;
use crate::mac::{Check, Rejected, stamp, stamped, verify_headers};

/// OpenSSL's own HMAC.
pub(super) fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let key = PKey::hmac(key).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
    signer.update(message).unwrap();
    signer.sign_to_vec().unwrap().try_into().unwrap()
}

type Headers = Vec<(String, String)>;

fn sent() -> Headers {
    let call = [
        ("sender", "000.00.10.H99"),
        ("recipients", "000.00.14.H99,000.00.15.H99"),
    ];
    framed("send", packet().as_bytes(), &call).unwrap().headers
}

fn check() -> Check<'static> {
    Check {
        secret: SECRET,
        hmac,
        file: Some(openssl::sha::sha256(packet().as_bytes())),
        now: AUTH.at + 1_000,
        skew: 300_000,
    }
}

fn value<'h>(headers: &'h Headers, name: &str) -> &'h str {
    let found = headers.iter().find(|(key, _)| key == name);
    &found.unwrap_or_else(|| panic!("no {name} in {headers:?}")).1
}

fn set(headers: &mut Headers, name: &str, value: &str) {
    let found = headers.iter_mut().find(|(key, _)| key == name);
    found.unwrap().1 = value.to_owned();
}

/// Makes the MAC good again, as somebody with the secret could.
fn resign(headers: &mut Headers) {
    let mac = HEXLOWER.encode(&hmac(
        SECRET.as_bytes(),
        value(headers, "XroadVnpt-sign-header").as_bytes(),
    ));
    set(headers, "XroadVnpt-hash-header", &mac);
}

#[test]
fn every_header_stands_in_the_text_and_the_text_under_the_mac() {
    let headers = sent();
    let hash = HEXLOWER.encode(&openssl::sha::sha256(packet().as_bytes()));
    let text = format!(
        "{{\"XroadVnpt-timestamp\":\"06012026T093000+0123\",\"XroadVnpt-systemid\":\"H99-thu-nghiem\",\
         \"XroadVnpt-from\":\"000.00.10.H99\",\"XroadVnpt-servicetype\":\"eDoc\",\"XroadVnpt-messagetype\":\"edoc\",\
         \"XroadVnpt-to\":\"[\\\"000.00.14.H99\\\",\\\"000.00.15.H99\\\"]\",\"XroadVnpt-hash-file\":\"{hash}\"}}"
    );
    assert_eq!(value(&headers, "XroadVnpt-sign-header"), text);
    assert_eq!(
        value(&headers, "XroadVnpt-sign-header-key"),
        "timestamp;systemid;from;servicetype;messagetype;to;hash-file"
    );
    // Computed by another hand, over the text written out above.
    let key = PKey::hmac(SECRET.as_bytes()).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
    let mac = signer.sign_oneshot_to_vec(text.as_bytes()).unwrap();
    assert_eq!(value(&headers, "XroadVnpt-hash-header"), HEXLOWER.encode(&mac));
    for (name, expected) in [
        ("XroadVnpt-timestamp", "06012026T093000+0123"),
        ("XroadVnpt-systemid", "H99-thu-nghiem"),
        ("XroadVnpt-from", "000.00.10.H99"),
        ("XroadVnpt-to", "[\"000.00.14.H99\",\"000.00.15.H99\"]"),
        ("XroadVnpt-hash-file", &hash),
        ("XroadVnpt-version", "3.0.201608"),
        ("User-Agent", "JAVASDKAgent/1.0.0 XRoad/VPCP"),
    ] {
        assert_eq!(value(&headers, name), expected);
    }
    assert!(!format!("{headers:?}").contains(SECRET));
}

/// The same MAC by `printf '{"XroadVnpt-systemid":"H99"}' | openssl dgst -sha256 -hmac khoa-thu-nghiem`.
#[test]
fn a_vector_of_the_openssl_program() {
    let headers = crate::mac::signed(&[("systemid".to_owned(), "H99".to_owned())], SECRET, hmac);
    assert_eq!(value(&headers, "XroadVnpt-hash-header"), VECTOR);
}

const VECTOR: &str = "b555748c112fa73776cb14c24a9d694ede383aede2e569b8d3a18b85741e08c2";

#[test]
fn a_stamp_ends_in_milliseconds_and_not_in_a_zone() {
    assert_eq!(stamp(1_767_666_600_007).as_deref(), Some("06012026T093000+0007"));
    assert_eq!(stamp(1_767_632_400_999).as_deref(), Some("06012026T000000+0999"));
    assert_eq!(stamped("06012026T093000+0700"), Some(1_767_666_600_700));
    for none in [
        "",
        "06012026T093000",
        "06012026T093000+1000",
        "06012026T093000+07",
        "31022026T093000+0000",
        "06012026T250000+0000",
        "0601202éT093000+0000",
    ] {
        assert_eq!(stamped(none), None, "{none}");
    }
}

#[test]
fn good_headers_are_taken_and_say_who_when_and_what() {
    let checked = verify_headers(&sent(), &check()).unwrap();
    assert_eq!((checked.system.as_str(), checked.at), ("H99-thu-nghiem", AUTH.at));
    assert_eq!(checked.parameter("FROM"), Some("000.00.10.H99"));
    assert_eq!(
        checked.parameter("user-agent"),
        None,
        "what is not covered is not passed on"
    );
    // As HTTP hands them on: names in lower case, in any order, with others between.
    let mut shuffled: Headers = sent()
        .into_iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect();
    shuffled.reverse();
    shuffled.insert(2, ("host".to_owned(), "a.example".to_owned()));
    assert_eq!(verify_headers(&shuffled, &check()), Ok(checked));
}

/// What somebody does to headers, and why they are not taken then.
type Attack = (&'static str, fn(&mut Headers), Rejected);

const ATTACKS: [Attack; 13] = [
    (
        "another sender",
        |it| set(it, "XroadVnpt-from", "000.00.11.H99"),
        Rejected::Differs,
    ),
    (
        "a header taken out",
        |it| it.retain(|(name, _)| name != "XroadVnpt-to"),
        Rejected::Differs,
    ),
    (
        "a header added",
        |it| it.push(("XroadVnpt-docId".into(), "7".into())),
        Rejected::Uncovered,
    ),
    (
        "a header twice",
        |it| it.push(("xroadvnpt-FROM".into(), "000.00.10.H99".into())),
        Rejected::Twice,
    ),
    (
        "a MAC twice",
        |it| it.push(("XroadVnpt-hash-header".into(), "00".into())),
        Rejected::Twice,
    ),
    (
        "no MAC",
        |it| it.retain(|(name, _)| name != "XroadVnpt-hash-header"),
        Rejected::Missing("hash-header"),
    ),
    (
        "a short MAC",
        |it| set(it, "XroadVnpt-hash-header", "00"),
        Rejected::Mac,
    ),
    (
        "no hexadecimal MAC",
        |it| set(it, "XroadVnpt-hash-header", "zz"),
        Rejected::Mac,
    ),
    (
        "another text",
        |it| set(it, "XroadVnpt-sign-header", "{}"),
        Rejected::Mac,
    ),
    (
        "another list",
        |it| set(it, "XroadVnpt-sign-header-key", "timestamp;systemid"),
        Rejected::Names,
    ),
    (
        "a list with one name twice",
        |it| {
            set(
                it,
                "XroadVnpt-sign-header-key",
                "timestamp;systemid;from;servicetype;messagetype;to;to",
            )
        },
        Rejected::Names,
    ),
    (
        "no list",
        |it| it.retain(|(name, _)| name != "XroadVnpt-sign-header-key"),
        Rejected::Missing("sign-header-key"),
    ),
    (
        "a text with a member twice",
        |it| {
            let text =
                value(it, "XroadVnpt-sign-header").replacen('{', "{\"XroadVnpt-from\":\"000.00.11.H99\",", 1);
            set(it, "XroadVnpt-sign-header", &text);
            resign(it);
        },
        Rejected::Form,
    ),
];

#[test]
fn every_change_under_the_mac_is_noticed() {
    for (what, attack, rejected) in ATTACKS {
        let mut headers = sent();
        attack(&mut headers);
        assert_eq!(verify_headers(&headers, &check()), Err(rejected), "{what}");
    }
}

#[test]
fn another_secret_packet_or_time_is_noticed() {
    let with = |change: fn(&mut Check<'static>)| {
        let mut check = check();
        change(&mut check);
        verify_headers(&sent(), &check)
    };
    assert_eq!(with(|it| it.secret = "khac"), Err(Rejected::Mac));
    assert_eq!(with(|it| it.file = Some([0; 32])), Err(Rejected::File));
    assert_eq!(with(|it| it.now += 300_000), Err(Rejected::Clock));
    assert_eq!(with(|it| it.now -= 600_000), Err(Rejected::Clock));
    assert!(with(|it| it.now += 200_000).is_ok());
    assert!(with(|it| it.now = i64::MIN).is_err());
    let asked = framed("fetch", b"", &[("id", "7")]).unwrap().headers;
    assert_eq!(
        verify_headers(&asked, &check()),
        Err(Rejected::Missing("hash-file"))
    );
    assert!(
        verify_headers(
            &asked,
            &Check {
                file: None,
                ..check()
            }
        )
        .is_ok()
    );
}

#[test]
fn a_text_that_is_no_list_of_texts_is_not_taken_even_under_a_good_mac() {
    for (text, rejected) in [
        ("[]", Rejected::Form),
        ("{\"XroadVnpt-from\":1}", Rejected::Form),
        ("{\"from\":\"a\"}", Rejected::Form),
        ("{\"XroadVnpt-from\":\"000.00.10.H99\"", Rejected::Form),
        ("{}", Rejected::Names),
    ] {
        let mut headers = sent();
        set(&mut headers, "XroadVnpt-sign-header", text);
        resign(&mut headers);
        assert_eq!(verify_headers(&headers, &check()), Err(rejected), "{text}");
    }
}

proptest! {
    #[test]
    fn no_byte_of_a_covered_header_can_be_changed(which in 0_usize..7, at in any::<prop::sample::Index>(), byte in "[ -~]") {
        let mut headers = sent();
        let covered: Vec<usize> = (0..headers.len()).filter(|n| headers[*n].0.starts_with("XroadVnpt-") && !headers[*n].0.ends_with("version")).collect();
        let (_, value) = &mut headers[covered[which]];
        let at = at.index(value.len());
        prop_assume!(value[at..=at] != byte);
        value.replace_range(at..=at, &byte);
        prop_assert!(verify_headers(&headers, &check()).is_err());
    }

    #[test]
    fn no_headers_make_the_check_panic(name in "(?i)(xroadvnpt-)?[a-zđ-]{0,16}", value in ".{0,30}") {
        let mut headers = sent();
        headers.push((name.clone(), value.clone()));
        let _ = verify_headers(&headers, &check());
        let _ = verify_headers(&[(name, value)], &check());
    }
}
