use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use wire::conformance;
use wire::{Adapter, Answer, Auth, Call, Credentials, Malformed, Next, Opened, Reading, Request, Verdict};

use super::*;

const PROFILES: [&str; 2] = [
    include_str!("../../../config/profiles/criminal-record/ngsp.toml"),
    include_str!("../../../config/profiles/criminal-record/vneid.toml"),
];
const PUSH: &str = include_str!("../samples/push.json");
const POLL: &str = include_str!("../samples/results.json");
const TAKEN: &str = r#"{"status":"1","statusDescription":"Gửi thông tin thành công","errorDescription":""}"#;
const AGAIN: &str = r#"{"status":"0","statusDescription":"Thất bại","errorDescription":"Hồ sơ H99-1 đã được tiếp nhận, không thể cập nhật"}"#;
const KEY: &str = "kh0a-b1-mat";

static WIRES: LazyLock<Vec<CriminalRecord>> = LazyLock::new(|| {
    let wire = |profile: &&str| CriminalRecord::new(toml::from_str(profile).unwrap()).unwrap();
    PROFILES.iter().map(wire).collect()
});

fn wire(operation: &str) -> &'static CriminalRecord {
    WIRES
        .iter()
        .find(|wire| wire.operation(operation).is_some())
        .unwrap()
}

fn answered(operation: &str, status: u16, body: &str) -> Reading {
    let answer = Answer {
        status,
        body: body.as_bytes(),
        ..Answer::default()
    };
    wire(operation).read(operation, &answer)
}

fn read(operation: &str, body: &str) -> Reading {
    answered(operation, 200, body)
}

fn class(operation: &str, body: &str) -> Class {
    read(operation, body).class.unwrap()
}

fn framed(
    operation: &str,
    payload: &[u8],
    arguments: &[(&str, &str)],
    secrets: &[(&str, &str)],
) -> Result<Request, Malformed> {
    wire(operation).frame(&Call {
        operation,
        payload,
        arguments,
        session: Some("tok"),
        auth: Some(Auth {
            at: 0,
            credentials: Credentials {
                username: "u",
                password: "p",
                secrets,
            },
            sha256: |_| [0; 32],
            hmac: |_, _| [0; 32],
        }),
        ..Call::default()
    })
}

#[test]
fn every_shipped_profile_keeps_the_laws() {
    let mut faults: Vec<_> = WIRES.iter().flat_map(|wire| conformance::check(wire)).collect();
    for (operation, body) in [
        ("register", TAKEN),
        ("results", POLL.trim()),
        ("vneid", r#"{"statusCode":"00"}"#),
    ] {
        faults.extend(conformance::accepted(wire(operation), operation, body.as_bytes()));
    }
    assert_eq!(faults, []);
}

/// The sample without its key, as a mapping writes it.
fn payload() -> String {
    PUSH.trim().replace(
        r#""authKey":"not-a-key","maTinh":"38","tenTinh":"Tỉnh Thanh Hóa","#,
        "",
    )
}

#[test]
fn trap_12_and_15_the_key_stands_beside_the_payload_and_misspelt_names_stay() {
    let odd = payload().replace(
        r#""uyQuyen":"0""#,
        r#""uyQuyen":"1","nuqLoaiGiayto":"4","nyqQuanHe":"Em""#,
    );
    let request = framed("register", odd.as_bytes(), &[], &[("key", KEY)]).unwrap();
    let body = String::from_utf8(request.body.clone()).unwrap();
    assert_eq!(
        body,
        format!(
            r#"{{"authKey":"{KEY}","maTinh":"99","tenTinh":"Tỉnh Mẫu",{}"#,
            &odd[1..]
        )
    );
    assert!(body.contains(r#""nuqLoaiGiayto":"4""#) && body.contains(r#""nyqQuanHe":"Em""#));
    assert!(!format!("{request:?}").contains(KEY));
    assert!(matches!(
        framed("register", odd.as_bytes(), &[], &[]),
        Err(Malformed::Secret(_))
    ));
    let asked = framed("results", b"", &[("dossier", "H99-1")], &[("key", KEY)]).unwrap();
    assert_eq!(
        String::from_utf8(asked.body).unwrap(),
        format!(r#"{{"authKey":"{KEY}","maTinh":"99","maHoSoMCDT":"H99-1"}}"#)
    );
    // What says the key back is not shown.
    let refused = format!(
        r#"{{"status":"0","errorDescription":"authKey {KEY} không hợp lệ: {{\"authKey\":\"{KEY}\"}}"}}"#
    );
    let reading = read("register", &refused);
    assert_eq!((reading.class, reading.next), (Some(Class::Denied), Next::Person));
    assert!(!format!("{reading:?}").contains(KEY), "{reading:?}");
}

#[test]
fn the_samples_are_read_and_written_again_without_loss() {
    for sample in [PUSH, POLL] {
        let document: Value = serde_json::from_str(sample).unwrap();
        assert_eq!(document.to_string(), sample.replace('\n', ""));
    }
    let reading = read("results", POLL);
    assert_eq!(reading.class, Some(Class::Match));
    let rows = rows(reading.result.as_deref().unwrap()).unwrap();
    let [row] = rows.as_slice() else { panic!() };
    assert_eq!(
        (row.dossier.as_str(), row.state.as_str()),
        ("H99.10-260106-0002", "9")
    );
    let sheet = row.outcome.clone().unwrap();
    let came = POLL.find(r#"{"soPhieuLLTP""#).unwrap();
    assert!(
        POLL[came..].starts_with(std::str::from_utf8(&sheet).unwrap()),
        "its bytes are what came"
    );
}

#[test]
fn a_result_is_never_shown() {
    let reading = read("results", POLL);
    let rows = rows(reading.result.as_deref().unwrap()).unwrap();
    let shown = format!("{reading:?} {rows:?}");
    for word in [
        "MAU-0001",
        "Không có án tích",
        "JVBER",
        "H99.10-260106-0002",
        "123, 34",
    ] {
        assert!(!shown.contains(word), "{shown}");
    }
}

#[test]
fn trap_2_and_13_a_repeat_is_done_and_success_is_said_in_two_ways() {
    assert_eq!(class("register", TAKEN), Class::Ok);
    assert_eq!(class("register", r#"{"status":1}"#), Class::Ok);
    assert_eq!(
        class(
            "register",
            r#"{"status":"200","errorDescription":"Gửi thông tin thành công"}"#
        ),
        Class::Ok
    );
    let again = read("register", AGAIN);
    assert_eq!(
        (again.class, again.verdict),
        (Some(Class::Duplicate), Verdict::Accepted)
    );
    assert_eq!(answered("register", 400, AGAIN).class, Some(Class::Duplicate));
    assert_eq!(
        class(
            "register",
            r#"{"status":"0","errorDescription":"Thiếu nycHoTen"}"#
        ),
        Class::UpstreamRejected
    );
    for open in [
        "{}",
        "1",
        "\"1\"",
        r#"{"status":""}"#,
        r#"{"errorDescription":"x"}"#,
    ] {
        assert_eq!(read("register", open).verdict, Verdict::Unclear, "{open}");
    }
}

#[test]
fn what_vneid_says_to_a_state() {
    let said = |code: &str, text: &str| {
        read(
            "vneid",
            &json!({"statusCode": code, "errorDetail": text}).to_string(),
        )
    };
    assert_eq!(said("00", "").class, Some(Class::Ok));
    let passed = said("01", "Hồ sơ không thể cập nhật lên trạng thái 9");
    assert_eq!(
        (passed.class, passed.verdict),
        (Some(Class::Duplicate), Verdict::Accepted)
    );
    let refused = said("01", "Sai mã tỉnh");
    assert_eq!(
        (refused.class, refused.next),
        (Some(Class::UpstreamRejected), Next::Person)
    );
    for text in ["", "Yêu cầu bị gián đoạn. Vui lòng thử lại."] {
        let again = said("03", text);
        assert_eq!(
            (again.class, again.next),
            (Some(Class::UpstreamUnavailable), Next::Retry)
        );
    }
    assert_eq!(said("77", "x").class, Some(Class::UpstreamRejected));
    let opened = wire("vneid").opened(&Answer {
        status: 200,
        body: br#"{"statusCode":"00","accessToken":"t-1","errorDetail":null}"#,
        ..Answer::default()
    });
    assert!(matches!(opened, Opened::Session { token, .. } if token == "t-1"));
    let refused = wire("vneid").opened(&Answer {
        status: 200,
        body: br#"{"statusCode":"01","accessToken":null,"errorDetail":"x"}"#,
        ..Answer::default()
    });
    assert!(matches!(refused, Opened::Refused { .. }));
}

#[test]
fn a_result_goes_to_vneid_as_it_came() {
    let state = r#"{"maHoSoMCDT":"H99-1","trangThaiXuLy":"9","type":"ketqua","ketQuaXuLy":{}}"#;
    let sheet = br#"{"soPhieuLLTP":"MAU-1","thongTinAn":[],"phieuLLTP":"JVBERi0xLjQK"}"#;
    let payload = with_outcome(state.as_bytes(), sheet).unwrap();
    let expected = state.replace("{}", std::str::from_utf8(sheet).unwrap());
    assert_eq!(String::from_utf8(payload.clone()).unwrap(), expected);
    let request = framed("vneid", &payload, &[], &[]).unwrap();
    let beside = format!(r#"{{"maTinh":"99","tenTinh":"Tỉnh Mẫu",{}"#, &expected[1..]);
    assert_eq!(
        (String::from_utf8(request.body).unwrap(), request.target.as_str()),
        (beside, "/v2/lyLichTuPhap/traKetQuaHoSoLLTP")
    );
    assert_eq!(with_outcome(b"[]", sheet), None);
    assert_eq!(with_outcome(state.as_bytes(), b"\"x\""), None);
}

#[test]
fn a_poll_that_finds_nothing_says_so_and_a_state_may_be_a_number() {
    assert_eq!(
        class(
            "results",
            r#"{"status":0,"statusDescription":"Không tìm thấy hồ sơ","value":[]}"#
        ),
        Class::NoMatch
    );
    assert_eq!(class("results", r#"{"status":1,"value":[]}"#), Class::NoMatch);
    assert_eq!(class("results", r#"{"status":1}"#), Class::UpstreamMalformed);
    let body = r#"{"status":1,"value":[{"maHoSoMCDT":"H99-1","trangThaiXuLy":4,"ketQuaXuLy":null},{"trangThaiXuLy":"5"}]}"#;
    let rows = rows(read("results", body).result.as_deref().unwrap()).unwrap();
    let expected = Row {
        dossier: "H99-1".to_owned(),
        state: "4".to_owned(),
        outcome: None,
    };
    assert_eq!(rows, [expected], "a row that names no dossier is nobody's");
}

#[test]
fn trap_22_papers_of_a_push_are_attached_within_their_limits() {
    let mark = payload().replace("JVBERi0xLjQK", &"ab".repeat(32));
    let bytes = |digest: &str| (digest == "ab".repeat(32)).then(|| b"%PDF-1.4\n".to_vec());
    let whole = wire::attach::attach(mark.as_bytes(), PAPERS, wire::attach::BULK, bytes).unwrap();
    assert_eq!(String::from_utf8(whole).unwrap(), payload());
    let long = |_: &str| Some(vec![0; 11]);
    let bulk = wire::attach::Bulk {
        file: 10,
        message: 10_000,
    };
    assert!(wire::attach::attach(mark.as_bytes(), PAPERS, bulk, long).is_err());
    assert_eq!(wire("register").limits("register").bytes, 50 << 20);
}

proptest! {
    #[test]
    fn reading_is_total(body in proptest::collection::vec(any::<u8>(), 0..200), status in 100_u16..600) {
        let answer = Answer { status, body: &body, ..Answer::default() };
        for wire in WIRES.iter() {
            for operation in wire.operations() {
                prop_assert_ne!(wire.read(operation.name, &answer).verdict, Verdict::Accepted);
            }
        }
    }

    #[test]
    fn an_outcome_comes_out_as_it_went_in(offence in ".{0,20}", number in any::<u32>(), list in proptest::collection::vec(any::<bool>(), 0..4)) {
        let outcome = json!({"thongTinAn": [{"toiDanh": offence, "so": number, "co": list}], "phieuLLTP": ""});
        let body = json!({"status": 1, "value": [{"maHoSoMCDT": "H99-1", "trangThaiXuLy": "9", "ketQuaXuLy": outcome}]});
        let rows = rows(read("results", &body.to_string()).result.as_deref().unwrap()).unwrap();
        let came = outcome.to_string();
        prop_assert_eq!(rows[0].outcome.as_deref(), Some(came.as_bytes()));
    }
}
