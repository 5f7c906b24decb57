//! Where the ministry's own document stands in an answer, and what the words of a wrapper mean.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::answer::Answer;
use crate::class::{Class, Hop};
use crate::document;
use crate::fault::{self, Fault};
use crate::json;
use crate::profile::inside::{
    Inside, LAYERS, follow, is_page, is_soap, is_word, opened, scalar, sentences, taken,
};
use crate::text::{excerpt, fold};

/// The longest text that is looked at for words; what is longer is a document.
const SENTENCE: usize = 4 << 10;
/// The most of a failing answer that is searched for words.
const SHORT: usize = 16 << 10;

/// How the answers of a service are opened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// Where a code stands: a path of members such as `error_code` or `response/code`. Without one nothing is checked.
    pub code: Option<String>,
    /// Where an error's own code stands, where that is another member than the code of success. `codes` are of it then.
    pub error: Option<String>,
    /// Codes that mean success, as text; numbers are read as text too. An empty one: no code means success too.
    pub ok: Vec<String>,
    /// Where words stand.
    pub text: Vec<String>,
    /// Where the ministry's own document stands: the first path that is there, and an empty path is always. An empty list
    /// means the whole answer. A text that stands there is opened as the document it holds.
    pub inside: Vec<String>,
    /// Where the platform's own id of the call stands.
    pub trace: Option<String>,
    /// What a code means, apart from success.
    pub codes: BTreeMap<String, Class>,
    /// What words mean that stand in the text: the first row that fits, before the codes. An answer that is words and
    /// nothing else is read by them too.
    pub words: Vec<Words>,
    /// Failing statuses under which the service itself speaks in JSON. It is believed when it refuses, or has something
    /// already; that it took something is believed under a good status only. With an empty list, words under a failing status only
    /// tell failures apart.
    pub speaks: Vec<u16>,
    /// Who the wrapper is.
    pub hop: Wrapper,
    /// The wrapper around this one, opened first.
    pub outer: Option<Box<Rule>>,
    /// The namespaces that the ministry's own document may declare; any, when the list is empty. A document that
    /// declares none is read by its local names (§2.6, §2.9).
    pub namespaces: Vec<String>,
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
            Some(fault) => self
                .speaking(answer)
                .unwrap_or_else(|| Said::stopped(self.worded(fault, answer))),
            None => self.body(answer),
        };
        Said {
            trace: said.trace.or(trace),
            ..said
        }
    }

    /// A fault of the way there. A SOAP answer under HTTP 400 or 500 may be the ministry's own fault: whoever reads SOAP
    /// looks first. Under any other failing status the way speaks.
    fn platform(&self, answer: &Answer<'_>) -> Option<Fault> {
        let fault = fault::carried(answer)?;
        let soap = matches!(answer.status, 400 | 500) && is_soap(answer.body);
        (!soap).then_some(fault)
    }

    /// What the service itself says under a failing status, where it speaks under it and says more than that it failed.
    fn speaking<'a>(&self, answer: &Answer<'a>) -> Option<Said<'a>> {
        if !self.speaks.contains(&answer.status) || fault::platform(answer).is_some() {
            return None;
        }
        let said = self.body(answer);
        let believed = match (&said.inside, said.class) {
            (Err(fault), _) => fault.class != Class::UpstreamMalformed,
            (Ok(_), class) => class.is_some_and(|class| class != Class::Ok),
        };
        believed.then_some(said)
    }

    /// A failing status with the words of a wrapper in its body: where a row knows them they say what it comes to, else
    /// they only stand beside it.
    fn worded(&self, fault: Fault, answer: &Answer<'_>) -> Fault {
        if fault.text.is_some() || self.text.is_empty() || answer.body.len() > SHORT {
            return fault;
        }
        let Ok(document) = serde_json::from_slice::<Value>(answer.body) else {
            return fault;
        };
        let (code, words) = self.spoken(&document);
        let by_code = || self.codes.get(code.as_deref()?).copied();
        let believed = self.speaks.is_empty() || self.speaks.contains(&answer.status);
        let known = self
            .meant(&words)
            .or_else(by_code)
            .filter(|class| believed && !class.is_answer());
        let (status, sure) = (fault.code.clone(), fault.sure || known.is_some());
        let class = known.unwrap_or(fault.class);
        Fault { class, sure, ..fault }.saying(code.or(status).as_deref(), &words)
    }

    /// The code and the words of a wrapper. A document where words should stand is none: it is the ministry's, and holds
    /// what no log may.
    fn spoken(&self, document: &Value) -> (Option<String>, String) {
        let at = |path: &String| follow(document, path);
        let code = self.code.as_ref().and_then(at).and_then(scalar);
        let is_document = |value: &&Value| {
            let text = value.as_str().unwrap_or_default().trim_start();
            text.starts_with(['<', '{', '['])
        };
        let words = self
            .text
            .iter()
            .filter_map(at)
            .filter(|value| !is_document(value));
        let words = words.map(sentences).find(|words| !words.is_empty());
        (code, words.unwrap_or_default())
    }

    /// What a fault of the ministry's own comes to, where a row of this site knows its words or code.
    #[must_use]
    pub fn known(&self, fault: Fault) -> Fault {
        let by_words = self.meant(fault.text.as_deref().unwrap_or_default());
        let by_code = || self.codes.get(fault.code.as_deref()?).copied();
        match by_words.or_else(by_code).filter(|class| !class.is_answer()) {
            Some(class) => Fault { class, ..fault },
            None => fault,
        }
    }

    /// Whether a document that declares this namespace is the one that was asked for.
    #[must_use]
    pub fn is_of(&self, namespace: Option<&str>) -> bool {
        let listed = |namespace| self.namespaces.iter().any(|known| known == namespace);
        self.namespaces.is_empty() || namespace.is_none_or(listed)
    }

    fn body<'a>(&self, answer: &Answer<'a>) -> Said<'a> {
        let Ok(text) = std::str::from_utf8(answer.body) else {
            return Said::stopped(malformed());
        };
        let text = text.trim_start_matches('\u{feff}').trim();
        let plain = self.code.is_none() && self.inside.is_empty() && self.outer.is_none();
        if plain && !text.starts_with(['{', '[', '"']) && !is_word(text) {
            return self.whole(text);
        }
        if let Some(words) = self.borrowed(text) {
            return self.whole(words);
        }
        match document::read(text) {
            Some(document) => self.document(document),
            // An answer with no wrapper where one is due: the platform let it through, or it is a page.
            None if text.starts_with('<') && !is_page(text) => self.whole(text),
            None => Said::stopped(malformed()),
        }
    }

    /// An answer that is one text and nothing else, as it lies there: a file is one, and is not copied to be looked at.
    fn borrowed<'a>(&self, text: &'a str) -> Option<&'a str> {
        let plain = self.code.is_none() && self.inside.is_empty() && self.outer.is_none();
        let bare = plain && text.starts_with('"');
        let words: &str = bare.then(|| serde_json::from_str(text).ok())??;
        (!words.trim_start().starts_with(['{', '[', '"'])).then_some(words)
    }

    fn whole<'a>(&self, text: &'a str) -> Said<'a> {
        let inside = match text {
            blank if blank.trim().is_empty() => Inside::Nothing,
            page if is_page(page) => return Said::stopped(malformed()),
            text => Inside::Text(Cow::Borrowed(text)),
        };
        let words = (text.len() <= SENTENCE && !text.starts_with('<')).then_some(text);
        let class = words.and_then(|words| self.meant(words));
        let text = words.filter(|_| class.is_some());
        let inside = match class {
            Some(class) if !class.is_answer() => Err(Fault::new(class, self.hop.0)),
            Some(_) | None => Ok(inside),
        };
        Said {
            inside: inside.map_err(|fault| fault.saying(None, text.unwrap_or_default())),
            class,
            code: None,
            text: text.map(excerpt),
            trace: None,
        }
    }

    fn document(&self, document: Value) -> Said<'static> {
        let Some(outer) = &self.outer else {
            return self.layer(document);
        };
        let around = outer.document(document);
        match around.inside {
            Ok(Inside::Json(document)) if around.class.is_none() => {
                let said = self.layer(document);
                Said {
                    trace: said.trace.or(around.trace),
                    ..said
                }
            }
            Ok(_) | Err(_) => around,
        }
    }

    fn layer(&self, document: Value) -> Said<'static> {
        let (code, words) = self.spoken(&document);
        let trace = self.trace.as_ref().and_then(|path| follow(&document, path));
        let trace = trace.and_then(json::scalar);
        let by_words = self.meant(&words);
        let said = code.as_deref().unwrap_or_default();
        // An answer may do without a code where that means success; a list is none that could have had one.
        let codeless = code.is_none() && !document.is_object();
        let good = self.code.is_none() || (!codeless && self.ok.iter().any(|ok| ok == said));
        let fails = self.error.as_ref().filter(|_| !good);
        let fails = fails.and_then(|path| follow(&document, path)).and_then(scalar);
        let code = fails.filter(|fails| !fails.is_empty()).or(code);
        let class = by_words.or_else(|| self.codes.get(code.as_deref()?).copied());
        let stopped = match class {
            Some(class) => (!class.is_answer()).then(|| Fault::new(class, self.hop.0)),
            None if good => None,
            // A code that nobody knows is a refusal in the partner's own words, of which nobody knows what was taken before it; none
            // at all is nothing that can be read.
            None if code.as_deref().is_some_and(|code| !code.is_empty()) => {
                Some(Fault::new(Class::UpstreamRejected, self.hop.0).unsure())
            }
            None => Some(malformed()),
        };
        let said = Said {
            inside: Ok(Inside::Nothing),
            class,
            trace: trace.map(|trace| excerpt(&trace)),
            code: code.map(|code| excerpt(&code)),
            text: Some(excerpt(&words)).filter(|text| !text.is_empty()),
        };
        match stopped {
            Some(fault) => Said {
                inside: Err(fault.saying(said.code.as_deref(), &words)),
                ..said
            },
            None => Said {
                inside: Ok(self.inner(document)),
                ..said
            },
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

    fn inner(&self, mut document: Value) -> Inside<'static> {
        let found = match self.inside.as_slice() {
            [] => Some(document),
            paths => {
                let there = paths.iter().find(|path| follow(&document, path).is_some());
                there.and_then(|path| taken(&mut document, path))
            }
        };
        found.map_or(Inside::Nothing, |found| opened(found, LAYERS))
    }
}
