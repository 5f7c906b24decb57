//! Checksums of payment platforms: parts in an order that their wire knows, joined, and a secret (portal.md §2.7.5, §2.7.6;
//! national-databases.md §6.3).

use data_encoding::HEXLOWER;
use openssl::sha::Sha256;

use super::{hmac_sha256, same};

/// How parts and secret are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// With a bar between, the secret last: the portal's platform.
    Barred,
    /// With nothing between, the secret first: PayGov. Letters that move from a part to its neighbour change nothing, so such a
    /// checksum is only as good as its parts are fixed in form.
    Plain,
    /// With a bar between, under the secret as the key of an HMAC-SHA256: KeyPay.
    Keyed,
}

impl Joined {
    /// The checksum, 64 lower-case hexadecimal digits. The parts are exactly as they stand on the wire; none where one of them
    /// holds the bar that is to stand between them, since it would be open what belongs to it and what to its neighbour.
    pub fn checksum(self, parts: &[&str], secret: &[u8]) -> Option<String> {
        if self != Self::Plain && parts.iter().any(|part| part.contains('|')) {
            return None;
        }
        let sum = match self {
            Self::Barred => hash(
                parts
                    .iter()
                    .flat_map(|part| [part.as_bytes(), b"|"])
                    .chain([secret]),
            ),
            Self::Plain => hash(
                [secret]
                    .into_iter()
                    .chain(parts.iter().map(|part| part.as_bytes())),
            ),
            Self::Keyed => hmac_sha256(secret, parts.join("|").as_bytes()).ok()?,
        };
        Some(HEXLOWER.encode(&sum))
    }

    /// Whether `given`, which may be in capitals, is the checksum of these parts; constant in time.
    pub fn fits(self, parts: &[&str], secret: &[u8], given: &str) -> bool {
        let expected = self.checksum(parts, secret);
        expected.is_some_and(|expected| same(expected.as_bytes(), given.to_ascii_lowercase().as_bytes()))
    }
}

/// Hashes the parts one by one, so that the secret is in no buffer of ours.
fn hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::Joined::{Barred, Keyed, Plain};
    use super::*;

    /// The vectors of the specifications, byte for byte: how it is joined, secret, the parts with a bar between, checksum.
    const VECTORS: &[(Joined, &str, &str, &str)] = &[
        (
            Barred,
            "KHOA-BI-MAT-THU-NGHIEM",
            "INIT|1.0.6|DOITAC-THU|dvcH991424011500017|150000|PAY|1|1|vi-VN|VND|PAYMENT|THANH TOAN HO SO H99.14-240115-0001|20240115143015|10.0.0.5",
            "71e42998e3965adcc287eb6fcb8991ec89b2f9ce325e84f4616bcc940b1fc057",
        ),
        (
            Barred,
            "KHOA-BI-MAT-THU-NGHIEM",
            "QUERY|1.0.6|DOITAC-THU|dvcH991424011500017|20240115143015",
            "0f7f8f3a976513420152925cab7b2b17f3228eb31350b15c06b44ab635603688",
        ),
        (
            Barred,
            "KHOA-BI-MAT-THU-NGHIEM",
            "GET_BILL|1.0.6|DOITAC-THU|dvcH991424011500017|20240115143015",
            "b1a1a5874642bf5637d2d3d791101b39695f95d4af7a5f0ba4cc1c7007404dbe",
        ),
        (
            Barred,
            "KHOA-BI-MAT-THU-NGHIEM",
            "CONFIRM|00|DOITAC-THU|dvcH991424011500017|150000|VND|PP240115000123|NHTHU|20240115143207|THANH TOAN HO SO H99.14-240115-0001",
            "9554b99a0046facd548ae68232d4bcd6aafbeb33df3130e67ec91497548dd28e",
        ),
        (
            Barred,
            "demo-secret",
            "INIT|1.0.6|PARTNERDEMO|dvcH56260106000120260106093000|150000|PAY|1|1|vi-VN|VND|PAYMENT|THANH TOAN HO SO H56.10-260106-0001|20260106093000|203.0.113.10",
            "1cdcf8e18847b6d721d57c051507f421e2239126ef08fae10d23d248865376ca",
        ),
        (
            Barred,
            "demo-secret",
            "CONFIRM|00|PARTNERDEMO|dvcH56260106000120260106093000|150000|VND|GD0000000001|BANKDEMO|20260106093212|THANH TOAN HO SO H56.10-260106-0001",
            "48baa544f2bc28776817818c7b4e7443d3eff82a041f9955bbd398fe9cc7fbdc",
        ),
        (
            Barred,
            "demo-secret",
            "QUERY|1.0.6|PARTNERDEMO|dvcH56260106000120260106093000|20260106093000",
            "5cdd234115380c2217d8562e738de04d38eb193fc6c880dfd095bb5e04c9c265",
        ),
        (
            Barred,
            "demo-secret",
            "GET_BILL|1.0.6|PARTNERDEMO|dvcH56260106000120260106093000|20260106093000",
            "4405fd11b09fb6e831e42348a61f5b4bbbc0c67bf59719e00519f7685c03d3f0",
        ),
        (
            Plain,
            "demo-secret",
            "demo-access|PARTNERDEMO|000.00.05.H56-H56.10-260106-0001-01|RQ0001|150000",
            "14152499bc61c117c3d0f42375ef992b739bc4064b5cb3b9453a170b8a1ec0fa",
        ),
    ];

    #[test]
    fn trap_16_the_printed_vectors_byte_for_byte_and_no_changed_letter() {
        for (form, secret, parts, expected) in VECTORS {
            let secret = secret.as_bytes();
            let parts: Vec<&str> = parts.split('|').collect();
            assert_eq!(form.checksum(&parts, secret).unwrap(), *expected);
            assert!(form.fits(&parts, secret, &expected.to_uppercase()));
            for at in 0..parts.len() {
                let changed = format!("{}x", parts[at]);
                let mut parts = parts.clone();
                parts[at] = &changed;
                assert!(!form.fits(&parts, secret, expected));
            }
            for wrong in [&expected[1..], "", &expected.replace('0', "1")] {
                assert!(!form.fits(&parts, secret, wrong));
            }
            let mut swapped = parts.clone();
            swapped.reverse();
            assert!(!form.fits(&swapped, secret, expected));
        }
    }

    #[test]
    fn a_keyed_one_uses_the_secret_as_the_key() {
        let sum = Keyed
            .checksum(&["c", "querystatus", "t1"], b"demo-secret")
            .unwrap();
        let tag = hmac_sha256(b"demo-secret", b"c|querystatus|t1").unwrap();
        assert_eq!(sum, HEXLOWER.encode(&tag));
    }

    #[test]
    fn no_part_holds_the_bar() {
        assert_eq!(Barred.checksum(&["QUERY", "a|b"], b"s"), None);
        assert!(Plain.checksum(&["QUERY", "a|b"], b"s").is_some());
    }
}
