//! The certificates kept with a key: its own first, each followed by its issuer. Who trusts them is asked elsewhere.

use std::path::Path;

use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::x509::{X509, X509NameEntryRef, X509Ref};

use super::file::{KeyFileError, read_public};
use crate::model::Time;
use crate::signing::public::PublicKey;

/// Why certificates are not kept with a key.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// There is none, or one that cannot be read.
    #[error("there is no certificate that can be read")]
    Malformed(#[source] ErrorStack),
    /// The first certificate is of another key.
    #[error("no certificate is of this key")]
    Foreign,
}

/// What people are told of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Its subject; what may name a person is cut after its beginning.
    pub subject: String,
    /// When it ends.
    pub until: Time,
}

impl Certificate {
    /// Reads a certificate, DER.
    ///
    /// # Errors
    /// [`ChainError::Malformed`] when it is none.
    pub fn read(der: &[u8]) -> Result<Self, ChainError> {
        let certificate = X509::from_der(der).map_err(ChainError::Malformed)?;
        Ok(Self {
            subject: subject(&certificate),
            until: ends(certificate.not_after()).map_err(ChainError::Malformed)?,
        })
    }
}

/// Reads the first certificate of a PEM file, which may hold its key and its issuers too.
pub(super) fn first(path: &Path) -> Result<Certificate, KeyFileError> {
    let refused = |source| KeyFileError::Chain {
        path: path.into(),
        source,
    };
    let own = X509::from_pem(&read_public(path)?).map_err(|why| refused(ChainError::Malformed(why)))?;
    let der = own.to_der().map_err(|why| refused(ChainError::Malformed(why)))?;
    Certificate::read(&der).map_err(refused)
}

/// Reads a file of certificates, PEM, for the key whose public half this is (DER SubjectPublicKeyInfo).
pub(super) fn read(path: &Path, public: &[u8]) -> Result<Vec<Vec<u8>>, KeyFileError> {
    let refused = |source| KeyFileError::Chain {
        path: path.into(),
        source,
    };
    let pem = read_public(path)?;
    let all = X509::stack_from_pem(&pem).map_err(|source| refused(ChainError::Malformed(source)))?;
    ordered(all, public).map_err(refused)
}

/// Reads a file of certificates, PEM, and the key of the first of them.
pub(super) fn read_own(path: &Path) -> Result<(PublicKey, Vec<Vec<u8>>), KeyFileError> {
    let refused = |source| KeyFileError::Chain {
        path: path.into(),
        source,
    };
    let pem = read_public(path)?;
    let key = X509::from_pem(&pem).and_then(|own| own.public_key());
    let key = key.map_err(|source| refused(ChainError::Malformed(source)))?;
    let key = PublicKey::new(key).map_err(|source| KeyFileError::Key {
        path: path.into(),
        source,
    })?;
    let chain = read(path, key.der())?;
    Ok((key, chain))
}

/// The key's own certificate first, each followed by its issuer; what belongs to neither is left out.
pub(super) fn ordered(mut all: Vec<X509>, public: &[u8]) -> Result<Vec<Vec<u8>>, ChainError> {
    if all.is_empty() {
        return Err(ChainError::Malformed(ErrorStack::get()));
    }
    let own = all.iter().position(|one| is_of(one, public));
    let mut chain = vec![all.remove(own.ok_or(ChainError::Foreign)?)];
    while let Some(place) = chain.last().and_then(|last| issuer(last, &all)) {
        chain.push(all.remove(place));
    }
    chain
        .iter()
        .map(|one| one.to_der().map_err(ChainError::Malformed))
        .collect()
}

fn is_of(certificate: &X509Ref, key: &[u8]) -> bool {
    let own = certificate.public_key().and_then(|own| own.public_key_to_der());
    own.is_ok_and(|der| der == key)
}

fn issuer(of: &X509Ref, among: &[X509]) -> Option<usize> {
    among
        .iter()
        .position(|one| one.issued(of) == openssl::x509::X509VerifyResult::OK)
}

fn ends(time: &Asn1TimeRef) -> Result<Time, ErrorStack> {
    let since = Asn1Time::from_unix(0)?.diff(time)?;
    Ok(Time::at(i64::from(since.days) * 86_400 + i64::from(since.secs)))
}

/// `CN=Ng…, O=…` in the certificate's own order. Organisations and places are said whole: they are no persons.
fn subject(certificate: &X509Ref) -> String {
    let whole = [
        Nid::COUNTRYNAME,
        Nid::ORGANIZATIONNAME,
        Nid::ORGANIZATIONALUNITNAME,
        Nid::LOCALITYNAME,
        Nid::STATEORPROVINCENAME,
    ];
    let part = |entry: &X509NameEntryRef| {
        let nid = entry.object().nid();
        let name = nid.short_name().unwrap_or("?");
        let text = entry.data().to_string().unwrap_or_default();
        if whole.contains(&nid) {
            format!("{name}={text}")
        } else {
            format!("{name}={}…", text.chars().take(2).collect::<String>())
        }
    };
    let parts: Vec<String> = certificate.subject_name().entries().map(part).collect();
    parts.join(", ")
}

/// A certificate that a key in a PEM file makes for itself, PEM, good for so many days; for tests.
#[cfg(test)]
pub(super) fn certified(key: &Path, organisation: &str, days: u32) -> Vec<u8> {
    let pem = std::fs::read(key).unwrap();
    let key = openssl::pkey::PKey::private_key_from_pem(&pem).unwrap();
    issued(&key, organisation, days, None).to_pem().unwrap()
}

/// A certificate of `key` by an issuer, or by itself; for tests.
#[cfg(test)]
pub(super) fn issued(
    key: &openssl::pkey::PKey<openssl::pkey::Private>,
    organisation: &str,
    days: u32,
    by: Option<(&openssl::pkey::PKey<openssl::pkey::Private>, &X509)>,
) -> X509 {
    let mut name = openssl::x509::X509Name::builder().unwrap();
    name.append_entry_by_text("C", "VN").unwrap();
    name.append_entry_by_text("O", organisation).unwrap();
    name.append_entry_by_text("CN", "Trần Văn Mẫu").unwrap();
    let name = name.build();
    let mut builder = X509::builder().unwrap();
    let serial = openssl::bn::BigNum::from_u32(days + 1)
        .unwrap()
        .to_asn1_integer()
        .unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&serial).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder
        .set_issuer_name(by.map_or(&name, |(_, issuer)| issuer.subject_name()))
        .unwrap();
    builder.set_pubkey(key).unwrap();
    builder
        .set_not_before(&Asn1Time::days_from_now(0).unwrap())
        .unwrap();
    builder
        .set_not_after(&Asn1Time::days_from_now(days).unwrap())
        .unwrap();
    let signer = by.map_or(key, |(signer, _)| signer);
    let digest = match signer.id() {
        openssl::pkey::Id::ED25519 => openssl::hash::MessageDigest::null(),
        _ => openssl::hash::MessageDigest::sha256(),
    };
    builder.sign(signer, digest).unwrap();
    builder.build()
}
