//! What XML signatures call things: namespaces, and the identifiers of algorithms (XMLDSig 1.1 §6, RFC 9231).

use openssl::hash::MessageDigest;
use openssl::sha::{Sha1, sha256, sha384, sha512};

use crate::model::signer::{Algorithm, Hash};

/// XMLDSig, and the algorithms of its first version.
pub(super) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
/// What XMLDSig 1.1 added.
pub(super) const DSIG11: &str = "http://www.w3.org/2009/xmldsig11#";
/// Later algorithms, with the parameters of PSS.
pub(super) const MORE: &str = "http://www.w3.org/2007/05/xmldsig-more#";
/// Exclusive canonical XML, where the list of prefixes stands.
pub(super) const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// XAdES (ETSI EN 319 132-1).
pub(super) const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";
/// The type of the reference to what the signer attests.
pub(super) const PROPERTIES: &str = "http://uri.etsi.org/01903#SignedProperties";
/// The transform that takes the signature itself out.
pub(super) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// The transform that decodes character data.
pub(super) const BASE64: &str = "http://www.w3.org/2000/09/xmldsig#base64";
/// PSS with its parameters beside it.
pub(super) const PSS: &str = "http://www.w3.org/2007/05/xmldsig-more#rsa-pss";

/// A hash as a reference names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Digest {
    /// SHA-1: read where the caller allows what is old, never written.
    Sha1,
    /// One of the house's.
    Sha2(Hash),
}

impl Digest {
    /// The hash of an identifier.
    pub fn named(uri: &str) -> Option<Self> {
        Some(match uri {
            "http://www.w3.org/2000/09/xmldsig#sha1" => Self::Sha1,
            "http://www.w3.org/2001/04/xmlenc#sha256" => Self::Sha2(Hash::Sha256),
            "http://www.w3.org/2001/04/xmldsig-more#sha384" => Self::Sha2(Hash::Sha384),
            "http://www.w3.org/2001/04/xmlenc#sha512" => Self::Sha2(Hash::Sha512),
            _ => return None,
        })
    }

    /// Whether nobody should believe it any more.
    pub const fn is_weak(self) -> bool {
        matches!(self, Self::Sha1)
    }

    /// Bytes of a value.
    pub const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha2(Hash::Sha256) => 32,
            Self::Sha2(Hash::Sha384) => 48,
            Self::Sha2(Hash::Sha512) => 64,
        }
    }

    pub(super) fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => {
                let mut hash = Sha1::new();
                hash.update(bytes);
                hash.finish().to_vec()
            }
            Self::Sha2(hash) => hashed(hash, bytes),
        }
    }

    pub(super) fn engine(self) -> MessageDigest {
        match self {
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha2(Hash::Sha256) => MessageDigest::sha256(),
            Self::Sha2(Hash::Sha384) => MessageDigest::sha384(),
            Self::Sha2(Hash::Sha512) => MessageDigest::sha512(),
        }
    }
}

/// The identifier of one of the house's hashes.
pub(super) const fn hash_uri(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha256 => "http://www.w3.org/2001/04/xmlenc#sha256",
        Hash::Sha384 => "http://www.w3.org/2001/04/xmldsig-more#sha384",
        Hash::Sha512 => "http://www.w3.org/2001/04/xmlenc#sha512",
    }
}

/// The hash of `bytes`.
pub(super) fn hashed(hash: Hash, bytes: &[u8]) -> Vec<u8> {
    match hash {
        Hash::Sha256 => sha256(bytes).to_vec(),
        Hash::Sha384 => sha384(bytes).to_vec(),
        Hash::Sha512 => sha512(bytes).to_vec(),
    }
}

/// How a signature's value was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// With a key of one of the house's algorithms.
    Key(Algorithm),
    /// RSA v1.5 with SHA-1: read where the caller allows what is old, never written.
    RsaSha1,
    /// With a secret that both sides know (HMAC); it tells who knows the secret, not who signed.
    Mac(Digest),
}

impl Method {
    /// The method of an identifier; PSS with its parameters beside it is [`PSS`] and read elsewhere.
    pub fn named(uri: &str) -> Option<Self> {
        let by_key = Algorithm::ALL.into_iter().find(|one| algorithm_uri(*one) == uri);
        Some(match uri {
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1" => Self::RsaSha1,
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1" => Self::Mac(Digest::Sha1),
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256" => Self::Mac(Digest::Sha2(Hash::Sha256)),
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha384" => Self::Mac(Digest::Sha2(Hash::Sha384)),
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha512" => Self::Mac(Digest::Sha2(Hash::Sha512)),
            _ => Self::Key(by_key?),
        })
    }

    /// Whether nobody should believe it any more.
    pub const fn is_weak(self) -> bool {
        matches!(self, Self::RsaSha1 | Self::Mac(Digest::Sha1))
    }
}

/// The identifier of one of the house's algorithms.
pub(super) const fn algorithm_uri(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Es256 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        Algorithm::Es384 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
        Algorithm::Rs256 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        Algorithm::Rs384 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
        Algorithm::Rs512 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        Algorithm::Ps256 => "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
        Algorithm::Ps384 => "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1",
        Algorithm::Ps512 => "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
        Algorithm::Ed25519 => "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_has_an_identifier_of_its_own() {
        for algorithm in Algorithm::ALL {
            let uri = algorithm_uri(algorithm);
            assert_eq!(Method::named(uri), Some(Method::Key(algorithm)));
        }
        for hash in [Hash::Sha256, Hash::Sha384, Hash::Sha512] {
            let digest = Digest::named(hash_uri(hash)).unwrap();
            assert_eq!(digest, Digest::Sha2(hash));
            assert_eq!(digest.of(b"x").len(), digest.length());
        }
        for uri in ["", "none", "http://www.w3.org/2000/09/xmldsig#dsa-sha1"] {
            assert_eq!(Method::named(uri), None);
        }
    }
}
