//! A certificate that a key issues to itself: nobody vouches for it, so whoever believes it has been told the key by other means.

use jiff::Timestamp;
use openssl::error::ErrorStack;

use super::{Certificate, CertificateError, Scheme};
use crate::model::signer::{Family, Signer, SignerError};
use crate::signing::der::oid;
use crate::signing::der::{BITS, BOOLEAN, GENERALIZED_TIME, INTEGER, SET, UTF8, write};

/// It has no end of its own (RFC 5280 §4.1.2.5).
const NEVER: &[u8] = b"99991231235959Z";
/// KeyUsage: digitalSignature and nonRepudiation.
const SIGNS: [u8; 2] = [0x06, 0xc0];

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum SelfError {
    /// The key did not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// What was written is not read again.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// OpenSSL could not compute a hash.
    #[error("a hash could not be computed")]
    Engine(#[from] ErrorStack),
}

/// Issues a certificate for documents, good from `begins` on, to the key itself. Its only name is `name`.
pub fn self_issued(signer: &dyn Signer, name: &str, begins: Timestamp) -> Result<Certificate, SelfError> {
    let scheme = Scheme::from(signer.algorithm()).identifier();
    let serial = openssl::sha::sha256(&[signer.public(), name.as_bytes()].concat());
    let common = write::sequence(&[
        &write::oid(oid::COMMON_NAME),
        &write::element(UTF8, &[name.as_bytes()]),
    ]);
    let named = write::sequence(&[&write::element(SET, &[&common])]);
    let ends = write::element(GENERALIZED_TIME, &[NEVER]);
    let usage = write::sequence(&[
        &write::oid(oid::KEY_USAGE),
        &write::element(BOOLEAN, &[&[0xff]]),
        &write::octets(&write::element(BITS, &[&SIGNS])),
    ]);
    let body = write::sequence(&[
        &write::tagged(0, &[&write::element(INTEGER, &[&[2]])]),
        &write::unsigned(&serial[..16]),
        &scheme,
        &named,
        &write::sequence(&[&write::time(begins), &ends]),
        &named,
        signer.public(),
        &write::tagged(3, &[&write::sequence(&[&usage])]),
    ]);
    let signature = signer.sign(&body)?;
    let signature = match signer.algorithm().family() {
        Family::P256 | Family::P384 => {
            let (r, s) = signature.split_at(signature.len() / 2);
            write::sequence(&[&write::unsigned(r), &write::unsigned(s)])
        }
        Family::Rsa | Family::Ed25519 => signature,
    };
    let signature = write::element(BITS, &[&[0], &signature]);
    Ok(Certificate::from_der(&write::sequence(&[
        &body, &scheme, &signature,
    ]))?)
}
