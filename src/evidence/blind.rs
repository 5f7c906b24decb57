//! What stands in the log in place of a person or a dossier: values that mean nothing without a key or a salt.

use std::fmt;

use data_encoding::HEXLOWER;
use openssl::sha::Sha256;
use zeroize::Zeroizing;

use crate::evidence::hash::{self, Hash};

/// A blinded value: the first 16 bytes of HMAC-SHA256 under this node's blinding key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Blind(pub [u8; 16]);

impl Blind {
    /// Reads 32 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        let read = (text.len() == 32).then(|| HEXLOWER.decode_mut(text.as_bytes(), &mut bytes))?;
        read.ok().map(|_| Self(bytes))
    }
}

impl fmt::Display for Blind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&HEXLOWER.encode_display(&self.0), f)
    }
}

impl fmt::Debug for Blind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Blinds dossier numbers and subjects, each in its own domain. Who holds the key can find a known value in the log again.
#[derive(Clone)]
pub struct Blinder {
    inner: Zeroizing<[u8; 64]>,
    outer: Zeroizing<[u8; 64]>,
}

impl fmt::Debug for Blinder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blinder")
    }
}

impl Blinder {
    /// Takes the blinding key, 32 random bytes; when it is destroyed, nothing can be found by value any more.
    pub fn new(key: &[u8; 32]) -> Self {
        let pad = |byte: u8| {
            let mut block = Zeroizing::new([byte; 64]);
            for (slot, secret) in block.iter_mut().zip(key) {
                *slot ^= secret;
            }
            block
        };
        Self {
            inner: pad(0x36),
            outer: pad(0x5c),
        }
    }

    /// Blinds a dossier's number.
    pub fn dossier(&self, number: &str) -> Blind {
        self.blind(b"lienthong/dossier\0", number)
    }

    /// A person of the console, by the name of the account, which is no number of anybody.
    pub fn account(&self, name: &str) -> Blind {
        self.subject(&format!("account/{name}"))
    }

    /// Blinds a subject's identifier.
    pub fn subject(&self, identifier: &str) -> Blind {
        self.blind(b"lienthong/subject\0", identifier)
    }

    /// HMAC (RFC 2104) cut to 16 bytes; the domain ends in a zero byte, so no two domains run into each other.
    fn blind(&self, domain: &[u8], value: &str) -> Blind {
        let inside = hash::digest(&[&*self.inner, domain, value.as_bytes()]);
        let mac = hash::digest(&[&*self.outer, &inside]);
        let mut cut = [0; 16];
        cut.copy_from_slice(&mac[..16]);
        Blind(cut)
    }
}

/// Commits to bytes without giving them away: SHA-256(salt ‖ SHA-256(bytes)). The salt is random, kept with the sealed
/// bytes, and destroyed with them.
pub fn commitment(salt: &[u8; 16], bytes: &[u8]) -> Hash {
    let mut sha = Sha256::new();
    sha.update(salt);
    sha.update(&hash::digest(&[bytes]));
    sha.finish()
}

#[cfg(test)]
mod tests {
    use openssl::hash::MessageDigest;
    use openssl::pkey::PKey;
    use openssl::sign::Signer;

    use super::*;

    #[test]
    fn it_is_hmac_and_domains_differ() {
        let blinder = Blinder::new(&[7; 32]);
        let key = PKey::hmac(&[7; 32]).unwrap();
        let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
        signer.update(b"lienthong/dossier\0H99.26-001").unwrap();
        assert_eq!(
            blinder.dossier("H99.26-001").0[..],
            signer.sign_to_vec().unwrap()[..16]
        );
        assert_ne!(blinder.dossier("099000000001"), blinder.subject("099000000001"));
        assert_eq!(format!("{blinder:?}"), "Blinder");
    }

    #[test]
    fn a_blind_is_read_as_it_is_written() {
        let blind = Blind([0xab; 16]);
        assert_eq!(Blind::parse(&blind.to_string()), Some(blind));
        assert_eq!(Blind::parse("AB"), None);
    }
}
