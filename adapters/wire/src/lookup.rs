//! A wire of questions over a profile: what every register has in common, so that its crate says only which questions it
//! answers and where in an answer the finding stands.

use std::fmt;
use std::marker::PhantomData;

use serde_json::Value;

use crate::Adapter;
use crate::answer::{Answer, Next, Opened, Reading, Verdict};
use crate::call::{Call, Credentials, Malformed, Request};
use crate::class::{Class, Hop};
use crate::fault::Fault;
use crate::json;
use crate::operation::{Heals, Limits, Operation};
use crate::profile::{Inside, Profile, Unfit};

/// What a register is asked, and how its own documents are understood.
pub trait Register: Send + Sync {
    /// The wire's name.
    const NAME: &'static str;
    /// All its questions.
    const OPERATIONS: &'static [Operation];

    /// Whether a question may leave, beyond what its profile checks.
    ///
    /// # Errors
    /// What is wrong with it.
    fn fits(_call: &Call<'_>) -> Result<(), Malformed> {
        Ok(())
    }

    /// What the words of an answer settle by themselves: that there is nothing to find, or nothing that may be passed on.
    /// A register that is pushed to adds that it took something, or has it already.
    #[must_use]
    fn settled(_operation: &str, class: Class) -> Option<Found> {
        matches!(class, Class::NoMatch | Class::Mismatch | Class::Ambiguous).then(|| Found::nothing(class))
    }

    /// How much one call may carry beside the profile's own bounds.
    #[must_use]
    fn limits(_operation: &str) -> Limits {
        Limits {
            bytes: 0,
            elements: 0,
        }
    }

    /// What the register's own document says to `operation`. Total: no document makes it fail otherwise than by a fault.
    ///
    /// # Errors
    /// Why it says nothing that can be used.
    fn found(operation: &str, inside: Inside<'_>) -> Result<Found, Fault>;
}

/// What a question came to.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// Its class, an answer's.
    pub class: Class,
    /// What was found; nothing where none was, or where none may be passed on.
    pub result: Option<Vec<u8>>,
}

/// Class and size only: a finding is about a person.
impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found")
            .field("class", &self.class)
            .field("result.bytes", &self.result.as_ref().map(Vec::len))
            .finish()
    }
}

impl Found {
    /// One was found, or what was asked for.
    #[must_use]
    pub fn of(class: Class, value: &Value) -> Self {
        Found {
            class,
            result: serde_json::to_vec(value).ok(),
        }
    }

    /// Nothing of it is passed on.
    #[must_use]
    pub const fn nothing(class: Class) -> Self {
        Found { class, result: None }
    }
}

/// A fault for a document that does not say what it should.
#[must_use]
pub fn malformed() -> Fault {
    Fault::new(Class::UpstreamMalformed, Hop::Ministry)
}

/// A fault for a document in which the finding is missing: a refusal where it carries a code that says so, as every
/// platform may send one in place of a register's answer; else nothing that can be read. No row knows that code: what was pushed may
/// have been taken.
#[must_use]
pub fn missing(document: &Value) -> Fault {
    let at = |names: &[&str]| names.iter().find_map(|name| document.get(name));
    let code = at(&["error_code", "errorCode", "code"]).and_then(json::scalar);
    let words = at(&["message", "Message", "errorDescription", "description", "error"]);
    let words = words.map(json::words).unwrap_or_default();
    let refuses = |code: &String| {
        code.trim()
            .parse::<i64>()
            .is_ok_and(|code| code != 0 && code != 200)
    };
    match code.filter(refuses) {
        Some(code) if !words.is_empty() => {
            let refused = Fault::new(Class::UpstreamRejected, Hop::Lgsp).unsure();
            refused.saying(Some(&code), &words)
        }
        Some(_) | None => malformed(),
    }
}

/// The adapter of a register, as one site reaches it.
pub struct Lookup<R> {
    profile: Profile,
    operations: Vec<Operation>,
    register: PhantomData<R>,
}

impl<R: Register> Lookup<R> {
    /// The adapter for this profile.
    ///
    /// # Errors
    /// Everything that is wrong with the profile.
    pub fn new(profile: Profile) -> Result<Self, Vec<Unfit>> {
        let faults = profile.faults(R::OPERATIONS);
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Lookup {
            operations: profile.operations(R::OPERATIONS),
            profile,
            register: PhantomData,
        })
    }

    fn outcome(&self, operation: &Operation, answer: &Answer<'_>) -> Reading {
        let said = self.profile.open(operation.name, answer);
        let heals = operation.heals;
        let found = said.inside.and_then(|inside| {
            let settled = said.class.and_then(|class| R::settled(operation.name, class));
            settled.map_or_else(|| R::found(operation.name, inside), Ok)
        });
        let reading = match found {
            Ok(found) => Reading {
                result: found.result,
                hop: Some(Hop::Ministry),
                ..found.class.reading(heals)
            },
            Err(fault) => fault.reading(heals),
        };
        let unsaid = || (reading.verdict != Verdict::Accepted).then(|| format!("HTTP {}", answer.status));
        Reading {
            code: reading.code.clone().or(said.code).or_else(unsaid),
            text: reading.text.or(said.text),
            trace: said.trace,
            after: reading.after.or(answer.retry_after),
            ..reading
        }
    }
}

impl<R: Register> Adapter for Lookup<R> {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn operations(&self) -> &[Operation] {
        &self.operations
    }

    fn limits(&self, operation: &str) -> Limits {
        let limits = R::limits(operation);
        let most = self.profile.most(operation);
        Limits {
            elements: most.map_or(limits.elements, |most| most.min(limits.elements)),
            ..limits
        }
    }

    fn login(&self, credentials: &Credentials<'_>) -> Option<Request> {
        self.profile.login(credentials)
    }

    fn opened(&self, answer: &Answer<'_>) -> Opened {
        self.profile.opened(answer)
    }

    fn frame(&self, call: &Call<'_>) -> Result<Request, Malformed> {
        let operation = self.operation(call.operation).ok_or(Malformed::Operation)?;
        R::fits(call)?;
        self.profile.frame(operation, call)
    }

    fn read(&self, operation: &str, answer: &Answer<'_>) -> Reading {
        match self.operation(operation) {
            Some(operation) => self.outcome(operation, answer),
            None => Reading {
                class: Some(Class::NotSupported),
                hop: Some(Hop::Gateway),
                ..Reading::new(Verdict::Unclear, Next::Person)
            },
        }
    }
}

/// A question that may be asked again without harm: every one is.
#[must_use]
pub const fn question(
    name: &'static str,
    arguments: &'static [&'static str],
    optional: &'static [&'static str],
) -> Operation {
    Operation {
        name,
        heals: Heals::Repeatable,
        session: false,
        arguments,
        optional,
        payload: crate::operation::Payload::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Books;

    impl Register for Books {
        const NAME: &'static str = "books";
        const OPERATIONS: &'static [Operation] = &[question("one", &["code"], &[])];

        fn fits(call: &Call<'_>) -> Result<(), Malformed> {
            let code = call.argument("code");
            if code == Some("x") {
                Err(Malformed::Argued("code"))
            } else {
                Ok(())
            }
        }

        fn found(_: &str, inside: Inside<'_>) -> Result<Found, Fault> {
            let Inside::Json(document) = inside else {
                return Err(malformed());
            };
            match document.get("so") {
                Some(Value::Null) => Ok(Found::nothing(Class::NoMatch)),
                Some(found) => Ok(Found::of(Class::Match, found)),
                None => Err(missing(&document)),
            }
        }
    }

    fn books() -> Lookup<Books> {
        let profile = json!({
            "profile": "test", "version": 1, "token": {"kind": "none"},
            "services": {"one": {"path": "/p", "method": "GET", "envelope": "query",
                "fields": [{"to": "so", "from": "code"}],
                "answer": {"text": ["message"], "trace": "id", "words": [{"holds": "không tìm thấy", "class": "no_match"}]}}},
        });
        Lookup::new(serde_json::from_value(profile).unwrap()).unwrap()
    }

    fn read(body: &str) -> Reading {
        let answer = Answer {
            status: 200,
            body: body.as_bytes(),
            ..Answer::default()
        };
        books().read("one", &answer)
    }

    #[test]
    fn the_laws_hold() {
        assert_eq!(crate::conformance::check(&books()), []);
        assert_eq!(crate::conformance::accepted(&books(), "one", br#"{"so":1}"#), []);
    }

    #[test]
    fn a_finding_an_absence_and_a_refusal_are_told_apart() {
        let found = read(r#"{"so":{"a":1},"id":"c-1"}"#);
        assert_eq!(
            (found.class, found.trace.as_deref()),
            (Some(Class::Match), Some("c-1"))
        );
        assert_eq!(found.result.as_deref(), Some(br#"{"a":1}"#.as_slice()));
        assert_eq!(read(r#"{"so":null}"#).class, Some(Class::NoMatch));
        let none = read(r#"{"message":"KHÔNG  tìm thấy","so":{"a":1}}"#);
        assert_eq!((none.class, none.result), (Some(Class::NoMatch), None));
        let refused = read(r#"{"errorCode":"7","message":"CCCD 099090000017 bị khóa"}"#);
        assert_eq!(
            (refused.class, refused.hop),
            (Some(Class::UpstreamRejected), Some(Hop::Lgsp))
        );
        assert_eq!(refused.text.as_deref(), Some("CCCD ************ bị khóa"));
        assert_eq!(refused.code.as_deref(), Some("7"));
        for unclear in [r#"{}"#, r#"{"errorCode":0,"message":"x"}"#, "[]", "x"] {
            let reading = read(unclear);
            assert_eq!(reading.class, Some(Class::UpstreamMalformed), "{unclear}");
            assert_eq!(reading.code.as_deref(), Some("HTTP 200"));
        }
    }

    #[test]
    fn what_does_not_fit_does_not_leave() {
        let call = |code| {
            books().frame(&Call {
                operation: "one",
                arguments: &[("code", code)],
                ..Call::default()
            })
        };
        assert_eq!(call("x"), Err(Malformed::Argued("code")));
        assert_eq!(call("9900000016").unwrap().target, "/p?so=9900000016");
        let nobody = books().read("two", &Answer::default());
        assert_eq!(
            (nobody.class, nobody.next),
            (Some(Class::NotSupported), Next::Person)
        );
    }
}
