//! Callbacks, what was made of them and what was told, held against the log.

use rusqlite::{Connection, OptionalExtension};

use super::{MOST, Shut, read};
use crate::evidence::blind::commitment;
use crate::evidence::leaf::{Draft, Kind};
use crate::model::ExchangeId;
use crate::store::StoreError;
use crate::store::sqlite::seal;

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
        | Kind::Erased
        | Kind::Mapped
        | Kind::Statement => return Ok(None),
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
pub(super) fn kept(shut: &Shut<'_>, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = shut.conn.prepare(
        "SELECT c.uid, a.entry, e.entry, c.state, c.salt, b.document, c.slot FROM callback c
         JOIN callback_body b ON b.callback = c.id LEFT JOIN leaf a ON a.id = c.leaf
         LEFT JOIN leaf e ON e.id = c.applied ORDER BY c.id",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let uid = row.get::<_, ExchangeId>(0)?;
        let id = uid.to_string();
        let document = row.get_ref(5)?.as_blob().map_err(rusqlite::Error::from)?;
        let own = |draft: &Draft| draft.facts.get("callback") == Some(&id);
        let said = read(row, 1)?.filter(|draft| draft.kind == Kind::Received && own(draft));
        let salt = row.get(4)?;
        let place = seal::place(seal::CALLBACK_DOCUMENT, uid.as_bytes());
        let fits = shut.fits(place, document, row.get(6)?, |document| {
            said.as_ref().and_then(|draft| draft.commit) == Some(commitment(&salt, document))
        })?;
        let came = fits && said.is_some();
        let applied = row.get::<_, String>(3)? != "applied"
            || read(row, 2)?.is_some_and(|draft| draft.kind == Kind::Applied && own(&draft));
        if !came || !applied {
            found.push(format!("Callback {id} is not in the log as it is in the store."));
        }
    }
    Ok(())
}

/// Everything that a tray was told to be kept is in the log as that.
pub(super) fn acknowledged(conn: &Connection, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = conn.prepare(
        "SELECT t.tray, t.number, l.entry FROM tray_item t LEFT JOIN leaf l ON l.id = t.acknowledged
         WHERE t.acknowledged IS NOT NULL ORDER BY t.number",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let (tray, number) = (row.get::<_, String>(0)?, row.get::<_, String>(1)?);
        let told = |draft: &Draft| {
            let operation = draft.facts.get("operation").map(String::as_str);
            draft.kind == Kind::Settled
                && draft.partner.as_ref() == Some(&tray)
                && operation == Some("acknowledge")
        };
        if !read(row, 2)?.is_some_and(|draft| told(&draft)) {
            found.push(format!(
                "What came as {number} is acknowledged, and the log does not say so."
            ));
        }
    }
    Ok(())
}

/// Every event says what the leaf of its callback commits to.
pub(super) fn told(shut: &Shut<'_>, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = shut.conn.prepare(
        "SELECT e.uid, e.body, l.entry, c.salt, c.slot FROM event e JOIN callback c ON c.id = e.callback
         LEFT JOIN leaf l ON l.id = c.applied ORDER BY e.id",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let id = row.get::<_, ExchangeId>(0)?;
        let body = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let (salt, said) = (row.get(3)?, read(row, 2)?);
        let place = seal::place(seal::EVENT_BODY, id.as_bytes());
        let fits = shut.fits(place, body, row.get(4)?, |body| {
            said.as_ref().and_then(|draft| draft.commit) == Some(commitment(&salt, body))
        })?;
        if !fits || said.is_none() {
            found.push(format!("Event {id} is not what the log commits to."));
        }
    }
    Ok(())
}
