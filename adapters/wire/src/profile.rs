//! A profile: how one province reaches one national service, as data (national-databases.md §9.1). A province is added
//! by writing one, without code.
//!
//! A profile frames: which path, which token, which envelope, which field of the question stands where and in which
//! form, where the ministry's own answer stands in what comes back, and which words of a wrapper mean what. What the
//! answer says of a person is not its matter: that is read by a mapping.

mod answer;
mod field;
mod frame;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use answer::{Inside, Rule, Said, Words};
pub use field::{ARGUMENTS, Field, Form, Only};

use crate::call::{Call, Credentials, Malformed, Method, Request};
use crate::operation::Operation;
use crate::token::{Flow, Keys};
use crate::{Answer, Opened};

/// A profile, as its file says it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name, as evidence records it.
    pub profile: String,
    /// Its version, counted up with every change.
    pub version: u32,
    /// How one is let in.
    pub token: Flow,
    /// The names of `lgspaccesstoken`, where a call carries it beside its token.
    #[serde(default)]
    pub lgsp: Option<Keys>,
    /// Headers of every call.
    #[serde(default)]
    pub headers: Vec<Field>,
    /// What is offered, by our names of operations.
    pub services: BTreeMap<String, Way>,
    /// The most bytes of an answer that are read as XML.
    #[serde(default = "xml_bytes")]
    pub xml_bytes: usize,
    /// The deepest XML that is read.
    #[serde(default = "xml_depth")]
    pub xml_depth: usize,
}

fn xml_bytes() -> usize {
    1 << 20
}

fn xml_depth() -> usize {
    32
}

/// How one service is called, and where its answer stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// The path, beginning with `/`.
    pub path: String,
    /// The method.
    #[serde(default = "post")]
    pub method: Method,
    /// What is put around the fields.
    pub envelope: Envelope,
    /// The root of a SOAP body.
    #[serde(default)]
    pub root: String,
    /// Its namespace.
    #[serde(default)]
    pub namespace: String,
    /// Its prefix; any will do.
    #[serde(default)]
    pub prefix: String,
    /// The fields of the question, in the order the service reads them.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// The fields of the JSON around a SOAP message.
    #[serde(default)]
    pub around: Vec<Field>,
    /// Headers of this service alone.
    #[serde(default)]
    pub headers: Vec<Field>,
    /// The path string that a signature covers (T8), which need not be the path.
    #[serde(default)]
    pub signed: Option<String>,
    /// Where the answer stands, and what its wrapper's words mean.
    #[serde(default)]
    pub answer: Rule,
}

fn post() -> Method {
    Method::Post
}

/// What is put around the fields of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Envelope {
    /// A SOAP 1.1 envelope.
    Soap,
    /// A SOAP envelope as one text in a JSON object.
    JsonSoap,
    /// A JSON object; `a/b` is a member of a member.
    Json,
    /// The query of the address.
    Query,
    /// The payload itself, byte for byte; fields are members beside its own.
    Payload,
}

/// What is wrong with a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A service that the wire does not know.
    #[error("the wire has no operation `{0}`; it has {1}")]
    Offered(String, String),
    /// A field asks for an argument that the operation does not have.
    #[error("service `{service}`: the question has no `{argument}`; it has {known}")]
    Argument {
        /// The service.
        service: String,
        /// The argument.
        argument: String,
        /// What there is.
        known: String,
    },
    /// A path that does not begin with `/`, or holds what no request line carries.
    #[error("service `{0}`: the path `{1}` is none; begin it with `/`")]
    Path(String, String),
    /// A field that says nothing, or two things.
    #[error("service `{0}`: the field `{1}` says exactly one of `from`, `is`, `secret`")]
    Field(String, String),
    /// A SOAP envelope without its root.
    #[error("service `{0}`: a SOAP message needs `root`, `namespace` and `prefix`")]
    Root(String),
    /// A date pattern that is none.
    #[error("service `{0}`: `{1}` is no date pattern; write with yyyy, MM and dd")]
    Pattern(String, String),
}

impl Profile {
    /// Everything that is wrong with it, given what the wire offers.
    #[must_use]
    pub fn faults(&self, operations: &[Operation]) -> Vec<Unfit> {
        let names = || {
            operations
                .iter()
                .map(|operation| operation.name)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let mut faults = Vec::new();
        for (name, way) in &self.services {
            match operations.iter().find(|operation| operation.name == name) {
                None => faults.push(Unfit::Offered(name.clone(), names())),
                Some(operation) => way.faults(operation, &mut faults),
            }
        }
        faults
    }

    /// The operations of the wire that this profile frames, with or without a session as its token flow says.
    #[must_use]
    pub fn operations(&self, all: &[Operation]) -> Vec<Operation> {
        all.iter()
            .filter(|operation| self.services.contains_key(operation.name))
            .map(|operation| Operation {
                session: self.token.has_session(),
                ..*operation
            })
            .collect()
    }

    /// `name@version`, as evidence records it.
    #[must_use]
    pub fn stamp(&self) -> String {
        format!("{}@{}", self.profile, self.version)
    }

    /// The request that opens a session.
    #[must_use]
    pub fn login(&self, account: &Credentials<'_>) -> Option<Request> {
        self.token.login(account)
    }

    /// What the answer to a login means.
    #[must_use]
    pub fn opened(&self, answer: &Answer<'_>) -> Opened {
        self.token.opened(answer)
    }

    /// The request of one call, with the profile's own checks of session and arguments.
    ///
    /// # Errors
    /// What is missing or does not fit; nothing left the house.
    pub fn frame(&self, operation: &Operation, call: &Call<'_>) -> Result<Request, Malformed> {
        let way = self.services.get(operation.name).ok_or(Malformed::Unframed)?;
        frame::checked(operation, call)?;
        frame::request(self, way, call)
    }

    /// What a wrapper says of an answer, and the ministry's own document within it.
    #[must_use]
    pub fn open<'a>(&self, operation: &str, answer: &Answer<'a>) -> Said<'a> {
        match self.services.get(operation) {
            Some(way) => way.answer.open(answer),
            None => Said::unframed(),
        }
    }
}

impl Way {
    fn faults(&self, operation: &Operation, faults: &mut Vec<Unfit>) {
        let name = operation.name.to_owned();
        let fits = self.path.starts_with('/') && self.path.bytes().all(|byte| byte.is_ascii_graphic());
        if !fits {
            faults.push(Unfit::Path(name.clone(), self.path.clone()));
        }
        let soap = matches!(self.envelope, Envelope::Soap | Envelope::JsonSoap);
        if soap
            && [&self.root, &self.namespace, &self.prefix]
                .iter()
                .any(|part| part.is_empty())
        {
            faults.push(Unfit::Root(name.clone()));
        }
        for field in self.fields.iter().chain(&self.around).chain(&self.headers) {
            field.faults(operation, faults);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Auth, Class, Heals, Payload};

    const CITIZEN: Operation = Operation {
        name: "citizen",
        heals: Heals::Repeatable,
        session: false,
        arguments: &["request", "procedure", "officer", "number", "name", "born"],
        optional: &["agency"],
        payload: Payload::Nothing,
    };

    const QUESTION: [(&str, &str); 7] = [
        ("request", "H99-1"),
        ("procedure", "1.001193"),
        ("officer", "099185000058"),
        ("number", "099090000017"),
        ("name", "Trần  Văn Mẫu"),
        ("born", "1990-05-17"),
        ("agency", "H99.10"),
    ];

    fn fields() -> serde_json::Value {
        json!([
            {"to": "MaYeuCau", "from": "request"},
            {"to": "MaTichHop", "is": "037"},
            {"to": "SoDinhDanh", "from": "number", "only": "new-number"},
            {"to": "SoCMND", "from": "number", "only": "old-number"},
            {"to": "HoVaTen", "from": "name", "as": "upper"},
            {"to": "NgayThangNamSinh/NgayThangNam", "from": "born", "as": "yyyyMMdd", "only": "day"},
            {"to": "NgayThangNamSinh/Nam", "from": "born", "as": "yyyy", "only": "year"},
        ])
    }

    fn profile(service: serde_json::Value) -> Profile {
        let text = json!({
            "profile": "test", "version": 3, "token": {"kind": "none"},
            "lgsp": {"app": "a", "partner": "b", "customer": "c"},
            "services": {"citizen": service},
        });
        serde_json::from_value(text).unwrap()
    }

    fn soap(more: serde_json::Value) -> Profile {
        let mut service = json!({
            "path": "/qldc", "envelope": "soap", "root": "TraCuu", "namespace": "http://dancuquocgia.bca",
            "prefix": "dan", "fields": fields(),
        });
        let more = more.as_object().unwrap().clone();
        service.as_object_mut().unwrap().extend(more);
        profile(service)
    }

    fn framed(profile: &Profile, question: &[(&str, &str)]) -> Result<Request, Malformed> {
        let call = Call {
            operation: "citizen",
            arguments: question,
            session: Some("tok"),
            auth: Some(Auth {
                at: 7,
                credentials: Credentials::default(),
                sha256: |_| [0; 32],
            }),
            ..Call::default()
        };
        profile.frame(&CITIZEN, &call)
    }

    fn text(request: &Request) -> &str {
        std::str::from_utf8(&request.body).unwrap()
    }

    #[test]
    fn a_soap_question_keeps_the_order_and_chooses_its_fields() {
        let request = framed(&soap(json!({})), &QUESTION).unwrap();
        assert!(text(&request).ends_with(
            "<soapenv:Header/><soapenv:Body><dan:TraCuu><dan:MaYeuCau>H99-1</dan:MaYeuCau>\
             <dan:MaTichHop>037</dan:MaTichHop><dan:SoDinhDanh>099090000017</dan:SoDinhDanh>\
             <dan:HoVaTen>TRẦN VĂN MẪU</dan:HoVaTen><dan:NgayThangNamSinh><dan:NgayThangNam>19900517</dan:NgayThangNam>\
             </dan:NgayThangNamSinh></dan:TraCuu></soapenv:Body></soapenv:Envelope>"
        ));
        let mut other = QUESTION;
        other[3].1 = "999999901";
        other[5].1 = "1941";
        let request = framed(&soap(json!({})), &other).unwrap();
        assert!(text(&request).contains("<dan:SoCMND>999999901</dan:SoCMND>"));
        assert!(
            text(&request).contains("<dan:NgayThangNamSinh><dan:Nam>1941</dan:Nam></dan:NgayThangNamSinh>")
        );
        assert!(!text(&request).contains("SoDinhDanh"));
    }

    #[test]
    fn a_name_cannot_leave_its_element() {
        let mut evil = QUESTION;
        evil[4].1 = "A</dan:HoVaTen><dan:SoDinhDanh>1";
        let request = framed(&soap(json!({})), &evil).unwrap();
        assert!(
            text(&request)
                .contains("<dan:HoVaTen>A&lt;/DAN:HOVATEN&gt;&lt;DAN:SODINHDANH&gt;1</dan:HoVaTen>")
        );
    }

    #[test]
    fn the_same_question_goes_into_json_into_a_query_and_as_a_text_in_json() {
        let flat = profile(json!({"path": "/th", "envelope": "json", "fields": [
            {"to": "HoVaTen", "from": "name", "as": "ascii"},
            {"to": "SoCMND", "from": "number", "only": "old-number", "empty": true},
            {"to": "a/b", "from": "born", "as": "dd/MM/yyyy"},
        ]}));
        let request = framed(&flat, &QUESTION).unwrap();
        assert_eq!(
            text(&request),
            r#"{"HoVaTen":"TRANVANMAU","SoCMND":"","a":{"b":"17/05/1990"}}"#
        );
        let asked = profile(
            json!({"path": "/sp?x=1", "method": "GET", "envelope": "query", "fields": [
                {"to": "cccd", "from": "number"}, {"to": "dob", "from": "born", "as": "yyyyMMdd"},
            ]}),
        );
        let request = framed(&asked, &QUESTION).unwrap();
        assert_eq!(request.target, "/sp?x=1&cccd=099090000017&dob=19900517");
        assert!(request.body.is_empty());
        let wrapped = soap(json!({"envelope": "json-soap", "around": [
            {"to": "accessToken", "from": "bearer"}, {"to": "lgspAccessToken", "from": "lgsp"}, {"to": "data", "from": "message"},
        ]}));
        let request = framed(&wrapped, &QUESTION).unwrap();
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["accessToken"], "Bearer tok");
        assert!(body["data"].as_str().unwrap().contains("<dan:TraCuu>"));
        assert!(
            body["lgspAccessToken"]
                .as_str()
                .unwrap()
                .starts_with("eyJBY2Nlc3NLZXki")
        );
    }

    #[test]
    fn a_payload_keeps_its_bytes_beside_the_members_of_the_envelope() {
        let push = Operation {
            name: "citizen",
            arguments: &[],
            payload: Payload::Object,
            ..CITIZEN
        };
        let profile =
            profile(json!({"path": "/p", "envelope": "payload", "fields": [{"to": "authKey", "is": "k"}]}));
        let frame = |payload: &[u8]| {
            let call = Call {
                operation: "citizen",
                payload,
                ..Call::default()
            };
            profile
                .frame(&push, &call)
                .map(|request| text(&request).to_owned())
        };
        assert_eq!(
            frame(b" { \"a\" :1.0e2}").unwrap(),
            r#"{"authKey":"k", "a" :1.0e2}"#
        );
        assert_eq!(frame(b"{}").unwrap(), r#"{"authKey":"k"}"#);
        assert!(frame(b"{},\"authKey\":\"x\"").is_err());
    }

    #[test]
    fn a_profile_that_cannot_be_spoken_says_why_all_at_once() {
        let wrong = profile(json!({"path": "qldc", "envelope": "soap", "fields": [
            {"to": "A", "from": "colour"}, {"to": "B"}, {"to": "C", "from": "born", "as": "ddMM"},
        ]}));
        let said: Vec<String> = wrong.faults(&[CITIZEN]).iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 5, "{said:?}");
        assert!(said[2].contains("no `colour`"), "{said:?}");
        assert!(!wrong.faults(&[]).is_empty());
    }

    #[test]
    fn answers_are_opened_layer_by_layer() {
        let rule: Rule = serde_json::from_value(json!({
            "code": "error_code", "ok": ["0"], "text": ["message"], "inside": ["message"], "trace": "correlationId",
            "codes": {"004": "denied"},
            "words": [{"holds": "đã được tiếp nhận", "class": "duplicate"}],
        }))
        .unwrap();
        let open = |body: &'static str| {
            rule.open(&Answer {
                status: 200,
                body: body.as_bytes(),
                ..Answer::default()
            })
        };
        let said = open(r#"{"error_code":0,"message":"<a>1</a>","correlationId":"c-1"}"#);
        assert_eq!(said.inside, Ok(Inside::Text("<a>1</a>".into())));
        assert_eq!(said.trace.as_deref(), Some("c-1"));
        let said = open(r#"{"error_code":"0","message":"\"{\\\"a\\\":[1]}\""}"#);
        assert_eq!(said.inside, Ok(Inside::Json(json!({"a": [1]}))));
        assert_eq!(open(r#"{"error_code":"0"}"#).inside, Ok(Inside::Nothing));
        let class = |body| open(body).inside.unwrap_err().class;
        assert_eq!(class(r#"{"error_code":"004","message":"x"}"#), Class::Denied);
        assert_eq!(
            class(r#"{"error_code":"7","message":"x"}"#),
            Class::UpstreamRejected
        );
        assert_eq!(class(r#"{"message":"x"}"#), Class::UpstreamMalformed);
        assert_eq!(class("<!DOCTYPE html><html>"), Class::UpstreamMalformed);
        assert_eq!(class("OK"), Class::UpstreamMalformed);
        let said = open(r#"{"error_code":"500","message":"Hồ sơ ĐÃ ĐƯỢC  tiếp nhận"}"#);
        assert_eq!((said.class, said.inside.is_ok()), (Some(Class::Duplicate), true));
    }
}
