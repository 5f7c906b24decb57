//! One-time codes of a person's phone (RFC 6238): HMAC-SHA1, six digits, thirty seconds, what every such program speaks.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::clock::Dice;

/// How long a code is shown, in seconds.
const STEP: i64 = 30;
/// How many steps a phone's clock may be off, either way.
const SKEW: i64 = 1;
const DIGITS: u32 = 6;

/// The secret that the node and a phone share: 160 bits.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

/// Nothing of it is printed.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// A fresh one.
    pub fn new(dice: &dyn Dice) -> Self {
        let mut bytes = Zeroizing::new(vec![0; 20]);
        dice.bytes(&mut bytes);
        Self(bytes)
    }

    /// The step whose code this is, of those near `seconds` since 1970; none when it is no code of now, or of a step that
    /// was used before: a code that somebody saw is worth nothing once it was used.
    pub fn step(&self, code: &str, seconds: i64, used: Option<i64>) -> Option<i64> {
        let said: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let now = seconds.div_euclid(STEP);
        // Each is compared, so that the time tells nothing.
        (now - SKEW..=now + SKEW).fold(None, |found, step| {
            let is_it = self.code(step).is_some_and(|code| same(&code, &said));
            let fresh = used.is_none_or(|used| step > used);
            found.or((is_it && fresh).then_some(step))
        })
    }

    /// The code that is shown at `seconds` since 1970.
    pub fn shown(&self, seconds: i64) -> Option<String> {
        self.code(seconds.div_euclid(STEP))
    }

    /// As programs on phones take it in: `otpauth://totp/…`.
    pub fn uri(&self, node: &str, account: &str) -> String {
        let node: String = node
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect();
        format!("otpauth://totp/{node}:{account}?secret={self}&issuer={node}")
    }

    /// RFC 4226 §5.3.
    fn code(&self, step: i64) -> Option<String> {
        let key = PKey::hmac(&self.0).ok()?;
        let mut mac = [0; 20];
        let mut signer = Signer::new(MessageDigest::sha1(), &key).ok()?;
        signer.sign_oneshot(&mut mac, &step.to_be_bytes()).ok()?;
        let at = usize::from(mac[19] & 0x0f);
        let cut = [mac[at] & 0x7f, mac[at + 1], mac[at + 2], mac[at + 3]];
        let number = u32::from_be_bytes(cut) % 10_u32.pow(DIGITS);
        Some(format!("{number:0width$}", width = DIGITS as usize))
    }
}

fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && openssl::memcmp::eq(one.as_bytes(), other.as_bytes())
}

/// Base32 without padding, as people type it.
impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE32_NOPAD.encode(&self.0))
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let bytes = BASE32_NOPAD.decode(text.as_bytes()).ok();
        let bytes = bytes.filter(|bytes| bytes.len() >= 16);
        bytes
            .map(|bytes| Self(Zeroizing::new(bytes)))
            .ok_or_else(|| serde::de::Error::custom("no secret of one-time codes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rfc() -> Secret {
        Secret(Zeroizing::new(b"12345678901234567890".to_vec()))
    }

    /// RFC 6238, appendix B, the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let vectors = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (seconds, code) in vectors {
            assert_eq!(rfc().shown(seconds).as_deref(), Some(code));
        }
    }

    #[test]
    fn a_code_is_good_around_its_time_and_once() {
        let secret = rfc();
        let code = secret.shown(900).unwrap();
        for near in [870, 900, 929, 930] {
            assert_eq!(secret.step(&code, near, None), Some(30), "{near}");
        }
        assert_eq!(secret.step(&format!(" {code} "), 900, None), Some(30));
        for far in [0, 869, 961] {
            assert_eq!(secret.step(&code, far, None), None, "{far}");
        }
        assert_eq!(secret.step(&code, 905, Some(30)), None, "used before");
        assert_eq!(secret.step("", 900, None), None);
    }

    #[test]
    fn a_phone_is_told_all_it_needs() {
        let uri = rfc().uri("lienthong.example/h99", "an");
        assert_eq!(
            uri,
            "otpauth://totp/lienthong.example%2Fh99:an?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=lienthong.example%2Fh99"
        );
    }
}
