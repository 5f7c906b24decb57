//! The MAC of the headers (§2): every parameter of a call is a header, all of them are one JSON text, and the text is sent
//! beside its HMAC. Whoever receives it checks both: the MAC over the text, and every header against the text.

use data_encoding::HEXLOWER;
use serde_json::{Map, Value};
use wire::time::wall;

use crate::moment::Day;

/// What the names of all covered headers begin with.
pub const PREFIX: &str = "XroadVnpt-";
const KEYS: &str = "sign-header-key";
const TEXT: &str = "sign-header";
const HASH: &str = "hash-header";
/// Sent besides and not covered.
pub(crate) const VERSION: &str = "version";
/// Members that every call has, and the one that binds a packet to its call.
pub(crate) const TIMESTAMP: &str = "timestamp";
pub(crate) const SYSTEM: &str = "systemid";
pub(crate) const FILE: &str = "hash-file";

/// HMAC-SHA256 (RFC 2104) of a message under a key, lent by whoever has a cryptography.
pub type Hmac = fn(key: &[u8], message: &[u8]) -> [u8; 32];

/// A moment as the headers say it, `ddMMyyyy'T'HHmmss+SSSS` in Viet Nam's wall time (guess: the sender's zone): the four
/// digits after the sign are milliseconds, not a zone. It is made anew for each call.
#[must_use]
pub fn stamp(ms: i64) -> Option<String> {
    let wall = wall(ms.div_euclid(1_000) * 1_000)?;
    let (day, time) = wall.split_once('T').unwrap_or((&wall, "00:00:00"));
    let parts: Vec<&str> = day.split('-').rev().collect();
    Some(format!(
        "{}T{}+{:04}",
        parts.concat(),
        time.replace(':', ""),
        ms.rem_euclid(1_000)
    ))
}

/// The moment that a stamp says, ms since 1970.
#[must_use]
pub fn stamped(text: &str) -> Option<i64> {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (seconds, ms) = text.split_once('+')?;
    let (day, time) = seconds.split_once('T')?;
    let whole = (day.len(), time.len(), ms.len()) == (8, 6, 4) && [day, time, ms].into_iter().all(digits);
    whole.then_some(())?;
    let day = Day::read(&format!("{}/{}/{}", &day[..2], &day[2..4], &day[4..]))?;
    let text = format!("{day}T{}:{}:{}", &time[..2], &time[2..4], &time[4..]).replace('/', "-");
    let ms: i64 = ms.parse().ok().filter(|ms| *ms < 1_000)?;
    Some(wire::time::moment(&text)? + ms)
}

/// The headers of a call: the parameters in their order, and what signs them.
pub(crate) fn signed(parameters: &[(String, String)], secret: &str, hmac: Hmac) -> Vec<(String, String)> {
    let mut text = Map::new();
    let mut headers = Vec::with_capacity(parameters.len() + 3);
    for (name, value) in parameters {
        let name = format!("{PREFIX}{name}");
        text.insert(name.clone(), Value::String(value.clone()));
        headers.push((name, value.clone()));
    }
    let text = Value::Object(text).to_string();
    let names: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    let hash = HEXLOWER.encode(&hmac(secret.as_bytes(), text.as_bytes()));
    for (name, value) in [(KEYS, names.join(";")), (TEXT, text), (HASH, hash)] {
        headers.push((format!("{PREFIX}{name}"), value));
    }
    headers
}

/// By what the headers of a call that comes in are checked.
#[derive(Clone, Copy)]
pub struct Check<'a> {
    /// The secret that is shared with its sender.
    pub secret: &'a str,
    /// HMAC-SHA256.
    pub hmac: Hmac,
    /// SHA-256 of the packet that came with the call, where one did: the headers must cover it.
    pub file: Option<[u8; 32]>,
    /// Now, ms since 1970.
    pub now: i64,
    /// How far the sender's clock may be from ours, ms.
    pub skew: i64,
}

/// Headers that were checked: nothing else of the call's headers is covered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Who sent it.
    pub system: String,
    /// When it says it was made, ms since 1970. Whoever takes calls remembers those of the last [`Check::skew`], or takes one
    /// again that somebody kept.
    pub at: i64,
    /// All covered parameters, without the prefix, in the order of the text.
    pub parameters: Vec<(String, String)>,
}

impl Checked {
    /// The value of a covered parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self
            .parameters
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(&found.1)
    }
}

/// Why headers are not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// One of the three that sign, or a parameter that every call has, is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A header stands there twice: nobody can say which is meant.
    #[error("a header stands there twice")]
    Twice,
    /// The MAC is another.
    #[error("the MAC is another")]
    Mac,
    /// The text is no JSON object of texts, or one of its names has not the prefix.
    #[error("the signed text is not of its form")]
    Form,
    /// The list of names is not that of the text.
    #[error("the list of names is not that of the signed text")]
    Names,
    /// A header is not what the text says of it, or is not there.
    #[error("a header is not what the signed text says")]
    Differs,
    /// A header with the prefix stands there that the text does not cover.
    #[error("a header is not covered")]
    Uncovered,
    /// The time is none, or too far from ours.
    #[error("the time is none, or too far from ours")]
    Clock,
    /// The packet is not the one that the headers cover.
    #[error("the packet is not the one that the headers cover")]
    File,
}

/// Checks the headers of a call that came in: the MAC over the text, then every member of it against the header of its name,
/// and every header against the text, since headers could be changed or added under a text that is true (inferred, §2).
/// Names of headers compare without case, as HTTP has them.
///
/// # Errors
/// [`Rejected`] says what is wrong; nothing of the call may be used then.
pub fn verify_headers(headers: &[(String, String)], check: &Check<'_>) -> Result<Checked, Rejected> {
    let headers = Headers(headers);
    let (text, hash) = (headers.one(TEXT)?, headers.one(HASH)?);
    let hash = HEXLOWER.decode(hash.as_bytes()).map_err(|_| Rejected::Mac)?;
    if !same(&hash, &(check.hmac)(check.secret.as_bytes(), text.as_bytes())) {
        return Err(Rejected::Mac);
    }
    let parameters = members(text)?;
    let named: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    let mut listed: Vec<&str> = headers.one(KEYS)?.split(';').collect();
    let mut covered = named.clone();
    listed.sort_unstable();
    covered.sort_unstable();
    if listed != covered {
        return Err(Rejected::Names);
    }
    for (name, value) in &parameters {
        let sent = headers.find(name)?.ok_or(Rejected::Differs)?;
        if sent != value {
            return Err(Rejected::Differs);
        }
    }
    headers.covered(&named)?;
    let checked = |name| {
        parameters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
    };
    let system = checked(SYSTEM).ok_or(Rejected::Missing(SYSTEM))?;
    let at = checked(TIMESTAMP).ok_or(Rejected::Missing(TIMESTAMP))?;
    let at = stamped(&at).ok_or(Rejected::Clock)?;
    if check.now.abs_diff(at) > check.skew.unsigned_abs() {
        return Err(Rejected::Clock);
    }
    if let Some(file) = check.file {
        let hash = checked(FILE).ok_or(Rejected::Missing(FILE))?;
        let hash = HEXLOWER.decode(hash.as_bytes()).map_err(|_| Rejected::File)?;
        same(&hash, &file).then_some(()).ok_or(Rejected::File)?;
    }
    Ok(Checked {
        system,
        at,
        parameters,
    })
}

/// The members of the text, without the prefix: texts, each name once.
fn members(text: &str) -> Result<Vec<(String, String)>, Rejected> {
    let document = wire::document::read(text).ok_or(Rejected::Form)?;
    let members = document.as_object().ok_or(Rejected::Form)?;
    let member = |(name, value): (&String, &Value)| {
        let name = unprefixed(name)?;
        Some((name.to_owned(), value.as_str()?.to_owned()))
    };
    members
        .iter()
        .map(member)
        .collect::<Option<_>>()
        .ok_or(Rejected::Form)
}

fn unprefixed(name: &str) -> Option<&str> {
    let (start, rest) = (name.get(..PREFIX.len())?, name.get(PREFIX.len()..)?);
    start.eq_ignore_ascii_case(PREFIX).then_some(rest)
}

/// Whether two are the same, in a time that does not tell where they differ.
fn same(one: &[u8], other: &[u8]) -> bool {
    let differs = one
        .iter()
        .zip(other)
        .fold(0, |differs, (one, other)| differs | (one ^ other));
    one.len() == other.len() && std::hint::black_box(differs) == 0
}

/// The headers of a call as they came.
struct Headers<'a>(&'a [(String, String)]);

impl<'a> Headers<'a> {
    /// The header of that name after the prefix, where there is one and only one.
    fn find(&self, name: &str) -> Result<Option<&'a str>, Rejected> {
        let mut found = self
            .0
            .iter()
            .filter(|(key, _)| unprefixed(key).is_some_and(|key| key.eq_ignore_ascii_case(name)));
        let first = found.next();
        if found.next().is_some() {
            return Err(Rejected::Twice);
        }
        Ok(first.map(|(_, value)| value.as_str()))
    }

    fn one(&self, name: &'static str) -> Result<&'a str, Rejected> {
        self.find(name)?.ok_or(Rejected::Missing(name))
    }

    /// Whether no header with the prefix stands beside those of these names.
    fn covered(&self, names: &[&str]) -> Result<(), Rejected> {
        let own = [KEYS, TEXT, HASH, VERSION];
        let known = |key: &str| own.iter().chain(names).any(|name| key.eq_ignore_ascii_case(name));
        let stray = self
            .0
            .iter()
            .filter_map(|(key, _)| unprefixed(key))
            .any(|key| !known(key));
        if stray { Err(Rejected::Uncovered) } else { Ok(()) }
    }
}
