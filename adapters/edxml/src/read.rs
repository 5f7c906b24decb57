//! From bytes to a packet: strict where packets of the field agree, tolerant in a closed list of ways where they do not
//! (§1.7), and bounded everywhere. What was put right is told, and then no signature of the packet counts.

mod business;
mod header;
mod manifest;

use std::fmt;

use wire::xml::{self, Bounds};

use crate::file::{Attachment, Limits};
use crate::packet::Packet;
use crate::repair::Repair;
use crate::signature::{Claim, Standing, claims, standing};
use crate::tree::{KNOWN, Node, Notes, OLD, SOAP, Undeclared, resolve};

/// What is taken from one partner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tolerance {
    /// Packets of about 2015 are read too.
    pub old: bool,
    /// How much is taken.
    pub limits: Limits,
}

/// Why bytes are no packet that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// More bytes than are taken.
    #[error("the packet has {bytes} bytes; {limit} are taken")]
    Long {
        /// Bytes of the packet.
        bytes: usize,
        /// Bytes taken.
        limit: usize,
    },
    /// More files than are taken.
    #[error("the packet has {files} files; {limit} are taken")]
    Many {
        /// Files of the packet.
        files: usize,
        /// Files taken.
        limit: usize,
    },
    /// It is no XML that is taken.
    #[error("the packet is {0}")]
    Xml(#[from] xml::Unfit),
    /// Its namespaces are not declared as they must be.
    #[error("the namespaces of the packet are not declared as they must be")]
    Names,
    /// It is of the old namespace, which this partner may not use.
    #[error("the packet is of a namespace that this partner does not use")]
    Old,
    /// It is another document.
    #[error("the document is no packet")]
    Foreign,
    /// A part is missing without which it says nothing.
    #[error("the packet has no `{0}`")]
    Missing(&'static str),
    /// A part is there twice that may be there once.
    #[error("the packet has `{0}` twice")]
    Twice(&'static str),
}

/// A packet that was read. Its signature counts only as [`Parsed::signature`] says.
pub struct Parsed<'a> {
    /// What it says.
    pub packet: Packet,
    /// The files it carries.
    pub attachments: Vec<Attachment>,
    repairs: Vec<Repair>,
    claims: Vec<Claim>,
    raw: &'a [u8],
}

impl<'a> Parsed<'a> {
    /// What was put right to read it, each sort once; the audit entry of the message says so.
    #[must_use]
    pub fn repairs(&self) -> &[Repair] {
        &self.repairs
    }

    /// What may be said of its signature. A packet that was put right in any way has none that can be verified.
    #[must_use]
    pub fn signature(&self) -> Standing<'_> {
        let hops = match &self.packet {
            Packet::Document(document) => document.trace.len(),
            Packet::Status(_) => 0,
        };
        standing(&self.claims, !self.repairs.is_empty(), hops)
    }

    /// All signatures it carries, as they are written; none of them was verified.
    #[must_use]
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// The bytes as they came: what is stored, and what whoever verifies must look at.
    #[must_use]
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }
}

/// Sorts and sizes only.
impl fmt::Debug for Parsed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parsed")
            .field("packet", &self.packet)
            .field("attachments", &self.attachments)
            .field("repairs", &self.repairs)
            .field("raw.bytes", &self.raw.len())
            .finish_non_exhaustive()
    }
}

/// How far into the bytes the document begins at the latest.
const STRAY: usize = 256;
const DECLARATION: &[u8] = b"<?xml";
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Reads a packet.
///
/// # Errors
/// [`Unread`] says why it cannot be. What can only be read in part is refused whole.
pub fn parse<'a>(bytes: &'a [u8], tolerance: &Tolerance) -> Result<Parsed<'a>, Unread> {
    let limits = &tolerance.limits;
    if bytes.len() > limits.packet {
        return Err(Unread::Long {
            bytes: bytes.len(),
            limit: limits.packet,
        });
    }
    let notes = Notes::default();
    let bounds = Bounds {
        bytes: limits.packet,
        depth: limits.depth,
        elements: limits.elements,
        attributes: 32,
    };
    let document = xml::read(document(bytes, &notes), &bounds)?;
    let root = match resolve(&document, &[]) {
        Err(Undeclared::Prefix) => {
            notes.note(Repair::Prefix);
            resolve(&document, KNOWN)
        }
        tree => tree,
    };
    let root = root.map_err(|_| Unread::Names)?;
    if is_old(&root) {
        notes.note(Repair::Namespace);
        if !tolerance.old {
            return Err(Unread::Old);
        }
    }
    let parts = Parts::find(&root, &notes)?;
    let packet = header::packet(&parts, &notes)?;
    let attachments = manifest::files(&root, &parts, limits, &notes)?;
    let claims = claims(&root);
    Ok(Parsed {
        packet,
        attachments,
        repairs: notes.into_sorts(),
        claims,
        raw: bytes,
    })
}

/// The document without what stands before it.
fn document<'a>(bytes: &'a [u8], notes: &Notes) -> &'a [u8] {
    let plain = bytes.strip_prefix(BOM).unwrap_or(bytes);
    if plain.starts_with(b"<") {
        return plain;
    }
    let start = &plain[..plain.len().min(STRAY + DECLARATION.len())];
    let at = start
        .windows(DECLARATION.len())
        .position(|window| window == DECLARATION);
    match at.filter(|at| !plain[..*at].contains(&b'<')) {
        Some(at) => {
            notes.note(Repair::Stray);
            &plain[at..]
        }
        None => plain,
    }
}

/// Whether anything in it is of packets of about 2015.
fn is_old(node: &Node<'_>) -> bool {
    [OLD, SOAP].contains(&node.space) || node.children.iter().any(is_old)
}

/// The large parts of a packet.
struct Parts<'n, 'e> {
    envelope: &'n Node<'e>,
    header: &'n Node<'e>,
    message: &'n Node<'e>,
}

impl<'n, 'e> Parts<'n, 'e> {
    fn find(root: &'n Node<'e>, notes: &Notes) -> Result<Self, Unread> {
        let is_soap = (root.space, root.local) == (SOAP, "Envelope");
        let is_packet = root.is_ours() && root.local == "edXML";
        if !is_soap && !is_packet {
            return Err(Unread::Foreign);
        }
        let envelope = if is_soap {
            Some(root)
        } else {
            part(root, "edXMLEnvelope", "Envelope", notes)?
        };
        let envelope = envelope.ok_or(Unread::Missing("edXMLEnvelope"))?;
        let header = part(envelope, "edXMLHeader", "Header", notes)?.ok_or(Unread::Missing("edXMLHeader"))?;
        let message = header.one("MessageHeader", notes)?;
        Ok(Self {
            envelope,
            header,
            message: message.ok_or(Unread::Missing("MessageHeader"))?,
        })
    }
}

/// A large part by its name, or by the one it had in a SOAP envelope.
fn part<'n, 'e>(
    node: &'n Node<'e>,
    local: &'static str,
    soap: &str,
    notes: &Notes,
) -> Result<Option<&'n Node<'e>>, Unread> {
    let found = node.one(local, notes)?;
    let mut others = node
        .children
        .iter()
        .filter(|child| (child.space, child.local) == (SOAP, soap));
    let other = others.next();
    if others.next().is_some() || (found.is_some() && other.is_some()) {
        return Err(Unread::Twice(local));
    }
    Ok(found.or(other))
}
