//! The SOAP 1.1 front: an envelope read strictly, with no entities but the five, and answers in the same envelope.

use quick_xml::NsReader;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::{BytesRef, Event};
use quick_xml::name::{Namespace, ResolveResult};

/// Namespace of the envelope.
const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// A request is a few lines; nothing in it stands deeper.
const DEPTH: usize = 8;

/// One element of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) space: String,
    pub(super) name: String,
    pub(super) text: String,
    pub(super) children: Vec<Node>,
}

/// What the caller did wrong: a code for machines, and what people read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) code: &'static str,
    pub(super) text: String,
}

pub(super) fn wrong(code: &'static str, text: impl Into<String>) -> Wrong {
    let text = text.into();
    Wrong { code, text }
}

/// The one element in the body of an envelope.
pub(super) fn question(bytes: &[u8]) -> Result<Node, Wrong> {
    let envelope = read(bytes)?;
    is_of_envelope(&envelope, "Envelope")?;
    let mut inside = envelope.children.into_iter();
    let mut body = inside
        .next()
        .ok_or_else(|| wrong("NO_BODY", "the envelope is empty"))?;
    if body.name == "Header" {
        is_of_envelope(&body, "Header")?;
        body = inside
            .next()
            .ok_or_else(|| wrong("NO_BODY", "there is no Body"))?;
    }
    is_of_envelope(&body, "Body")?;
    let mut roots = body.children.into_iter();
    match (roots.next(), roots.next(), inside.next()) {
        (Some(root), None, None) => Ok(root),
        _ => Err(wrong("BODY", "Body holds exactly one element and is the last")),
    }
}

fn is_of_envelope(node: &Node, name: &str) -> Result<(), Wrong> {
    if node.name != name {
        return Err(wrong("ENVELOPE", format!("{name} expected")));
    }
    if node.space != ENVELOPE {
        return Err(wrong("ENVELOPE_NAMESPACE", format!("{name} is not of SOAP 1.1")));
    }
    Ok(())
}

/// Reads one document into a tree.
fn read(bytes: &[u8]) -> Result<Node, Wrong> {
    let text = std::str::from_utf8(bytes).map_err(|_| wrong("ENCODING", "not UTF-8"))?;
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    let mut open: Vec<Node> = Vec::new();
    let mut root = None;
    loop {
        let event = reader.read_event().map_err(|_| wrong("XML", "not well-formed"))?;
        match event {
            Event::Start(ref start) | Event::Empty(ref start) => {
                let (space, local) = reader.resolver().resolve_element(start.name());
                let node = Node {
                    space: bound(&space)?,
                    name: local.as_ref().to_owned(),
                    ..Node::default()
                };
                if root.is_some() || open.len() >= DEPTH {
                    return Err(wrong("XML", "a second root, or too deep"));
                }
                open.push(node);
                if matches!(event, Event::Empty(_)) {
                    close(&mut open, &mut root);
                }
            }
            Event::End(_) => close(&mut open, &mut root),
            Event::Text(text) => add(&mut open, &text.xml10_content()),
            Event::CData(text) => add(&mut open, &text.xml10_content()),
            Event::GeneralRef(entity) => add(&mut open, &resolve(&entity)?),
            Event::DocType(_) => return Err(wrong("DOCTYPE", "a document type is not allowed")),
            Event::PI(_) => return Err(wrong("XML", "a processing instruction is not allowed")),
            Event::Decl(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    root.filter(|_| open.is_empty())
        .ok_or_else(|| wrong("XML", "cut in the middle"))
}

fn bound(space: &ResolveResult<'_>) -> Result<String, Wrong> {
    match space {
        ResolveResult::Bound(Namespace(space)) => Ok((*space).to_owned()),
        ResolveResult::Unbound => Ok(String::new()),
        ResolveResult::Unknown(_) => Err(wrong("PREFIX", "a prefix that is not declared")),
    }
}

fn close(open: &mut Vec<Node>, root: &mut Option<Node>) {
    let Some(mut node) = open.pop() else {
        return;
    };
    node.text = node.text.trim().to_owned();
    match open.last_mut() {
        Some(parent) => parent.children.push(node),
        None => *root = Some(node),
    }
}

fn add(open: &mut [Node], text: &str) {
    if let Some(node) = open.last_mut() {
        node.text.push_str(text);
    }
}

fn resolve(entity: &BytesRef<'_>) -> Result<String, Wrong> {
    let unknown = || wrong("ENTITY", "an entity that is not built in");
    match entity.resolve_char_ref() {
        Ok(Some(letter)) => Ok(letter.to_string()),
        Ok(None) => Ok(resolve_predefined_entity(entity).ok_or_else(unknown)?.to_owned()),
        Err(_) => Err(unknown()),
    }
}

/// An answer in its envelope.
pub(super) fn envelope(body: &str) -> String {
    format!("{OPEN}{body}{CLOSE}")
}

const OPEN: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">"#,
    r#"<soapenv:Header xmlns:dan="http://dancuquocgia.bca"/><soapenv:Body xmlns:dan="http://dancuquocgia.bca">"#
);
const CLOSE: &str = "</soapenv:Body></soapenv:Envelope>";

/// A fault of one side, `Client` or `Server`.
pub(super) fn fault(side: &str, wrong: &Wrong) -> String {
    let text = escape(&wrong.text);
    let code = wrong.code;
    envelope(&format!(
        "<soapenv:Fault><faultcode>soapenv:{side}</faultcode><faultstring>MOCK: {text}</faultstring><detail><mock:error xmlns:mock=\"urn:gateway:mock\"><mock:code>{code}</mock:code></mock:error></detail></soapenv:Fault>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        question(text.as_bytes()).unwrap_err().code
    }

    fn around(body: &str) -> String {
        format!(r#"<s:Envelope xmlns:s="{ENVELOPE}"><s:Header/><s:Body>{body}</s:Body></s:Envelope>"#)
    }

    #[test]
    fn the_one_element_of_the_body_is_read_with_its_namespace() {
        let node =
            question(around(r#"<q:A xmlns:q="u"><q:B> x&#x1EAA;&amp;<![CDATA[<]]> </q:B></q:A>"#).as_bytes())
                .unwrap();
        assert_eq!((node.name.as_str(), node.space.as_str()), ("A", "u"));
        assert_eq!(
            (node.children[0].text.as_str(), node.children[0].space.as_str()),
            ("xẪ&<", "u")
        );
    }

    #[test]
    fn what_is_no_envelope_or_dangerous_is_refused() {
        for (text, expected) in [
            (around("<A/><B/>"), "BODY"),
            (around(""), "BODY"),
            (around("<q:A/>"), "PREFIX"),
            (around("<A>&bomb;</A>"), "ENTITY"),
            (around("<A>").replace("</s:Body></s:Envelope>", ""), "XML"),
            (
                around("<a><a><a><a><a><a><a>x</a></a></a></a></a></a></a>"),
                "XML",
            ),
            (
                format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{}", around("<A/>")),
                "DOCTYPE",
            ),
            (
                around("<A/>").replace("schemas.xmlsoap.org/soap", "www.w3.org/2003/05/soap"),
                "ENVELOPE_NAMESPACE",
            ),
            ("{}".to_owned(), "XML"),
        ] {
            assert_eq!(code(&text), expected, "{text}");
        }
    }
}
