//! A profile: how one province reaches one national service, as data (national-databases.md §9.1). A province is added
//! by writing one, without code.
//!
//! A profile frames: which path, which token, which envelope, which field of the question stands where and in which
//! form, where the ministry's own answer stands in what comes back, and which words of a wrapper mean what. What the
//! answer says of a person is not its matter: that is read by a mapping.

mod answer;
mod field;
mod frame;
mod inside;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use answer::{Rule, Said, Words};
pub use field::{ARGUMENTS, Field, Form, Only};
pub use inside::Inside;

use crate::call::{Call, Credentials, Malformed, Method, Request};
use crate::operation::Operation;
use crate::time::Date;
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
    /// The path, beginning with `/`; `{id}` in it stands for an argument.
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
    /// The most days from `from` to `until`, where the service takes no longer window: what is longer does not leave.
    #[serde(default)]
    pub span: Option<u16>,
    /// The most values of an argument that is a list, where the service takes no more: what is longer does not leave.
    #[serde(default)]
    pub most: Option<usize>,
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
    /// A JSON object; `a/b` is a member of a member, `a[]/b` one of each row of a list.
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
    /// A list where there are none.
    #[error("service `{0}`: `{1}` is a list, which stands in a JSON object and is named once")]
    List(String, String),
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
        way.window(call)?;
        way.many(call)?;
        frame::request(self, way, call)
    }

    /// The most values that a list of this question may have, where its service takes no more.
    #[must_use]
    pub fn most(&self, operation: &str) -> Option<usize> {
        self.services.get(operation)?.most
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
        let parts = self.path.split('{').skip(1);
        for part in parts.map(|part| part.split_once('}').map_or(part, |(name, _)| name)) {
            faults.extend(field::known(operation, part, &name));
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
        self.lists(&name, faults);
        if self.span.is_some() {
            let known = |wanted: &&&str| operation.arguments.contains(wanted);
            let missing = ["from", "until"].iter().find(|wanted| !known(wanted));
            faults.extend(missing.map(|argument| Unfit::Argument {
                service: name,
                argument: (*argument).to_owned(),
                known: operation.arguments.join(", "),
            }));
        }
    }

    fn lists(&self, name: &str, faults: &mut Vec<Unfit>) {
        let json = matches!(self.envelope, Envelope::Json | Envelope::Payload);
        let elsewhere = self.around.iter().chain(&self.headers);
        let fields = self.fields.iter().map(|field| (field, json));
        for (field, may) in fields.chain(elsewhere.map(|field| (field, false))) {
            let lists = field.to.matches("[]").count();
            // A constant makes no rows.
            let made = field
                .listed()
                .is_some_and(|(_, name)| !name.is_empty() || field.from.is_some());
            if lists > usize::from(may) || (lists > 0 && !made) {
                faults.push(Unfit::List(name.to_owned(), field.to.clone()));
            }
        }
    }

    /// Whether no list of the question is longer than the service takes.
    fn many(&self, call: &Call<'_>) -> Result<(), Malformed> {
        let Some(limit) = self.most else { return Ok(()) };
        for field in self.fields.iter().filter(|field| field.listed().is_some()) {
            let values = field.from.as_deref().and_then(|from| call.argument(from));
            let elements = values.map_or(0, |values| values.split(',').count());
            if elements > limit {
                return Err(Malformed::Many { elements, limit });
            }
        }
        Ok(())
    }

    /// Whether the window that is asked for is one, and no longer than the service takes.
    fn window(&self, call: &Call<'_>) -> Result<(), Malformed> {
        let Some(span) = self.span else { return Ok(()) };
        let day = |name| {
            let day = call.argument(name).and_then(Date::parse);
            day.and_then(|day| day.days()).ok_or(Malformed::Argued(name))
        };
        let first = day("from")?;
        let days = day("until")? - first;
        if (0..=i64::from(span)).contains(&days) {
            Ok(())
        } else {
            Err(Malformed::Argued("until"))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Auth, Class, Heals, Hop, Payload, fault};

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
                hmac: |_, _| [0; 32],
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
        let fields = json!([{"to": "Nam", "from": "born", "as": "yyyy", "only": "no-day"}]);
        let undated = soap(json!({"fields": fields}));
        for (born, there) in [("1990-05-17", false), ("1990-05", true), ("1990", true)] {
            other[5].1 = born;
            let request = framed(&undated, &other).unwrap();
            assert_eq!(
                text(&request).contains("<dan:Nam>1990</dan:Nam>"),
                there,
                "{born}"
            );
        }
    }

    #[test]
    fn a_name_of_no_letters_is_refused_and_a_field_may_have_something_before_it() {
        let mut nobody = QUESTION;
        nobody[4].1 = "\u{200b}\u{200e}";
        assert_eq!(framed(&soap(json!({})), &nobody), Err(Malformed::Argued("name")));
        let user = soap(json!({"headers": [{"to": "X-Road-UserId", "from": "officer", "before": "VN"}]}));
        let request = framed(&user, &QUESTION).unwrap();
        assert!(
            request
                .headers
                .contains(&("X-Road-UserId".to_owned(), "VN099185000058".to_owned()))
        );
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
        assert!(body["data"].as_str().unwrap().starts_with("<soapenv:Envelope "));
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
        assert_eq!(said.text, None, "a document is no words for a log");
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
        assert_eq!(
            class(r#"{"error_code":"","message":"x"}"#),
            Class::UpstreamMalformed
        );
        let said = open(r#"{"error_code":"500","message":"Hồ sơ ĐÃ ĐƯỢC  tiếp nhận"}"#);
        assert_eq!((said.class, said.inside.is_ok()), (Some(Class::Duplicate), true));
        assert_eq!(
            class(r#"{"error_code":0,"error_code":0}"#),
            Class::UpstreamMalformed
        );
    }

    fn opened(rule: serde_json::Value, body: &str) -> Said<'_> {
        let rule: Rule = serde_json::from_value(rule).unwrap();
        rule.open(&Answer {
            status: 200,
            body: body.as_bytes(),
            ..Answer::default()
        })
    }

    #[test]
    fn a_wrapper_in_a_wrapper_has_a_rule_of_its_own() {
        let rule = json!({
            "code": "errorCode", "ok": ["0", ""], "text": ["data/words"], "inside": ["data", ""], "hop": "ministry",
            "outer": {"code": "code", "ok": ["200"], "trace": "id", "inside": ["response/a"]},
        });
        let open = |body| opened(rule.clone(), body);
        let said = open(r#"{"code":200,"id":"c-1","response":{"a":{"errorCode":0,"data":[{"x":1.50}]}}}"#);
        assert_eq!(said.inside, Ok(Inside::Json(json!([{"x": "1.50"}]))));
        assert_eq!(
            (said.code.as_deref(), said.trace.as_deref()),
            (Some("0"), Some("c-1"))
        );
        let said = open(r#"{"code":200,"response":[{"a":{"y":1}}]}"#);
        assert_eq!(said.inside, Ok(Inside::Json(json!({"y": 1}))));
        let fault = open(r#"{"code":200,"response":{"a":{"errorCode":7,"data":{"words":"hỏng"}}}}"#)
            .inside
            .unwrap_err();
        assert_eq!((fault.class, fault.hop), (Class::UpstreamRejected, Hop::Ministry));
        assert_eq!(
            (fault.code.as_deref(), fault.text.as_deref()),
            (Some("7"), Some("hỏng"))
        );
        let fault = open(r#"{"code":500,"response":null}"#).inside.unwrap_err();
        assert_eq!((fault.class, fault.hop), (Class::UpstreamRejected, Hop::Lgsp));
        assert_eq!(open(r#"{"code":200}"#).inside, Ok(Inside::Nothing));
    }

    #[test]
    fn an_answer_that_is_one_text_is_not_copied() {
        let said = opened(json!({}), r#" "JVBERi0=" "#);
        assert!(matches!(
            said.inside,
            Ok(Inside::Text(std::borrow::Cow::Borrowed("JVBERi0=")))
        ));
        assert!(matches!(
            opened(json!({}), r#""a\/b""#).inside,
            Ok(Inside::Text(_))
        ));
        assert_eq!(opened(json!({}), "\" \"").inside, Ok(Inside::Nothing));
        assert_eq!(
            opened(json!({}), r#""{\"a\":1}""#).inside,
            Ok(Inside::Json(json!({"a": 1})))
        );
    }

    #[test]
    fn lists_are_made_of_the_values_of_an_argument() {
        let service = json!({"path": "/p", "envelope": "json", "fields": [
            {"to": "So", "from": "number"}, {"to": "ds[]/Ma", "from": "name"}, {"to": "ds[]/Ky", "is": ""},
            {"to": "x/y[]/z", "from": "name", "as": "upper"},
        ]});
        let with = |names| {
            let mut question = QUESTION;
            question[4].1 = names;
            framed(&profile(service.clone()), &question).map(|request| text(&request).to_owned())
        };
        assert_eq!(
            with(" ka , kb,").unwrap(),
            r#"{"So":"099090000017","ds":[{"Ma":"ka","Ky":""},{"Ma":"kb","Ky":""}],"x":{"y":[{"z":"KA"},{"z":"KB"}]}}"#
        );
        assert!(matches!(with(" , "), Err(Malformed::Argued(_))));
        let wrong = [
            json!({"path": "/p", "method": "GET", "envelope": "query", "fields": [{"to": "a[]/b", "from": "name"}]}),
            json!({"path": "/p", "envelope": "json", "fields": [{"to": "a[]", "is": "b"}]}),
            json!({"path": "/p", "envelope": "json", "fields": [{"to": "a[]/b[]/c", "from": "name"}]}),
            json!({"path": "/p", "envelope": "json", "headers": [{"to": "a[]/b", "from": "name"}]}),
        ];
        for service in wrong {
            let faults = profile(service).faults(&[CITIZEN]);
            assert!(matches!(faults.as_slice(), [Unfit::List(..)]), "{faults:?}");
        }
    }

    const BATCH: Operation = Operation {
        name: "citizen",
        arguments: &["dossiers", "id"],
        optional: &[],
        ..CITIZEN
    };

    #[test]
    fn a_list_of_values_is_one_and_no_longer_than_the_service_takes() {
        let service = json!({"path": "/p/{id}/x", "method": "PUT", "envelope": "json", "most": 2, "fields": [
            {"to": "so[]", "from": "dossiers"}, {"to": "nhan", "is": "true", "bare": true},
        ]});
        let profile = profile(service);
        assert_eq!(profile.faults(&[BATCH]), []);
        assert!(matches!(
            profile.faults(&[CITIZEN]).as_slice(),
            [Unfit::Argument { .. }, Unfit::Argument { .. }]
        ));
        let with = |dossiers, id| {
            let call = Call {
                operation: "citizen",
                arguments: &[("dossiers", dossiers), ("id", id)],
                ..Call::default()
            };
            profile.frame(&BATCH, &call)
        };
        let request = with("H99-1, H99-2", "a/../b?c").unwrap();
        assert_eq!(text(&request), r#"{"so":["H99-1","H99-2"],"nhan":true}"#);
        assert_eq!(request.target, "/p/a%2F..%2Fb%3Fc/x");
        assert_eq!(
            with("1,2,3", "a"),
            Err(Malformed::Many {
                elements: 3,
                limit: 2
            })
        );
        assert!(matches!(with("1", ".."), Err(Malformed::Argued(_))));
    }

    fn rule() -> serde_json::Value {
        json!({
            "code": "status", "ok": ["1"], "error": "errorCode", "text": ["errors", "errorDescription"], "trace": "traceId",
            "codes": {"100": "upstream_auth", "500": "invalid_input"}, "speaks": [400, 500],
            "words": [
                {"holds": "đã được tiếp nhận", "class": "duplicate"}, {"holds": "logic xử lý không hợp lệ", "class": "upstream_rejected"},
                {"holds": "không thành công", "class": "upstream_unavailable"}, {"holds": "thành công", "class": "ok"},
            ],
        })
    }

    fn said(status: u16, body: &str) -> (Option<Class>, Option<Class>) {
        let rule: Rule = serde_json::from_value(rule()).unwrap();
        let said = rule.open(&Answer {
            status,
            body: body.as_bytes(),
            ..Answer::default()
        });
        (said.class, said.inside.err().map(|fault| fault.class))
    }

    #[test]
    fn an_error_has_a_code_of_its_own_and_a_service_may_speak_under_a_failing_status() {
        let stopped = |class| (Some(class), Some(class));
        assert_eq!(
            said(200, r#"{"status":"0","errorCode":"100"}"#),
            stopped(Class::UpstreamAuth)
        );
        assert_eq!(said(200, r#"{"status":"1","errorCode":"100"}"#), (None, None));
        assert_eq!(
            said(500, r#"{"title":"x","status":500,"errors":"a"}"#),
            stopped(Class::InvalidInput)
        );
        let problem =
            r#"{"errors":{"trangThai":["Logic xử lý không hợp lệ"]},"status":400,"traceId":"00-mock-01"}"#;
        assert_eq!(said(400, problem), stopped(Class::UpstreamRejected));
        assert_eq!(
            said(400, r#"{"status":"0","errorDescription":"đã được tiếp nhận"}"#),
            (Some(Class::Duplicate), None)
        );
        // It failed, so it took nothing, whatever it says.
        for body in [
            r#"{"status":"1"}"#,
            r#"{"errors":"Thành công"}"#,
            "thành công",
            "{",
            "<html>",
        ] {
            assert!(
                said(400, body).1.is_some_and(|class| class == Class::ConfigError),
                "{body}"
            );
        }
        assert_eq!(said(502, problem).1, Some(Class::UpstreamUnavailable));
    }

    #[test]
    fn an_answer_of_words_alone_is_read_by_its_words() {
        let rule = || json!({"words": rule()["words"]});
        let said = |body| {
            let said = opened(rule(), body);
            (said.class, said.inside.err().map(|fault| fault.class))
        };
        assert_eq!(said("Cập nhật THÀNH CÔNG"), (Some(Class::Ok), None));
        assert_eq!(said("\"Cập nhật thành công\""), (Some(Class::Ok), None));
        let failed = said("Cập nhật không thành công");
        assert_eq!(failed.1, Some(Class::UpstreamUnavailable));
        assert_eq!(said("Xin chào"), (None, None));
        let long = format!("{} thành công", "x".repeat(5_000));
        assert_eq!(opened(rule(), &long).class, None);
    }

    #[test]
    fn a_window_that_is_too_long_does_not_leave() {
        const WINDOW: Operation = Operation {
            name: "citizen",
            arguments: &["from", "until"],
            optional: &[],
            ..CITIZEN
        };
        let service = json!({"path": "/p", "method": "GET", "envelope": "query", "span": 5, "fields": [
            {"to": "tu", "from": "from", "as": "dd/MM/yyyy"}, {"to": "den", "from": "until", "as": "dd/MM/yyyy"},
        ]});
        let profile = profile(service);
        assert_eq!(profile.faults(&[WINDOW]), []);
        assert!(matches!(
            profile.faults(&[CITIZEN]).last(),
            Some(Unfit::Argument { .. })
        ));
        let with = |from, until| {
            let arguments = [("from", from), ("until", until)];
            let call = Call {
                operation: "citizen",
                arguments: &arguments,
                ..Call::default()
            };
            profile.frame(&WINDOW, &call).map(|request| request.target)
        };
        assert_eq!(
            with("2026-02-26", "2026-03-03").unwrap(),
            "/p?tu=26%2F02%2F2026&den=03%2F03%2F2026"
        );
        assert_eq!(with("2026-02-26", "2026-03-04"), Err(Malformed::Argued("until")));
        assert_eq!(with("2026-02-26", "2026-02-25"), Err(Malformed::Argued("until")));
        assert_eq!(with("2026-02-30", "2026-03-01"), Err(Malformed::Argued("from")));
        assert_eq!(with("2026-02", "2026-03-01"), Err(Malformed::Argued("from")));
    }

    #[test]
    fn how_much_of_a_date_is_known_is_told_beside_it() {
        let service = json!({"path": "/p", "envelope": "json", "fields": [
            {"to": "a", "from": "born", "as": "yyyyMMdd", "only": "day"},
            {"to": "a", "from": "born", "as": "yyyyMM", "only": "month"},
            {"to": "a", "from": "born", "as": "yyyy", "only": "year"},
            {"to": "b", "from": "born", "as": "precision"},
        ]});
        let with = |born| {
            let mut question = QUESTION;
            question[5].1 = born;
            framed(&profile(service.clone()), &question).map(|request| text(&request).to_owned())
        };
        assert_eq!(with("1990-05-17").unwrap(), r#"{"a":"19900517","b":"0"}"#);
        assert_eq!(with("1990").unwrap(), r#"{"a":"1990","b":"1"}"#);
        assert_eq!(with("1990-05").unwrap(), r#"{"a":"199005","b":"2"}"#);
        assert!(with("17/05/1990").is_err());
    }

    #[test]
    fn a_wrapper_in_a_wrapper_is_opened_from_outside() {
        let rule: Rule = serde_json::from_value(json!({
            "code": "error_code", "ok": ["0"], "text": ["message"], "inside": ["data"],
            "outer": {"code": "code", "ok": ["200"], "text": ["response/message", "status"], "inside": ["response"],
                      "trace": "correlationId"},
        }))
        .unwrap();
        let open = |body: &'static str| {
            rule.open(&Answer {
                status: 200,
                body: body.as_bytes(),
                ..Answer::default()
            })
        };
        let said = open(r#"{"code":200,"correlationId":"c-1","response":{"error_code":0,"data":{"a":1}}}"#);
        assert_eq!(
            (said.inside, said.trace),
            (Ok(Inside::Json(json!({"a": 1}))), Some("c-1".into()))
        );
        let said = open(r#"{"code":200,"correlationId":"c-1","response":{"error_code":9,"message":"x"}}"#);
        assert_eq!(
            (said.inside.unwrap_err().class, said.trace),
            (Class::UpstreamRejected, Some("c-1".into()))
        );
        let said = open(r#"{"code":400,"status":"failed","response":{"error_code":1,"message":"x"}}"#);
        assert_eq!(
            (said.code.as_deref(), said.text.as_deref()),
            (Some("400"), Some("x"))
        );
        assert_eq!(said.inside.unwrap_err().class, Class::UpstreamRejected);
        let said = open(r#"{"code":200,"response":"<a/>"}"#);
        assert_eq!(said.inside, Ok(Inside::Text("<a/>".into())));
    }

    #[test]
    fn a_failing_status_keeps_the_words_of_its_wrapper_and_rows_may_know_them() {
        let rule: Rule = serde_json::from_value(json!({
            "code": "status", "ok": ["", "200"], "text": ["message"], "codes": {"400": "upstream_rejected", "200": "ok"},
        }))
        .unwrap();
        let open = |status, body: &'static str| {
            let answer = Answer {
                status,
                body: body.as_bytes(),
                ..Answer::default()
            };
            rule.open(&answer).inside
        };
        let fault = open(400, r#"{"status":400,"message":"Cán bộ 099185000058 lạ"}"#).unwrap_err();
        assert_eq!((fault.class, fault.sure), (Class::UpstreamRejected, true));
        assert_eq!(fault.text.as_deref(), Some("Cán bộ ************ lạ"));
        let fault = open(404, r#"{"status":404,"message":"x"}"#).unwrap_err();
        assert_eq!(
            (fault.class, fault.sure, fault.text.as_deref()),
            (Class::ConfigError, false, Some("x"))
        );
        let fault = open(502, r#"{"status":200,"message":"x"}"#).unwrap_err();
        assert_eq!(
            fault.class,
            Class::UpstreamUnavailable,
            "no row makes a failure a success"
        );
        assert_eq!(open(400, "<html>").unwrap_err().code.as_deref(), Some("HTTP 400"));
        assert_eq!(open(200, r#"{"a":1}"#), Ok(Inside::Json(json!({"a": 1}))));
    }

    #[test]
    fn a_soap_fault_comes_with_400_or_500_and_a_row_may_know_it() {
        let rule: Rule = serde_json::from_value(json!({
            "namespaces": ["u:a"], "codes": {"OFFICER": "denied", "OK": "ok"}, "words": [{"holds": "quá hạn mức", "class": "rate_limited"}],
        }))
        .unwrap();
        let soap = "\u{feff} <s:Envelope/>".as_bytes();
        let open = |status| {
            let answer = Answer {
                status,
                body: soap,
                ..Answer::default()
            };
            rule.open(&answer).inside.map_err(|fault| fault.class)
        };
        for status in [200, 400, 500] {
            assert_eq!(open(status), Ok(Inside::Text("<s:Envelope/>".into())), "{status}");
        }
        assert_eq!(open(401), Err(Class::UpstreamAuth));
        assert_eq!(open(429), Err(Class::RateLimited));
        assert_eq!(open(503), Err(Class::UpstreamUnavailable));
        let known = |code: &str, words: &str| {
            let fault = fault::Fault::new(Class::UpstreamRejected, crate::Hop::Ministry);
            rule.known(fault.saying(Some(code), words)).class
        };
        assert_eq!(known("OFFICER", ""), Class::Denied);
        assert_eq!(known("s:Server", "Quá hạn mức!"), Class::RateLimited);
        assert_eq!(
            known("OK", ""),
            Class::UpstreamRejected,
            "no row makes a fault a success"
        );
        assert!(rule.is_of(None) && rule.is_of(Some("u:a")) && !rule.is_of(Some("u:b")));
        assert!(Rule::default().is_of(Some("u:b")));
    }
}
