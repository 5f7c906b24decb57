//! Attributes of a signer (RFC 5652 §11, RFC 5035, RFC 6211).

use jiff::Timestamp;

use super::read::Signatory;
use super::{Binding, Refusal, Token};
use crate::signing::der::oid;
use crate::signing::der::{DerError, Element, INTEGER, OCTETS, Reader, SEQUENCE, SET, context, write};
use crate::signing::trust::{Certificate, Digest};

/// The signed attributes, read.
pub(super) struct Attributes<'a> {
    all: Vec<Attribute<'a>>,
}

struct Attribute<'a> {
    kind: &'a [u8],
    values: Element<'a>,
    whole: &'a [u8],
}

impl<'a> Attributes<'a> {
    /// Reads the contents of a SET OF Attribute.
    pub(super) fn read(contents: &'a [u8]) -> Result<Self, DerError> {
        let mut all = Vec::new();
        for element in Reader::new(contents).all(SEQUENCE)? {
            let mut inside = element.inside();
            let kind = inside.oid()?;
            let values = inside.take(SET)?;
            inside.end()?;
            all.push(Attribute {
                kind,
                values,
                whole: element.whole,
            });
        }
        Ok(Self { all })
    }

    /// The SET OF in DER order, and whether it stood so already.
    pub(super) fn ordered(&self) -> (Vec<u8>, bool) {
        let whole: Vec<&[u8]> = self.all.iter().map(|attribute| attribute.whole).collect();
        (write::set_of(&whole), whole.is_sorted())
    }

    /// The one value of an attribute, if it is there.
    fn maybe(&self, kind: &[u8], name: &'static str) -> Result<Option<Element<'a>>, Refusal> {
        let mut found = self.all.iter().filter(|attribute| attribute.kind == kind);
        let Some(attribute) = found.next() else {
            return Ok(None);
        };
        let mut values = attribute.values.inside();
        let value = values.any().map_err(|_| Refusal::Twice(name))?;
        match found.next().is_none() && values.is_empty() {
            true => Ok(Some(value)),
            false => Err(Refusal::Twice(name)),
        }
    }

    fn one(&self, kind: &[u8], name: &'static str) -> Result<Element<'a>, Refusal> {
        self.maybe(kind, name)?.ok_or(Refusal::Missing(name))
    }

    /// Contents octets of the signed content type.
    pub(super) fn content_type(&self) -> Result<&'a [u8], Refusal> {
        let value = self.one(oid::CONTENT_TYPE, "contentType")?;
        Ok(Reader::new(value.whole).oid()?)
    }

    /// The signed hash of the content.
    pub(super) fn message_digest(&self) -> Result<&'a [u8], Refusal> {
        let value = self.one(oid::MESSAGE_DIGEST, "messageDigest")?;
        Ok(Element::only(value.whole, OCTETS)?.content)
    }

    /// When the signer says it was.
    pub(super) fn signing_time(&self) -> Result<Option<Timestamp>, Refusal> {
        let value = self.maybe(oid::SIGNING_TIME, "signingTime")?;
        Ok(value.map(Element::time).transpose()?)
    }

    /// CMSAlgorithmProtection: the same algorithms, byte for byte, as the signer names outside.
    pub(super) fn protects(&self, signer: &Signatory) -> Result<(), Refusal> {
        let Some(value) = self.maybe(oid::PROTECTION, "CMSAlgorithmProtection")? else {
            return Ok(());
        };
        let mut inside = Element::only(value.whole, SEQUENCE)?.inside();
        let digest = inside.take(SEQUENCE)?;
        let algorithm = inside.take(context(1))?;
        let same = digest.whole == signer.digest
            && signer.algorithm.get(1..) == algorithm.whole.get(1..)
            && inside.is_empty();
        if same { Ok(()) } else { Err(Refusal::Protection) }
    }

    /// Whether the signed attributes name this certificate: each of the two that is there must (RFC 5035 §5).
    pub(super) fn binding(&self, certificate: &Certificate) -> Result<Binding, Refusal> {
        let older = self.maybe(oid::SIGNING_CERTIFICATE, "signingCertificate")?;
        let newer = self.maybe(oid::SIGNING_CERTIFICATE_V2, "signingCertificateV2")?;
        let mut binding = Binding::None;
        if let Some(value) = older {
            binding = Binding::Signed(first(value, certificate, Some(Digest::Sha1))?);
        }
        if let Some(value) = newer {
            binding = Binding::Signed(first(value, certificate, None)?);
        }
        Ok(binding)
    }
}

/// The first of the certificates that a signing-certificate attribute names is the signer's; its hash algorithm.
fn first(value: Element<'_>, certificate: &Certificate, fixed: Option<Digest>) -> Result<Digest, Refusal> {
    let mut id = Element::only(value.whole, SEQUENCE)?
        .inside()
        .sequence()?
        .sequence()?;
    let digest = match (fixed, id.maybe(SEQUENCE)?) {
        (Some(fixed), None) => fixed,
        (Some(_), Some(_)) => return Err(Refusal::Certificate),
        (None, Some(algorithm)) => Digest::read(algorithm)?,
        (None, None) => Digest::Sha256,
    };
    let same = certificate.hashed(digest).as_deref() == Some(id.octets()?);
    let named = match id.maybe(SEQUENCE)? {
        None => true,
        Some(issuer_serial) => is_named(issuer_serial, certificate)?,
    };
    id.end()?;
    match same && named {
        true => Ok(digest),
        false => Err(Refusal::Certificate),
    }
}

/// Whether an IssuerSerial is the certificate's.
fn is_named(issuer_serial: Element<'_>, certificate: &Certificate) -> Result<bool, DerError> {
    let mut inside = issuer_serial.inside();
    let mut names = inside.sequence()?;
    let issuer = names.take(context(4))?.content;
    names.end()?;
    let serial = inside.take(INTEGER)?.integer()?;
    Ok(certificate.is_named(issuer, serial))
}

/// The time-stamps among the unsigned attributes.
pub(super) fn stamps(signer: &Signatory) -> Result<Vec<Token>, DerError> {
    let mut stamps = Vec::new();
    let unsigned = Attributes::read(signer.unsigned.as_deref().unwrap_or_default())?;
    for attribute in unsigned.all.iter().filter(|one| one.kind == oid::TIME_STAMP) {
        for value in attribute.values.inside().all(SEQUENCE)? {
            stamps.push(Token {
                der: value.whole.to_vec(),
                over: signer.signature.clone(),
            });
        }
    }
    Ok(stamps)
}

/// Whether content could be the signed attributes of another message: a signature over the one is then one over the other, too.
pub(super) fn could_be(content: &[u8]) -> bool {
    let Ok(set) = Element::only(content, SET) else {
        return false;
    };
    Attributes::read(set.content)
        .is_ok_and(|attributes| attributes.all.iter().any(|one| one.kind == oid::MESSAGE_DIGEST))
}
