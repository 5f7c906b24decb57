//! What a packet's signature claims (§1.8). Nothing is verified here: whether anything could be is all that is told. A
//! document's authenticity lies in its signed attachment, that of its way in the MAC of the headers.

use std::collections::HashMap;

use crate::tree::{Node, XMLDSIG};

/// A transform that one SDK writes; no such algorithm is registered.
const UNREGISTERED: &str = "http://www.w3.org/TR/xml-exc-c14n#";

/// A signature as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// It is of the namespace of XML signatures. Most packets put it into their own, where no verifier looks for it.
    pub standard: bool,
    /// How what is signed is made canonical.
    pub canonicalization: String,
    /// The algorithm.
    pub method: String,
    /// What it says it covers.
    pub references: Vec<Reference>,
}

/// One thing that a signature says it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// What it names; none where it names nothing.
    pub uri: Option<String>,
    /// What that is in this packet.
    pub covers: Cover,
    /// What is done to it first.
    pub transforms: Vec<String>,
    /// The digest's algorithm.
    pub digest: String,
}

/// What a reference means in a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cover {
    /// The whole packet.
    Whole,
    /// The one element of that id, by its name.
    Element(String),
    /// Nothing of the packet: no element has the id, several have it, or it points elsewhere.
    Nothing,
}

/// What may be said of a packet's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'p> {
    /// There is none. No delivery fails for that.
    Absent,
    /// There is one that nobody could verify.
    NotVerifiable(Reason),
    /// There is one that a verifier may look at, in the bytes as they came. It is not verified yet.
    Claimed(&'p Claim),
}

/// Why a signature cannot be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The packet was put right to be read.
    Repaired,
    /// There are several.
    Several,
    /// It is empty.
    Empty,
    /// It is not of the namespace of XML signatures.
    Namespace,
    /// It covers nothing of this packet, or something besides that is not in it.
    Cover,
    /// It names an algorithm that is none.
    Algorithm,
    /// It covers the whole packet, to which a hop has been appended since.
    Grown,
}

/// The names of the elements that have an id, by it.
type Ids<'e> = HashMap<&'e str, Vec<&'e str>>;

/// All signatures of a packet.
pub(crate) fn claims(root: &Node<'_>) -> Vec<Claim> {
    let (mut found, mut ids) = (Vec::new(), Ids::new());
    signatures(root, &mut found);
    // The ids are gathered once, and only where somebody may name them.
    if !found.is_empty() {
        gather(root, &mut ids);
    }
    found.into_iter().map(|node| claim(node, &ids)).collect()
}

fn signatures<'n, 'e>(node: &'n Node<'e>, found: &mut Vec<&'n Node<'e>>) {
    let known = node.space == XMLDSIG || node.is_ours();
    if known && ["Signature", "DigitalSignature"].contains(&node.local) {
        return found.push(node);
    }
    node.children.iter().for_each(|child| signatures(child, found));
}

fn gather<'e>(node: &Node<'e>, ids: &mut Ids<'e>) {
    let is_id = |local: &str| local.eq_ignore_ascii_case("id");
    for (_, _, id) in node.attributes.iter().filter(|(_, local, _)| is_id(local)) {
        ids.entry(id).or_default().push(node.local);
    }
    node.children.iter().for_each(|child| gather(child, ids));
}

/// A child by its local name: it is of whatever namespace the signature is.
fn child<'n, 'e>(node: &'n Node<'e>, local: &str) -> Option<&'n Node<'e>> {
    node.children.iter().find(|child| child.local == local)
}

fn algorithm(node: Option<&Node<'_>>) -> String {
    let value = node.and_then(|node| node.attribute("", "Algorithm"));
    value.unwrap_or_default().to_owned()
}

fn claim(node: &Node<'_>, ids: &Ids<'_>) -> Claim {
    let signed = child(node, "SignedInfo");
    let part = |local| algorithm(signed.and_then(|signed| child(signed, local)));
    let children = signed
        .map(|signed| signed.children.as_slice())
        .unwrap_or_default();
    let references = children.iter().filter(|child| child.local == "Reference");
    Claim {
        standard: node.space == XMLDSIG && node.local == "Signature",
        canonicalization: part("CanonicalizationMethod"),
        method: part("SignatureMethod"),
        references: references
            .map(|reference| self::reference(reference, ids))
            .collect(),
    }
}

fn reference(node: &Node<'_>, ids: &Ids<'_>) -> Reference {
    let uri = node.attribute("", "URI");
    let transforms = child(node, "Transforms")
        .map(|all| all.children.as_slice())
        .unwrap_or_default();
    Reference {
        uri: uri.map(str::to_owned),
        covers: covers(uri, ids),
        transforms: transforms.iter().map(|one| algorithm(Some(one))).collect(),
        digest: algorithm(child(node, "DigestMethod")),
    }
}

fn covers(uri: Option<&str>, ids: &Ids<'_>) -> Cover {
    let id = match uri {
        Some("") => return Cover::Whole,
        Some(uri) => uri.strip_prefix('#'),
        None => None,
    };
    match id.and_then(|id| ids.get(id)).map(Vec::as_slice) {
        Some([one]) => Cover::Element((*one).to_owned()),
        Some(_) | None => Cover::Nothing,
    }
}

/// What may be said of these signatures of a packet that went so many hops.
pub(crate) fn standing(claims: &[Claim], repaired: bool, hops: usize) -> Standing<'_> {
    let claim = match claims {
        [] => return Standing::Absent,
        _ if repaired => return Standing::NotVerifiable(Reason::Repaired),
        [claim] => claim,
        _ => return Standing::NotVerifiable(Reason::Several),
    };
    let all = |holds: fn(&Reference) -> bool| claim.references.iter().all(holds);
    let algorithms = claim
        .references
        .iter()
        .flat_map(|reference| &reference.transforms);
    let mut algorithms = algorithms.chain([&claim.canonicalization]);
    let reason = if claim.method.is_empty() && claim.references.is_empty() {
        Reason::Empty
    } else if !claim.standard {
        Reason::Namespace
    } else if claim.references.is_empty() || !all(|reference| reference.covers != Cover::Nothing) {
        Reason::Cover
    } else if algorithms.any(|algorithm| algorithm == UNREGISTERED) {
        Reason::Algorithm
    } else if hops > 1 && !all(|reference| reference.covers != Cover::Whole) {
        Reason::Grown
    } else {
        return Standing::Claimed(claim);
    };
    Standing::NotVerifiable(reason)
}
