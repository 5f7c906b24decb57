//! From an answer to its reading.

use serde_json::Value;
use wire::{Answer, Next, Opened, Operation, Reading, Verdict};

use crate::answers::{Outcome, Table};
use crate::body::{Said, said};

/// A session longer than this is no session.
const SESSION: usize = 4_096;

/// Reads answers by a site's table.
pub(crate) struct Reader {
    pub(crate) table: Table,
    pub(crate) trust_retry_after: bool,
}

/// What the HTTP status says before the body is looked at.
enum Carried {
    /// The body speaks, and may say that it was taken.
    Fully,
    /// The body speaks, but cannot say that it was taken.
    Badly,
    /// Not taken, and this follows.
    Refused(Next),
    /// Nothing can be told; the operation heals itself.
    Broken,
    /// Nothing can be told, and a person must look at the configuration.
    Astray,
}

impl Reader {
    pub(crate) fn read(&self, operation: &Operation, service: &str, answer: &Answer<'_>) -> Reading {
        let said = said(answer.body);
        let reading = match (self.carried(answer), &said) {
            (Carried::Refused(next), _) => Reading::new(Verdict::Refused, next),
            (Carried::Broken, _) => Reading::unclear(operation.heals),
            (Carried::Fully, Some(said)) => self.meant(operation, service, said),
            (Carried::Fully, None) => Reading::unclear(operation.heals),
            (Carried::Badly, Some(said)) => match self.meant(operation, service, said) {
                Reading {
                    verdict: Verdict::Accepted,
                    ..
                } => Reading::unclear(operation.heals),
                reading => reading,
            },
            (Carried::Badly, None) | (Carried::Astray, _) => Reading::new(Verdict::Unclear, Next::Person),
        };
        let code = said.as_ref().and_then(|said| said.code);
        let code = code.map_or_else(
            || format!("HTTP {}", answer.status),
            |code| wire::text::excerpt(&code.to_string()),
        );
        let text = said.map_or_else(String::new, |said| said.text);
        Reading {
            code: Some(code),
            after: answer.retry_after,
            ..reading.saying(&text)
        }
    }

    /// 401 and 429 say by themselves that nothing was taken; so does 503 with `Retry-After`, where it is trusted.
    /// A 4xx or a redirect without the portal's words comes from the way there (a wrong path, a limit of the
    /// adapter): sending again does not mend it, but it proves nothing about the portal either.
    fn carried(&self, answer: &Answer<'_>) -> Carried {
        match answer.status {
            200..=299 => Carried::Fully,
            401 => Carried::Refused(Next::Login),
            429 => Carried::Refused(Next::Retry),
            503 if self.trust_retry_after && answer.retry_after.is_some() => Carried::Refused(Next::Retry),
            408 | 500..=599 => Carried::Broken,
            400..=499 => Carried::Badly,
            _ => Carried::Astray,
        }
    }

    fn meant(&self, operation: &Operation, service: &str, said: &Said) -> Reading {
        let unclear = Reading::unclear(operation.heals);
        let Some(code) = said.code else { return unclear };
        let outcome = self
            .table
            .outcome(service, code, &said.text)
            .unwrap_or(Outcome::Unclear);
        match (operation.name, outcome) {
            (_, Outcome::Unclear) => unclear,
            ("lookup", Outcome::Done) => found(said).unwrap_or(unclear),
            (_, Outcome::Done) => done(operation, said).unwrap_or(unclear),
            ("create", Outcome::Exists) => refused(Next::AsUpdate),
            ("update", Outcome::Absent) => refused(Next::AsCreate),
            // An update that "exists" already or a create of what is not there: the words contradict the deed.
            ("update", Outcome::Exists) => Reading::new(Verdict::Unclear, Next::Person),
            // Code 0 is not a refusal, whatever the words.
            (_, Outcome::Exists | Outcome::Absent | Outcome::Person | Outcome::Login | Outcome::Retry)
                if code == 0 =>
            {
                unclear
            }
            (_, Outcome::Login) => refused(Next::Login),
            (_, Outcome::Retry) => refused(Next::Retry),
            // A failed probe is not "absent", and not the end of it either.
            ("lookup", Outcome::Exists | Outcome::Absent | Outcome::Person) => unclear,
            (_, Outcome::Exists | Outcome::Absent | Outcome::Person) => refused(Next::Person),
        }
    }

    /// Reads the answer to a login (§1.3). An unknown refusal is a refusal: repeating it may lock the account.
    pub(crate) fn opened(&self, answer: &Answer<'_>) -> Opened {
        let unclear = Opened::Unclear {
            after: answer.retry_after,
        };
        let refused = |code: Option<i64>, text: &str| {
            let reading = Reading::new(Verdict::Refused, Next::Person).saying(text);
            Opened::Refused {
                code: code.map(|code| wire::text::excerpt(&code.to_string())),
                text: reading.text,
            }
        };
        let said = said(answer.body);
        match (answer.status, said) {
            (401 | 403, said) => {
                let (code, text) = said.map_or((None, String::new()), |said| (said.code, said.text));
                refused(code, &text)
            }
            (
                200..=299,
                Some(Said {
                    code: Some(0),
                    session,
                    ..
                }),
            ) => session
                .filter(|session| is_session(session))
                .map_or(unclear, Opened::session),
            (
                200..=299 | 400..=407,
                Some(Said {
                    code: Some(code),
                    text,
                    ..
                }),
            ) if code != 0 => match self.table.outcome("", code, &text) {
                Some(Outcome::Retry | Outcome::Unclear) => unclear,
                Some(
                    Outcome::Done | Outcome::Exists | Outcome::Absent | Outcome::Login | Outcome::Person,
                )
                | None => refused(Some(code), &text),
            },
            _ => unclear,
        }
    }
}

fn refused(next: Next) -> Reading {
    Reading::new(Verdict::Refused, next)
}

fn is_session(session: &str) -> bool {
    !session.trim().is_empty() && session.len() <= SESSION && !session.contains(char::is_control)
}

/// A push is done by its words; a read is done with what it read.
fn done(operation: &Operation, said: &Said) -> Option<Reading> {
    let settled = Reading::new(Verdict::Accepted, Next::Settle);
    if operation.payload != wire::Payload::Nothing {
        return Some(settled);
    }
    let result = said.result.as_ref()?;
    Some(Reading {
        result: Some(result.clone().into_bytes()),
        ..settled
    })
}

/// `TraCuuHoSo` (§2.2): rows mean found, an empty array means absent, anything else is no answer.
fn found(said: &Said) -> Option<Reading> {
    let result = said.result.as_ref()?;
    let rows: Vec<serde_json::Map<String, Value>> = serde_json::from_str(result).ok()?;
    let next = match rows.first() {
        None => Next::Absent,
        Some(row) if row.is_empty() => return None,
        Some(_) => Next::Found,
    };
    Some(Reading {
        result: Some(result.clone().into_bytes()),
        ..Reading::new(Verdict::Accepted, next)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wire::Adapter;
    use wire::Next::{Absent, Login, Person, Probe, Retry, Settle};
    use wire::Verdict::{Accepted, Refused, Unclear};

    use super::*;
    use crate::tests::portal;

    fn read(operation: &str, status: u16, body: &str) -> (Verdict, Next) {
        let answer = Answer {
            status,
            body: body.as_bytes(),
            ..Answer::default()
        };
        let reading = portal().read(operation, &answer);
        (reading.verdict, reading.next)
    }

    /// One row a line: operation, verdict, next, body.
    fn rows(rows: &str) {
        for row in rows.lines().map(str::trim).filter(|row| !row.is_empty()) {
            let mut parts = row.splitn(4, ' ');
            let [operation, verdict, next] = [0; 3].map(|_| parts.next().unwrap());
            let read = read(operation, 200, parts.next().unwrap_or_default());
            assert_eq!(
                format!("{:?} {:?}", read.0, read.1),
                format!("{verdict} {next}"),
                "{row}"
            );
        }
    }

    #[test]
    fn answers_to_pushes() {
        rows(
            r#"
            create Accepted Settle {"error_code": "0", "message": "Đồng bộ thành công"}
            progress Accepted Settle {"error_code": 0, "message": "Cập nhật tiến độ thành công"}
            update Accepted Settle {"error_code":0,"message":"THA\u0300NH CO\u0302NG"}
            update Accepted Settle {"error_code":0,"message":"Đồng bộ thành công 01 hồ sơ"}
            update Accepted Settle {"error_code":0,"message":["Đồng bộ", "Thành công"]}
            update Accepted Settle {"error_code":0,"message":{"ThongBao":"Thành công"}}
            update Accepted Settle {"error_code":0,"message":"{\"error_code\":\"0\",\"message\":\"Thành công\"}"}
            "#,
        );
    }

    #[test]
    fn code_0_with_other_words_or_good_words_without_code_0_are_unclear() {
        rows(
            r#"
            create Unclear Probe {"error_code": 0, "message": "OK"}
            create Unclear Probe {"error_code": 0, "message": "Đồng bộ không thành công"}
            create Unclear Probe {"error_code": 0, "message": "Thành công 0/1 hồ sơ"}
            update Unclear Retry {"error_code": 0}
            progress Unclear Person {"error_code": 0, "message": ""}
            create Unclear Probe {"error_code":0,"message":"{\"error_code\":-1,\"message\":\"Thành công\"}"}
            create Unclear Probe {"error_code":0,"message":"Phiên đã hết hạn"}
            progress Unclear Person {"error_code":0,"message":"Hệ thống quá tải"}
            progress Unclear Person {"error_code":0,"message":"Hồ sơ … không tồn tại"}
            create Unclear Probe {"message": "Thành công"}
            create Unclear Probe {"error_code": "", "message": "Thành công"}
            create Unclear Probe {"error_code": 0.5, "message": "Thành công"}
            update Unclear Retry {"error_code": 42, "message": "Thành công"}
            "#,
        );
    }

    #[test]
    fn the_words_exists_and_unknown_turn_a_push_round() {
        rows(
            r#"
            create Refused AsUpdate {"error_code": "3", "message": "Hồ sơ 000.00.14.H99-240115-0001 đã tồn tại"}
            create Refused AsUpdate {"error_code": "-3", "message": "Hồ sơ … đã tồn tại trên hệ thống"}
            create Refused AsUpdate {"error_code": "0", "message": "Hồ sơ … đã tồn tại"}
            create Refused AsUpdate {"error_code":3,"message":"\u0110a\u0303 to\u0302\u0300n ta\u0323i"}
            update Refused AsCreate {"error_code": "-1", "message": "Hồ sơ H99-240115-0001 không tồn tại"}
            "#,
        );
    }

    #[test]
    fn a_push_is_not_turned_round_in_a_circle() {
        rows(
            r#"
            update Unclear Person {"error_code": "3", "message": "Hồ sơ … đã tồn tại"}
            create Refused Person {"error_code": "-1", "message": "Hồ sơ … không tồn tại"}
            progress Refused Person {"error_code": "3", "message": "Hồ sơ … không tồn tại"}
            update Refused Person {"error_code": "-1", "message": "Mã thủ tục không tồn tại"}
            "#,
        );
    }

    #[test]
    fn refusals_troubles_and_lost_sessions() {
        rows(
            r#"
            create Refused Person {"error_code": -1, "message": "Sai định dạng ngày"}
            create Refused Person {"error_code": -1, "message": "Thủ tục cấp phép xe quá tải trọng: thiếu phiên bản"}
            create Unclear Probe {"error_code": -1, "message": "Lỗi hệ thống"}
            progress Unclear Person {"error_code": -1, "message": "Lỗi hệ thống"}
            update Unclear Retry {"error_code": -1, "message": "Có lỗi xảy ra, vui lòng thử lại sau"}
            update Refused Retry {"error_code": -1, "message": "Hệ thống quá tải, thử lại sau"}
            progress Refused Login {"error_code": -1, "message": "Phiên làm việc đã hết hạn"}
            lookup Refused Login {"error_code": "-5", "message": "Invalid session"}
            create Unclear Probe {"error_code": 42, "message": "…"}
            progress Unclear Person server error
            create Unclear Probe Client received SOAP Fault from server: …
            update Unclear Retry <html>…</html>
            create Unclear Probe
            no-such-operation Unclear Person {"error_code": 0, "message": "Thành công"}
            "#,
        );
    }

    #[test]
    fn a_probe_is_answered_only_by_rows_or_by_an_empty_array() {
        rows(
            r#"
            lookup Accepted Found {"error_code":"0","message":"","result":[{"MaHoSo":"1"}]}
            lookup Accepted Absent {"error_code":0,"message":"Thành công","result":[]}
            lookup Accepted Absent {"error_code":0,"message":"{\"result\":[]}"}
            lookup Accepted Found {"error_code":0,"message":{"result":[{"a":1}]}}
            lookup Unclear Retry {"error_code":0,"message":"Lỗi kết nối","result":[]}
            lookup Unclear Retry {"error_code":0,"message":"Phiên làm việc hết hạn","result":[]}
            lookup Unclear Retry {"error_code":-1,"message":"Hồ sơ không tồn tại","result":[]}
            lookup Unclear Retry {"error_code":7,"message":"","result":[]}
            lookup Unclear Retry {"error_code":0,"message":""}
            lookup Unclear Retry {"error_code":0,"result":null}
            lookup Unclear Retry {"error_code":0,"result":{}}
            lookup Unclear Retry {"error_code":0,"result":[null]}
            lookup Unclear Retry {"error_code":0,"result":[{}]}
            lookup Unclear Retry {"error_code":0,"message":"{\"error_code\":-1,\"result\":[]}"}
            "#,
        );
    }

    #[test]
    fn a_read_gives_its_result_also_when_it_is_serialised_into_the_message() {
        let nested = r#"{"error_code":"0","message":"{\"result\":[{\"MATTHC\":\"2.000379.000.00.00.H18\",\"TENTTHC\":\"…\"}]}"}"#;
        let answer = Answer {
            status: 200,
            body: nested.as_bytes(),
            ..Answer::default()
        };
        let reading = portal().read("procedures", &answer);
        assert_eq!((reading.verdict, reading.next), (Accepted, Settle));
        let entries = crate::Entry::procedures(&reading.result.unwrap()).unwrap();
        assert_eq!(entries[0].code, "2.000379.000.00.00.H18");
        rows(
            r#"
            procedure Unclear Retry {"error_code":0,"message":"Thành công"}
            procedure Refused Person {"error_code":-1,"message":"Không có thủ tục"}
            "#,
        );
    }

    #[test]
    fn the_status_speaks_before_the_body_and_never_for_it() {
        let done = r#"{"error_code":0,"message":"Thành công"}"#;
        let wrong = r#"{"error_code":-1,"message":"Sai định dạng"}"#;
        assert_eq!(read("create", 500, wrong), (Unclear, Probe));
        assert_eq!(read("create", 400, wrong), (Refused, Person));
        assert_eq!(read("progress", 404, "<html>"), (Unclear, Person));
        assert_eq!(read("create", 413, ""), (Unclear, Person));
        assert_eq!(read("create", 302, done), (Unclear, Person));
        assert_eq!(read("create", 401, ""), (Refused, Login));
        assert_eq!(read("progress", 503, ""), (Unclear, Person));
        let busy = Answer {
            status: 503,
            retry_after: Some(30),
            ..Answer::default()
        };
        let reading = portal().read("progress", &busy);
        assert_eq!(
            (reading.verdict, reading.next, reading.after),
            (Refused, Retry, Some(30))
        );
        assert_eq!(reading.code.as_deref(), Some("HTTP 503"));
    }

    #[test]
    fn a_login_opens_refuses_or_waits() {
        let opened = |status, body: &str| {
            portal().opened(&Answer {
                status,
                body: body.as_bytes(),
                ..Answer::default()
            })
        };
        let session = r#"{"error_code": 0, "message": "Thành công", "session": "3f1c0c5e-0000-4a4a-9c9c-000000000001"}"#;
        assert_eq!(
            opened(200, session),
            Opened::session("3f1c0c5e-0000-4a4a-9c9c-000000000001".into())
        );
        let wrong = opened(
            200,
            r#"{"error_code": -1, "message": "Tài khoản hoặc mật khẩu không đúng"}"#,
        );
        let text = Some("Tài khoản hoặc mật khẩu không đúng".to_owned());
        assert_eq!(
            wrong,
            Opened::Refused {
                code: Some("-1".into()),
                text
            }
        );
        let unclear = Opened::Unclear { after: None };
        for (status, body) in [
            (500, session),
            (200, r#"{"error_code": 0, "message": "Thành công"}"#),
            (200, r#"{"error_code": 0, "session": " "}"#),
            (200, r#"{"session": "3f1c"}"#),
            (200, r#"{"error_code": -1, "message": "Lỗi hệ thống"}"#),
            (404, "<html>"),
        ] {
            assert_eq!(opened(status, body), unclear, "{status} {body}");
        }
        assert!(matches!(opened(403, "<html>"), Opened::Refused { .. }));
    }

    #[test]
    fn a_site_teaches_its_own_rows_before_the_shipped_ones() {
        let row = crate::Row {
            codes: vec![42],
            contains: vec!["ĐÃ * NHẬN".into()],
            outcome: Outcome::Done,
            ..crate::Row::default()
        };
        let framing = crate::Framing {
            answers: vec![row],
            success_needs_text: false,
            ..crate::tests::framing()
        };
        let portal = crate::Portal::new(framing).unwrap();
        let read = |body: &str| {
            portal
                .read(
                    "create",
                    &Answer {
                        status: 200,
                        body: body.as_bytes(),
                        ..Answer::default()
                    },
                )
                .verdict
        };
        assert_eq!(
            read(r#"{"error_code":42,"message":"Đã được tiếp nhận"}"#),
            Accepted
        );
        assert_eq!(read(r#"{"error_code":0,"message":"OK"}"#), Accepted);
        assert_eq!(read(r#"{"error_code":0,"message":"Không thành công"}"#), Unclear);
    }

    const OPERATIONS: [&str; 4] = ["create", "progress", "lookup", "procedure"];

    proptest! {
        #[test]
        fn every_answer_has_a_reading(status in 0u16..700, body in prop::collection::vec(any::<u8>(), 0..300)) {
            let answer = Answer { status, body: &body, ..Answer::default() };
            for operation in OPERATIONS {
                prop_assert_ne!(portal().read(operation, &answer).verdict, Accepted);
            }
            let opened = matches!(portal().opened(&answer), Opened::Session { .. });
            prop_assert!(!opened);
        }

        #[test]
        fn a_mutated_answer_has_a_reading(at in any::<usize>(), bytes in prop::collection::vec(any::<u8>(), 0..4)) {
            let whole = r#"{"error_code":"0","message":"{\"result\":[{\"a\":\"Thành công\"}]}","session":"s"}"#;
            let mut body = whole.as_bytes().to_vec();
            let at = at % body.len();
            let end = body.len().min(at + bytes.len());
            body.splice(at..end, bytes);
            let answer = Answer { status: 200, body: &body, ..Answer::default() };
            for operation in OPERATIONS {
                let reading = portal().read(operation, &answer);
                prop_assert_ne!(reading.next, Absent);
                prop_assert!(reading.text.is_none_or(|text| text.chars().count() <= 200));
            }
            portal().opened(&answer);
        }

        #[test]
        fn a_refusal_is_never_read_from_code_0_but_by_its_words(text in "\\PC{0,40}") {
            let body = serde_json::json!({ "error_code": 0, "message": text }).to_string();
            prop_assert_ne!(read("progress", 200, &body).0, Refused);
        }
    }
}
