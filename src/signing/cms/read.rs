//! The structure of SignedData (RFC 5652 §5), taken apart and not yet believed.

use super::{CmsError, Message};
use crate::signing::der::oid::{self, Oid};
use crate::signing::der::{
    DerError, Element, INTEGER, OCTETS, Reader, SEQUENCE, SET, context, lax, primitive,
};
use crate::signing::trust::Certificate;

/// The most signers of one message.
const MOST_SIGNERS: usize = 32;

/// One signer, as the message has it.
#[derive(Clone)]
pub(super) struct Signatory {
    pub(super) id: Identifier,
    /// AlgorithmIdentifier of the content's hash.
    pub(super) digest: Vec<u8>,
    /// The signed attributes as they stand, with their tag.
    pub(super) attributes: Option<Vec<u8>>,
    /// AlgorithmIdentifier of the signature.
    pub(super) algorithm: Vec<u8>,
    pub(super) signature: Vec<u8>,
    /// Contents of the unsigned attributes.
    pub(super) unsigned: Option<Vec<u8>>,
}

/// How the signer's certificate is named.
#[derive(Clone)]
pub(super) enum Identifier {
    Issued { issuer: Vec<u8>, serial: Vec<u8> },
    Key(Vec<u8>),
}

impl Identifier {
    pub(super) fn is(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Issued { issuer, serial } => certificate.is_named(issuer, serial),
            Self::Key(key) => certificate.extensions().subject_key.as_ref() == Some(key),
        }
    }
}

/// The message at the beginning of `bytes`, and what follows it.
pub(super) fn first(bytes: &[u8]) -> Result<(Message, &[u8]), CmsError> {
    let (der, rest) = lax::definite(bytes)?;
    let mut signed = message(&der)?;
    signed.is_repaired = matches!(der, std::borrow::Cow::Owned(_));
    Ok((signed, rest))
}

/// The SignedData within a ContentInfo.
pub(super) fn body(der: &[u8]) -> Result<Reader<'_>, CmsError> {
    let mut outer = Element::only(der, SEQUENCE)?.inside();
    let kind = outer.oid()?;
    if kind != oid::SIGNED {
        return Err(CmsError::NotSigned(Oid::new(kind)));
    }
    let tagged = outer.take(context(0))?;
    outer.end()?;
    Ok(Element::only(tagged.content, SEQUENCE)?.inside())
}

fn message(der: &[u8]) -> Result<Message, CmsError> {
    let mut inside = body(der)?;
    inside.take(INTEGER)?.small()?;
    inside.take(SET)?;
    let mut encapsulated = inside.sequence()?;
    let content_type = Oid::new(encapsulated.oid()?);
    let content = match encapsulated.maybe(context(0))? {
        None => None,
        Some(tagged) => Some(content(tagged)?),
    };
    encapsulated.end()?;
    let certificates = match inside.maybe(context(0))? {
        None => Vec::new(),
        Some(all) => certificates(all.inside())?,
    };
    let lists = match inside.maybe(context(1))? {
        None => Vec::new(),
        Some(all) => lists(all.inside())?,
    };
    let signers = inside.set()?.all(SEQUENCE)?;
    inside.end()?;
    if signers.len() > MOST_SIGNERS {
        return Err(CmsError::TooMany(signers.len()));
    }
    let signers = signers.into_iter().map(signer).collect::<Result<_, _>>()?;
    Ok(Message {
        content_type,
        content,
        certificates,
        lists,
        signers,
        is_repaired: false,
    })
}

/// An OCTET STRING; older messages (PKCS #7) have another structure there, which is then signed without its header.
fn content(tagged: Element<'_>) -> Result<Vec<u8>, DerError> {
    let mut inside = tagged.inside();
    let element = inside.any()?;
    inside.end()?;
    Ok(element.content.to_vec())
}

fn certificates(mut all: Reader<'_>) -> Result<Vec<Certificate>, DerError> {
    let mut certificates = Vec::new();
    while !all.is_empty() {
        let element = all.any()?;
        // Attribute certificates and other formats are not read.
        if element.tag == SEQUENCE {
            certificates.extend(Certificate::from_der(element.whole));
        }
    }
    Ok(certificates)
}

fn lists(mut all: Reader<'_>) -> Result<Vec<Vec<u8>>, DerError> {
    let mut lists = Vec::new();
    while !all.is_empty() {
        let element = all.any()?;
        if element.tag == SEQUENCE {
            lists.push(element.whole.to_vec());
        }
    }
    Ok(lists)
}

fn signer(element: Element<'_>) -> Result<Signatory, DerError> {
    let mut inside = element.inside();
    inside.take(INTEGER)?.small()?;
    let id = identifier(inside.any()?)?;
    let digest = inside.take(SEQUENCE)?.whole.to_vec();
    let attributes = inside.maybe(context(0))?.map(|all| all.whole.to_vec());
    let algorithm = inside.take(SEQUENCE)?.whole.to_vec();
    let signature = inside.take(OCTETS)?.content.to_vec();
    let unsigned = inside.maybe(context(1))?.map(|all| all.content.to_vec());
    inside.end()?;
    Ok(Signatory {
        id,
        digest,
        attributes,
        algorithm,
        signature,
        unsigned,
    })
}

fn identifier(element: Element<'_>) -> Result<Identifier, DerError> {
    if element.tag == primitive(0) {
        return Ok(Identifier::Key(element.content.to_vec()));
    }
    let mut inside = Element::only(element.whole, SEQUENCE)?.inside();
    let issuer = inside.take(SEQUENCE)?.whole.to_vec();
    let serial = inside.take(INTEGER)?.integer()?.to_vec();
    inside.end()?;
    Ok(Identifier::Issued { issuer, serial })
}
