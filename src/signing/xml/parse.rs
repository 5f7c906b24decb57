//! The parts of one signature, read strictly in the order of its schema (XMLDSig 1.1 §4).

use data_encoding::BASE64;

use super::canon::Canonical;
use super::names::{self, DSIG, Digest, EXCLUSIVE, MORE, Method};
use super::refusal::Refusal;
use super::rules::Rules;
use super::tree::Document;
use crate::model::signer::{Algorithm, Hash};

/// One signature, nothing of it believed yet.
#[derive(Debug)]
pub(super) struct Signature {
    pub(super) node: usize,
    pub(super) info: usize,
    pub(super) canonical: Canonical,
    /// What cannot be read of one part does not hide the others from a description.
    pub(super) method: Result<Method, Refusal>,
    pub(super) references: Vec<Result<Reference, Refusal>>,
    /// The element of the value, and what it holds.
    pub(super) value: (usize, Vec<u8>),
    pub(super) key: Option<usize>,
    pub(super) objects: Vec<usize>,
}

/// One reference.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) uri: Option<String>,
    /// What its author says that it leads to.
    pub(super) kind: Option<String>,
    /// Its own identifier.
    pub(super) id: Option<String>,
    pub(super) transforms: Vec<Transform>,
    pub(super) digest: Digest,
    pub(super) value: Vec<u8>,
}

/// What is done to that which a reference leads to, before it is hashed. Nothing else is ever done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transform {
    /// The signature itself is taken out (XMLDSig §6.6.4).
    Enveloped,
    /// It is written in a canonical form.
    Canonical(Canonical),
    /// Its character data is decoded (§6.6.2).
    Base64,
}

/// Reads the signature at `node`.
pub(super) fn signature(
    document: &Document<'_>,
    node: usize,
    rules: &Rules<'_>,
) -> Result<Signature, Refusal> {
    let mut parts = document.elements(node).peekable();
    let mut next = |local| required(document, &mut parts, local);
    let info = next("SignedInfo")?;
    let value = next("SignatureValue")?;
    let key = parts.next_if(|one| document.is(*one, DSIG, "KeyInfo"));
    let objects: Vec<usize> = parts.collect();
    if !objects.iter().all(|one| document.is(*one, DSIG, "Object")) {
        return Err(Refusal::Shape("Object"));
    }
    let octets = base64(&document.text(value)).ok_or(Refusal::Base64)?;
    let mut parts = document.elements(info);
    let mut next = |local| required(document, &mut parts, local);
    let canonical = next("CanonicalizationMethod")?;
    let method = next("SignatureMethod")?;
    Ok(Signature {
        node,
        info,
        canonical: canonicalization(document, canonical)?,
        method: signature_method(document, method),
        references: references(document, parts, rules)?,
        value: (value, octets),
        key,
        objects,
    })
}

/// The next element, which must be this one.
fn required(
    document: &Document<'_>,
    parts: &mut impl Iterator<Item = usize>,
    local: &'static str,
) -> Result<usize, Refusal> {
    let found = parts.next().filter(|one| document.is(*one, DSIG, local));
    found.ok_or(Refusal::Shape(local))
}

fn references(
    document: &Document<'_>,
    nodes: impl Iterator<Item = usize>,
    rules: &Rules<'_>,
) -> Result<Vec<Result<Reference, Refusal>>, Refusal> {
    let mut references = Vec::new();
    for one in nodes {
        if !document.is(one, DSIG, "Reference") {
            return Err(Refusal::Shape("Reference"));
        }
        if references.len() == rules.references {
            return Err(Refusal::References);
        }
        references.push(reference(document, one, rules));
    }
    match references.is_empty() {
        true => Err(Refusal::Shape("Reference")),
        false => Ok(references),
    }
}

/// The form that an element with `Algorithm` names, with the prefixes listed below it.
pub(super) fn canonicalization(document: &Document<'_>, node: usize) -> Result<Canonical, Refusal> {
    let uri = document
        .attribute(node, "Algorithm")
        .ok_or(Refusal::Shape("Algorithm"))?;
    let mut canonical = Canonical::named(uri).ok_or(Refusal::Canonicalization)?;
    for one in document.elements(node) {
        // The inclusive forms have no parameters; what has some is not what it says.
        let listed =
            document.is(one, EXCLUSIVE, "InclusiveNamespaces") && canonical.uri().starts_with(EXCLUSIVE);
        let list = document.attribute(one, "PrefixList").filter(|_| listed);
        let list = list.ok_or(Refusal::Shape("InclusiveNamespaces"))?;
        for prefix in list.split_ascii_whitespace() {
            canonical.prefixes.push(match prefix {
                "#default" => String::new(),
                prefix => prefix.to_owned(),
            });
        }
    }
    Ok(canonical)
}

fn signature_method(document: &Document<'_>, node: usize) -> Result<Method, Refusal> {
    let uri = document
        .attribute(node, "Algorithm")
        .ok_or(Refusal::Shape("Algorithm"))?;
    if uri == names::PSS {
        return pss(document, node);
    }
    let method = Method::named(uri).ok_or(Refusal::UnknownAlgorithm)?;
    for one in document.elements(node) {
        let length = document.is(one, DSIG, "HMACOutputLength");
        let Method::Mac(digest) = method else {
            return Err(Refusal::Shape("SignatureMethod"));
        };
        // A shortened value can be guessed (CVE-2009-0217); the whole length says nothing new.
        let whole = document.text(node).trim() == (digest.length() * 8).to_string();
        match (length, whole) {
            (true, true) => {}
            (true, false) => return Err(Refusal::Truncated),
            (false, _) => return Err(Refusal::Shape("SignatureMethod")),
        }
    }
    Ok(method)
}

/// RFC 9231 §2.3.9: only the parameters that one of the house's algorithms has, written out or left to their defaults.
fn pss(document: &Document<'_>, node: usize) -> Result<Method, Refusal> {
    let (mut hash, mut mask, mut salt) = (Hash::Sha256, None, None);
    let hash_at = |node| match document.attribute(node, "Algorithm").and_then(Digest::named) {
        Some(Digest::Sha2(hash)) => Ok(hash),
        Some(Digest::Sha1) | None => Err(Refusal::UnknownAlgorithm),
    };
    for parameters in document.elements(node) {
        if !document.is(parameters, MORE, "RSAPSSParams") {
            return Err(Refusal::Shape("RSAPSSParams"));
        }
        for one in document.elements(parameters) {
            let written = || document.text(one).trim().to_owned();
            if document.is(one, DSIG, "DigestMethod") {
                hash = hash_at(one)?;
            } else if document.is(one, MORE, "MaskGenerationFunction") {
                let inner = document
                    .elements(one)
                    .find(|it| document.is(*it, DSIG, "DigestMethod"));
                mask = Some(inner.map_or(Ok(Hash::Sha256), hash_at)?);
            } else if document.is(one, MORE, "SaltLength") {
                salt = Some(written());
            } else if !document.is(one, MORE, "TrailerField") || written() != "1" {
                return Err(Refusal::UnknownAlgorithm);
            }
        }
    }
    let length = Digest::Sha2(hash).length().to_string();
    if mask.unwrap_or(Hash::Sha256) != hash || salt.unwrap_or_else(|| length.clone()) != length {
        return Err(Refusal::UnknownAlgorithm);
    }
    Ok(Method::Key(match hash {
        Hash::Sha256 => Algorithm::Ps256,
        Hash::Sha384 => Algorithm::Ps384,
        Hash::Sha512 => Algorithm::Ps512,
    }))
}

fn reference(document: &Document<'_>, node: usize, rules: &Rules<'_>) -> Result<Reference, Refusal> {
    let mut parts = document.elements(node).peekable();
    let mut transforms = Vec::new();
    if let Some(list) = parts.next_if(|one| document.is(*one, DSIG, "Transforms")) {
        for one in document.elements(list) {
            if transforms.len() == rules.transforms {
                return Err(Refusal::Transforms);
            }
            transforms.push(transform(document, one)?);
        }
    }
    let mut next = |local| required(document, &mut parts, local);
    let (method, value) = (next("DigestMethod")?, next("DigestValue")?);
    if parts.next().is_some() {
        return Err(Refusal::Shape("Reference"));
    }
    let named = document.attribute(method, "Algorithm").and_then(Digest::named);
    let attribute = |local| document.attribute(node, local).map(str::to_owned);
    Ok(Reference {
        uri: attribute("URI"),
        kind: attribute("Type"),
        id: attribute("Id"),
        transforms,
        digest: named.ok_or(Refusal::UnknownDigest)?,
        value: base64(&document.text(value)).ok_or(Refusal::Base64)?,
    })
}

/// The allow-list; what could compute is refused by its name.
fn transform(document: &Document<'_>, node: usize) -> Result<Transform, Refusal> {
    if !document.is(node, DSIG, "Transform") {
        return Err(Refusal::Shape("Transform"));
    }
    match document.attribute(node, "Algorithm").unwrap_or_default() {
        names::ENVELOPED => Ok(Transform::Enveloped),
        names::BASE64 => Ok(Transform::Base64),
        "http://www.w3.org/TR/1999/REC-xslt-19991116" => Err(Refusal::Xslt),
        "http://www.w3.org/TR/1999/REC-xpath-19991116"
        | "http://www.w3.org/2002/06/xmldsig-filter2"
        | "http://www.w3.org/2001/04/xmldsig-more/xptr" => Err(Refusal::Xpath),
        uri if Canonical::named(uri).is_some() => canonicalization(document, node).map(Transform::Canonical),
        _ => Err(Refusal::UnknownTransform),
    }
}

/// Base64 as XML holds it: standard letters, blanks anywhere, its only canonical form otherwise.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let letters: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    BASE64.decode(&letters).ok()
}
