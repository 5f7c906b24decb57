//! The manifest and the files (§1.6): they are matched by id, and a file that is missing on either side is told of.

use super::{Parts, Unread};
use crate::file::{Attachment, Limits, Unusable, unpacked};
use crate::repair::Repair;
use crate::tree::{Node, Notes, XLINK};

/// What ids begin with, in some places.
const CID: &str = "cid:";

/// A line of the manifest, or the head of a file.
struct Line {
    /// As it is written.
    written: String,
    name: String,
    description: String,
    media: String,
}

impl Line {
    fn read(node: &Node<'_>, notes: &Notes) -> Result<Self, Unread> {
        let written = node.said("ContentId", notes)?;
        let linked = || node.attribute(XLINK, "href").unwrap_or_default().to_owned();
        Ok(Self {
            written: Some(written).filter(|id| !id.is_empty()).unwrap_or_else(linked),
            name: node.said("AttachmentName", notes)?,
            description: node.said("Description", notes)?,
            media: node.said("ContentType", notes)?,
        })
    }

    fn id(&self) -> &str {
        self.written.strip_prefix(CID).unwrap_or(&self.written).trim()
    }
}

pub(super) fn files(
    root: &Node<'_>,
    parts: &Parts<'_, '_>,
    limits: &Limits,
    notes: &Notes,
) -> Result<Vec<Attachment>, Unread> {
    let body = super::part(parts.envelope, "edXMLBody", "Body", notes)?;
    let manifest = body.map(|body| manifest(body, notes)).transpose()?.flatten();
    let references = manifest
        .map(|manifest| manifest.all("Reference", notes))
        .unwrap_or_default();
    let encoded = encoded(root, parts, notes)?;
    let found = encoded
        .map(|encoded| encoded.all("Attachment", notes))
        .unwrap_or_default();
    // Before they are compared with each other.
    let files = found.len().max(references.len());
    if files > limits.count {
        return Err(Unread::Many {
            files,
            limit: limits.count,
        });
    }
    let lines = lines_of(&references, notes)?;
    let heads = lines_of(&found, notes)?;
    let mut room = limits.files;
    let mut files = Vec::with_capacity(heads.len());
    for (node, head) in found.iter().zip(&heads) {
        let listed = lines.iter().find(|line| line.id() == head.id());
        let file = file(node, (head, listed), (limits, room), notes)?;
        room -= file.bytes.as_ref().map_or(0, Vec::len);
        files.push(file);
    }
    let absent = lines
        .iter()
        .filter(|line| !heads.iter().any(|head| head.id() == line.id()));
    files.extend(absent.map(missing));
    Ok(files)
}

/// The manifest stands in the body; in a SOAP body some put it alone.
fn manifest<'n, 'e>(body: &'n Node<'e>, notes: &Notes) -> Result<Option<&'n Node<'e>>, Unread> {
    let found = body.one("edXMLManifest", notes)?;
    let old = body.one("Manifest", notes)?;
    if found.is_some() && old.is_some() {
        return Err(Unread::Twice("edXMLManifest"));
    }
    Ok(found.or(old))
}

/// The files stand beside the envelope; some put them in it.
fn encoded<'n, 'e>(
    root: &'n Node<'e>,
    parts: &Parts<'n, 'e>,
    notes: &Notes,
) -> Result<Option<&'n Node<'e>>, Unread> {
    const NAME: &str = "AttachmentEncoded";
    let beside = root.one(NAME, notes)?;
    if std::ptr::eq(root, parts.envelope) {
        return Ok(beside);
    }
    let inside = parts.envelope.one(NAME, notes)?;
    if beside.is_some() && inside.is_some() {
        return Err(Unread::Twice(NAME));
    }
    Ok(beside.or(inside))
}

fn lines_of(nodes: &[&Node<'_>], notes: &Notes) -> Result<Vec<Line>, Unread> {
    let lines: Result<Vec<Line>, Unread> = nodes.iter().map(|node| Line::read(node, notes)).collect();
    let lines = lines?;
    distinct(&lines)?;
    Ok(lines)
}

/// Two files of one id: nobody can say which of them is meant.
fn distinct(lines: &[Line]) -> Result<(), Unread> {
    let twice = |(n, line): (usize, &Line)| lines[..n].iter().any(|other| other.id() == line.id());
    if lines.iter().enumerate().any(twice) {
        return Err(Unread::Twice("ContentId"));
    }
    Ok(())
}

fn file(
    node: &Node<'_>,
    (head, listed): (&Line, Option<&Line>),
    bounds: (&Limits, usize),
    notes: &Notes,
) -> Result<Attachment, Unread> {
    match listed {
        None => notes.note(Repair::Unlisted),
        Some(line) if line.written != head.written => notes.note(Repair::Cid),
        Some(_) => {}
    }
    let or_listed = |own: &str, field: fn(&Line) -> &str| {
        let own = Some(own).filter(|own| !own.is_empty());
        own.or(listed.map(field)).unwrap_or_default().to_owned()
    };
    let name = or_listed(&head.name, |line| &line.name);
    let declared = [head.media.as_str(), listed.map_or("", |line| &line.media)];
    let text = node.one("ContentTransferEncoded", notes)?;
    let mut repairs = Vec::new();
    let bytes = match text {
        Some(text) => unpacked(text.text, &name, declared, bounds, &mut repairs),
        None => Err(Unusable::Missing),
    };
    notes.all(repairs);
    Ok(Attachment {
        id: head.id().to_owned(),
        name,
        description: or_listed(&head.description, |line| &line.description),
        declared: or_listed(&head.media, |line| &line.media),
        bytes,
    })
}

fn missing(line: &Line) -> Attachment {
    Attachment {
        id: line.id().to_owned(),
        name: line.name.clone(),
        description: line.description.clone(),
        declared: line.media.clone(),
        bytes: Err(Unusable::Missing),
    }
}
