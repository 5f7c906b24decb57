//! The keys that come with a signature. None is trusted for having come (XMLDSig 1.1 §4.5).

use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Rsa;
use openssl::x509::X509;

use super::names::{DSIG, DSIG11};
use super::parse::base64;
use super::refusal::Refusal;
use super::tree::Document;
use crate::signing::public::{KeyError, PublicKey};

/// What a `KeyInfo` holds.
#[derive(Debug, Default)]
pub(super) struct Offered {
    /// Certificates, DER, in their order.
    pub(super) certificates: Vec<Vec<u8>>,
    /// Bare keys, or why they are none.
    pub(super) bare: Vec<Result<PublicKey, Refusal>>,
}

/// The most that is looked at; a chain has three.
const MOST: usize = 16;

/// Reads a `KeyInfo`. What would have to be looked up (names, serial numbers, other places) is passed over.
pub(super) fn offered(document: &Document<'_>, node: usize) -> Offered {
    let mut offered = Offered::default();
    for one in document.elements(node) {
        if document.is(one, DSIG, "X509Data") {
            for inner in document
                .elements(one)
                .filter(|it| document.is(*it, DSIG, "X509Certificate"))
            {
                offered.certificates.extend(base64(&document.text(inner)));
            }
        } else if document.is(one, DSIG, "KeyValue") {
            offered
                .bare
                .extend(document.elements(one).map(|it| value(document, it)));
        } else if document.is(one, DSIG11, "DEREncodedKeyValue") {
            let der = base64(&document.text(one)).ok_or(Refusal::Base64);
            offered
                .bare
                .push(der.and_then(|der| parsed(PKey::public_key_from_der(&der))));
        }
    }
    offered.certificates.truncate(MOST);
    offered.bare.truncate(MOST);
    offered
}

/// The key of a certificate.
pub(super) fn of_certificate(der: &[u8]) -> Result<PublicKey, Refusal> {
    parsed(X509::from_der(der).and_then(|certificate| certificate.public_key()))
}

fn parsed(key: Result<PKey<Public>, ErrorStack>) -> Result<PublicKey, Refusal> {
    let key = key.map_err(|_| Refusal::Keyless)?;
    let is_curve = key.id() == Id::EC;
    PublicKey::new(key).map_err(|error| match error {
        KeyError::Short(bits) => Refusal::Short(bits),
        KeyError::Unsupported if is_curve => Refusal::Curve,
        KeyError::Unsupported | KeyError::Algorithm(_) => Refusal::Foreign,
        KeyError::Malformed(_) | KeyError::Generate(_) => Refusal::Keyless,
    })
}

fn value(document: &Document<'_>, node: usize) -> Result<PublicKey, Refusal> {
    let part = |space, local| {
        let found = document
            .elements(node)
            .find(|one| document.is(*one, space, local));
        found
            .and_then(|one| base64(&document.text(one)))
            .ok_or(Refusal::Keyless)
    };
    if document.is(node, DSIG, "RSAKeyValue") {
        parsed(rsa(&part(DSIG, "Modulus")?, &part(DSIG, "Exponent")?))
    } else if document.is(node, DSIG11, "ECKeyValue") {
        let named = document
            .elements(node)
            .find(|one| document.is(*one, DSIG11, "NamedCurve"));
        let curve = match named.and_then(|one| document.attribute(one, "URI")) {
            Some("urn:oid:1.2.840.10045.3.1.7") => Nid::X9_62_PRIME256V1,
            Some("urn:oid:1.3.132.0.34") => Nid::SECP384R1,
            // Written-out parameters can describe a curve that somebody made (CVE-2020-0601).
            Some(_) | None => return Err(Refusal::Curve),
        };
        parsed(point(curve, &part(DSIG11, "PublicKey")?))
    } else {
        Err(Refusal::Foreign)
    }
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<PKey<Public>, ErrorStack> {
    let (modulus, exponent) = (BigNum::from_slice(modulus)?, BigNum::from_slice(exponent)?);
    PKey::from_rsa(Rsa::from_public_components(modulus, exponent)?)
}

fn point(curve: Nid, octets: &[u8]) -> Result<PKey<Public>, ErrorStack> {
    let group = EcGroup::from_curve_name(curve)?;
    let point = EcPoint::from_bytes(&group, octets, &mut *BigNumContext::new()?)?;
    let key = EcKey::from_public_key(&group, &point)?;
    key.check_key()?;
    PKey::from_ec_key(key)
}
