//! Passwords: argon2id (RFC 9106), what is kept of them and how long they are.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::BASE64_NOPAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::clock::Dice;

/// The fewest characters of a password beside a second factor, and without one (TCVN 14423, level 3).
pub const SHORTEST: (usize, usize) = (8, 14);
/// The most bytes that are looked at: whoever sends more is no person.
pub const LONGEST: usize = 1024;

const SALT: usize = 16;
const HASH: usize = 32;
/// Letters that nobody takes for another, for passwords that are made here.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// What is kept of a password: parameters, salt and hash, as PHC strings write them.
#[derive(Clone, PartialEq, Eq)]
pub struct Kept {
    memory: u32,
    passes: u32,
    lanes: u32,
    salt: [u8; SALT],
    hash: [u8; HASH],
}

/// The password could not be hashed: the parameters make no sense, or there is no memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct Unhashed;

/// Nothing of it is printed.
impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

impl Kept {
    /// What is kept of a password that is new: 19 MiB, two passes, one lane (OWASP's first choice below 46 MiB).
    pub fn of(password: &str, dice: &dyn Dice) -> Result<Self, Unhashed> {
        let mut salt = [0; SALT];
        dice.bytes(&mut salt);
        let mut kept = Self {
            memory: Params::DEFAULT_M_COST,
            passes: Params::DEFAULT_T_COST,
            lanes: Params::DEFAULT_P_COST,
            salt,
            hash: [0; HASH],
        };
        kept.hash = *kept.hashed(password)?;
        Ok(kept)
    }

    /// Whether it is of this password; costs as much when it is not. Holds its thread for some 40 ms.
    pub fn fits(&self, password: &str) -> bool {
        let hashed = self.hashed(password);
        hashed.is_ok_and(|hashed| openssl::memcmp::eq(&*hashed, &self.hash))
    }

    fn hashed(&self, password: &str) -> Result<Zeroizing<[u8; HASH]>, Unhashed> {
        let params = Params::new(self.memory, self.passes, self.lanes, Some(HASH)).map_err(|_| Unhashed)?;
        let mut hash = Zeroizing::new([0; HASH]);
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        // Far beyond what a person types, it would only be work.
        let bytes = &password.as_bytes()[..password.len().min(LONGEST)];
        argon
            .hash_password_into(bytes, &self.salt, &mut *hash)
            .map_err(|_| Unhashed)?;
        Ok(hash)
    }

    fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("$argon2id$v=19$m=")?;
        let (memory, rest) = rest.split_once(",t=")?;
        let (passes, rest) = rest.split_once(",p=")?;
        let (lanes, rest) = rest.split_once('$')?;
        let (salt, hash) = rest.split_once('$')?;
        let bytes = |text: &str| BASE64_NOPAD.decode(text.as_bytes()).ok();
        let kept = Self {
            memory: memory.parse().ok()?,
            passes: passes.parse().ok()?,
            lanes: lanes.parse().ok()?,
            salt: bytes(salt)?.try_into().ok()?,
            hash: bytes(hash)?.try_into().ok()?,
        };
        // A file that asks for a gigabyte would end the node at a sign-in.
        (kept.memory <= 1 << 20 && kept.passes <= 16 && kept.lanes <= 16).then_some(kept)
    }
}

/// The PHC string format.
impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            memory,
            passes,
            lanes,
            salt,
            hash,
        } = self;
        let (salt, hash) = (BASE64_NOPAD.encode(salt), BASE64_NOPAD.encode(hash));
        write!(f, "$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${hash}")
    }
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("no argon2id hash"))
    }
}

/// A password for somebody who has none yet: 95 bits, in groups that can be read out.
pub fn made(dice: &dyn Dice) -> Zeroizing<String> {
    let mut password = Zeroizing::new(String::with_capacity(24));
    let mut byte = [0];
    while password.len() < 23 {
        if password.len() % 6 == 5 {
            password.push('-');
            continue;
        }
        dice.bytes(&mut byte);
        // Bytes beyond the last whole round of letters would prefer the first of them.
        let round = 256 / LETTERS.len() * LETTERS.len();
        if usize::from(byte[0]) < round {
            password.push(char::from(LETTERS[usize::from(byte[0]) % LETTERS.len()]));
        }
    }
    password
}

/// Whether a password is long enough, beside a second factor or without one.
pub fn is_long(password: &str, second: bool) -> bool {
    let least = if second { SHORTEST.0 } else { SHORTEST.1 };
    password.chars().count() >= least && password.len() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededDice;

    #[test]
    fn a_password_fits_what_was_kept_of_it_and_no_other_does() {
        let kept = Kept::of("đúng rồi, ngựa pin ghim", &SeededDice::new(7)).unwrap();
        assert_eq!(Kept::parse(&kept.to_string()), Some(kept.clone()));
        assert!(kept.fits("đúng rồi, ngựa pin ghim"));
        for other in ["", "đúng rồi, ngựa pin ghi", "Đúng rồi, ngựa pin ghim"] {
            assert!(!kept.fits(other), "{other}");
        }
        let again = Kept::of("đúng rồi, ngựa pin ghim", &SeededDice::new(8)).unwrap();
        assert_ne!(kept, again, "each has its salt");
    }

    #[test]
    fn other_strings_are_no_hashes() {
        for bad in [
            "",
            "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAA",
            "$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert_eq!(Kept::parse(bad), None, "{bad}");
        }
        let good = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        assert!(Kept::parse(good).is_some_and(|kept| !kept.fits("password")));
    }

    #[test]
    fn made_passwords_are_long_and_differ() {
        let dice = SeededDice::new(3);
        let (one, other) = (made(&dice), made(&dice));
        assert!(is_long(&one, false) && one.len() == 23 && *one != *other);
        assert!(is_long("12345678", true) && !is_long("12345678", false) && !is_long("1234567", true));
    }
}
