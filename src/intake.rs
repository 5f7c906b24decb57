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
    /// SHA-256 of each token it may show (several while one replaces another).
    pub tokens: Vec<[u8; 32]>,
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
    operators: Vec<(String, [u8; 32])>,
}

/// Why a call was turned away before its body was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No token was shown.
    #[error("no token was shown")]
    NoToken,
    /// The token is nobody's.
    #[error("the token is nobody's")]
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
    /// These systems and operators (name and SHA-256 of the token).
    pub fn new(systems: Vec<System>, operators: Vec<(String, [u8; 32])>) -> Self {
        let systems = systems
            .into_iter()
            .map(|system| (system.name.clone(), system))
            .collect();
        Self { systems, operators }
    }

    /// Who shows this token. Compared in constant time, against every known one.
    pub fn caller(&self, token: Option<&str>) -> Result<Caller, Denied> {
        let shown = hash::digest(&[token.ok_or(Denied::NoToken)?.as_bytes()]);
        let systems = self
            .systems
            .values()
            .filter(|system| holds(&system.tokens, &shown));
        let operators = self
            .operators
            .iter()
            .filter(|(_, known)| hash::same(known, &shown));
        systems
            .map(|system| Caller::System(system.name.clone()))
            .chain(operators.map(|(name, _)| Caller::Operator(name.clone())))
            .next()
            .ok_or(Denied::WrongToken)
    }

    /// The system named in a route, if this token may write there. A stranger does not learn which names exist.
    pub fn writer(&self, name: &str, token: Option<&str>) -> Result<&System, Denied> {
        let caller = self.caller(token)?;
        let system = self.systems.get(name).ok_or(Denied::UnknownSystem)?;
        match caller {
            Caller::System(own) if own == system.name => Ok(system),
            Caller::System(_) | Caller::Operator(_) => Err(Denied::OtherSystem),
        }
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
        let system = |name: &str, token: &str| System {
            name: name.to_owned(),
            mapping: "local/opencps".to_owned(),
            site: "default".to_owned(),
            files: None,
            partner: "portal".to_owned(),
            tokens: vec![hash::digest(&[b"older"]), hash::digest(&[token.as_bytes()])],
        };
        Systems::new(
            vec![system("a", "token-a"), system("b", "token-b")],
            vec![("op".into(), hash::digest(&[b"hand"]))],
        )
    }

    #[test]
    fn a_token_writes_only_in_its_own_system() {
        let systems = systems();
        assert_eq!(
            systems.writer("a", Some("token-a")).map(|s| s.name.clone()),
            Ok("a".to_owned())
        );
        assert_eq!(
            systems.writer("a", Some("token-b")).err(),
            Some(Denied::OtherSystem)
        );
        assert_eq!(systems.writer("a", Some("hand")).err(), Some(Denied::OtherSystem));
        assert_eq!(
            systems.writer("c", Some("token-a")).err(),
            Some(Denied::UnknownSystem)
        );
        assert_eq!(
            systems.writer("c", Some("wrong")).err(),
            Some(Denied::WrongToken),
            "a stranger learns no names"
        );
        assert_eq!(systems.writer("a", None).err(), Some(Denied::NoToken));
    }

    #[test]
    fn keys_are_short_and_printable() {
        assert_eq!(key("a-1"), Ok("a-1"));
        for bad in ["", "a b", "ế", "a\n", &"x".repeat(201)] {
            assert_eq!(key(bad), Err(BadKey));
        }
    }
}
