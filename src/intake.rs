//! Accept a dossier: a known system, the right token, a usable key, not somebody else's; and the receipt it gets.

use std::collections::HashMap;

use serde::Serialize;

use crate::evidence::hash;
use crate::model::SignerError;
use crate::signing::jws::Jws;

/// A provincial system that may push dossiers.
#[derive(Clone, Debug)]
pub struct System {
    /// Its name in routes and configuration.
    pub name: String,
    /// The mapping of its dossiers.
    pub mapping: String,
    /// Its site, for code lists that differ by site.
    pub site: String,
    /// What the address of a file begins with that it names only by a reference.
    pub files: Option<String>,
    /// The partner that must know its dossiers.
    pub partner: String,
    /// What it is known by.
    pub keys: Keys,
}

/// What a caller is known by: several of a kind while one replaces another.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// SHA-256 of each token it may show.
    pub tokens: Vec<[u8; 32]>,
    /// SHA-256 of each certificate that its connection may show (DER).
    pub certificates: Vec<[u8; 32]>,
}

/// What a call shows of itself.
#[derive(Clone, Copy, Default)]
pub struct Shown<'a> {
    /// The bearer token.
    pub token: Option<&'a str>,
    /// SHA-256 of the certificate of its connection, which somebody whom we believe vouched for.
    pub certificate: Option<[u8; 32]>,
}

/// Who called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A provincial system.
    System(String),
    /// An operator of this gateway.
    Operator(String),
}

/// The provincial systems and the operators, and the tokens they are known by.
#[derive(Clone, Debug, Default)]
pub struct Systems {
    systems: HashMap<String, System>,
    operators: Vec<(String, Keys)>,
}

/// Why a call was turned away before its body was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Neither a token nor a certificate was shown.
    #[error("neither a token nor a certificate was shown")]
    NoToken,
    /// What was shown is nobody's, or two callers'.
    #[error("what was shown is nobody's, or two callers'")]
    WrongToken,
    /// The token is another system's.
    #[error("the token is another system's")]
    OtherSystem,
    /// There is no such system.
    #[error("there is no such system")]
    UnknownSystem,
}

/// The longest idempotency key.
pub const LONGEST_KEY: usize = 200;

/// A key that cannot be kept: empty, too long, or with characters that do not print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key has 1 to {LONGEST_KEY} printable ASCII characters")]
pub struct BadKey;

impl Systems {
    /// These systems and operators.
    pub fn new(systems: Vec<System>, operators: Vec<(String, Keys)>) -> Self {
        let systems = systems
            .into_iter()
            .map(|system| (system.name.clone(), system))
            .collect();
        Self { systems, operators }
    }

    /// Who calls. Both that are shown must be the same caller's; compared in constant time, against every known one.
    pub fn caller(&self, shown: Shown<'_>) -> Result<Caller, Denied> {
        let token = shown.token.map(|token| hash::digest(&[token.as_bytes()]));
        let by_token = token.map(|token| self.known(&token, |keys| &keys.tokens));
        let by_certificate = shown
            .certificate
            .map(|certificate| self.known(&certificate, |keys| &keys.certificates));
        match (by_token, by_certificate) {
            (None, None) => Err(Denied::NoToken),
            (Some(caller), None) => caller.ok_or(Denied::WrongToken),
            // A certificate that is nobody's here may be a proxy's, or one that every caller of a network has.
            (Some(caller), Some(None)) => caller.ok_or(Denied::WrongToken),
            (None, Some(caller)) => caller.ok_or(Denied::WrongToken),
            (Some(one), Some(other)) if one == other => one.ok_or(Denied::WrongToken),
            (Some(_), Some(_)) => Err(Denied::WrongToken),
        }
    }

    fn known(&self, shown: &[u8; 32], of: impl Fn(&Keys) -> &Vec<[u8; 32]>) -> Option<Caller> {
        let systems = self
            .systems
            .values()
            .map(|system| (&system.keys, &system.name, true));
        let operators = self.operators.iter().map(|(name, keys)| (keys, name, false));
        let known = systems
            .chain(operators)
            .fold(None, |found, (keys, name, is_system)| {
                let is_it = holds(of(keys), shown);
                found.or(is_it.then_some((name, is_system)))
            });
        known.map(|(name, is_system)| {
            let caller = if is_system {
                Caller::System
            } else {
                Caller::Operator
            };
            caller(name.clone())
        })
    }

    /// The system named in a route, if this caller may write there. A stranger does not learn which names exist.
    pub fn writer(&self, name: &str, shown: Shown<'_>) -> Result<&System, Denied> {
        let caller = self.caller(shown)?;
        let system = self.systems.get(name).ok_or(Denied::UnknownSystem)?;
        match caller {
            Caller::System(own) if own == system.name => Ok(system),
            Caller::System(_) | Caller::Operator(_) => Err(Denied::OtherSystem),
        }
    }

    /// The names of all systems, in order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.systems.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// A system by its name.
    pub fn named(&self, name: &str) -> Option<&System> {
        self.systems.get(name)
    }
}

fn holds(tokens: &[[u8; 32]], shown: &[u8; 32]) -> bool {
    tokens
        .iter()
        .fold(false, |found, known| found | hash::same(known, shown))
}

/// Checks an idempotency key.
pub fn key(text: &str) -> Result<&str, BadKey> {
    let printable = text.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
    if text.is_empty() || text.len() > LONGEST_KEY || !printable {
        Err(BadKey)
    } else {
        Ok(text)
    }
}

/// What a receipt says. It commits to the body of the log's leaf, never to an index: the leaf has none yet.
#[derive(Clone, Debug, Serialize)]
pub struct Receipt<'a> {
    /// The dossier's number.
    pub number: &'a str,
    /// The system that filed it.
    pub system: &'a str,
    /// When it was accepted, RFC 3339.
    pub accepted_at: String,
    /// `sha-256:` and the hex digest of the body as filed.
    pub digest: String,
    /// `sha-256:` and the hex digest of the body of the log's leaf.
    pub leaf: String,
    /// The log that holds the leaf.
    pub log: &'a str,
    /// The mapping that read it, as `name@version`.
    pub mapping: &'a str,
}

impl Receipt<'_> {
    /// The receipt's bytes: its members, and `signature`, a compact JWS whose payload is exactly the JSON of those
    /// members in this order.
    pub fn sign(&self, jws: &Jws) -> Result<Vec<u8>, SignerError> {
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        let signature = jws.compact(&bytes)?;
        // The closing brace gives way to one member more.
        bytes.pop();
        bytes.extend_from_slice(b",\"signature\":\"");
        bytes.extend_from_slice(signature.as_bytes());
        bytes.extend_from_slice(b"\"}");
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn systems() -> Systems {
        let system = |name: &str, token: &str, certificate: u8| System {
            name: name.to_owned(),
            mapping: "local/opencps".to_owned(),
            site: "default".to_owned(),
            files: None,
            partner: "portal".to_owned(),
            keys: Keys {
                tokens: vec![hash::digest(&[b"older"]), hash::digest(&[token.as_bytes()])],
                certificates: vec![[certificate; 32]],
            },
        };
        let hand = Keys {
            tokens: vec![hash::digest(&[b"hand"])],
            certificates: Vec::new(),
        };
        Systems::new(
            vec![system("a", "token-a", 1), system("b", "token-b", 2)],
            vec![("op".into(), hand)],
        )
    }

    fn token(token: &str) -> Shown<'_> {
        Shown {
            token: Some(token),
            certificate: None,
        }
    }

    fn certificate(certificate: u8) -> Shown<'static> {
        Shown {
            token: None,
            certificate: Some([certificate; 32]),
        }
    }

    #[test]
    fn a_token_writes_only_in_its_own_system() {
        let systems = systems();
        let writes = |name, shown| systems.writer(name, shown).map(|system| system.name.clone());
        assert_eq!(writes("a", token("token-a")), Ok("a".to_owned()));
        assert_eq!(writes("a", token("token-b")), Err(Denied::OtherSystem));
        assert_eq!(writes("a", token("hand")), Err(Denied::OtherSystem));
        assert_eq!(writes("c", token("token-a")), Err(Denied::UnknownSystem));
        let stranger = writes("c", token("wrong"));
        assert_eq!(stranger, Err(Denied::WrongToken), "a stranger learns no names");
        assert_eq!(writes("a", Shown::default()), Err(Denied::NoToken));
    }

    #[test]
    fn a_certificate_is_as_good_as_a_token_and_both_are_the_same_callers() {
        let systems = systems();
        let a = Ok(Caller::System("a".to_owned()));
        assert_eq!(systems.caller(certificate(1)), a);
        assert_eq!(systems.caller(certificate(9)), Err(Denied::WrongToken));
        let both = |one, other| {
            systems.caller(Shown {
                token: Some(one),
                certificate: Some([other; 32]),
            })
        };
        assert_eq!(both("token-a", 1), a);
        assert_eq!(both("token-a", 2), Err(Denied::WrongToken));
        assert_eq!(both("wrong", 1), Err(Denied::WrongToken));
        // One that every caller of a network shows, and that stands for nobody here.
        assert_eq!(both("token-a", 9), a);
    }

    #[test]
    fn keys_are_short_and_printable() {
        assert_eq!(key("a-1"), Ok("a-1"));
        for bad in ["", "a b", "ế", "a\n", &"x".repeat(201)] {
            assert_eq!(key(bad), Err(BadKey));
        }
    }
}
