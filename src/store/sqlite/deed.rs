//! Deeds with sealed data: on record and on disk first, then done.

mod erase;
mod look;
mod rows;

use rusqlite::{Connection, OptionalExtension, params};

use crate::evidence::blind::Blind;
use crate::model::ExchangeId;
use crate::store::sqlite::tx::Tx;
use crate::store::sqlite::{month, seal};
use crate::store::{Deed, DeedRow, StoreError};

pub(super) use erase::{about, destroyed, ended, erasable, erase, erase_months, finish};
pub(super) use look::{enter, open};
pub(super) use rows::drop_rows;

/// What a deed is about: a dossier's number and blind, and everybody it is about.
#[derive(Default)]
struct About {
    number: Option<String>,
    blind: Option<Blind>,
    subjects: Vec<Blind>,
    exchange: Option<String>,
    /// The file that is looked at.
    file: Option<ExchangeId>,
}

/// Whom the latest filing of a dossier is about.
fn dossier(conn: &Connection, number: &str) -> Result<About, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT d.blind, d.subject, s.subjects FROM dossier d JOIN filing f ON f.id = d.filing
         LEFT JOIN slot s ON s.id = f.slot WHERE d.number = ?1",
    )?;
    let row = select.query_row([number], |row| {
        Ok((
            row.get::<_, Option<[u8; 16]>>(0)?,
            row.get::<_, Option<[u8; 16]>>(1)?,
            row.get::<_, Option<Vec<u8>>>(2)?,
        ))
    });
    let (blind, subject, subjects) = row.optional()?.unwrap_or_default();
    let mut about = About {
        number: Some(number.to_owned()),
        blind: blind.map(Blind),
        subjects: blinds(&subjects.unwrap_or_default()).collect(),
        exchange: None,
        file: None,
    };
    if about.subjects.is_empty() {
        about.subjects.extend(subject.map(Blind));
    }
    Ok(about)
}

/// The blinds of a row, which stand one after the other.
fn blinds(subjects: &[u8]) -> impl Iterator<Item = Blind> {
    subjects
        .chunks_exact(16)
        .filter_map(|blind| blind.try_into().ok().map(Blind))
}

/// Enters the leaves of a deed, one for each subject, and keeps who, why and on what basis. The first leaf's index.
fn keep(tx: &mut Tx<'_>, about: &About, what: &str, deed: &Deed) -> Result<i64, StoreError> {
    let mut subjects: Vec<Option<Blind>> = about.subjects.iter().copied().map(Some).collect();
    if subjects.is_empty() {
        subjects.push(None);
    }
    let slot = month::slot(tx, deed.at)?;
    let mut first = None;
    for subject in subjects {
        let mut draft = deed.leaf.clone().fact("what", what);
        draft.dossier = draft.dossier.or(about.blind);
        draft.subject = subject;
        draft.exchange.clone_from(&about.exchange);
        if let Some(file) = about.file {
            draft = draft.fact("file", file.to_string());
        }
        let leaf = tx.stage(&draft)?;
        let index = leaf.to_be_bytes();
        let says = tx
            .sealer
            .seal(slot, seal::place(seal::DEED_SAYS, &index), &deed.says)?;
        tx.conn
            .prepare_cached(
                "INSERT INTO deed (leaf, subject, number, what, at, salt, says) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                leaf,
                subject.map(|blind| blind.0),
                about.number,
                what,
                deed.at,
                deed.salt,
                says
            ])?;
        first.get_or_insert(leaf);
    }
    Ok(first.unwrap_or_default())
}

/// Enters the leaves of the end of a file, for a dossier that names it.
pub(super) fn file(
    tx: &mut Tx<'_>,
    number: Option<&str>,
    id: ExchangeId,
    deed: &Deed,
) -> Result<i64, StoreError> {
    let about = number.map(|number| dossier(tx.conn, number)).transpose()?;
    let about = About {
        file: Some(id),
        ..about.unwrap_or_default()
    };
    keep(tx, &about, "file", deed)
}

/// Enters the leaves of a look at all evidence of a dossier; none where there is no such dossier.
pub(super) fn evidence(tx: &mut Tx<'_>, number: &str, deed: &Deed) -> Result<Option<i64>, StoreError> {
    let about = dossier(tx.conn, number)?;
    if about.blind.is_none() {
        return Ok(None);
    }
    keep(tx, &about, "evidence", deed).map(Some)
}

/// What was done with the data of a subject, the newest first.
pub(super) fn of(conn: &Connection, subject: Blind) -> Result<Vec<DeedRow>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT leaf, at, number, what, EXISTS (SELECT 1 FROM slot WHERE erased = leaf) FROM deed
             WHERE subject = ?1 ORDER BY leaf DESC",
    )?;
    let rows = select.query_map([subject.0], |row| {
        Ok(DeedRow {
            leaf: row.get::<_, i64>(0)? as u64,
            at: row.get(1)?,
            dossier: row.get(2)?,
            what: row.get(3)?,
            erased: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
