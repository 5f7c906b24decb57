//! SOAP 1.1 (national-databases.md §2.1): the envelope of a question, and what stands in the body of an answer. Answers
//! are matched by local names, because prefixes are free, and adapters of the provinces turn them into JSON, with the
//! outer envelope or without it.

use serde_json::Value;

use crate::class::{Class, Hop};
use crate::fault::Fault;
use crate::json;
use crate::profile::Inside;
use crate::xml::{self, Bounds, Element, Unfit};

const NAMESPACE: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// What stands in the body of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'a> {
    /// The one element there.
    pub root: Element<'a>,
    /// Its namespace, where it or what stands around it declares one.
    pub namespace: Option<String>,
}

/// An envelope with an empty header around one message.
#[must_use]
pub fn envelope<'a>(message: Element<'a>, prefix: &str, namespace: &'a str) -> Element<'a> {
    let mut body = Element::new("soapenv:Body");
    body.children.push(message);
    let mut envelope = Element::new("soapenv:Envelope");
    envelope.attributes = vec![
        ("xmlns:soapenv".into(), NAMESPACE.into()),
        (format!("xmlns:{prefix}").into(), namespace.into()),
    ];
    envelope.children = vec![Element::new("soapenv:Header"), body];
    envelope
}

/// The message in a document as a wrapper handed it out; none when the body is empty. A fault is read into the closed
/// list (§2.9): the client's is a refusal, the server's an outage.
///
/// # Errors
/// The fault, or that this is no answer to be read.
pub fn message<'a>(document: &'a Inside<'_>, bounds: &Bounds) -> Result<Option<Message<'a>>, Fault> {
    let root = match document {
        Inside::Text(text) => xml::read_text(text, bounds),
        Inside::Json(value) => converted("", value, bounds),
        Inside::Nothing => return Err(malformed()),
    };
    body(root.map_err(|_: Unfit| malformed())?)
}

fn malformed() -> Fault {
    Fault::new(Class::UpstreamMalformed, Hop::Ministry)
}

fn body(root: Element<'_>) -> Result<Option<Message<'_>>, Fault> {
    let mut around = Vec::new();
    let mut at = root;
    // A document that was JSON has no name of its own.
    for name in ["", "Envelope"] {
        if at.local() == name {
            let wanted = at
                .children
                .iter()
                .position(|child| ["Envelope", "Body"].contains(&child.local()));
            if let Some(place) = wanted {
                let child = at.children.swap_remove(place);
                around.push(std::mem::replace(&mut at, child));
            }
        }
    }
    match at.local() {
        "Envelope" => Err(malformed()),
        "Body" | "" => inside(at, around),
        // Some adapters hand the message out without its envelope.
        _ => alone(at, &around).map(Some),
    }
}

/// What stands in a body: one element, or nothing.
fn inside<'a>(mut body: Element<'a>, mut around: Vec<Element<'a>>) -> Result<Option<Message<'a>>, Fault> {
    let bare = body.local().is_empty();
    match (
        body.children.pop(),
        body.children.is_empty(),
        body.text.is_empty(),
    ) {
        (Some(child), true, true) => {
            around.push(body);
            alone(child, &around).map(Some)
        }
        (None, _, true) if !bare => Ok(None),
        _ => Err(malformed()),
    }
}

fn alone<'a>(root: Element<'a>, around: &[Element<'a>]) -> Result<Message<'a>, Fault> {
    if root.local() == "Fault" {
        return Err(read(&root));
    }
    let prefix = root.parts().0;
    let name = if prefix.is_empty() {
        "xmlns".to_owned()
    } else {
        format!("xmlns:{prefix}")
    };
    let declared = std::iter::once(&root)
        .chain(around.iter().rev())
        .find_map(|element| element.attribute(&name));
    let namespace = declared.map(str::to_owned);
    Ok(Message { root, namespace })
}

fn read(fault: &Element<'_>) -> Fault {
    let code = fault.text_at(&["faultcode"]).unwrap_or_default();
    let detail = fault
        .child("detail")
        .and_then(|detail| detail.children.first())
        .and_then(|error| error.text_at(&["code"]));
    let class = if code.contains("Server") && !code.contains("Client") {
        Class::UpstreamUnavailable
    } else {
        Class::UpstreamRejected
    };
    let words = fault.text_at(&["faultstring"]).unwrap_or_default();
    Fault::new(class, Hop::Ministry).saying(Some(detail.unwrap_or(code)), words)
}

/// The element that a JSON value was converted from: members are children, those of a list one after the other, `null`
/// is empty. Converters mark attributes with `@` or `-`, or leave them unmarked, and a text beside children is `#text`
/// or `$`.
fn converted<'a>(name: &'a str, value: &'a Value, bounds: &Bounds) -> Result<Element<'a>, Unfit> {
    let mut elements = bounds.elements;
    let mut root = Element::new(name);
    fill(&mut root, value, bounds.depth, &mut elements)?;
    Ok(root)
}

fn fill<'a>(into: &mut Element<'a>, value: &'a Value, depth: usize, left: &mut usize) -> Result<(), Unfit> {
    match value {
        Value::Null => {}
        Value::Bool(yes) => into.text = if *yes { "true" } else { "false" }.into(),
        Value::Number(number) => into.text = number.to_string().into(),
        Value::String(text) => into.text = text.trim().into(),
        // A list with no name of its own is nothing that XML could have been.
        Value::Array(_) => return Err(Unfit::Name),
        Value::Object(members) => {
            let below = depth.checked_sub(1).ok_or(Unfit::Bound("depth"))?;
            for (key, value) in members {
                member(into, key, value, (below, &mut *left))?;
            }
        }
    }
    Ok(())
}

fn member<'a>(
    into: &mut Element<'a>,
    key: &'a str,
    value: &'a Value,
    (depth, left): (usize, &mut usize),
) -> Result<(), Unfit> {
    let marked = key.strip_prefix(['@', '-']);
    let attribute = marked.or_else(|| key.starts_with("xmlns").then_some(key));
    match (attribute, key, value) {
        (Some(name), _, value) => {
            let text = json::scalar(value).unwrap_or_default();
            into.attributes.push((name.into(), text.into()));
        }
        (None, "#text" | "$", value) => fill(into, value, depth, left)?,
        (None, _, Value::Array(items)) => {
            let below = depth.checked_sub(1).ok_or(Unfit::Bound("depth"))?;
            for item in items {
                member(into, key, item, (below, &mut *left))?;
            }
        }
        (None, _, value) => {
            *left = left.checked_sub(1).ok_or(Unfit::Bound("elements"))?;
            let mut child = Element::new(key);
            fill(&mut child, value, depth, left)?;
            into.children.push(child);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use serde_json::json;

    use super::*;

    const BODY: &str = "<a:A xmlns:a='u:a'><B>1</B></a:A>";

    fn told(document: Inside<'_>) -> Result<Option<(String, Option<String>)>, Class> {
        match message(&document, &Bounds::default()) {
            Ok(found) => Ok(found.map(|found| (found.root.local().to_owned(), found.namespace))),
            Err(fault) => Err(fault.class),
        }
    }

    fn xml(text: &str) -> Result<Option<(String, Option<String>)>, Class> {
        told(Inside::Text(Cow::Borrowed(text)))
    }

    #[test]
    fn a_message_is_found_in_every_wrapping_with_its_namespace() {
        let found = Ok(Some(("A".to_owned(), Some("u:a".to_owned()))));
        assert_eq!(xml(BODY), found);
        assert_eq!(xml(&format!("<s:Body xmlns:s='u:s'>{BODY}</s:Body>")), found);
        assert_eq!(
            xml(&format!("<Envelope><Header/><Body>{BODY}</Body></Envelope>")),
            found
        );
        assert_eq!(
            xml("<Envelope xmlns:a='u:a'><Body><a:A/></Body></Envelope>"),
            found
        );
        assert_eq!(xml("<Envelope><Body xmlns='u:a'><A/></Body></Envelope>"), found);
        let plain = Ok(Some(("A".to_owned(), None)));
        assert_eq!(xml("<Envelope><Body><A/></Body></Envelope>"), plain);
        for document in [
            json!({"Envelope": {"Body": {"A": {"B": 1}}}}),
            json!({"Body": {"A": {}}}),
            json!({"A": null}),
            json!({"soapenv:Envelope": {"@xmlns:soapenv": "u:s", "soapenv:Header": null, "soapenv:Body": {"A": ""}}}),
        ] {
            assert_eq!(told(Inside::Json(document)), plain);
        }
        let document = json!({"Body": {"a:A": {"-xmlns:a": "u:a"}}});
        assert_eq!(told(Inside::Json(document)), found);
    }

    #[test]
    fn an_empty_body_is_no_message_and_anything_else_is_malformed() {
        assert_eq!(xml("<Envelope><Body> </Body></Envelope>"), Ok(None));
        assert_eq!(told(Inside::Json(json!({"Body": null}))), Ok(None));
        for text in [
            "<Envelope/>",
            "<Envelope><Body>OK</Body></Envelope>",
            "<Envelope><Body><A/><B/></Body></Envelope>",
            "<A>",
        ] {
            assert_eq!(xml(text), Err(Class::UpstreamMalformed), "{text}");
        }
        for document in [
            json!({}),
            json!(null),
            json!(7),
            json!([{"A": 1}]),
            json!({"A": 1, "B": 2}),
            json!({"A": [1, 2]}),
        ] {
            assert_eq!(told(Inside::Json(document)), Err(Class::UpstreamMalformed));
        }
        assert_eq!(told(Inside::Nothing), Err(Class::UpstreamMalformed));
    }

    #[test]
    fn faults_are_read_by_their_code() {
        let fault = |code: &str| {
            format!("<Envelope><Body><Fault><faultcode>{code}</faultcode></Fault></Body></Envelope>")
        };
        assert_eq!(xml(&fault("soapenv:Client")), Err(Class::UpstreamRejected));
        assert_eq!(xml(&fault("s:Server.Busy")), Err(Class::UpstreamUnavailable));
        assert_eq!(xml(&fault("other")), Err(Class::UpstreamRejected));
        let converted =
            json!({"Body": {"Fault": {"faultcode": "s:Server", "faultstring": "CCCD 099090000017"}}});
        let document = Inside::Json(converted);
        let fault = message(&document, &Bounds::default()).unwrap_err();
        assert_eq!(fault.text.as_deref(), Some("CCCD ************"));
    }

    #[test]
    fn a_converted_document_keeps_lists_attributes_and_its_own_bounds() {
        let value = json!({"A": {"@id": "1", "#text": " t ", "B": [1, {"C": true}, [null]], "-n": 2}});
        let root = converted("", &value, &Bounds::default()).unwrap();
        let a = root.child("A").unwrap();
        assert_eq!(
            (a.attribute("id"), a.attribute("n"), a.text.as_ref()),
            (Some("1"), Some("2"), "t")
        );
        assert_eq!(a.children.len(), 3);
        assert_eq!(a.children[1].text_at(&["C"]), Some("true"));
        let small = Bounds {
            elements: 2,
            depth: 3,
            ..Bounds::default()
        };
        assert_eq!(
            converted("", &json!({"A": [1, 2, 3]}), &small),
            Err(Unfit::Bound("elements"))
        );
        let small = Bounds {
            elements: 100,
            ..small
        };
        let deep = json!({"A": {"B": {"C": {"D": 1}}}});
        assert_eq!(converted("", &deep, &small), Err(Unfit::Bound("depth")));
        let lists = json!({"A": [[[[1]]]]});
        assert_eq!(converted("", &lists, &small), Err(Unfit::Bound("depth")));
    }
}
