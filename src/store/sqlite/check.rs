//! The store held against its own log, row by row: two books of the same truth must agree.

mod attempts;
mod callbacks;
mod deeds;
mod dropped;
mod files;
mod inquiries;
mod payments;
mod registrations;
mod rulings;
mod shut;

use data_encoding::HEXLOWER;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, Rows};

use crate::evidence::blind::commitment;
use crate::evidence::hash;
use crate::evidence::leaf::{Draft, Entry, Kind};
use crate::model::{ExchangeId, SealError, Sealer, State};
use crate::store::sqlite::row::BEHIND;
use crate::store::sqlite::seal;
use crate::store::sqlite::tx;
use crate::store::{Books, StoreError};

use shut::Shut;

/// After so many it is plain that something is wrong.
const MOST: usize = 1_000;

/// A part of the check that opens what is sealed.
type Part = fn(&Shut<'_>, &mut Vec<String>) -> Result<(), StoreError>;

/// What does not fit, one sentence each. Memory stays flat: everything is read in order and once.
pub(super) fn discrepancies(conn: &Connection, sealer: &dyn Sealer) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    exchanges(conn, &mut found)?;
    inquiries::kept(conn, &mut found)?;
    registrations::pushed(conn, &mut found)?;
    attempts::counted(conn, &mut found)?;
    callbacks::acknowledged(conn, &mut found)?;
    dropped::told(conn, &mut found)?;
    rulings::kept(conn, &mut found)?;
    let shut = Shut { conn, sealer };
    let sealed: [Part; 11] = [
        leaves,
        filings,
        inquiries::reused,
        callbacks::kept,
        callbacks::told,
        payments::kept,
        payments::called,
        messages,
        receipts,
        deeds::kept,
        files::kept,
    ];
    for part in sealed {
        match part(&shut, &mut found) {
            Err(StoreError::Sealed(SealError::Keyless(why))) => {
                found.push(format!("What is sealed was not held against the log: {why}."));
                break;
            }
            end => end?,
        }
    }
    books(conn, &mut found)?;
    found.truncate(MOST);
    Ok(found)
}

/// Every leaf against the exchange or the filing that it tells of.
fn leaves(shut: &Shut<'_>, found: &mut Vec<String>) -> Result<(), StoreError> {
    let conn = shut.conn;
    let mut select = conn.prepare("SELECT id, entry FROM leaf ORDER BY id")?;
    let mut filings = conn.prepare("SELECT leaf FROM filing ORDER BY leaf")?;
    let mut filings = filings.query([])?;
    let mut filing = next_leaf(&mut filings)?;
    let mut look = conn.prepare_cached("SELECT leaf, state, cause FROM exchange WHERE uid = ?1")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let index = row.get(0)?;
        while filing.is_some_and(|leaf| leaf < index) {
            filing = next_leaf(&mut filings)?;
        }
        let Some(draft) = read(row, 1)? else {
            found.push(format!("Leaf {index} cannot be read."));
            continue;
        };
        found.extend(deeds::deed_of(conn, index, &draft)?);
        if dropped::excused(conn, index, &draft)? {
            continue;
        }
        let filed = draft.kind == Kind::Accepted && !draft.facts.contains_key(files::FILE);
        if filed && filing != Some(index) {
            found.push(format!(
                "Leaf {index} tells of a filing that the store does not have."
            ));
        }
        found.extend(exchange_of(&mut look, index, &draft)?);
        found.extend(attempts::attempt_of(shut, index, &draft)?);
        found.extend(inquiries::inquiry_of(conn, index, &draft)?);
        found.extend(callbacks::callback_of(conn, index, &draft)?);
        found.extend(payments::payment_of(conn, index, &draft)?);
        found.extend(files::file_of(conn, index, &draft)?);
        found.extend(rulings::ruling_of(conn, index, &draft)?);
    }
    Ok(())
}

fn next_leaf(rows: &mut Rows<'_>) -> Result<Option<i64>, StoreError> {
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}

fn read(row: &Row<'_>, column: usize) -> Result<Option<Draft>, StoreError> {
    let bytes = row
        .get_ref(column)?
        .as_blob_or_null()
        .map_err(rusqlite::Error::from)?;
    Ok(bytes
        .and_then(|bytes| Entry::read(bytes).ok())
        .map(|entry| entry.draft))
}

/// What is wrong between one leaf and the exchange that it names.
fn exchange_of(
    look: &mut CachedStatement<'_>,
    index: i64,
    draft: &Draft,
) -> Result<Option<String>, StoreError> {
    let Some(name) = &draft.exchange else {
        return Ok(None);
    };
    let id: Option<ExchangeId> = name.parse().ok();
    let row = match id {
        Some(id) => look
            .query_row([id], |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, Option<String>>(2)?,
                ))
            })
            .optional()?,
        None => None,
    };
    let Some((latest, state, cause)) = row else {
        return Ok(Some(format!(
            "Leaf {index} tells of exchange {name}, which the store does not have."
        )));
    };
    if !turns(draft.kind) || latest > index {
        return Ok(None);
    }
    let Some(state) = State::from_word(&state) else {
        return Ok(Some(format!("Exchange {name} is in a state that there is not.")));
    };
    if latest < index {
        return Ok(Some(format!(
            "Exchange {name} stands at leaf {latest}, but leaf {index} is later."
        )));
    }
    let behind = state == State::Parked && cause.as_deref() == Some(BEHIND);
    let (is, says) = (state.word(), draft.kind.name());
    let odd = || format!("Exchange {name} is {is}, which does not follow from its leaf {index} ({says}).");
    Ok((!follows(state, behind, draft)).then(odd))
}

/// Whether leaves of this kind turn an exchange.
fn turns(kind: Kind) -> bool {
    match kind {
        Kind::Queued
        | Kind::Attempted
        | Kind::Settled
        | Kind::Probed
        | Kind::Parked
        | Kind::Released
        | Kind::Reopened => true,
        Kind::Accepted
        | Kind::Drafted
        | Kind::Asked
        | Kind::Answered
        | Kind::Reused
        | Kind::Received
        | Kind::Applied
        | Kind::Notified
        | Kind::Opened
        | Kind::Erased
        | Kind::Mapped
        | Kind::Statement => false,
    }
}

/// Whether an exchange may be in this state when this is its last leaf. What stands behind another has no leaf of it.
fn follows(state: State, behind: bool, draft: &Draft) -> bool {
    let fact = |name: &str| draft.facts.get(name).map(String::as_str);
    let waits = behind || !state.is_settled();
    let said = match (draft.kind, fact("next"), fact("as")) {
        (Kind::Settled, next, _) => next,
        (Kind::Released, _, says) => says,
        (Kind::Parked, _, _) => Some("parked"),
        _ => None,
    };
    match said {
        Some("delivered") => state == State::Delivered,
        Some("refused") => state == State::Refused,
        Some("parked") => state == State::Parked && !behind,
        Some(_) => waits,
        None => waits && draft.kind != Kind::Settled && draft.kind != Kind::Released,
    }
}

/// Every exchange has a leaf, and the leaf is its own.
fn exchanges(conn: &Connection, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = conn.prepare(
        "SELECT e.uid, e.leaf, l.entry FROM exchange e LEFT JOIN leaf l ON l.id = e.leaf ORDER BY e.id",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let (id, leaf) = (row.get::<_, ExchangeId>(0)?, row.get::<_, i64>(1)?);
        let own = read(row, 2)?.is_some_and(|draft| draft.exchange.as_deref() == Some(&id.to_string()));
        if !own {
            found.push(format!(
                "Exchange {id} has no leaf: leaf {leaf} does not tell of it."
            ));
        }
    }
    Ok(())
}

/// Every body is the one whose digest was kept and committed to.
fn filings(shut: &Shut<'_>, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = shut.conn.prepare(
        "SELECT f.id, f.leaf, f.digest, f.salt, b.filed, l.entry, d.number, f.slot FROM filing f
         JOIN dossier d ON d.id = f.dossier LEFT JOIN body b ON b.filing = f.id
         LEFT JOIN leaf l ON l.id = f.leaf ORDER BY f.id",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let (id, leaf) = (row.get::<_, i64>(0)?, row.get::<_, i64>(1)?);
        let Some(body) = row.get_ref(4)?.as_blob_or_null().map_err(rusqlite::Error::from)? else {
            found.push(format!("Filing {id} of leaf {leaf} has no body."));
            continue;
        };
        let (digest, salt): ([u8; 32], [u8; 16]) = (row.get(2)?, row.get(3)?);
        let said = read(row, 5)?
            .filter(|draft| draft.kind == Kind::Accepted)
            .map(|draft| draft.commit);
        let (number, slot) = (row.get::<_, String>(6)?, row.get(7)?);
        let fits = shut.fits(
            seal::of_filing(seal::BODY_FILED, &number, &salt),
            body,
            slot,
            |body| said == Some(Some(commitment(&salt, body))) && hash::digest(&[body]) == digest,
        )?;
        if !fits || said.is_none() {
            found.push(format!("Filing {id} is not what its leaf {leaf} commits to."));
        }
    }
    Ok(())
}

/// Every payload is the one that was committed to.
fn messages(shut: &Shut<'_>, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = shut.conn.prepare(
        "SELECT e.uid, m.leaf, m.salt, m.payload, l.entry, f.slot FROM message m LEFT JOIN exchange e ON e.id = m.exchange
         LEFT JOIN filing f ON f.id = e.filing LEFT JOIN leaf l ON l.id = m.leaf ORDER BY m.exchange",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let (id, leaf) = (row.get::<_, Option<ExchangeId>>(0)?, row.get::<_, i64>(1)?);
        let Some(id) = id else {
            found.push(format!("The message of leaf {leaf} belongs to no exchange."));
            continue;
        };
        let payload = row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?;
        let (salt, said) = (row.get(2)?, read(row, 4)?);
        let place = seal::place(seal::MESSAGE_PAYLOAD, id.as_bytes());
        let fits = shut.fits(place, payload, row.get(5)?, |payload| {
            let committed = commitment(&salt, payload);
            said.as_ref().is_some_and(|draft| commits(draft, id, &committed))
        })?;
        if !fits {
            found.push(format!(
                "The payload of exchange {id} is not what leaf {leaf} commits to."
            ));
        }
    }
    Ok(())
}

/// A dossier's message is committed to by its leaf; what is rendered at its attempt, by a fact of that leaf.
fn commits(draft: &Draft, id: ExchangeId, committed: &[u8; 32]) -> bool {
    let own = draft.exchange.as_deref() == Some(&id.to_string());
    let beside = draft
        .facts
        .get("payload")
        .is_some_and(|fact| *fact == HEXLOWER.encode(committed));
    own && (beside || draft.commit == Some(*committed))
}

/// Every receipt names the body that it was given for, and still stands as text.
fn receipts(shut: &Shut<'_>, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = shut.conn.prepare(
        "SELECT f.id, f.digest, b.receipt, d.number, f.salt, f.slot FROM filing f JOIN body b ON b.filing = f.id
         JOIN dossier d ON d.id = f.dossier ORDER BY f.id",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let digest = HEXLOWER.encode(&row.get::<_, [u8; 32]>(1)?);
        let receipt = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
        let (number, salt) = (row.get::<_, String>(3)?, row.get(4)?);
        let place = seal::of_filing(seal::BODY_RECEIPT, &number, &salt);
        let fits = shut.fits(place, receipt, row.get(5)?, |receipt| {
            receipt
                .windows(digest.len())
                .any(|part| part == digest.as_bytes())
        })?;
        if !fits {
            found.push(format!(
                "The receipt of filing {} is not for its body.",
                row.get::<_, i64>(0)?
            ));
        }
    }
    Ok(())
}

/// The books that are kept against the rows that are there.
fn books(conn: &Connection, found: &mut Vec<String>) -> Result<(), StoreError> {
    let kept = tx::books(conn)?;
    let counted = count(conn)?;
    if kept != counted {
        found.push(format!("The books say {kept:?}, but the rows are {counted:?}."));
    }
    let filings: i64 = conn.query_row("SELECT count(*) FROM filing", [], |row| row.get(0))?;
    let versions: i64 = conn.query_row("SELECT coalesce(sum(versions), 0) FROM dossier", [], |row| {
        row.get(0)
    })?;
    if filings != versions {
        found.push(format!(
            "The dossiers count {versions} filings, but there are {filings}."
        ));
    }
    Ok(())
}

fn count(conn: &Connection) -> Result<Books, StoreError> {
    let rows = |sql: &str| {
        conn.query_row(sql, [], |row| row.get::<_, i64>(0))
            .map(|count| count as u64)
    };
    let dossiers = rows("SELECT count(*) FROM dossier")?;
    let unprepared = rows("SELECT count(*) FROM unprepared")?;
    let mut books = Books {
        dossiers,
        unprepared,
        ..Books::default()
    };
    let mut select = conn.prepare("SELECT state, count(*) FROM exchange GROUP BY state")?;
    let mut states = select.query([])?;
    while let Some(row) = states.next()? {
        // One in no state at all was named with its leaf.
        if let Some(state) = State::from_word(row.get_ref(0)?.as_str().unwrap_or_default()) {
            *tx::column(&mut books, state) += row.get::<_, i64>(1)? as u64;
        }
    }
    Ok(books)
}
