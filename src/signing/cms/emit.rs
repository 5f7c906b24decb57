//! CAdES B-B, detached (ETSI EN 319 122-1 §6), and B-T by a time-stamp that is put in afterwards.

use jiff::Timestamp;
use openssl::error::ErrorStack;

use super::{CmsError, read};
use crate::model::signer::{Algorithm, Family, Signer, SignerError};
use crate::signing::der::oid;
use crate::signing::der::{DerError, Element, INTEGER, OCTETS, SEQUENCE, SET, context, lax, write};
use crate::signing::public::KeyError;
use crate::signing::trust::{Certificate, Digest, Scheme};

/// Why no signature was written.
#[derive(Debug, thiserror::Error)]
pub enum EmitError {
    /// No certificate was given.
    #[error("a signature needs the signer's certificate")]
    NoCertificate,
    /// The first certificate is not that of the signing key.
    #[error("the certificate is not that of the signing key")]
    OtherKey,
    /// The certificate's key cannot be used.
    #[error("the certificate's key cannot be used")]
    Key(#[source] KeyError),
    /// The key did not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// What the key gave is not its signature.
    #[error("what the key gave is not a signature of the certificate's key")]
    Signature,
    /// The message that a time-stamp is to be put into cannot be read, or has not exactly one signer.
    #[error("the time-stamp finds no signature to be put into")]
    Message(#[source] CmsError),
    /// The token is no time-stamp.
    #[error("this is not a time-stamp token")]
    Token,
    /// OpenSSL could not compute a hash.
    #[error("a hash could not be computed")]
    Engine(#[from] ErrorStack),
}

/// A signature that is being made: ready to be signed, wherever the key is.
pub struct Draft {
    chain: Vec<Certificate>,
    algorithm: Algorithm,
    digest: Digest,
    attributes: Vec<u8>,
}

impl Draft {
    /// Prepares a signature over content in parts, claimed to be made at `at`. `chain` begins with the signer's certificate; what follows goes
    /// into the message for those who keep no intermediates.
    pub fn new(
        content: &[&[u8]],
        algorithm: Algorithm,
        chain: &[Certificate],
        at: Timestamp,
    ) -> Result<Self, EmitError> {
        let signer = chain.first().ok_or(EmitError::NoCertificate)?;
        // RFC 8419 §3: Ed25519 goes with SHA-512.
        let digest = algorithm.hash().map_or(Digest::Sha512, Digest::from);
        let attributes = [
            attribute(oid::CONTENT_TYPE, &write::oid(oid::CONTENT)),
            attribute(oid::SIGNING_TIME, &write::time(at)),
            attribute(oid::MESSAGE_DIGEST, &write::octets(&digest.of(content)?)),
            attribute(oid::SIGNING_CERTIFICATE_V2, &signing_certificate(signer)?),
        ];
        Ok(Self {
            chain: chain.to_vec(),
            algorithm,
            digest,
            attributes: write::set_of(&attributes.each_ref().map(Vec::as_slice)),
        })
    }

    /// The bytes that the key signs, with the hash of its algorithm.
    pub fn to_sign(&self) -> &[u8] {
        &self.attributes
    }

    /// The message, DER, once the key has signed; ECDSA is r‖s of fixed width, as [`Signer::sign`] gives it. A signature that does not fit
    /// the certificate is not written.
    pub fn signed(self, signature: &[u8]) -> Result<Vec<u8>, EmitError> {
        let signer = self.chain.first().ok_or(EmitError::NoCertificate)?;
        let scheme = Scheme::from(self.algorithm);
        let signature = match self.algorithm.family() {
            Family::P256 | Family::P384 => two_numbers(signature),
            Family::Rsa | Family::Ed25519 => signature.to_vec(),
        };
        let key = signer.key().map_err(EmitError::Key)?;
        if !scheme.verify(&key, &[&self.attributes], &signature) {
            return Err(EmitError::Signature);
        }
        let digest = self.digest.identifier();
        let signer_info = write::sequence(&[
            &write::unsigned(&[1]),
            &issued(signer),
            &digest,
            &write::tagged(0, &[contents(&self.attributes)]),
            &scheme.identifier(),
            &write::octets(&signature),
        ]);
        let certificates: Vec<&[u8]> = self.chain.iter().map(Certificate::der).collect();
        let body = write::sequence(&[
            &write::unsigned(&[1]),
            &write::set_of(&[&digest]),
            &write::sequence(&[&write::oid(oid::CONTENT)]),
            &write::tagged(0, &[contents(&write::set_of(&certificates))]),
            &write::set_of(&[&signer_info]),
        ]);
        Ok(write::sequence(&[
            &write::oid(oid::SIGNED),
            &write::tagged(0, &[&body]),
        ]))
    }
}

/// Signs content in parts with a key at hand: CAdES B-B, detached, DER (`.p7s`).
pub fn sign(
    content: &[&[u8]],
    signer: &dyn Signer,
    chain: &[Certificate],
    at: Timestamp,
) -> Result<Vec<u8>, EmitError> {
    let certificate = chain.first().ok_or(EmitError::NoCertificate)?;
    if certificate.public() != signer.public() {
        return Err(EmitError::OtherKey);
    }
    let draft = Draft::new(content, signer.algorithm(), chain, at)?;
    let signature = signer.sign(draft.to_sign())?;
    draft.signed(&signature)
}

/// Puts a time-stamp over its only signature into a message: CAdES B-T. The token has been verified
/// ([`stamp::verify`](crate::signing::stamp::verify)); here only its kind is looked at.
pub fn stamped(message: &[u8], token: &[u8]) -> Result<Vec<u8>, EmitError> {
    let token = super::Message::read(token)
        .ok()
        .filter(|signed| signed.content_type.content() == oid::TST)
        .map(|_| token)
        .ok_or(EmitError::Token)?;
    put(message, token).map_err(EmitError::Message)
}

fn put(message: &[u8], token: &[u8]) -> Result<Vec<u8>, CmsError> {
    let (der, rest) = lax::definite(message)?;
    if !rest.is_empty() {
        return Err(DerError::Trailing.into());
    }
    let body = read::body(&der)?;
    let before = before_signers(body)?;
    let signers = body.rest().get(before.len()..).unwrap_or_default();
    let signers = Element::only(signers, SET)?.inside().all(SEQUENCE)?;
    let signer = match signers.as_slice() {
        [] => return Err(CmsError::NoSigner),
        [one] => one,
        more => return Err(CmsError::TooMany(more.len())),
    };
    let (signed, unsigned) = signer_parts(*signer)?;
    let stamp = attribute(oid::TIME_STAMP, token);
    let mut attributes: Vec<&[u8]> = unsigned.iter().map(|element| element.whole).collect();
    attributes.push(&stamp);
    let unsigned = write::tagged(1, &[contents(&write::set_of(&attributes))]);
    let signer = write::sequence(&[signed, &unsigned]);
    let body = write::sequence(&[before, &write::set_of(&[&signer])]);
    Ok(write::sequence(&[
        &write::oid(oid::SIGNED),
        &write::tagged(0, &[&body]),
    ]))
}

/// The bytes of SignedData before its signers.
fn before_signers(body: crate::signing::der::Reader<'_>) -> Result<&[u8], DerError> {
    let mut inside = body;
    inside.take(INTEGER)?;
    inside.take(SET)?;
    inside.take(SEQUENCE)?;
    inside.maybe(context(0))?;
    inside.maybe(context(1))?;
    let length = body.rest().len() - inside.rest().len();
    body.rest().get(..length).ok_or(DerError::Truncated)
}

/// The contents of a SignerInfo up to its signature, and the unsigned attributes.
fn signer_parts(signer: Element<'_>) -> Result<(&[u8], Vec<Element<'_>>), DerError> {
    let mut inside = signer.inside();
    while inside.peek() != Some(OCTETS) {
        inside.any()?;
    }
    inside.octets()?;
    let length = signer.content.len() - inside.rest().len();
    let signed = signer.content.get(..length).ok_or(DerError::Truncated)?;
    let unsigned = match inside.maybe(context(1))? {
        None => Vec::new(),
        Some(all) => all.inside().all(SEQUENCE)?,
    };
    inside.end()?;
    Ok((signed, unsigned))
}

fn attribute(kind: &[u8], value: &[u8]) -> Vec<u8> {
    write::sequence(&[&write::oid(kind), &write::set_of(&[value])])
}

/// SigningCertificateV2 with one ESSCertIDv2: SHA-256, which is the default and so not written, and issuer and serial.
fn signing_certificate(certificate: &Certificate) -> Result<Vec<u8>, ErrorStack> {
    let hash = Digest::Sha256.of(&[certificate.der()])?;
    let id = write::sequence(&[&write::octets(&hash), &certificate.issuer_serial()]);
    Ok(write::sequence(&[&write::sequence(&[&id])]))
}

/// IssuerAndSerialNumber.
fn issued(certificate: &Certificate) -> Vec<u8> {
    let serial = write::element(INTEGER, &[certificate.serial()]);
    write::sequence(&[certificate.issuer(), &serial])
}

/// Ecdsa-Sig-Value of r‖s.
fn two_numbers(signature: &[u8]) -> Vec<u8> {
    let (r, s) = signature.split_at(signature.len() / 2);
    write::sequence(&[&write::unsigned(r), &write::unsigned(s)])
}

/// The contents of an element that was just written.
fn contents(der: &[u8]) -> &[u8] {
    crate::signing::der::Reader::new(der)
        .any()
        .map(|element| element.content)
        .unwrap_or_default()
}
