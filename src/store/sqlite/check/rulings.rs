//! Rulings of people on callbacks and payments, held against the log.

use rusqlite::{Connection, OptionalExtension};

use super::{MOST, read};
use crate::evidence::leaf::{Draft, Kind};
use crate::model::ExchangeId;
use crate::store::StoreError;

/// The fact of a leaf that names a callback, and the one that names a payment.
const ABOUT: [&str; 2] = ["callback", "payment"];

/// What is wrong with a leaf that tells of a ruling.
pub(super) fn ruling_of(conn: &Connection, index: i64, draft: &Draft) -> Result<Option<String>, StoreError> {
    if draft.kind != Kind::Released || about(draft).is_none() {
        return Ok(None);
    }
    let mut select = conn.prepare_cached("SELECT about, word FROM ruling WHERE leaf = ?1")?;
    let row = select.query_row([index], |row| {
        Ok((row.get::<_, ExchangeId>(0)?, row.get::<_, String>(1)?))
    });
    let told = row.optional()?.is_some_and(|(id, word)| tells(draft, id, &word));
    Ok((!told).then(|| format!("Leaf {index} tells of a ruling that the store does not have so.")))
}

fn about(draft: &Draft) -> Option<&String> {
    ABOUT.iter().find_map(|name| draft.facts.get(*name))
}

/// Whether a leaf tells of this ruling on that.
fn tells(draft: &Draft, id: ExchangeId, word: &str) -> bool {
    let said = draft.facts.get("as").is_some_and(|said| said == word);
    draft.kind == Kind::Released && said && about(draft) == Some(&id.to_string())
}

/// Every ruling has its leaf, and what was set aside or dropped has its ruling.
pub(super) fn kept(conn: &Connection, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = conn.prepare(
        "SELECT r.about, r.leaf, l.entry, r.word FROM ruling r LEFT JOIN leaf l ON l.id = r.leaf ORDER BY r.leaf",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let (id, word) = (row.get::<_, ExchangeId>(0)?, row.get::<_, String>(3)?);
        if !read(row, 2)?.is_some_and(|draft| tells(&draft, id, &word)) {
            let leaf = row.get::<_, i64>(1)?;
            found.push(format!(
                "The ruling of leaf {leaf} is not in the log as it is in the store."
            ));
        }
    }
    unruled(conn, found)
}

/// Nothing is set aside or dropped but by a person, and that person's word is the last.
fn unruled(conn: &Connection, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = conn.prepare(
        "SELECT uid, 'Callback' FROM callback WHERE state = 'aside' AND NOT EXISTS
           (SELECT 1 FROM ruling WHERE about = uid AND word = 'set-aside')
         UNION ALL SELECT uid, 'Payment' FROM pay_order WHERE state = 'dropped' AND NOT EXISTS
           (SELECT 1 FROM ruling WHERE about = uid AND word = 'drop' AND leaf = pay_order.leaf)
         LIMIT 100",
    )?;
    let rows = select.query_map([], |row| {
        Ok((row.get::<_, ExchangeId>(0)?, row.get::<_, String>(1)?))
    })?;
    for row in rows {
        let (id, what) = row?;
        found.push(format!("{what} {id} stands as no person said it should."));
    }
    Ok(())
}
