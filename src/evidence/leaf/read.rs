//! Reads leaves back, and only in their one canonical form: other bytes with the same meaning are not this log's. One pass:
//! what must stand next is held against what does, so that nothing is written again to be compared.

mod cursor;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::evidence::blind::Blind;
use crate::evidence::day::{self, Day};
use crate::evidence::hash::Hash;
use crate::evidence::leaf::{Chain, Draft, Head, Kind, VERSION};
use cursor::{Cursor, Told, blind, hash};

/// Why bytes are not a leaf.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// A version this program does not know.
    #[error("the leaf is of version {0}; this program reads version {VERSION}")]
    Version(u64),
    /// A member whose value cannot be.
    #[error("the leaf's `{0}` cannot be read")]
    Member(&'static str),
    /// No leaf, or the same meaning in other bytes.
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

/// An entry as it stands in its bytes: for whoever reads many and keeps none.
#[derive(Debug)]
pub struct Seen<'a> {
    said: Said<'a>,
    body: &'a str,
    /// Its index, as it says itself.
    pub index: u64,
    /// For each of its chains, in order, the leaf before it.
    pub links: Vec<(Chain, Option<Head>)>,
}

/// What a body says.
#[derive(Debug)]
struct Said<'a> {
    kind: Kind,
    at: i64,
    dossier: Option<Blind>,
    subject: Option<Blind>,
    partner: Option<Cow<'a, str>>,
    exchange: Option<Cow<'a, str>>,
    commit: Option<Hash>,
    facts: Vec<Told<'a>>,
}

impl Draft {
    /// Reads a body; refuses every form but the canonical one.
    pub fn read(body: &[u8]) -> Result<Self, LeafError> {
        let mut cursor = Cursor::over(body)?;
        let said = Said::read(&mut cursor)?;
        cursor.end()?;
        Ok(said.into_draft())
    }
}

impl Entry {
    /// Reads an entry; refuses every form but the canonical one.
    pub fn read(bytes: &[u8]) -> Result<Self, LeafError> {
        let seen = Seen::read(bytes)?;
        Ok(Self {
            draft: seen.said.into_draft(),
            body: seen.body.as_bytes().to_vec(),
            index: seen.index,
            links: seen.links,
        })
    }
}

impl<'a> Seen<'a> {
    /// Reads an entry; refuses every form but the canonical one.
    pub fn read(bytes: &'a [u8]) -> Result<Self, LeafError> {
        let mut cursor = Cursor::over(bytes)?;
        cursor.must(r#"{"body":"#)?;
        let whole = cursor.rest;
        let said = Said::read(&mut cursor)?;
        let body = &whole[..whole.len() - cursor.rest.len()];
        cursor.must(r#","links":{"index":"#)?;
        let index = cursor.number()?;
        let mut links = Vec::with_capacity(4);
        for chain in said.chains() {
            let head = cursor.link(chain.name())?;
            links.push((chain, head));
        }
        cursor.must("}}")?;
        cursor.end()?;
        Ok(Self {
            said,
            body,
            index,
            links,
        })
    }

    /// What happened.
    pub fn kind(&self) -> Kind {
        self.said.kind
    }

    /// When, in milliseconds since 1970, UTC.
    pub fn at(&self) -> i64 {
        self.said.at
    }

    /// The dossier, blinded.
    pub fn dossier(&self) -> Option<Blind> {
        self.said.dossier
    }

    /// The partner's short name.
    pub fn partner(&self) -> Option<&str> {
        self.said.partner.as_deref()
    }

    /// The exchange's id.
    pub fn exchange(&self) -> Option<&str> {
        self.said.exchange.as_deref()
    }

    /// A fact by its name.
    pub fn fact(&self, name: &str) -> Option<&str> {
        let facts = &self.said.facts;
        facts
            .iter()
            .find(|told| told.name == name)
            .map(|told| &*told.value)
    }
}

impl<'a> Said<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, LeafError> {
        cursor.must(r#"{"v":"#)?;
        match cursor.number()? {
            version if version == u64::from(VERSION) => {}
            version => return Err(LeafError::Version(version)),
        }
        cursor.must(r#","kind":""#)?;
        let kind = Kind::named(cursor.plain()?).ok_or(LeafError::Member("kind"))?;
        cursor.must(r#","at":""#)?;
        let at = day::moment(cursor.plain()?).ok_or(LeafError::Member("at"))?;
        cursor.must(r#","day":""#)?;
        if Day::parse(cursor.plain()?) != Some(Day::of(at)) {
            return Err(LeafError::Member("day"));
        }
        let said = Self {
            kind,
            at,
            dossier: cursor.member(r#","dossier":""#, |cursor| blind(cursor.plain()?, "dossier"))?,
            subject: cursor.member(r#","subject":""#, |cursor| blind(cursor.plain()?, "subject"))?,
            partner: cursor.member(r#","partner":""#, Cursor::text)?,
            exchange: cursor.member(r#","exchange":""#, Cursor::text)?,
            commit: cursor.member(r#","commit":""#, |cursor| hash(cursor.plain()?, "commit"))?,
            facts: cursor.facts()?,
        };
        cursor.must("}")?;
        Ok(said)
    }

    /// As of the draft: in the order of the links.
    fn chains(&self) -> impl Iterator<Item = Chain> {
        let partner = || Some(Chain::Partner(self.partner.as_deref()?.to_owned()));
        let day = || Some(Chain::Day(Day::of(self.at)));
        let chains = [
            self.dossier.map(Chain::Dossier),
            partner(),
            self.kind.has_day().then(day).flatten(),
            self.subject.map(Chain::Subject),
        ];
        chains.into_iter().flatten()
    }

    fn into_draft(self) -> Draft {
        let facts = self.facts.into_iter();
        let facts: BTreeMap<_, _> = facts
            .map(|told| (Cow::Owned(told.name.into_owned()), told.value.into_owned()))
            .collect();
        Draft {
            kind: self.kind,
            at: self.at,
            dossier: self.dossier,
            subject: self.subject,
            partner: self.partner.map(Cow::into_owned),
            exchange: self.exchange.map(Cow::into_owned),
            commit: self.commit,
            facts,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::evidence::leaf::entry;
    use crate::evidence::leaf::tests::draft;

    /// An entry that says everything.
    fn full() -> Vec<u8> {
        let mut draft = draft(Kind::Settled, 1, "cổng\n\u{1}\"\\")
            .fact("attempt", "2")
            .fact("word", "\u{8}\t\u{c}\r\u{1f}\u{7f}");
        draft.subject = Some(Blind([0xab; 16]));
        draft.exchange = Some("0199".to_owned());
        draft.commit = Some([7; 32]);
        let head = Head {
            index: 10,
            hash: [9; 32],
        };
        let links: Vec<_> = draft
            .chains()
            .into_iter()
            .zip([Some(head), None, Some(head), None])
            .collect();
        let bytes = entry(&draft.body(), 77, &links);
        assert_eq!(Entry::read(&bytes).map(|entry| entry.draft), Ok(draft));
        bytes
    }

    /// Whatever is read is written the same.
    fn canonical(bytes: &[u8]) {
        if let Ok(read) = Entry::read(bytes) {
            assert_eq!(read.body, read.draft.body());
            assert_eq!(entry(&read.body, read.index, &read.links), bytes);
        }
    }

    #[test]
    fn what_means_the_same_in_other_bytes_is_refused() {
        let text = String::from_utf8(full()).unwrap();
        for (ours, other) in [
            ("{\"body\"", "{ \"body\""),
            ("\"v\":1", "\"v\":1.0"),
            ("\"v\":1", "\"v\":01"),
            ("\"index\":77", "\"index\":077"),
            ("\\n", "\\u000a"),
            ("\\u001f", "\\u001F"),
            ("ổ", "\\u1ed5"),
            ("\"attempt\":\"2\",", ""),
            (".123Z", ".1230Z"),
            ("55.123Z", "55.123z"),
            ("\"day\":\"2026-11-24\"", "\"day\":\"2026-11-23\""),
            ("\"kind\":\"settled\",", ""),
            ("null", "[0,null]"),
            ("}}", "}}\n"),
        ] {
            let changed = text.replacen(ours, other, 1);
            assert_ne!(changed, text, "{ours}");
            let read = Entry::read(changed.as_bytes());
            assert_eq!(read.is_ok(), ours.starts_with("\"attempt"), "{other}");
            canonical(changed.as_bytes());
        }
        let facts = text.find("\"attempt\"").unwrap();
        let twice = format!("{}\"attempt\":\"1\",{}", &text[..facts], &text[facts..]);
        assert_eq!(Entry::read(twice.as_bytes()), Err(LeafError::Form));
        let newer = text.replacen("\"v\":1", "\"v\":2", 1);
        assert_eq!(Entry::read(newer.as_bytes()), Err(LeafError::Version(2)));
    }

    #[test]
    fn no_torn_entry_is_read() {
        let bytes = full();
        for end in 0..bytes.len() {
            assert!(Entry::read(&bytes[..end]).is_err(), "{end}");
        }
    }

    proptest! {
        #[test]
        fn a_changed_byte_is_refused_or_stands_in_what_is_read(place in 0_usize..1_000, byte: u8, other in 0_usize..1_000) {
            let mut bytes = full();
            let length = bytes.len();
            bytes[place % length] = byte;
            canonical(&bytes);
            bytes.remove(other % length);
            canonical(&bytes);
        }
    }
}
