//! SOAP 1.1 (national-databases.md §2.1): the envelope of a question, and what stands in the body of an answer. Answers
//! are matched by local names, because prefixes are free.

use crate::class::{Class, Hop};
use crate::fault::Fault;
use crate::xml::{self, Bounds, Element, Unfit};

const NAMESPACE: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// An envelope with an empty header around one message.
///
/// # Errors
/// [`Unfit`] when a name or a character of it is none of XML.
pub fn envelope(message: Element, prefix: &str, namespace: &str) -> Result<Vec<u8>, Unfit> {
    let mut body = Element::new("soapenv:Body");
    body.children.push(message);
    let mut envelope = Element::new("soapenv:Envelope");
    envelope.attributes = vec![
        ("xmlns:soapenv".to_owned(), NAMESPACE.to_owned()),
        (format!("xmlns:{prefix}"), namespace.to_owned()),
    ];
    envelope.children = vec![Element::new("soapenv:Header"), body];
    xml::write(&envelope)
}

/// The first element of the body of an answer; none when the body is empty. A fault is read into the closed list
/// (§2.9): the client's is a refusal, the server's an outage.
///
/// # Errors
/// The fault, or that this is no answer of ours to read.
pub fn body(text: &str, bounds: &Bounds) -> Result<Option<Element>, Fault> {
    let malformed = |_| Fault::new(Class::UpstreamMalformed, Hop::Ministry);
    let root = xml::read(text.as_bytes(), bounds).map_err(malformed)?;
    let body = match root.local() {
        "Envelope" => root
            .children
            .into_iter()
            .find(|child| child.local() == "Body")
            .ok_or_else(|| Fault::new(Class::UpstreamMalformed, Hop::Ministry))?,
        "Body" => root,
        // Some adapters hand the message out without its envelope.
        _ => return Ok(Some(root)),
    };
    match body.children.into_iter().next() {
        Some(fault) if fault.local() == "Fault" => Err(read(&fault)),
        message => Ok(message),
    }
}

fn read(fault: &Element) -> Fault {
    let code = fault.text_at(&["faultcode"]).unwrap_or_default();
    let detail = fault
        .child("detail")
        .and_then(|detail| detail.children.first())
        .and_then(|error| error.text_at(&["code"]));
    let class = if code.contains("Client") {
        Class::UpstreamRejected
    } else if code.contains("Server") {
        Class::UpstreamUnavailable
    } else {
        Class::UpstreamRejected
    };
    let words = fault.text_at(&["faultstring"]).unwrap_or_default();
    Fault::new(class, Hop::Ministry).saying(Some(detail.unwrap_or(code)), words)
}
