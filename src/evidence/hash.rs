//! Hashes of the Merkle tree (RFC 6962 §2.1), SHA-256.

use openssl::sha::Sha256;
use zeroize::Zeroizing;

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// The root of a tree without leaves.
pub fn empty() -> Hash {
    digest(&[])
}

/// The hash of a leaf with this data.
pub fn leaf(data: &[u8]) -> Hash {
    digest(&[&[0], data])
}

/// The hash of the node over two others.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    digest(&[&[1], left, right])
}

/// SHA-256 over the parts one after another.
pub fn digest(parts: &[&[u8]]) -> Hash {
    // Not `openssl::sha::sha256`: in OpenSSL 3 that looks the algorithm up anew for each call.
    let mut sha = Sha256::new();
    for part in parts {
        sha.update(part);
    }
    sha.finish()
}

/// HMAC-SHA256 (RFC 2104).
pub fn mac(key: &[u8], message: &[u8]) -> Hash {
    let mut block = Zeroizing::new([0; 64]);
    match block.get_mut(..key.len()) {
        Some(start) => start.copy_from_slice(key),
        None => block[..32].copy_from_slice(&digest(&[key])),
    }
    let pad = |byte: u8| Zeroizing::new(block.map(|slot| slot ^ byte));
    let inside = digest(&[&*pad(0x36), message]);
    digest(&[&*pad(0x5c), &inside])
}

/// Whether two hashes are the same, in a time that does not tell where they differ.
pub fn same(one: &Hash, other: &Hash) -> bool {
    openssl::memcmp::eq(one, other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Hash {
        data_encoding::HEXLOWER
            .decode(text.as_bytes())
            .unwrap()
            .try_into()
            .unwrap()
    }

    #[test]
    fn a_mac_is_that_of_openssl_whatever_the_length_of_its_key() {
        for length in [1, 31, 63, 64, 65, 200] {
            let key: Vec<u8> = (0..length).collect();
            let theirs = openssl::pkey::PKey::hmac(&key).unwrap();
            let digest = openssl::hash::MessageDigest::sha256();
            let mut signer = openssl::sign::Signer::new(digest, &theirs).unwrap();
            signer.update(b"{\"XroadVnpt-systemid\":\"H99\"}").unwrap();
            assert_eq!(
                mac(&key, b"{\"XroadVnpt-systemid\":\"H99\"}")[..],
                signer.sign_to_vec().unwrap()
            );
        }
    }

    #[test]
    fn the_known_values() {
        assert_eq!(
            leaf(b"L123456"),
            hex("395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56")
        );
        assert_eq!(
            digest(&[&[1], b"N123", b"N456"]),
            hex("aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb")
        );
        assert_eq!(empty(), openssl::sha::sha256(b""));
        assert_eq!(
            leaf(b""),
            hex("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
        );
    }
}
