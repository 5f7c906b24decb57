//! A person's ruling on a callback or a payment that waits for one.

use rusqlite::{Connection, OptionalExtension, params};

use super::callback::{NO_DOSSIER, NO_SYSTEM};
use super::month;
use crate::evidence::blind::Blind;
use crate::model::{ExchangeId, Owner};
use crate::store::sqlite::tx::Tx;
use crate::store::sqlite::{Sqlite, callback, seal};
use crate::store::{
    CallbackRow, PayPhase, PayState, Reply, Ruled, Ruling, RulingEnd, RulingRow, Rulings, StoreError,
};

/// The most rulings on one thing that are listed.
const MOST: i64 = 1_000;
/// The cause of an order that a person dropped.
const DROPPED: &str = "dropped";

impl Rulings for Sqlite {
    fn rule(&self, ruling: Ruling) -> Reply<'_, RulingEnd> {
        self.write(move |tx| rule(tx, &ruling))
    }

    fn rulings(&self, about: ExchangeId) -> Reply<'_, Vec<RulingRow>> {
        self.readers.ask(move |conn| list(conn, about))
    }

    fn callback(&self, id: ExchangeId) -> Reply<'_, Option<CallbackRow>> {
        self.readers.ask(move |conn| callback::one(conn, id))
    }
}

fn rule(tx: &mut Tx<'_>, ruling: &Ruling) -> Result<RulingEnd, StoreError> {
    match &ruling.ruled {
        Ruled::ToDossier { callback, number } => to_dossier(tx, ruling, *callback, number),
        Ruled::ToSystem {
            callback,
            system,
            files,
        } => to_system(tx, ruling, *callback, (system, *files)),
        Ruled::SetAside { callback } => set_aside(tx, ruling, *callback),
        Ruled::AskAgain { payment } => ask_again(tx, ruling, *payment),
        Ruled::Drop { payment } => drop_order(tx, ruling, *payment),
    }
}

/// What was nobody's is about this dossier: it is put on it next.
fn to_dossier(
    tx: &mut Tx<'_>,
    ruling: &Ruling,
    callback: ExchangeId,
    number: &str,
) -> Result<RulingEnd, StoreError> {
    let Some(id) = homeless(tx, callback)? else {
        return Ok(RulingEnd::WrongState);
    };
    let mut select = tx
        .conn
        .prepare_cached("SELECT system FROM dossier WHERE number = ?1")?;
    let system: Option<String> = select.query_row([number], |row| row.get(0)).optional()?;
    let Some(system) = system else {
        return Ok(RulingEnd::NoDossier);
    };
    keep(tx, ruling)?;
    tx.conn
        .prepare_cached(
            "UPDATE callback SET number = ?2, system = ?3, state = 'waiting', owner = NULL, action = NULL, cause = NULL
             WHERE id = ?1",
        )?
        .execute(params![id, number, system])?;
    Ok(RulingEnd::Done)
}

/// What was nobody's is this system's: a filing is put on its way at once, anything else when its dossier comes.
fn to_system(
    tx: &mut Tx<'_>,
    ruling: &Ruling,
    callback: ExchangeId,
    (system, files): (&str, bool),
) -> Result<RulingEnd, StoreError> {
    let Some(id) = homeless(tx, callback)? else {
        return Ok(RulingEnd::WrongState);
    };
    let mut select = tx
        .conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM callback WHERE id = ?1 AND number IS NOT NULL)")?;
    if !select.query_row([id], |row| row.get::<_, bool>(0))? {
        return Ok(RulingEnd::NoDossier);
    }
    keep(tx, ruling)?;
    let (state, owner, action, cause) = if files {
        ("waiting", None, None, None)
    } else {
        (
            "parked",
            Some(Owner::System),
            Some(callback::PUSH_IT),
            Some(NO_DOSSIER),
        )
    };
    tx.conn
        .prepare_cached(
            "UPDATE callback SET system = ?2, state = ?3, owner = ?4, action = ?5, cause = ?6 WHERE id = ?1",
        )?
        .execute(params![id, system, state, owner, action, cause])?;
    Ok(RulingEnd::Done)
}

/// Nothing follows from it. What was said under its key is taken again when it comes in other words.
fn set_aside(tx: &mut Tx<'_>, ruling: &Ruling, callback: ExchangeId) -> Result<RulingEnd, StoreError> {
    let mut select = tx
        .conn
        .prepare_cached("SELECT id FROM callback WHERE uid = ?1 AND state = 'parked'")?;
    let id: Option<i64> = select.query_row([callback], |row| row.get(0)).optional()?;
    let Some(id) = id else {
        return Ok(RulingEnd::WrongState);
    };
    keep(tx, ruling)?;
    tx.conn
        .prepare_cached("UPDATE callback SET state = 'aside', owner = NULL, action = NULL WHERE id = ?1")?
        .execute([id])?;
    Ok(RulingEnd::Done)
}

/// The row of a callback that has no dossier or no system.
fn homeless(tx: &Tx<'_>, callback: ExchangeId) -> Result<Option<i64>, StoreError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT id FROM callback WHERE uid = ?1 AND state = 'parked' AND cause IN (?2, ?3)",
    )?;
    let row = select.query_row(params![callback, NO_DOSSIER, NO_SYSTEM], |row| row.get(0));
    Ok(row.optional()?)
}

/// The platform is asked again how it stands; the time after which a person is asked begins anew.
fn ask_again(tx: &mut Tx<'_>, ruling: &Ruling, payment: ExchangeId) -> Result<RulingEnd, StoreError> {
    let Some(id) = parked(tx, payment)? else {
        return Ok(RulingEnd::WrongState);
    };
    let leaf = keep(tx, ruling)?;
    tx.conn
        .prepare_cached(
            "UPDATE pay_order SET state = CASE WHEN page IS NULL THEN ?2 ELSE ?3 END, phase = ?4, since = ?5, wake = ?5, tries = 0,
             under_way = 0, held = 0, fence = fence + 1, owner = NULL, action = NULL, cause = NULL, leaf = ?6 WHERE id = ?1",
        )?
        .execute(params![id, PayState::Asked, PayState::Open, PayPhase::Query, ruling.at, leaf])?;
    Ok(RulingEnd::Done)
}

/// Nobody is asked about it any more, and another order of its dossier may begin. A confirmation still counts, however late.
fn drop_order(tx: &mut Tx<'_>, ruling: &Ruling, payment: ExchangeId) -> Result<RulingEnd, StoreError> {
    let Some(id) = parked(tx, payment)? else {
        return Ok(RulingEnd::WrongState);
    };
    let leaf = keep(tx, ruling)?;
    tx.conn
        .prepare_cached(
            "UPDATE pay_order SET state = ?2, wake = NULL, under_way = 0, held = 0, fence = fence + 1, owner = NULL, action = NULL,
             cause = ?3, leaf = ?4 WHERE id = ?1",
        )?
        .execute(params![id, PayState::Dropped, DROPPED, leaf])?;
    Ok(RulingEnd::Done)
}

fn parked(tx: &Tx<'_>, payment: ExchangeId) -> Result<Option<i64>, StoreError> {
    let mut select = tx
        .conn
        .prepare_cached("SELECT id FROM pay_order WHERE uid = ?1 AND state = ?2")?;
    let row = select.query_row(params![payment, PayState::Parked], |row| row.get(0));
    Ok(row.optional()?)
}

fn keep(tx: &mut Tx<'_>, ruling: &Ruling) -> Result<i64, StoreError> {
    let leaf = tx.stage(&ruling.leaf)?;
    let slot = month::slot(tx, ruling.at)?;
    let index = leaf.to_be_bytes();
    let place = seal::place(seal::RULING_REASON, &index);
    let reason = tx.sealer.seal(slot, place, ruling.reason.as_bytes())?;
    tx.conn
        .prepare_cached(
            "INSERT INTO ruling (leaf, about, word, at, account, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            leaf,
            ruling.ruled.about(),
            ruling.ruled.word(),
            ruling.at,
            ruling.account.map(|account| account.0),
            reason
        ])?;
    Ok(leaf)
}

fn list(conn: &Connection, about: ExchangeId) -> Result<Vec<RulingRow>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT word, at, leaf, account FROM ruling WHERE about = ?1 ORDER BY leaf LIMIT ?2",
    )?;
    let rows = select.query_map(params![about, MOST], |row| {
        Ok(RulingRow {
            word: row.get(0)?,
            at: row.get(1)?,
            leaf: row.get::<_, i64>(2)? as u64,
            account: row.get::<_, Option<[u8; 16]>>(3)?.map(Blind),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
