//! The laws every adapter keeps, as one suite that is run over each of them.

use std::fmt;

use crate::{
    Adapter, Answer, Auth, Call, Credentials, Heals, Next, Opened, Operation, Payload, Reading, Request,
    Verdict,
};

mod corpus;

/// A law that is broken, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The operation it was seen on, or `login`.
    pub operation: String,
    /// What is wrong.
    pub words: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.words)
    }
}

/// Runs the suite; an adapter that keeps every law gives an empty list.
#[must_use]
pub fn check(adapter: &dyn Adapter) -> Vec<Fault> {
    let mut suite = Suite {
        adapter,
        operation: "login",
        faults: Vec::new(),
    };
    suite.login();
    for operation in adapter.operations() {
        suite.operation = operation.name;
        suite.declared(operation);
        suite.framed(operation);
        suite.hostile(operation);
        suite.answered(operation);
    }
    suite.faults
}

/// Checks one answer that means "accepted": whole it is read so, cut short or under a failing status it is not.
#[must_use]
pub fn accepted(adapter: &dyn Adapter, operation: &'static str, body: &[u8]) -> Vec<Fault> {
    let mut suite = Suite {
        adapter,
        operation,
        faults: Vec::new(),
    };
    let read = |status, body| {
        adapter
            .read(
                operation,
                &Answer {
                    status,
                    body,
                    ..Answer::default()
                },
            )
            .verdict
    };
    suite.law(
        read(200, body) == Verdict::Accepted,
        "the whole answer is not accepted",
    );
    for end in 0..body.len() {
        let verdict = read(200, &body[..end]);
        suite.law(
            verdict == Verdict::Unclear,
            &format!("cut after {end} bytes it is read as {verdict:?}"),
        );
    }
    for status in [302, 400, 404, 500, 502, 504] {
        let verdict = read(status, body);
        suite.law(
            verdict != Verdict::Accepted,
            &format!("it is accepted under HTTP {status}"),
        );
    }
    suite.faults
}

struct Suite<'a> {
    adapter: &'a dyn Adapter,
    operation: &'static str,
    faults: Vec<Fault>,
}

impl Suite<'_> {
    fn law(&mut self, kept: bool, words: &str) {
        if !kept {
            self.faults.push(Fault {
                operation: self.operation.to_owned(),
                words: words.to_owned(),
            });
        }
    }

    fn login(&mut self) {
        let credentials = Credentials {
            username: "a\"b\r\nX: y",
            password: "c\\d",
            secrets: corpus::HOSTILE_SECRETS,
        };
        let request = self.adapter.login(&credentials);
        let needed = self
            .adapter
            .operations()
            .iter()
            .any(|operation| operation.session);
        self.law(
            request.is_some() == needed,
            "a login and an operation that needs a session go together",
        );
        request.into_iter().for_each(|request| self.request(&request));
        for answer in corpus::meaningless().chain(corpus::odd()) {
            let session = matches!(self.adapter.opened(&answer), Opened::Session { .. });
            self.law(!session, &format!("{answer:?} opens a session"));
        }
    }

    fn declared(&mut self, operation: &Operation) {
        let same = self
            .adapter
            .operations()
            .iter()
            .filter(|other| other.name == operation.name)
            .count();
        self.law(same == 1, "the name is not unique");
        self.law(
            self.adapter.operation(operation.name) == Some(operation),
            "it is not found by its name",
        );
        if let Heals::Probed { by } = operation.heals {
            let probe = self.adapter.operation(by);
            let fit = probe
                .is_some_and(|probe| probe.heals == Heals::Repeatable && probe.payload == Payload::Nothing);
            self.law(fit, "its probe is no repeatable operation without payload");
        }
    }

    /// The frame of a good call: whole, deterministic, and refused as soon as a part is missing.
    fn framed(&mut self, operation: &Operation) {
        let arguments: Vec<(&str, &str)> = operation
            .arguments
            .iter()
            .map(|name| (*name, corpus::argument(name)))
            .collect();
        let payload = corpus::payload(operation.payload);
        let session = operation.session.then_some("0f1c");
        let call = Call {
            operation: operation.name,
            payload,
            session,
            arguments: &arguments,
            signature: None,
            auth: Some(corpus::AUTH),
        };
        match self.adapter.frame(&call) {
            Err(malformed) => self.law(false, &format!("a good call is refused: {malformed}")),
            Ok(request) => {
                self.request(&request);
                self.law(
                    holds(&request.body, payload),
                    "the payload is not in the body byte for byte",
                );
                self.law(
                    self.adapter.frame(&call) == Ok(request),
                    "the same call is framed in two ways",
                );
            }
        }
        self.missing(operation, &call);
        self.stray(&call);
        for payload in corpus::unfit(operation.payload) {
            let taken = self.adapter.frame(&Call { payload, ..call }).is_ok();
            self.law(
                !taken,
                &format!("the payload `{}` is taken", String::from_utf8_lossy(payload)),
            );
        }
    }

    fn missing(&mut self, operation: &Operation, call: &Call<'_>) {
        let sessionless = self.adapter.frame(&Call {
            session: None,
            ..*call
        });
        self.law(
            sessionless.is_err() == operation.session,
            "a call without session is not told from one with",
        );
        let bare = self.adapter.frame(&Call {
            arguments: &[],
            ..*call
        });
        self.law(
            bare.is_err() != operation.arguments.is_empty(),
            "a missing argument is not noticed",
        );
    }

    fn stray(&mut self, call: &Call<'_>) {
        let stray = self.adapter.frame(&Call {
            arguments: &[("no-such-argument", "1")],
            ..*call
        });
        self.law(stray.is_err(), "an unknown argument is taken");
        let unknown = self.adapter.frame(&Call {
            operation: "no-such-operation",
            ..*call
        });
        self.law(unknown.is_err(), "an unknown operation is framed");
    }

    /// Values that try to leave their place: the call is refused, or they stay in it.
    fn hostile(&mut self, operation: &Operation) {
        const VALUE: &str = "1\"'&<>\r\nX-Injected: yes\r\n\r\n";
        let arguments: Vec<(&str, &str)> = operation.arguments.iter().map(|name| (*name, VALUE)).collect();
        let payload = corpus::payload(operation.payload);
        let session = operation.session.then_some(VALUE);
        let call = Call {
            operation: operation.name,
            payload,
            session,
            arguments: &arguments,
            signature: Some(VALUE),
            auth: Some(Auth {
                credentials: Credentials {
                    username: VALUE,
                    password: VALUE,
                    secrets: corpus::HOSTILE_SECRETS,
                },
                ..corpus::AUTH
            }),
        };
        for signature in [None, Some(VALUE)] {
            let framed = self.adapter.frame(&Call { signature, ..call });
            framed.into_iter().for_each(|request| self.request(&request));
        }
    }

    fn request(&mut self, request: &Request) {
        const HOP: [&str; 11] = [
            "connection",
            "content-length",
            "expect",
            "host",
            "keep-alive",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
        ];
        let target = request.target.starts_with('/') && request.target.bytes().all(|b| b.is_ascii_graphic());
        self.law(
            target,
            "the target does not begin with `/` or holds what no request line carries",
        );
        for (name, value) in &request.headers {
            let token = !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
            self.law(token, "a header name is no token");
            let own = !HOP.contains(&name.to_ascii_lowercase().as_str());
            self.law(own, &format!("the header `{name}` belongs to transport"));
            let fit = value.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
            self.law(
                fit,
                &format!("the value of the header `{name}` holds what no header carries"),
            );
        }
    }

    fn answered(&mut self, operation: &Operation) {
        for answer in corpus::meaningless() {
            let reading = self.adapter.read(operation.name, &answer);
            self.law(
                reading.verdict == Verdict::Unclear,
                &format!("{answer:?} is read as {:?}", reading.verdict),
            );
            self.reading(operation, &answer, &reading);
        }
        for answer in corpus::odd() {
            let reading = self.adapter.read(operation.name, &answer);
            self.law(
                reading.verdict != Verdict::Accepted,
                &format!("{answer:?} is accepted"),
            );
            self.reading(operation, &answer, &reading);
        }
        for body in [b"".as_slice(), b"<html>busy</html>"] {
            let answer = Answer {
                status: 429,
                retry_after: Some(7),
                body,
                ..Answer::default()
            };
            let reading = self.adapter.read(operation.name, &answer);
            let waits = reading.after == Some(7) && reading.verdict != Verdict::Accepted;
            self.law(waits, "HTTP 429 does not say how long to wait");
        }
    }

    /// What holds for every reading of an answer that says nothing good.
    fn reading(&mut self, operation: &Operation, answer: &Answer<'_>, reading: &Reading) {
        let known = matches!(reading.next, Next::Found | Next::Absent);
        self.law(
            !known,
            &format!("a failed probe says {:?}: {answer:?}", reading.next),
        );
        if reading.verdict == Verdict::Unclear {
            let heals = match operation.heals {
                Heals::Repeatable => matches!(reading.next, Next::Retry | Next::Person),
                Heals::Probed { .. } => matches!(reading.next, Next::Probe | Next::Person),
                Heals::Neither => reading.next == Next::Person,
            };
            self.law(
                heals,
                &format!("unclear, it is followed by {:?}: {answer:?}", reading.next),
            );
        }
        let shown = reading.text.iter().chain(&reading.code);
        let fit = shown
            .into_iter()
            .all(|text| text.chars().count() <= 200 && !has_number_of_a_person(text));
        self.law(
            fit,
            &format!("the words are too long or show a number of a person: {answer:?}"),
        );
    }
}

/// Whether a body carries a payload: as it is, or the members of its object beside those of the envelope.
fn holds(body: &[u8], payload: &[u8]) -> bool {
    let members = payload
        .strip_prefix(b"{")
        .and_then(|rest| rest.strip_suffix(b"}"));
    let part = members.unwrap_or(payload);
    part.is_empty() || body.windows(part.len()).any(|bytes| bytes == part)
}

fn has_number_of_a_person(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit())
        .any(|run| (9..=12).contains(&run.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, Malformed, Method};

    /// An adapter that breaks every law it can.
    struct Careless;

    const OPERATIONS: [Operation; 3] = [
        Operation {
            name: "push",
            heals: Heals::Probed { by: "ask" },
            session: true,
            arguments: &["to"],
            optional: &[],
            payload: Payload::Array,
        },
        Operation {
            name: "step",
            heals: Heals::Neither,
            session: false,
            arguments: &[],
            optional: &[],
            payload: Payload::Nothing,
        },
        Operation {
            name: "step",
            heals: Heals::Neither,
            session: false,
            arguments: &[],
            optional: &[],
            payload: Payload::Nothing,
        },
    ];

    impl Adapter for Careless {
        fn name(&self) -> &'static str {
            "careless"
        }

        fn operations(&self) -> &[Operation] {
            &OPERATIONS
        }

        fn limits(&self, _: &str) -> Limits {
            Limits {
                bytes: usize::MAX,
                elements: usize::MAX,
            }
        }

        fn login(&self, _: &Credentials<'_>) -> Option<Request> {
            None
        }

        fn opened(&self, _: &Answer<'_>) -> Opened {
            Opened::session(String::new())
        }

        fn frame(&self, call: &Call<'_>) -> Result<Request, Malformed> {
            let to = call.argument("to").unwrap_or_default();
            let headers = vec![
                ("Transfer-Encoding".into(), "chunked".into()),
                ("To".into(), to.into()),
            ];
            Ok(Request {
                method: Method::Post,
                target: format!("x?{to}"),
                headers,
                body: Vec::new(),
            })
        }

        fn read(&self, operation: &str, answer: &Answer<'_>) -> Reading {
            match (operation, answer.status) {
                ("step", _) => Reading::new(Verdict::Unclear, Next::Retry),
                (_, 200) => Reading::new(Verdict::Accepted, Next::Settle),
                _ => Reading::new(Verdict::Refused, Next::Absent)
                    .saying("")
                    .with_number(),
            }
        }
    }

    impl Reading {
        fn with_number(mut self) -> Self {
            self.code = Some("099090000001".into());
            self
        }
    }

    #[test]
    fn a_careless_adapter_is_found_out() {
        let faults: Vec<String> = check(&Careless).iter().map(Fault::to_string).collect();
        for words in [
            "login: a login and an operation that needs a session go together",
            "opens a session",
            "push: its probe is no repeatable operation",
            "step: the name is not unique",
            "push: the payload is not in the body",
            "push: a call without session",
            "push: a missing argument",
            "step: an unknown argument",
            "step: an unknown operation",
            "push: the payload `[{}],\"service\"",
            "step: the payload `[{}]` is taken",
            "push: the target does not begin",
            "`Transfer-Encoding` belongs to transport",
            "the value of the header `To`",
            "push: Answer { status: 200, body.bytes: 0, .. } is read as Accepted",
            "push: Answer { status: 404, body.bytes: 0, .. } is read as Refused",
            "push: a failed probe says Absent",
            "step: unclear, it is followed by Retry",
            "push: the words are too long or show a number",
            "push: HTTP 429 does not say",
        ] {
            assert!(
                faults.iter().any(|fault| fault.contains(words)),
                "not found: {words}"
            );
        }
        assert!(!accepted(&Careless, "push", b"12").is_empty());
    }
}
