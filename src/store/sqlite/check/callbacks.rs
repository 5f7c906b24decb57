//! Callbacks, what was made of them and what was told, held against the log.

use rusqlite::{Connection, OptionalExtension};

use super::{MOST, read};
use crate::evidence::blind::commitment;
use crate::evidence::leaf::{Draft, Kind};
use crate::model::ExchangeId;
use crate::store::StoreError;

/// What is wrong between a leaf of the way back and the row that it names.
pub(super) fn callback_of(
    conn: &Connection,
    index: i64,
    draft: &Draft,
) -> Result<Option<String>, StoreError> {
    let named = |fact: &str| {
        draft
            .facts
            .get(fact)
            .and_then(|name| name.parse::<ExchangeId>().ok())
    };
    let (select, id) = match draft.kind {
        // A question of the national side's is answered, and nothing of it is kept.
        Kind::Received if draft.facts.contains_key("asks") => return Ok(None),
        Kind::Received => ("SELECT leaf FROM callback WHERE uid = ?1", named("callback")),
        Kind::Applied => ("SELECT applied FROM callback WHERE uid = ?1", named("callback")),
        Kind::Notified => ("SELECT told FROM event WHERE uid = ?1", named("event")),
        Kind::Accepted
        | Kind::Drafted
        | Kind::Asked
        | Kind::Answered
        | Kind::Reused
        | Kind::Queued
        | Kind::Attempted
        | Kind::Settled
        | Kind::Probed
        | Kind::Parked
        | Kind::Released
        | Kind::Reopened
        | Kind::Opened
        | Kind::Erased => return Ok(None),
    };
    let row: Option<Option<i64>> = match id {
        Some(id) => conn
            .prepare_cached(select)?
            .query_row([id], |row| row.get(0))
            .optional()?,
        None => None,
    };
    let fits = row.flatten() == Some(index);
    Ok((!fits).then(|| format!("Leaf {index} tells of a callback that the store does not have so.")))
}

/// Every callback has its leaf, which commits to what it says; one that is on its dossier has a second one.
pub(super) fn kept(conn: &Connection, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = conn.prepare(
        "SELECT c.uid, a.entry, e.entry, c.state, c.salt, b.document FROM callback c
         JOIN callback_body b ON b.callback = c.id LEFT JOIN leaf a ON a.id = c.leaf
         LEFT JOIN leaf e ON e.id = c.applied ORDER BY c.id",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let id = row.get::<_, ExchangeId>(0)?.to_string();
        let document = row.get_ref(5)?.as_blob().map_err(rusqlite::Error::from)?;
        let committed = commitment(&row.get(4)?, document);
        let own = |draft: &Draft| draft.facts.get("callback") == Some(&id);
        let came = read(row, 1)?.is_some_and(|draft| {
            draft.kind == Kind::Received && own(&draft) && draft.commit == Some(committed)
        });
        let applied = row.get::<_, String>(3)? != "applied"
            || read(row, 2)?.is_some_and(|draft| draft.kind == Kind::Applied && own(&draft));
        if !came || !applied {
            found.push(format!("Callback {id} is not in the log as it is in the store."));
        }
    }
    Ok(())
}

/// Every event says what the leaf of its callback commits to.
pub(super) fn told(conn: &Connection, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = conn.prepare(
        "SELECT e.uid, e.body, l.entry, c.salt FROM event e JOIN callback c ON c.id = e.callback
         LEFT JOIN leaf l ON l.id = c.applied ORDER BY e.id",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let id = row.get::<_, ExchangeId>(0)?;
        let body = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let committed = commitment(&row.get(3)?, body);
        if read(row, 2)?.is_none_or(|draft| draft.commit != Some(committed)) {
            found.push(format!("Event {id} is not what the log commits to."));
        }
    }
    Ok(())
}
