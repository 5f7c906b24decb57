//! Accept: the first commit, and the only one a caller waits for.

mod ready;

use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use crate::store::sqlite::tx::Tx;
use crate::store::sqlite::{file, seal};
use crate::store::{Acceptance, Accepted, StoreError};

pub(super) use ready::Ready;
use ready::Sealed;

/// The statements of one transaction's acceptances.
pub(super) struct Statements<'c> {
    known: CachedStatement<'c>,
    dossier: CachedStatement<'c>,
    filing: CachedStatement<'c>,
    body: CachedStatement<'c>,
    slot: CachedStatement<'c>,
    unprepared: CachedStatement<'c>,
    /// The next filing's id; nothing else makes filings.
    next: i64,
}

impl<'c> Statements<'c> {
    fn prepare(conn: &'c Connection) -> Result<Self, StoreError> {
        let next = conn
            .prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM filing")?
            .query_row([], |row| row.get(0))?;
        Ok(Self {
            known: conn.prepare_cached("SELECT id, system, filing FROM dossier WHERE number = ?1")?,
            dossier: conn.prepare_cached(
                "INSERT INTO dossier (number, system, procedure, agency, status, blind, subject, versions, filing)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8)",
            )?,
            filing: conn.prepare_cached(
                "INSERT INTO filing (id, dossier, partner, at, due_at, digest, salt, leaf, previous, slot)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?,
            body: conn.prepare_cached(
                "INSERT INTO body (filing, filed, dossier, receipt) VALUES (?1, ?2, ?3, ?4)",
            )?,
            slot: conn.prepare_cached("INSERT INTO slot (id, filing, subjects) VALUES (?1, ?2, ?3)")?,
            unprepared: conn.prepare_cached("INSERT INTO unprepared (filing) VALUES (?1)")?,
            next,
        })
    }
}

/// What the store knows of the dossier already.
struct Known {
    id: i64,
    system: String,
    filing: i64,
}

/// Keeps a filing with all that accepting it commits, or says why it is not a new one.
pub(super) fn accept(tx: &mut Tx<'_>, ready: &mut Ready) -> Result<Accepted, StoreError> {
    let mut statements = match tx.accepting.take() {
        Some(statements) => statements,
        None => Statements::prepare(tx.conn)?,
    };
    let accepted = decide(tx, &mut statements, ready);
    tx.accepting = Some(statements);
    // Should the transaction fail after this, a slot is left unused, and no more.
    ready.sealed.kept = matches!(accepted, Ok(Accepted::New));
    accepted
}

fn decide(tx: &mut Tx<'_>, statements: &mut Statements<'_>, ready: &Ready) -> Result<Accepted, StoreError> {
    let acceptance = &ready.acceptance;
    if let Some(key) = &ready.key
        && let Some(filing) = keyed(tx, key)?
    {
        return repeat(tx, filing, &acceptance.digest, true);
    }
    let known = known(statements, &acceptance.number)?;
    if let Some(known) = &known {
        if known.system != acceptance.system {
            return Ok(Accepted::Foreign);
        }
        let again = repeat(tx, known.filing, &acceptance.digest, false)?;
        if ready.key.is_none() && again != Accepted::New {
            return Ok(again);
        }
    }
    if tx.books.waiting + tx.books.unprepared >= tx.settings.outbox {
        return Ok(Accepted::OutboxFull);
    }
    if acceptance.lacks_files {
        return Ok(Accepted::FilesLacking);
    }
    if !tx.has_room() {
        return Err(StoreError::Full("the disk has less free room than must stay"));
    }
    let owner = (acceptance.system.as_str(), acceptance.number.as_str());
    if !file::name(tx, owner, &ready.sealed.files)? {
        return Ok(Accepted::FilesMoved);
    }
    keep(tx, statements, ready, known)?;
    Ok(Accepted::New)
}

fn keyed(tx: &Tx<'_>, key: &[u8; 16]) -> Result<Option<i64>, StoreError> {
    let mut select = tx
        .conn
        .prepare_cached("SELECT filing FROM idempotency WHERE key = ?1")?;
    Ok(select.query_row([key], |row| row.get(0)).optional()?)
}

fn known(statements: &mut Statements<'_>, number: &str) -> Result<Option<Known>, StoreError> {
    let known = statements.known.query_row([number], |row| {
        Ok(Known {
            id: row.get(0)?,
            system: row.get(1)?,
            filing: row.get(2)?,
        })
    });
    Ok(known.optional()?)
}

/// Compares with an earlier filing; one that is not equal is `New`, unless the caller's key says it should be.
fn repeat(tx: &Tx<'_>, filing: i64, digest: &[u8; 32], keyed: bool) -> Result<Accepted, StoreError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT f.digest, s.erased IS NOT NULL FROM filing f LEFT JOIN slot s ON s.id = f.slot WHERE f.id = ?1",
    )?;
    let kept = select.query_row([filing], |row| Ok((row.get(0)?, row.get(1)?)));
    // What stood under a key may have served its time; the key itself stays.
    let (first, erased): ([u8; 32], bool) = kept.optional()?.unwrap_or(([0; 32], true));
    if erased {
        return Ok(if keyed { Accepted::Erased } else { Accepted::New });
    }
    if first != *digest {
        return Ok(if keyed {
            Accepted::KeyReused { first }
        } else {
            Accepted::New
        });
    }
    let mut select = tx.conn.prepare_cached(
        "SELECT b.receipt, d.number, f.salt FROM body b JOIN filing f ON f.id = b.filing
         JOIN dossier d ON d.id = f.dossier WHERE b.filing = ?1",
    )?;
    let (sealed, number, salt): (Vec<u8>, String, [u8; 16]) =
        select.query_row([filing], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let place = seal::of_filing(seal::BODY_RECEIPT, &number, &salt);
    Ok(Accepted::Repeat {
        receipt: seal::open_whole(tx.sealer, place, &sealed)?,
    })
}

fn keep(
    tx: &mut Tx<'_>,
    statements: &mut Statements<'_>,
    ready: &Ready,
    known: Option<Known>,
) -> Result<(), StoreError> {
    let acceptance = &ready.acceptance;
    let filing = statements.next;
    statements.next += 1;
    let previous = known.as_ref().map(|known| known.filing);
    let dossier = match known {
        Some(known) => renew_dossier(tx, acceptance, known.id, filing)?,
        None => new_dossier(tx, &mut statements.dossier, acceptance, filing)?,
    };
    let partner = tx.partner(&acceptance.partner)?;
    let leaf = tx.enter(Arc::clone(&ready.leaf))?;
    statements.filing.execute(params![
        filing,
        dossier,
        partner,
        acceptance.at,
        acceptance.due_at,
        acceptance.digest,
        acceptance.salt,
        leaf,
        previous,
        seal::row(ready.sealed.slot)
    ])?;
    let Sealed {
        slot,
        filed,
        dossier,
        receipt,
        subjects,
        ..
    } = &ready.sealed;
    statements
        .body
        .execute(params![filing, filed, dossier, receipt])?;
    statements
        .slot
        .execute(params![seal::row(*slot), filing, subjects])?;
    statements.unprepared.execute([filing])?;
    if let Some(key) = ready.key {
        tx.conn
            .prepare_cached("INSERT INTO idempotency (key, filing) VALUES (?1, ?2)")?
            .execute(params![key, filing])?;
    }
    tx.books.unprepared += 1;
    Ok(())
}

fn new_dossier(
    tx: &mut Tx<'_>,
    insert: &mut CachedStatement<'_>,
    acceptance: &Acceptance,
    filing: i64,
) -> Result<i64, StoreError> {
    let (blind, subject) = (acceptance.leaf.dossier, acceptance.leaf.subject);
    tx.books.dossiers += 1;
    Ok(insert.insert(params![
        acceptance.number,
        acceptance.system,
        acceptance.procedure,
        acceptance.agency,
        acceptance.status,
        blind.map(|blind| blind.0),
        subject.map(|blind| blind.0),
        filing
    ])?)
}

fn renew_dossier(tx: &Tx<'_>, acceptance: &Acceptance, id: i64, filing: i64) -> Result<i64, StoreError> {
    let (blind, subject) = (acceptance.leaf.dossier, acceptance.leaf.subject);
    let mut update = tx.conn.prepare_cached(
        "UPDATE dossier SET procedure = ?2, agency = ?3, status = ?4, blind = coalesce(?5, blind),
         subject = coalesce(?6, subject), versions = versions + 1, filing = ?7 WHERE id = ?1",
    )?;
    update.execute(params![
        id,
        acceptance.procedure,
        acceptance.agency,
        acceptance.status,
        blind.map(|blind| blind.0),
        subject.map(|blind| blind.0),
        filing
    ])?;
    Ok(id)
}
