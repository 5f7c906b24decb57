//! X.509 certificates (RFC 5280), read for what a path and a signature ask of them.

use std::fmt;
use std::sync::Arc;

use data_encoding::{BASE64, HEXLOWER};
use jiff::Timestamp;

use super::extension::Extensions;
use super::name;
use super::scheme::{self, Digest, Key, Scheme, SchemeError};
use crate::signing::der::oid;
use crate::signing::der::{
    BITS, DerError, Element, INTEGER, Reader, SEQUENCE, UTC_TIME, context, primitive, write,
};
use crate::signing::public::KeyError;

/// A day, in seconds.
const DAY: i64 = 24 * 60 * 60;

/// Why bytes are no certificate. Names no contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not DER, or not this structure.
    #[error("the certificate cannot be read")]
    Malformed(#[from] DerError),
    /// PEM without its end, or with what is no base64.
    #[error("the PEM cannot be read")]
    Pem,
    /// The algorithm inside the signed part is another than the one beside the signature (RFC 5280 §4.1.1.2).
    #[error("the certificate names two signature algorithms")]
    TwoAlgorithms,
    /// An extension that stands twice (RFC 5280 §4.2).
    #[error("an extension of the certificate stands twice")]
    Twice,
    /// Nothing that is a certificate.
    #[error("there is no certificate")]
    None,
}

/// A certificate; cheap to clone. `Debug` shows its fingerprint only, because a subject may be a person.
#[derive(Clone)]
pub struct Certificate(Arc<Parts>);

struct Parts {
    der: Vec<u8>,
    fingerprint: [u8; 32],
    signed: Vec<u8>,
    serial: Vec<u8>,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    begins: Timestamp,
    ends: Timestamp,
    key: Vec<u8>,
    scheme: Result<Scheme, SchemeError>,
    signature: Vec<u8>,
    extensions: Extensions,
}

impl Certificate {
    /// Reads one certificate in DER.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let mut outer = Element::only(der, SEQUENCE)?.inside();
        let signed = outer.take(SEQUENCE)?;
        let (algorithm, scheme) = scheme::next(&mut outer)?;
        let signature = outer.take(BITS)?.whole_bits()?;
        outer.end()?;
        let mut inside = signed.inside();
        if let Some(version) = inside.maybe(context(0))? {
            Element::only(version.content, INTEGER)?.small()?;
        }
        let serial = inside.take(INTEGER)?.integer()?;
        if inside.take(SEQUENCE)?.whole != algorithm {
            return Err(CertificateError::TwoAlgorithms);
        }
        let issuer = inside.take(SEQUENCE)?.whole;
        let mut validity = inside.sequence()?;
        let (begins, ends) = (validity.any()?.time()?, validity.any()?.time()?);
        validity.end()?;
        let subject = inside.take(SEQUENCE)?.whole;
        let key = inside.take(SEQUENCE)?.whole;
        name::check(issuer)?;
        name::check(subject)?;
        let extensions = remainder(inside)?;
        Ok(Self(Arc::new(Parts {
            der: der.to_vec(),
            fingerprint: openssl::sha::sha256(der),
            signed: signed.whole.to_vec(),
            serial: serial.to_vec(),
            issuer: issuer.to_vec(),
            subject: subject.to_vec(),
            begins,
            ends,
            key: key.to_vec(),
            scheme,
            signature: signature.to_vec(),
            extensions,
        })))
    }

    /// Reads every certificate of a file that an operator installs: PEM, one after the other, or one in DER.
    pub fn all(bytes: &[u8]) -> Result<Vec<Self>, CertificateError> {
        if bytes.first() == Some(&SEQUENCE) {
            return Ok(vec![Self::from_der(bytes)?]);
        }
        let blocks = pem(bytes, "CERTIFICATE")?;
        if blocks.is_empty() {
            return Err(CertificateError::None);
        }
        blocks.iter().map(|der| Self::from_der(der)).collect()
    }

    /// All its bytes.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// SHA-256 of its DER, by which anchors are pinned.
    pub fn fingerprint(&self) -> &[u8; 32] {
        &self.0.fingerprint
    }

    /// The serial number: contents octets of the INTEGER.
    pub fn serial(&self) -> &[u8] {
        &self.0.serial
    }

    /// The issuer's Name, DER.
    pub fn issuer(&self) -> &[u8] {
        &self.0.issuer
    }

    /// The subject's Name, DER; it may hold personal data.
    pub fn subject(&self) -> &[u8] {
        &self.0.subject
    }

    /// Who it is for, as people read it; identity numbers are masked ([`name::text`]), names of people are not: for screens, not for logs.
    pub fn subject_text(&self) -> String {
        name::text(&self.0.subject)
    }

    /// Who issued it, as people read it.
    pub fn issuer_text(&self) -> String {
        name::text(&self.0.issuer)
    }

    /// The subject's common name, masked like [`Self::subject_text`].
    pub fn holder_name(&self) -> Option<String> {
        name::part(&self.0.subject, oid::COMMON_NAME)
    }

    /// The first second of its validity.
    pub fn begins(&self) -> Timestamp {
        self.0.begins
    }

    /// The last second of its validity.
    pub fn ends(&self) -> Timestamp {
        self.0.ends
    }

    /// Whole days from `at` until it ends; 0 on its last day, below 0 once it has ended.
    pub fn days_left(&self, at: Timestamp) -> i64 {
        (self.0.ends.as_second() - at.as_second()).div_euclid(DAY)
    }

    /// Its public key, DER SubjectPublicKeyInfo.
    pub fn public(&self) -> &[u8] {
        &self.0.key
    }

    /// Its public key, for use.
    pub fn key(&self) -> Result<Key, KeyError> {
        Key::from_der(&self.0.key)
    }

    /// The octets of its public key without their algorithm, which OCSP hashes (RFC 6960 §4.1.1).
    pub(super) fn key_bits(&self) -> Result<&[u8], DerError> {
        let mut inside = Element::only(&self.0.key, SEQUENCE)?.inside();
        inside.take(SEQUENCE)?;
        Ok(inside.take(BITS)?.bits()?.1)
    }

    /// What its issuer signed it with.
    pub fn scheme(&self) -> &Result<Scheme, SchemeError> {
        &self.0.scheme
    }

    /// Its extensions.
    pub fn extensions(&self) -> &Extensions {
        &self.0.extensions
    }

    /// Whether it names itself as its issuer.
    pub fn is_self_issued(&self) -> bool {
        name::is_same(&self.0.issuer, &self.0.subject)
    }

    /// Whether the key signed it; an algorithm that is not used here is a no.
    pub fn is_signed_by(&self, key: &Key) -> bool {
        match &self.0.scheme {
            Ok(scheme) => scheme.verify(key, &[&self.0.signed], &self.0.signature),
            Err(_) => false,
        }
    }

    /// Its hash, as signed attributes and OCSP name it.
    pub(in crate::signing) fn hashed(&self, digest: Digest) -> Option<Vec<u8>> {
        digest.of(&[&self.0.der]).ok()
    }

    /// IssuerSerial (RFC 5035 §4): the issuer as the only directoryName, and the serial number.
    pub(in crate::signing) fn issuer_serial(&self) -> Vec<u8> {
        let names = write::sequence(&[&write::tagged(4, &[&self.0.issuer])]);
        write::sequence(&[&names, &write::element(INTEGER, &[&self.0.serial])])
    }

    /// Whether an issuer's Name and a serial number are its own.
    pub fn is_named(&self, issuer: &[u8], serial: &[u8]) -> bool {
        self.0.serial == serial && name::is_same(&self.0.issuer, issuer)
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.fingerprint == other.0.fingerprint
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", HEXLOWER.encode(&self.0.fingerprint))
    }
}

/// The two unique identifiers that nobody writes any more, and the extensions.
fn remainder(mut inside: Reader<'_>) -> Result<Extensions, CertificateError> {
    inside.maybe(primitive(1))?;
    inside.maybe(primitive(2))?;
    let extensions = match inside.maybe(context(3))? {
        None => Extensions::default(),
        Some(tagged) => Extensions::read(Element::only(tagged.content, SEQUENCE)?)?,
    };
    inside.end()?;
    Ok(extensions)
}

/// The contents of every PEM block with this label (RFC 7468); text between blocks is skipped.
pub(super) fn pem(bytes: &[u8], label: &str) -> Result<Vec<Vec<u8>>, CertificateError> {
    let text = std::str::from_utf8(bytes).map_err(|_| CertificateError::Pem)?;
    let (begin, end) = (
        format!("-----BEGIN {label}-----"),
        format!("-----END {label}-----"),
    );
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(&begin) {
        let (block, after) = after.split_once(&end).ok_or(CertificateError::Pem)?;
        let letters: Vec<u8> = block
            .bytes()
            .filter(|octet| !octet.is_ascii_whitespace())
            .collect();
        blocks.push(BASE64.decode(&letters).map_err(|_| CertificateError::Pem)?);
        rest = after;
    }
    Ok(blocks)
}

/// Whether a tag is that of a time.
pub(super) fn is_time(tag: Option<u8>) -> bool {
    matches!(tag, Some(UTC_TIME | crate::signing::der::GENERALIZED_TIME))
}
