//! From a packet to bytes: names, namespaces and order of the operator's SDK (§1.2, §1.3). What is empty is left out; what is
//! missing without which no receiver can act is refused.

mod files;
mod traces;

use std::fmt;

use wire::xml::{self, Element};

use files::Files;
use traces::traces;

use crate::file::{Enclosure, Limits};
use crate::packet::{Answered, Document, Organ, Other, Staff, Status, Told};
use crate::tree::EDXML;

/// Why a packet is not written. None of these left the house.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unwritten {
    /// A part is missing without which no receiver can act. The standard's own list of what must be there was not found: this
    /// is the least.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A part is not of its form.
    #[error("`{0}` is not of its form")]
    Form(&'static str),
    /// Two files have one id.
    #[error("two files have one id")]
    Twice,
    /// More files than are taken.
    #[error("{files} files; {limit} are taken")]
    Many {
        /// Files there are.
        files: usize,
        /// Files that are taken.
        limit: usize,
    },
    /// A file, or the packet, is longer than is taken.
    #[error("{bytes} bytes; {limit} are taken")]
    Long {
        /// Bytes of it.
        bytes: usize,
        /// Bytes that are taken.
        limit: usize,
    },
    /// A text holds what no XML holds.
    #[error("a text of the packet is {0}")]
    Xml(#[from] xml::Unfit),
}

/// An element of the packet, with the prefix that the SDK writes.
fn named<'a>(local: &str) -> Element<'a> {
    Element::new(format!("edXML:{local}"))
}

/// An element with these children, where there are any.
fn group<'a>(local: &str, children: Vec<Element<'a>>) -> Option<Element<'a>> {
    (!children.is_empty()).then(|| Element {
        children,
        ..named(local)
    })
}

/// An element with this text, where there is any.
fn leaf<'a>(local: &str, text: &'a str) -> Option<Element<'a>> {
    let text = text.trim();
    (!text.is_empty()).then(|| Element {
        text: text.into(),
        ..named(local)
    })
}

/// The same of a day or a moment.
fn shown<'a>(local: &str, value: Option<impl fmt::Display>) -> Option<Element<'a>> {
    value.map(|value| Element {
        text: value.to_string().into(),
        ..named(local)
    })
}

fn list<'a>(outer: &str, inner: &str, texts: &'a [String]) -> Option<Element<'a>> {
    group(outer, texts.iter().filter_map(|text| leaf(inner, text)).collect())
}

fn present(text: &str, name: &'static str) -> Result<(), Unwritten> {
    if text.trim().is_empty() {
        Err(Unwritten::Missing(name))
    } else {
        Ok(())
    }
}

/// A number as a text: digits, or nothing.
fn digits<'a>(name: &'static str, text: &'a str) -> Result<Option<Element<'a>>, Unwritten> {
    if text.len() > 9 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Unwritten::Form(name));
    }
    Ok(leaf(name, text))
}

/// Writes a document with its files.
///
/// # Errors
/// [`Unwritten`] says what is missing or does not fit.
pub fn document(document: &Document, files: &[Enclosure], limits: &Limits) -> Result<Vec<u8>, Unwritten> {
    complete(document)?;
    let files = Files::pack(files, limits)?;
    let mut header = vec![message(document)?];
    header.extend(traces(document)?);
    let manifest = Element {
        attributes: vec![("version".into(), "1.0".into())],
        children: files.references(),
        ..named("edXMLManifest")
    };
    let body = Element {
        children: vec![manifest],
        ..named("edXMLBody")
    };
    let encoded = Element {
        children: files.attachments(),
        ..Element::new("AttachmentEncoded")
    };
    let packet = xml::write(&root(header, Some(body), Some(encoded)))?;
    fits(packet.len(), limits.packet)?;
    Ok(packet)
}

/// Writes word of what became of a document (§1.5): a header, and nothing else.
///
/// # Errors
/// [`Unwritten`] says what is missing or does not fit.
pub fn status(status: &Status) -> Result<Vec<u8>, Unwritten> {
    present(&status.from.id, "From/OrganId")?;
    let Told::Known(code) = &status.told else {
        return Err(Unwritten::Form("StatusCode"));
    };
    let at = status.at.ok_or(Unwritten::Missing("Timestamp"))?;
    let children = [
        organ("From", &status.from),
        Some(answered(&status.answered)?),
        status.staff.as_ref().and_then(staff),
        leaf("StatusCode", code.digits()),
        leaf("Description", &status.description),
        shown("Timestamp", Some(at)),
    ];
    let message = Element {
        children: children.into_iter().flatten().collect(),
        ..named("MessageHeader")
    };
    Ok(xml::write(&root(vec![message], None, None))?)
}

fn root<'a>(header: Vec<Element<'a>>, body: Option<Element<'a>>, files: Option<Element<'a>>) -> Element<'a> {
    let header = Element {
        children: header,
        ..named("edXMLHeader")
    };
    let envelope = Element {
        children: std::iter::once(header).chain(body).collect(),
        ..named("edXMLEnvelope")
    };
    Element {
        attributes: vec![
            ("xmlns".into(), EDXML.into()),
            ("xmlns:edXML".into(), EDXML.into()),
        ],
        children: std::iter::once(envelope).chain(files).collect(),
        ..Element::new("edXML")
    }
}

/// What a receiver cannot do without.
fn complete(document: &Document) -> Result<(), Unwritten> {
    present(&document.from.id, "From/OrganId")?;
    if document.to.is_empty() {
        return Err(Unwritten::Missing("To"));
    }
    for to in &document.to {
        present(&to.id, "To/OrganId")?;
    }
    present(&document.document_id, "DocumentId")?;
    present(&document.code.number, "Code/CodeNumber")?;
    present(&document.code.notation, "Code/CodeNotation")?;
    document
        .issued
        .on
        .ok_or(Unwritten::Missing("PromulgationInfo/PromulgationDate"))?;
    present(&document.subject, "Subject")
}

/// The MessageHeader in the order of the SDK.
fn message(document: &Document) -> Result<Element<'_>, Unwritten> {
    let code = [
        leaf("CodeNumber", &document.code.number),
        leaf("CodeNotation", &document.code.notation),
    ];
    let issued = [
        leaf("Place", &document.issued.place),
        shown("PromulgationDate", document.issued.on),
    ];
    let kind = [
        digits("Type", &document.kind.number)?,
        digits("TypeDetail", &document.kind.detail)?,
        leaf("TypeName", &document.kind.name),
    ];
    let signer = [
        leaf("Competence", &document.signer.competence),
        leaf("Position", &document.signer.position),
        leaf("FullName", &document.signer.full_name),
    ];
    let mut children: Vec<Element<'_>> = organ("From", &document.from).into_iter().collect();
    children.extend(document.to.iter().filter_map(|to| organ("To", to)));
    children.extend(leaf("DocumentId", &document.document_id));
    children.extend(gathered("Code", code.into()));
    children.extend(gathered("PromulgationInfo", issued.into()));
    children.extend(gathered("DocumentType", kind.into()));
    children.extend(leaf("Subject", &document.subject));
    children.extend(leaf("Content", &document.content));
    children.extend(gathered("SignerInfo", signer.into()));
    children.extend(shown("DueDate", document.due));
    children.extend(other(&document.other)?);
    for answer in &document.answers {
        children.push(answered(answer)?);
    }
    children.extend(digits("SteeringType", &document.steering)?);
    children.extend(list("ToPlaces", "Place", &document.places));
    children.extend(list("ResponseForTask", "TaskCode", &document.tasks));
    children.extend(leaf("ApplicationType", &document.application));
    Ok(Element {
        children,
        ..named("MessageHeader")
    })
}

fn gathered<'a>(local: &str, children: Vec<Option<Element<'a>>>) -> Option<Element<'a>> {
    group(local, children.into_iter().flatten().collect())
}

fn organ<'a>(local: &str, organ: &'a Organ) -> Option<Element<'a>> {
    let children = vec![
        leaf("OrganId", &organ.id),
        leaf("OrganizationInCharge", &organ.above),
        leaf("OrganName", &organ.name),
        leaf("OrganAdd", &organ.address),
        leaf("Email", &organ.email),
        leaf("Telephone", &organ.telephone),
        leaf("Fax", &organ.fax),
        leaf("Website", &organ.website),
    ];
    gathered(local, children)
}

fn other(other: &Other) -> Result<Option<Element<'_>>, Unwritten> {
    if *other == Other::default() {
        return Ok(None);
    }
    let direction = if other.direction { "true" } else { "false" };
    let children = vec![
        digits("Priority", &other.priority)?,
        leaf("SphereOfPromulgation", &other.sphere),
        leaf("TyperNotation", &other.typer),
        digits("PromulgationAmount", &other.amount)?,
        digits("PageAmount", &other.pages)?,
        leaf("ReplyFors", &other.reply_fors),
        leaf("ReferenceCodes", &other.reference_codes),
        leaf("Direction", direction),
        list("Appendixes", "Appendix", &other.appendixes),
    ];
    Ok(gathered("OtherInfo", children))
}

fn answered(answered: &Answered) -> Result<Element<'_>, Unwritten> {
    present(&answered.organ, "ResponseFor/OrganId")?;
    if answered.code.trim().is_empty() {
        present(&answered.document_id, "ResponseFor/DocumentId")?;
    }
    let children = vec![
        leaf("OrganId", &answered.organ),
        leaf("Code", &answered.code),
        shown("PromulgationDate", answered.on),
        leaf("DocumentId", &answered.document_id),
    ];
    gathered("ResponseFor", children).ok_or(Unwritten::Missing("ResponseFor"))
}

fn staff(staff: &Staff) -> Option<Element<'_>> {
    let children = vec![
        leaf("Department", &staff.department),
        leaf("Staff", &staff.staff),
        leaf("Email", &staff.email),
        leaf("Mobile", &staff.mobile),
    ];
    gathered("StaffInfo", children)
}

fn fits(bytes: usize, limit: usize) -> Result<(), Unwritten> {
    if bytes > limit {
        Err(Unwritten::Long { bytes, limit })
    } else {
        Ok(())
    }
}
