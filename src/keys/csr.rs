//! Certificate requests (PKCS#10, RFC 2986) for any key that signs: its own signature shows that the key is at hand.
//!
//! They are written here because OpenSSL only signs requests with keys that are in this process.

use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::x509::X509Name;

use super::software::pem_lines;
use crate::model::signer::{Algorithm, Hash, Signer, SignerError};

/// Why there is no request.
#[derive(Debug, thiserror::Error)]
pub enum CsrError {
    /// A subject that is not `C=VN, O=…, CN=…`.
    #[error("`{part}` is no part of a subject such as `C=VN, O=Sở Tư pháp, CN=Trục liên thông`")]
    Subject {
        /// The part that cannot be read.
        part: String,
    },
    /// A certificate without a common name would not be accepted by anybody.
    #[error("a subject needs its name, CN=…")]
    Nameless,
    /// The key did not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// OpenSSL could not write a part of it.
    #[error("the request could not be written")]
    Encoding(#[from] ErrorStack),
}

/// A request for a certificate of that subject, DER. `subject` is `C=VN, O=…, CN=…`, a comma within a value `\,`.
pub fn request(signer: &dyn Signer, subject: &str) -> Result<Vec<u8>, CsrError> {
    let subject = name(subject)?.to_der()?;
    // RFC 2986 §4.1: version 0, subject, key, no attributes.
    let about = sequence(&[&[0x02, 0x01, 0x00], &subject, signer.public(), &[0xa0, 0x00]]);
    let algorithm = signer.algorithm();
    let signature = signer.sign(&about)?;
    let signature = match algorithm.family().width() {
        Some(width) => curve(&signature, width)?,
        None => signature,
    };
    let signature = tagged(0x03, &[&[0x00], &signature]);
    Ok(sequence(&[&about, &identifier(algorithm), &signature]))
}

/// The same, PEM (RFC 7468 §7).
pub fn request_pem(signer: &dyn Signer, subject: &str) -> Result<String, CsrError> {
    let body = pem_lines(&request(signer, subject)?);
    Ok(format!(
        "-----BEGIN CERTIFICATE REQUEST-----\n{body}-----END CERTIFICATE REQUEST-----\n"
    ))
}

fn name(subject: &str) -> Result<X509Name, CsrError> {
    let mut name = X509Name::builder()?;
    let mut named = false;
    for part in parts(subject) {
        let unreadable = || CsrError::Subject { part: part.clone() };
        let (key, value) = part.split_once('=').ok_or_else(unreadable)?;
        let (key, value) = (key.trim(), value.trim());
        if value.is_empty() {
            return Err(unreadable());
        }
        name.append_entry_by_text(key, value).map_err(|_| unreadable())?;
        named |= key == "CN";
    }
    if named {
        Ok(name.build())
    } else {
        Err(CsrError::Nameless)
    }
}

/// Between commas that no `\` stands before.
fn parts(subject: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = subject.chars();
    while let Some(letter) = letters.next() {
        match (letter, parts.last_mut()) {
            (',', _) => parts.push(String::new()),
            ('\\', Some(part)) => part.extend(letters.next()),
            (letter, Some(part)) => part.push(letter),
            (_, None) => {}
        }
    }
    parts
}

/// X.509 wants r and s as a sequence of two numbers (RFC 5480 app. A).
fn curve(wide: &[u8], width: usize) -> Result<Vec<u8>, ErrorStack> {
    let (r, s) = wide.split_at_checked(width).unwrap_or_default();
    EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?.to_der()
}

/// The AlgorithmIdentifier of a signature (RFC 5758 §3.2, RFC 8017 app. C, RFC 8410 §3).
fn identifier(algorithm: Algorithm) -> Vec<u8> {
    const NULL: &[u8] = &[0x05, 0x00];
    let rsa = |arc, parameters: &[u8]| {
        let name = tagged(0x06, &[&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, arc]]);
        sequence(&[&name, parameters])
    };
    let ecdsa = |arc| sequence(&[&tagged(0x06, &[&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, arc]])]);
    match algorithm {
        Algorithm::Es256 => ecdsa(2),
        Algorithm::Es384 => ecdsa(3),
        Algorithm::Rs256 => rsa(11, NULL),
        Algorithm::Rs384 => rsa(12, NULL),
        Algorithm::Rs512 => rsa(13, NULL),
        Algorithm::Ps256 => rsa(10, &pss(Hash::Sha256)),
        Algorithm::Ps384 => rsa(10, &pss(Hash::Sha384)),
        Algorithm::Ps512 => rsa(10, &pss(Hash::Sha512)),
        Algorithm::Ed25519 => sequence(&[&[0x06, 0x03, 0x2b, 0x65, 0x70]]),
    }
}

/// RSASSA-PSS-params: one hash throughout, a salt of its length (RFC 4055 §3.1).
pub(super) fn pss(hash: Hash) -> Vec<u8> {
    let (arc, salt) = match hash {
        Hash::Sha256 => (1, 32),
        Hash::Sha384 => (2, 48),
        Hash::Sha512 => (3, 64),
    };
    let name = tagged(0x06, &[&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, arc]]);
    let hash = sequence(&[&name, &[0x05, 0x00]]);
    let mgf1 = tagged(0x06, &[&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08]]);
    sequence(&[
        &tagged(0xa0, &[&hash]),
        &tagged(0xa1, &[&sequence(&[&mgf1, &hash])]),
        &tagged(0xa2, &[&[0x02, 0x01, salt]]),
    ])
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tagged(0x30, parts)
}

/// DER: tag, length in its shortest form, content.
fn tagged(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len();
    let mut der = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => der.push(short),
        Ok(_) | Err(_) => {
            let bytes = length.to_be_bytes();
            let first = bytes.iter().position(|byte| *byte != 0).unwrap_or_default();
            let bytes = bytes.get(first..).unwrap_or_default();
            der.push(0x80 | u8::try_from(bytes.len()).unwrap_or_default());
            der.extend_from_slice(bytes);
        }
    }
    der.extend_from_slice(&content);
    der
}

#[cfg(test)]
mod tests {
    use openssl::x509::X509Req;

    use super::*;
    use crate::keys::FileKey;

    #[test]
    fn openssl_reads_and_verifies_a_request_of_every_algorithm() {
        let subject = "C=VN, ST=Lào Cai, O=Sở Tư pháp\\, tỉnh Mẫu, OU=CNTT, CN=Trục liên thông";
        let rsa = FileKey::generate(Algorithm::Rs256).unwrap();
        for algorithm in Algorithm::ALL {
            let key = match rsa.clone().using(algorithm) {
                Ok(key) => key,
                Err(_) => FileKey::generate(algorithm).unwrap(),
            };
            let pem = request_pem(&key, subject).unwrap();
            let read = X509Req::from_pem(pem.as_bytes()).unwrap();
            let public = read.public_key().unwrap();
            assert!(read.verify(&public).unwrap(), "{algorithm}");
            assert_eq!(public.public_key_to_der().unwrap(), key.public());
            let said: Vec<String> = read
                .subject_name()
                .entries()
                .map(|entry| entry.data().to_string().unwrap())
                .collect();
            assert_eq!(
                said,
                ["VN", "Lào Cai", "Sở Tư pháp, tỉnh Mẫu", "CNTT", "Trục liên thông"]
            );
            let other = FileKey::generate(Algorithm::Ed25519).unwrap();
            let other = openssl::pkey::PKey::public_key_from_der(other.public()).unwrap();
            assert!(!read.verify(&other).unwrap_or(false));
        }
    }

    #[test]
    fn a_subject_that_cannot_be_read_is_told_by_its_part() {
        let key = FileKey::generate(Algorithm::Es256).unwrap();
        for (subject, part) in [
            ("C=VN, Sở", " Sở"),
            ("Người=x, CN=y", "Người=x"),
            ("CN=", "CN="),
            ("", ""),
        ] {
            let error = request(&key, subject).unwrap_err();
            assert!(
                matches!(&error, CsrError::Subject { part: told } if told == part),
                "{error:?}"
            );
        }
        assert!(matches!(request(&key, "C=VN, O=Sở"), Err(CsrError::Nameless)));
    }
}
