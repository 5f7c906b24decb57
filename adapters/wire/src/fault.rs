//! What the way to a ministry says when the ministry itself was not reached: the error structures of §1.6, read into
//! the closed list.

use serde_json::Value;

use crate::answer::{Answer, Next, Reading, Verdict};
use crate::class::{Class, Hop};
use crate::json;
use crate::operation::Heals;
use crate::text::excerpt;
use crate::xml::{self, Bounds, Element};

/// What went wrong, and who said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What it comes to.
    pub class: Class,
    /// Who said so.
    pub hop: Hop,
    /// Their code, raw.
    pub code: Option<String>,
    /// Their words, fit for a log.
    pub text: Option<String>,
    /// Not before so many seconds.
    pub after: Option<u64>,
    /// Whether it says that nothing was taken; else a push is unclear.
    pub sure: bool,
}

/// How long a suspended endpoint rests when the platform does not say (the platform's own default, §1.6).
const SUSPENDED: u64 = 30;
/// How long to wait after a throttle that does not say.
const THROTTLED: u64 = 60;

impl Fault {
    /// A fault of this class at this hop, with nothing said.
    #[must_use]
    pub fn new(class: Class, hop: Hop) -> Self {
        Fault {
            class,
            hop,
            code: None,
            text: None,
            after: None,
            sure: true,
        }
    }

    /// The same, with their code and words.
    #[must_use]
    pub fn saying(mut self, code: Option<&str>, words: &str) -> Self {
        self.code = code.map(excerpt).filter(|code| !code.is_empty());
        self.text = Some(excerpt(words)).filter(|text| !text.is_empty());
        self
    }

    /// The same, of which nobody knows whether anything was taken.
    #[must_use]
    pub fn unsure(mut self) -> Self {
        self.sure = false;
        self
    }

    /// The reading of an answer that says this, for an operation that heals so.
    #[must_use]
    pub fn reading(self, heals: Heals) -> Reading {
        let reading = if self.sure || self.class.retries() {
            self.class.reading(heals)
        } else {
            Reading::new(Verdict::Unclear, Next::Person)
        };
        Reading {
            class: Some(self.class),
            hop: Some(self.hop),
            code: self.code,
            text: self.text,
            after: self.after,
            ..reading
        }
    }
}

/// What the way says, where it says something: a platform's fault in JSON or XML, a header, or the bare status. An
/// answer with a good status and none of these is the ministry's to read.
#[must_use]
pub fn carried(answer: &Answer<'_>) -> Option<Fault> {
    let fault = platform(answer).or_else(|| status(answer.status))?;
    let unsaid = (fault.class == Class::RateLimited).then_some(THROTTLED);
    Some(Fault {
        after: answer.retry_after.or(fault.after).or(unsaid),
        ..fault
    })
}

/// The same, where a platform says it in its own words.
pub(crate) fn platform(answer: &Answer<'_>) -> Option<Fault> {
    x_road(answer).or_else(|| wso2(answer))
}

/// `X-Road-Error: {type}` and `{type, message, detail}` (§1.6, §1.7).
fn x_road(answer: &Answer<'_>) -> Option<Fault> {
    let kind = answer.header("x-road-error")?;
    let document = serde_json::from_slice::<Value>(answer.body).ok();
    let words = document
        .as_ref()
        .and_then(|document| document.get("message"))
        .map(json::words)
        .unwrap_or_default();
    let class = if kind.contains("AccessDenied") || kind.contains("InvalidSignature") {
        Class::Denied
    } else if kind.contains("UnknownMember")
        || kind.contains("UnknownService")
        || kind.contains("InvalidPath")
    {
        Class::ConfigError
    } else if kind.starts_with("Client.") {
        Class::InvalidInput
    } else {
        Class::UpstreamUnavailable
    };
    Some(Fault::new(class, Hop::Ndxp).saying(Some(kind), &words))
}

/// The fault of a WSO2 platform, as JSON or as XML.
fn wso2(answer: &Answer<'_>) -> Option<Fault> {
    let (code, words) = match answer.body.iter().find(|byte| !byte.is_ascii_whitespace())? {
        b'{' => from_json(answer.body)?,
        b'<' => from_xml(answer.body)?,
        _ => return None,
    };
    let (class, after) = classed(&code)?;
    let mut fault = Fault::new(class, Hop::Ndxp).saying(Some(&code), &words);
    fault.after = after;
    Some(fault)
}

/// The most of a body that is looked at for a fault: faults are short.
const SHORT: usize = 16 << 10;
/// Where a fault says that it is one at the latest.
const START: usize = 512;

/// Whether a body may be a fault at all, so that a good answer is not read twice.
fn perhaps(body: &[u8]) -> bool {
    let start = body.get(..START).unwrap_or(body);
    body.len() <= SHORT && start.windows(5).any(|word| word == b"fault")
}

fn from_json(body: &[u8]) -> Option<(String, String)> {
    if !perhaps(body) {
        return None;
    }
    let document: Value = serde_json::from_slice(body).ok()?;
    let fault = document.get("fault")?;
    let words = [fault.get("message"), fault.get("description")];
    let words: Vec<String> = words.into_iter().flatten().map(json::words).collect();
    Some((json::scalar(fault.get("code")?)?, words.join(": ")))
}

fn from_xml(body: &[u8]) -> Option<(String, String)> {
    if !perhaps(body) {
        return None;
    }
    let root = xml::read(body, &Bounds::default()).ok()?;
    let fault = (root.local() == "fault").then_some(&root)?;
    let said = |name: &str| {
        fault
            .child(name)
            .map(|found: &Element<'_>| found.text.to_string())
    };
    let words: Vec<String> = ["message", "description"]
        .iter()
        .filter_map(|name| said(name))
        .collect();
    Some((said("code")?, words.join(": ")))
}

/// The class of a WSO2 code, and how long to wait (§1.6). An unknown code says nothing by itself.
fn classed(code: &str) -> Option<(Class, Option<u64>)> {
    Some(match code.trim() {
        "700700" | "900907" => (Class::UpstreamUnavailable, None),
        "303001" => (Class::UpstreamUnavailable, Some(SUSPENDED)),
        "900800" | "900801" | "900802" | "900803" | "900804" | "900806" | "900807" => {
            (Class::RateLimited, None)
        }
        "900805" | "900908" | "900909" | "900910" => (Class::Denied, None),
        "900900" | "900901" | "900902" | "900903" | "900904" | "900905" => (Class::UpstreamAuth, None),
        "900906" => (Class::ConfigError, None),
        _ => return None,
    })
}

/// What a bare status says; a platform before the ministry gave it.
fn status(status: u16) -> Option<Fault> {
    let fault = |class| Fault::new(class, Hop::Lgsp).saying(Some(&format!("HTTP {status}")), "");
    Some(match status {
        200..=299 => return None,
        401 => fault(Class::UpstreamAuth),
        403 => fault(Class::Denied).unsure(),
        429 => fault(Class::RateLimited),
        408 | 500..=599 => fault(Class::UpstreamUnavailable),
        _ => fault(Class::ConfigError).unsure(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(status: u16, body: &str) -> Option<Fault> {
        carried(&Answer {
            status,
            body: body.as_bytes(),
            ..Answer::default()
        })
    }

    #[test]
    fn wso2_is_read_as_json_and_as_xml_whatever_the_status() {
        let json = r#"{"fault":{"code":900803,"message":"Message throttled out","description":"quota"}}"#;
        let read = fault(429, json).unwrap();
        assert_eq!((read.class, read.hop), (Class::RateLimited, Hop::Ndxp));
        assert_eq!((read.code.as_deref(), read.after), (Some("900803"), Some(60)));
        let xml = r#"<am:fault xmlns:am="http://wso2.org/apimanager"><am:code>303001</am:code><am:type>Status report</am:type><am:message>Runtime Error</am:message><am:description>suspended</am:description></am:fault>"#;
        for status in [200, 500, 503] {
            let read = fault(status, xml).unwrap();
            assert_eq!((read.class, read.after), (Class::UpstreamUnavailable, Some(30)));
        }
        for code in ["900901", "900903", "900904"] {
            let read = fault(401, &format!(r#"{{"fault":{{"code":"{code}"}}}}"#)).unwrap();
            assert_eq!(read.class, Class::UpstreamAuth);
        }
        assert_eq!(
            fault(403, r#"{"fault":{"code":900908}}"#).unwrap().class,
            Class::Denied
        );
    }

    #[test]
    fn a_bare_status_proves_little() {
        assert_eq!(fault(200, "<html>"), None);
        assert_eq!(fault(401, "").unwrap().class, Class::UpstreamAuth);
        let lost = fault(404, "<html>").unwrap();
        assert_eq!((lost.class, lost.sure), (Class::ConfigError, false));
        let reading = lost.reading(Heals::Repeatable);
        assert_eq!((reading.verdict, reading.next), (Verdict::Unclear, Next::Person));
        assert_eq!(fault(502, "").unwrap().reading(Heals::Neither).next, Next::Person);
    }

    #[test]
    fn x_road_names_its_hop_in_a_header() {
        let headers = [(
            "x-road-error".to_owned(),
            "Server.ServerProxy.AccessDenied".to_owned(),
        )];
        let answer = Answer {
            status: 500,
            headers: &headers,
            body: br#"{"type":"Server.ServerProxy.AccessDenied","message":"Request is not allowed for 099090000017","detail":"1"}"#,
            ..Answer::default()
        };
        let read = carried(&answer).unwrap();
        assert_eq!((read.class, read.hop), (Class::Denied, Hop::Ndxp));
        assert!(!read.text.unwrap().contains("099090000017"));
    }
}
