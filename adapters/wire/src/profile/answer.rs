//! Where the ministry's own document stands in an answer, and what the words of a wrapper mean.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::answer::Answer;
use crate::class::{Class, Hop};
use crate::fault::{self, Fault};
use crate::json;
use crate::text::{excerpt, fold};

/// How deep documents in documents are opened: XML in JSON in JSON was seen.
const LAYERS: usize = 4;

/// How the answers of a service are opened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// Where a code stands: a path of members such as `error_code` or `response/code`. Without one nothing is checked.
    pub code: Option<String>,
    /// Codes that mean success, as text; numbers are read as text too.
    pub ok: Vec<String>,
    /// Where words stand.
    pub text: Vec<String>,
    /// Where the ministry's own document stands: the first path that is there. An empty list means the whole answer.
    /// A text that stands there is opened as the document it holds.
    pub inside: Vec<String>,
    /// Where the platform's own id of the call stands.
    pub trace: Option<String>,
    /// What a code means, apart from success.
    pub codes: BTreeMap<String, Class>,
    /// What words mean that stand in the text: the first row that fits, before the codes.
    pub words: Vec<Words>,
    /// Who the wrapper is.
    pub hop: Wrapper,
}

/// Words and what they mean.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// What the text holds; case, blanks and the composition of letters do not count.
    pub holds: String,
    /// What it comes to.
    pub class: Class,
}

/// The hop of a wrapper: the province's platform, unless a profile says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Wrapper(pub Hop);

impl Default for Wrapper {
    fn default() -> Self {
        Wrapper(Hop::Lgsp)
    }
}

/// The ministry's own document.
#[derive(Debug, Clone, PartialEq)]
pub enum Inside<'a> {
    /// A JSON value.
    Json(Value),
    /// A text that is no JSON: XML, or words.
    Text(Cow<'a, str>),
    /// Nothing stands where it should.
    Nothing,
}

/// What a wrapper said.
#[derive(Debug, Clone, PartialEq)]
pub struct Said<'a> {
    /// The ministry's own document, or what stopped it on the way.
    pub inside: Result<Inside<'a>, Fault>,
    /// What the words of the wrapper came to, where a row fits beside a success.
    pub class: Option<Class>,
    /// The wrapper's code, raw.
    pub code: Option<String>,
    /// Its words, fit for a log.
    pub text: Option<String>,
    /// The platform's own id of the call.
    pub trace: Option<String>,
}

impl<'a> Said<'a> {
    fn stopped(fault: Fault) -> Self {
        Said {
            inside: Err(fault),
            class: None,
            code: None,
            text: None,
            trace: None,
        }
    }

    /// Of a service that the profile does not frame.
    pub(super) fn unframed() -> Self {
        Said::stopped(Fault::new(Class::NotSupported, Hop::Gateway).unsure())
    }
}

/// A fault for an answer that cannot be read.
fn malformed() -> Fault {
    Fault::new(Class::UpstreamMalformed, Hop::Ministry)
}

impl Rule {
    /// Opens an answer.
    #[must_use]
    pub fn open<'a>(&self, answer: &Answer<'a>) -> Said<'a> {
        let trace = answer.header("x-road-request-id").map(excerpt);
        let said = match self.platform(answer) {
            Some(fault) => Said::stopped(fault),
            None => self.body(answer),
        };
        Said {
            trace: said.trace.or(trace),
            ..said
        }
    }

    /// A fault of the way there. A SOAP answer under HTTP 500 is the ministry's own fault, and one under another failing
    /// status may be: whoever reads SOAP looks first.
    fn platform(&self, answer: &Answer<'_>) -> Option<Fault> {
        let fault = fault::carried(answer)?;
        let soap = answer.status >= 400 && is_soap(answer.body);
        (!soap).then_some(fault)
    }

    fn body<'a>(&self, answer: &Answer<'a>) -> Said<'a> {
        let Ok(text) = std::str::from_utf8(answer.body) else {
            return Said::stopped(malformed());
        };
        let text = text.trim_start_matches('\u{feff}').trim();
        if self.code.is_none() && self.inside.is_empty() && !text.starts_with(['{', '[', '"']) {
            return self.whole(text);
        }
        match serde_json::from_str::<Value>(text) {
            Ok(document) => self.document(document),
            // An answer with no wrapper where one is due: the platform let it through, or it is a page.
            Err(_) if text.starts_with('<') && !is_page(text) => self.whole(text),
            Err(_) => Said::stopped(malformed()),
        }
    }

    fn whole<'a>(&self, text: &'a str) -> Said<'a> {
        let inside = match text {
            "" => Inside::Nothing,
            page if is_page(page) => return Said::stopped(malformed()),
            text => Inside::Text(Cow::Borrowed(text)),
        };
        Said {
            inside: Ok(inside),
            class: None,
            code: None,
            text: None,
            trace: None,
        }
    }

    fn document(&self, document: Value) -> Said<'static> {
        let at = |path: &String| follow(&document, path);
        let code = self.code.as_ref().and_then(at).and_then(scalar);
        let words = self.text.iter().find_map(at).map(json::words).unwrap_or_default();
        let trace = self.trace.as_ref().and_then(at).and_then(json::scalar);
        let by_words = self.meant(&words);
        let good = self.code.is_none() || code.as_ref().is_some_and(|code| self.ok.contains(code));
        let class = by_words.or_else(|| self.codes.get(code.as_deref()?).copied());
        let inside = match class {
            Some(class) if !class.is_answer() => Err(Fault::new(class, self.hop.0)),
            Some(_) => Ok(self.inner(&document)),
            None if good => Ok(self.inner(&document)),
            // A code that nobody knows is a refusal in the partner's own words; none at all is nothing that can be read.
            None if code.is_some() => Err(Fault::new(Class::UpstreamRejected, self.hop.0)),
            None => Err(malformed()),
        };
        Said {
            inside: inside.map_err(|fault| fault.saying(code.as_deref(), &words)),
            class,
            code: code.map(|code| excerpt(&code)),
            text: Some(excerpt(&words)).filter(|text| !text.is_empty()),
            trace: trace.map(|trace| excerpt(&trace)),
        }
    }

    fn meant(&self, words: &str) -> Option<Class> {
        if words.is_empty() || self.words.is_empty() {
            return None;
        }
        let words = fold(words);
        let row = self.words.iter().find(|row| words.contains(&fold(&row.holds)))?;
        Some(row.class)
    }

    fn inner(&self, document: &Value) -> Inside<'static> {
        let found = match self.inside.as_slice() {
            [] => Some(document),
            paths => paths.iter().find_map(|path| follow(document, path)),
        };
        found.map_or(Inside::Nothing, |found| opened(found.clone(), LAYERS))
    }
}

/// A document that stands in a text is opened, as often as it is wrapped.
fn opened(value: Value, layers: usize) -> Inside<'static> {
    let text = match value {
        Value::Null => return Inside::Nothing,
        Value::String(text) => text,
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => return Inside::Json(value),
    };
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Inside::Nothing;
    }
    if layers > 0
        && trimmed.starts_with(['{', '[', '"'])
        && let Ok(inner) = serde_json::from_str::<Value>(trimmed)
    {
        return opened(inner, layers - 1);
    }
    Inside::Text(Cow::Owned(text))
}

/// What stands at the end of a path of members; an array on the way is entered at its first element.
fn follow<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('/')
        .filter(|step| !step.is_empty())
        .try_fold(value, |at, step| {
            let at = at.as_array().and_then(|rows| rows.first()).unwrap_or(at);
            at.get(step)
        })
}

fn scalar(value: &Value) -> Option<String> {
    let truth = value.as_bool().map(|yes| yes.to_string());
    truth.or_else(|| json::scalar(value).map(|text| text.trim().to_owned()))
}

fn is_soap(body: &[u8]) -> bool {
    let start = body.get(..body.len().min(1_024)).unwrap_or_default();
    let start = String::from_utf8_lossy(start);
    start.trim_start().starts_with('<') && start.contains("Envelope")
}

fn is_page(text: &str) -> bool {
    let start: String = text.chars().take(64).collect::<String>().to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}
