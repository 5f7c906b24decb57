//! What one leaf says. A *body* is staged with the change it tells of; a receipt commits to the body's digest before the
//! leaf has its place. No personal data: dossier and subject are blinded, contents are committed to with a salt.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Write};

use data_encoding::BASE64;

use crate::evidence::blind::Blind;
use crate::evidence::day::{self, Day};
use crate::evidence::hash::{self, Hash};

mod read;

pub use read::{Entry, LeafError, Seen};

/// The version of the body's form.
pub const VERSION: u32 = 1;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A dossier, a step or a file was accepted from a system.
    Accepted,
    /// A draft dossier was opened, whose number is the purpose of look-ups.
    Drafted,
    /// A look-up of what the state already holds is about to be made.
    Asked,
    /// A look-up ended, with or without an answer.
    Answered,
    /// Facts of a dossier were taken from, or held against, what the state already holds.
    Reused,
    /// A message was translated, signed and put in the outbox.
    Queued,
    /// A message is about to be sent.
    Attempted,
    /// An attempt ended with a verdict.
    Settled,
    /// The partner was asked what it knows of an unclear exchange.
    Probed,
    /// An exchange stopped and waits for a named owner.
    Parked,
    /// A person said how a parked exchange ended.
    Released,
    /// A person sent an exchange on its way again.
    Reopened,
    /// A partner's callback came in.
    Received,
    /// A partner's decision was put on the dossier.
    Applied,
    /// The provincial system was told.
    Notified,
    /// A person opened sealed data.
    Opened,
    /// Sealed data was erased for good.
    Erased,
    /// The map of heads was worked out: see [`map`](crate::evidence::map).
    Mapped,
    /// The gateway stated its own books: see [`statement`](crate::evidence::statement).
    Statement,
}

impl Kind {
    /// Every kind, in the order of a dossier's life.
    pub const ALL: [Self; 19] = [
        Self::Accepted,
        Self::Drafted,
        Self::Asked,
        Self::Answered,
        Self::Reused,
        Self::Queued,
        Self::Attempted,
        Self::Settled,
        Self::Probed,
        Self::Parked,
        Self::Released,
        Self::Reopened,
        Self::Received,
        Self::Applied,
        Self::Notified,
        Self::Opened,
        Self::Erased,
        Self::Mapped,
        Self::Statement,
    ];

    /// Whether leaves of this kind stand on their day's chain. What the log says of itself does not: a day would never be quiet, and
    /// the map could not speak of its own leaf.
    pub const fn has_day(self) -> bool {
        !matches!(self, Self::Mapped | Self::Statement)
    }

    /// The word in the leaf.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Drafted => "drafted",
            Self::Asked => "asked",
            Self::Answered => "answered",
            Self::Reused => "reused",
            Self::Queued => "queued",
            Self::Attempted => "attempted",
            Self::Settled => "settled",
            Self::Probed => "probed",
            Self::Parked => "parked",
            Self::Released => "released",
            Self::Reopened => "reopened",
            Self::Received => "received",
            Self::Applied => "applied",
            Self::Notified => "notified",
            Self::Opened => "opened",
            Self::Erased => "erased",
            Self::Mapped => "mapped",
            Self::Statement => "statement",
        }
    }

    /// The kind of a word.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A chain of leaves; every leaf names the one before it in each chain it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chain {
    /// All that happened to one dossier.
    Dossier(Blind),
    /// All that went to and came from one partner.
    Partner(String),
    /// All that happened on one day, in Viet Nam.
    Day(Day),
    /// All that concerned one subject.
    Subject(Blind),
}

impl Chain {
    /// Reads a chain as it is written.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, about) = text.split_once('/')?;
        match name {
            "dossier" => Blind::parse(about).map(Self::Dossier),
            "partner" => Some(Self::Partner(about.to_owned())),
            "day" => Day::parse(about).map(Self::Day),
            "subject" => Blind::parse(about).map(Self::Subject),
            _ => None,
        }
    }

    /// The chain's kind, as the links of an entry name it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Dossier(_) => "dossier",
            Self::Partner(_) => "partner",
            Self::Day(_) => "day",
            Self::Subject(_) => "subject",
        }
    }
}

/// `dossier/<hex>`, `partner/<name>`, `day/<yyyy-MM-dd>`, `subject/<hex>`: one text per chain, good as a key.
impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        match self {
            Self::Dossier(blind) | Self::Subject(blind) => write!(f, "{name}/{blind}"),
            Self::Partner(partner) => write!(f, "{name}/{partner}"),
            Self::Day(day) => write!(f, "{name}/{day}"),
        }
    }
}

/// The newest leaf of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its index in the log.
    pub index: u64,
    /// Its leaf hash.
    pub hash: Hash,
}

/// What a leaf is to say, before it is staged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What happened.
    pub kind: Kind,
    /// When, in milliseconds since 1970, UTC. The day follows from it.
    pub at: i64,
    /// The dossier, blinded.
    pub dossier: Option<Blind>,
    /// Whom it concerns, blinded.
    pub subject: Option<Blind>,
    /// The partner's short name.
    pub partner: Option<String>,
    /// The exchange's id.
    pub exchange: Option<String>,
    /// The salted [`commitment`](crate::evidence::blind::commitment) to the bytes it is about.
    pub commit: Option<Hash>,
    /// What else is worth knowing and is about nobody: operation, verdict, attempt, mapping.
    pub facts: BTreeMap<Cow<'static, str>, String>,
}

impl Draft {
    /// A draft that says only what and when.
    pub fn new(kind: Kind, at: i64) -> Self {
        Self {
            kind,
            at,
            dossier: None,
            subject: None,
            partner: None,
            exchange: None,
            commit: None,
            facts: BTreeMap::new(),
        }
    }

    /// Adds a fact, or replaces it. Never a value that is about a person.
    pub fn fact(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.facts.insert(Cow::Borrowed(name), value.into());
        self
    }

    /// The day in Viet Nam.
    pub const fn day(&self) -> Day {
        Day::of(self.at)
    }

    /// The canonical bytes: keys in this order, absent ones left out, facts by name, no spaces.
    pub fn body(&self) -> Vec<u8> {
        let mut body = String::with_capacity(512);
        // Writing into a String cannot fail.
        let _ = write!(
            body,
            r#"{{"v":{VERSION},"kind":"{}","at":"{}""#,
            self.kind.name(),
            day::rfc3339(self.at)
        );
        let _ = write!(body, r#","day":"{}""#, self.day());
        if let Some(dossier) = self.dossier {
            let _ = write!(body, r#","dossier":"{dossier}""#);
        }
        if let Some(subject) = self.subject {
            let _ = write!(body, r#","subject":"{subject}""#);
        }
        if let Some(partner) = &self.partner {
            body.push_str(r#","partner":"#);
            quote(&mut body, partner);
        }
        if let Some(exchange) = &self.exchange {
            body.push_str(r#","exchange":"#);
            quote(&mut body, exchange);
        }
        if let Some(commit) = &self.commit {
            body.push_str(r#","commit":""#);
            BASE64.encode_append(commit, &mut body);
            body.push('"');
        }
        write_facts(&mut body, &self.facts);
        body.push('}');
        body.into_bytes()
    }

    /// The chains this leaf belongs to, in the order of the links.
    pub fn chains(&self) -> Vec<Chain> {
        let mut chains = Vec::with_capacity(4);
        chains.extend(self.dossier.map(Chain::Dossier));
        chains.extend(self.partner.clone().map(Chain::Partner));
        chains.extend(self.kind.has_day().then(|| Chain::Day(self.day())));
        chains.extend(self.subject.map(Chain::Subject));
        chains
    }

    /// Body and chains together: all that the sequencer needs.
    pub fn stage(&self) -> Staged {
        Staged {
            body: self.body(),
            chains: self.chains(),
        }
    }
}

/// A leaf that waits for its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    /// The canonical bytes of the draft.
    pub body: Vec<u8>,
    /// The chains it belongs to, in the order of the links.
    pub chains: Vec<Chain>,
}

impl Staged {
    /// Reads a staged body again, for instance after a restart.
    pub fn read(body: Vec<u8>) -> Result<Self, LeafError> {
        let chains = Draft::read(&body)?.chains();
        Ok(Self { body, chains })
    }
}

/// What a receipt commits to.
pub fn body_digest(body: &[u8]) -> Hash {
    hash::digest(&[body])
}

/// Writes an entry, the data of the Merkle leaf: the body, its index, and for each chain the leaf before it, or null at the
/// chain's beginning.
pub fn entry(body: &[u8], index: u64, links: &[(Chain, Option<Head>)]) -> Vec<u8> {
    let mut text = String::with_capacity(48 + links.len() * 80);
    let _ = write!(text, r#","links":{{"index":{index}"#);
    for (chain, head) in links {
        let name = chain.name();
        match head {
            None => {
                let _ = write!(text, r#","{name}":null"#);
            }
            Some(head) => {
                let _ = write!(text, r#","{name}":[{},""#, head.index);
                BASE64.encode_append(&head.hash, &mut text);
                text.push_str(r#""]"#);
            }
        }
    }
    text.push_str("}}");
    [br#"{"body":"#, body, text.as_bytes()].concat()
}

fn write_facts(body: &mut String, facts: &BTreeMap<Cow<'static, str>, String>) {
    let mut before = r#","facts":{"#;
    for (name, value) in facts {
        body.push_str(before);
        quote(body, name);
        body.push(':');
        quote(body, value);
        before = ",";
    }
    if !facts.is_empty() {
        body.push('}');
    }
}

/// A JSON string as RFC 8785 §3.2.2.2 writes it: the short escapes where there are some, nothing else escaped.
fn quote(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(place) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
        let (plain, special) = rest.split_at(place);
        out.push_str(plain);
        escape(out, special.as_bytes()[0]);
        rest = &special[1..];
    }
    out.push_str(rest);
    out.push('"');
}

fn escape(out: &mut String, byte: u8) {
    match byte {
        b'"' => out.push_str("\\\""),
        b'\\' => out.push_str("\\\\"),
        0x08 => out.push_str("\\b"),
        b'\t' => out.push_str("\\t"),
        b'\n' => out.push_str("\\n"),
        0x0c => out.push_str("\\f"),
        b'\r' => out.push_str("\\r"),
        other => {
            let _ = write!(out, "\\u{other:04x}");
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn draft(kind: Kind, dossier: u8, partner: &str) -> Draft {
        let mut draft = Draft::new(kind, 1_795_458_235_123).fact("operation", "create");
        draft.dossier = Some(Blind([dossier; 16]));
        draft.partner = Some(partner.to_owned());
        draft
    }

    fn any_draft() -> impl Strategy<Value = Draft> {
        let blind = || proptest::option::of(any::<[u8; 16]>().prop_map(Blind));
        let facts =
            proptest::collection::btree_map(any::<String>().prop_map(Cow::Owned), any::<String>(), 0..4);
        let about = (
            blind(),
            blind(),
            any::<Option<String>>(),
            any::<Option<String>>(),
            any::<Option<Hash>>(),
        );
        (
            0..Kind::ALL.len(),
            -60_000_000_000_000..250_000_000_000_000_i64,
            about,
            facts,
        )
            .prop_map(
                |(kind, at, (dossier, subject, partner, exchange, commit), facts)| Draft {
                    kind: Kind::ALL[kind],
                    at,
                    dossier,
                    subject,
                    partner,
                    exchange,
                    commit,
                    facts,
                },
            )
    }

    #[test]
    fn a_body_byte_for_byte() {
        let mut draft = draft(Kind::Settled, 1, "portal").fact("attempt", "2");
        draft.commit = Some([0; 32]);
        let expected = concat!(
            r#"{"v":1,"kind":"settled","at":"2026-11-23T18:23:55.123Z","day":"2026-11-24","#,
            r#""dossier":"01010101010101010101010101010101","partner":"portal","#,
            r#""commit":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","#,
            r#""facts":{"attempt":"2","operation":"create"}}"#,
        );
        assert_eq!(String::from_utf8(draft.body()).unwrap(), expected);
    }

    #[test]
    fn every_kind_is_read_as_it_is_written() {
        assert!(
            Kind::ALL
                .into_iter()
                .all(|kind| Kind::named(kind.name()) == Some(kind))
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(draft in any_draft(), index in 0..1_u64 << 53) {
            let body = draft.body();
            let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
            prop_assert_eq!(json["kind"].as_str(), Some(draft.kind.name()));
            prop_assert_eq!(Draft::read(&body).unwrap(), draft.clone());
            let links: Vec<_> = draft.chains().into_iter().zip([Some(Head { index: 3, hash: [7; 32] }), None, None, None]).collect();
            let entry = Entry::read(&entry(&body, index, &links)).unwrap();
            prop_assert_eq!(entry, Entry { draft, body, index, links });
        }
    }
}
