//! What is found on a token: private keys by label or id, and what is public of them.

use cryptoki::error::Error;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Rsa;
use openssl::x509::X509;

use super::TokenError;
use crate::keys::chain;
use crate::signing::public::{KeyError, PublicKey};

/// DER of the named curves P-256 and P-384, and both ways to say Ed25519 (PKCS#11 3.1 §6.3.5, and as SoftHSM writes it).
const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
const ED25519: [&[u8]; 2] = [&[0x06, 0x03, 0x2b, 0x65, 0x70], b"\x13\x0cedwards25519"];

/// By what a key is known on its token; what is not said may be anything.
pub(super) struct Wanted<'a> {
    pub(super) label: Option<&'a str>,
    pub(super) id: Option<&'a [u8]>,
}

impl Wanted<'_> {
    fn template(&self, class: ObjectClass) -> Vec<Attribute> {
        let label = self
            .label
            .map(|label| Attribute::Label(label.as_bytes().to_vec()));
        let id = self.id.map(|id| Attribute::Id(id.to_vec()));
        [Some(Attribute::Class(class)), label, id]
            .into_iter()
            .flatten()
            .collect()
    }

    fn name(&self) -> String {
        let id = || self.id.map(|id| data_encoding::HEXLOWER.encode(id));
        self.label
            .map(str::to_owned)
            .or_else(id)
            .unwrap_or_else(|| "any".to_owned())
    }
}

/// The one private key of that name.
pub(super) fn private(session: &Session, wanted: &Wanted<'_>) -> Result<ObjectHandle, TokenError> {
    let found = session
        .find_objects(&wanted.template(ObjectClass::PRIVATE_KEY))
        .map_err(TokenError::Failed)?;
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(TokenError::NoKey { key: wanted.name() }),
        _ => Err(TokenError::Ambiguous { what: wanted.name() }),
    }
}

/// The public half of a private key, and its certificates, its own first. The half is the public key of the same id (of the
/// same label, where there is no id), else that of the certificate of the same id.
pub(super) fn half(
    session: &Session,
    key: ObjectHandle,
    wanted: &Wanted<'_>,
) -> Result<(PublicKey, Vec<Vec<u8>>), TokenError> {
    let id = bytes(session, key, AttributeType::Id).map_err(TokenError::Failed)?;
    let all = certificates(session).map_err(TokenError::Failed)?;
    let own = || {
        let own = all.iter().find(|(of, _)| id.is_some() && *of == id);
        let key = own.map(|(_, own)| own.public_key().map_err(KeyError::Malformed));
        key.map(|key| PublicKey::new(key?)).transpose()
    };
    let public = match (publics(session, wanted, id.as_deref())?, own()?) {
        (Some(public), _) | (None, Some(public)) => public,
        // Of RSA a private key may show its public half itself.
        (None, None) => public(session, key).map_err(|_| TokenError::NoPublic { key: wanted.name() })?,
    };
    let all = all.into_iter().map(|(_, certificate)| certificate).collect();
    let chain = chain::ordered(all, public.der()).unwrap_or_default();
    Ok((public, chain))
}

fn publics(
    session: &Session,
    wanted: &Wanted<'_>,
    id: Option<&[u8]>,
) -> Result<Option<PublicKey>, TokenError> {
    let same = Wanted {
        label: if id.is_some() { None } else { wanted.label },
        id,
    };
    let found = session
        .find_objects(&same.template(ObjectClass::PUBLIC_KEY))
        .map_err(TokenError::Failed)?;
    found.first().map(|object| public(session, *object)).transpose()
}

/// A public key as it lies on the token.
pub(super) fn public(session: &Session, object: ObjectHandle) -> Result<PublicKey, TokenError> {
    let take = |what| bytes(session, object, what).map_err(TokenError::Failed);
    let modulus = take(AttributeType::Modulus)?;
    let exponent = take(AttributeType::PublicExponent)?;
    let params = take(AttributeType::EcParams)?;
    let point = take(AttributeType::EcPoint)?;
    let key = match (modulus, exponent, params, point) {
        (Some(modulus), Some(exponent), ..) => rsa(&modulus, &exponent),
        (_, _, Some(params), Some(point)) if ED25519.contains(&&*params) => {
            PKey::public_key_from_raw_bytes(unwrapped(&point), Id::ED25519)
        }
        (_, _, Some(params), Some(point)) if params == P256 => curve(Nid::X9_62_PRIME256V1, &point),
        (_, _, Some(params), Some(point)) if params == P384 => curve(Nid::SECP384R1, &point),
        _ => return Err(KeyError::Unsupported.into()),
    };
    Ok(PublicKey::new(key.map_err(KeyError::Malformed)?)?)
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<PKey<Public>, ErrorStack> {
    let key = Rsa::from_public_components(BigNum::from_slice(modulus)?, BigNum::from_slice(exponent)?)?;
    PKey::from_rsa(key)
}

fn curve(name: Nid, point: &[u8]) -> Result<PKey<Public>, ErrorStack> {
    let group = EcGroup::from_curve_name(name)?;
    let mut context = openssl::bn::BigNumContext::new()?;
    let point = EcPoint::from_bytes(&group, unwrapped(point), &mut context)?;
    PKey::from_ec_key(EcKey::from_public_key(&group, &point)?)
}

/// A point stands in an OCTET STRING (PKCS#11 3.1 §6.3.3); some makers leave that out.
fn unwrapped(point: &[u8]) -> &[u8] {
    match point {
        [0x04, length, inner @ ..] if usize::from(*length) == inner.len() => inner,
        _ => point,
    }
}

/// A certificate of a token with its id.
pub(super) type Identified = (Option<Vec<u8>>, X509);

/// All certificates of a token, with their ids.
pub(super) fn certificates(session: &Session) -> Result<Vec<Identified>, Error> {
    let found = session.find_objects(&[Attribute::Class(ObjectClass::CERTIFICATE)])?;
    let mut all = Vec::new();
    for object in found {
        let value = bytes(session, object, AttributeType::Value)?;
        let certificate = value.and_then(|der| X509::from_der(&der).ok());
        if let Some(certificate) = certificate {
            all.push((bytes(session, object, AttributeType::Id)?, certificate));
        }
    }
    Ok(all)
}

/// One attribute that is bytes; none where the token does not have it, does not show it, or it is empty.
pub(super) fn bytes(
    session: &Session,
    object: ObjectHandle,
    what: AttributeType,
) -> Result<Option<Vec<u8>>, Error> {
    let shown = session.get_attributes(object, &[what])?;
    Ok(shown
        .into_iter()
        .next()
        .and_then(value)
        .filter(|bytes| !bytes.is_empty()))
}

fn value(attribute: Attribute) -> Option<Vec<u8>> {
    if let Attribute::Id(bytes)
    | Attribute::Label(bytes)
    | Attribute::Value(bytes)
    | Attribute::Modulus(bytes)
    | Attribute::PublicExponent(bytes)
    | Attribute::EcParams(bytes)
    | Attribute::EcPoint(bytes) = attribute
    {
        Some(bytes)
    } else {
        None
    }
}
