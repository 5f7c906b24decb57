//! Reads leaves back, and only in their one canonical form: other bytes with the same meaning are not this log's.

use std::borrow::Cow;
use std::collections::BTreeMap;

use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::evidence::blind::Blind;
use crate::evidence::hash::Hash;
use crate::evidence::leaf::{self, Chain, Draft, Head, Kind, VERSION};

/// Why bytes are not a leaf.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// Not the JSON a leaf is.
    #[error("the leaf is not the JSON it must be")]
    Json,
    /// A version this program does not know.
    #[error("the leaf is of version {0}; this program reads version {VERSION}")]
    Version(u32),
    /// A member whose value cannot be.
    #[error("the leaf's `{0}` cannot be read")]
    Member(&'static str),
    /// The same meaning in other bytes.
    #[error("the leaf is not in its canonical form")]
    Form,
}

/// A leaf with its place and its links, as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it says.
    pub draft: Draft,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// Its index, as it says itself.
    pub index: u64,
    /// For each of its chains, in order, the leaf before it.
    pub links: Vec<(Chain, Option<Head>)>,
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BodyText<'a> {
    #[expect(
        dead_code,
        reason = "read before as Version; named here because unknown members are refused"
    )]
    v: u32,
    kind: &'a str,
    at: &'a str,
    #[expect(dead_code, reason = "follows from `at`; the canonical form holds it to that")]
    day: &'a str,
    dossier: Option<&'a str>,
    subject: Option<&'a str>,
    partner: Option<String>,
    exchange: Option<String>,
    commit: Option<&'a str>,
    #[serde(default)]
    facts: BTreeMap<Cow<'static, str>, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryText<'a> {
    #[serde(borrow)]
    body: &'a RawValue,
    #[serde(borrow)]
    links: LinksText<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinksText<'a> {
    index: u64,
    #[serde(borrow)]
    dossier: Option<(u64, &'a str)>,
    #[serde(borrow)]
    partner: Option<(u64, &'a str)>,
    #[serde(borrow)]
    day: Option<(u64, &'a str)>,
    #[serde(borrow)]
    subject: Option<(u64, &'a str)>,
}

impl Draft {
    /// Reads a body; refuses every form but the canonical one.
    pub fn read(body: &[u8]) -> Result<Self, LeafError> {
        let version: Version = serde_json::from_slice(body).map_err(|_| LeafError::Json)?;
        if version.v != VERSION {
            return Err(LeafError::Version(version.v));
        }
        let text: BodyText<'_> = serde_json::from_slice(body).map_err(|_| LeafError::Json)?;
        let draft = Self {
            kind: Kind::named(text.kind).ok_or(LeafError::Member("kind"))?,
            at: text
                .at
                .parse::<jiff::Timestamp>()
                .map_err(|_| LeafError::Member("at"))?
                .as_millisecond(),
            dossier: blind(text.dossier, "dossier")?,
            subject: blind(text.subject, "subject")?,
            partner: text.partner,
            exchange: text.exchange,
            commit: text.commit.map(|text| hash(text, "commit")).transpose()?,
            facts: text.facts,
        };
        if draft.body() == body {
            Ok(draft)
        } else {
            Err(LeafError::Form)
        }
    }
}

impl Entry {
    /// Reads an entry; refuses every form but the canonical one.
    pub fn read(bytes: &[u8]) -> Result<Self, LeafError> {
        let text: EntryText<'_> = serde_json::from_slice(bytes).map_err(|_| LeafError::Json)?;
        let body = text.body.get().as_bytes();
        let draft = Draft::read(body)?;
        let links = draft
            .chains()
            .into_iter()
            .map(|chain| Ok((head(&text.links, &chain)?, chain)).map(|(head, chain)| (chain, head)))
            .collect::<Result<Vec<_>, LeafError>>()?;
        let index = text.links.index;
        // Writing it again finds a link too many, another order, a space: anything that is not ours.
        if leaf::entry(body, index, &links) != bytes {
            return Err(LeafError::Form);
        }
        Ok(Self {
            draft,
            body: body.to_vec(),
            index,
            links,
        })
    }
}

fn head(links: &LinksText<'_>, chain: &Chain) -> Result<Option<Head>, LeafError> {
    let link = match chain {
        Chain::Dossier(_) => links.dossier,
        Chain::Partner(_) => links.partner,
        Chain::Day(_) => links.day,
        Chain::Subject(_) => links.subject,
    };
    link.map(|(index, text)| {
        Ok(Head {
            index,
            hash: hash(text, "links")?,
        })
    })
    .transpose()
}

fn blind(text: Option<&str>, member: &'static str) -> Result<Option<Blind>, LeafError> {
    text.map(|text| Blind::parse(text).ok_or(LeafError::Member(member)))
        .transpose()
}

fn hash(text: &str, member: &'static str) -> Result<Hash, LeafError> {
    let bytes = BASE64
        .decode(text.as_bytes())
        .map_err(|_| LeafError::Member(member))?;
    bytes.try_into().map_err(|_| LeafError::Member(member))
}
