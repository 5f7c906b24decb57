//! An operator's hand on an exchange that waits or stands.

use rusqlite::params;

use crate::model::{Operation, Phase, Release, State};
use crate::store::sqlite::lane;
use crate::store::sqlite::month;
use crate::store::sqlite::registration;
use crate::store::sqlite::row::{Turn, Turning, turn};
use crate::store::sqlite::seal;
use crate::store::sqlite::tx::Tx;
use crate::store::{Handling, StoreError};

/// Does what the operator asks, if the exchange is in a state for it.
pub(super) fn handle(tx: &mut Tx<'_>, handling: &Handling) -> Result<bool, StoreError> {
    let Some(row) = Turning::find(tx.conn, handling.exchange)? else {
        return Ok(false);
    };
    if row.is_behind() {
        return Ok(false);
    }
    let repeatable = row.operation != Operation::Progress;
    match (handling.release, row.state) {
        (None, State::Later) => hurry(tx, &row, handling),
        (None, State::Parked) if repeatable => reopen(tx, &row, handling),
        (Some(Release::Again), State::Parked) => reopen(tx, &row, handling),
        (Some(Release::Delivered), State::Parked) => deliver(tx, &row, handling),
        (None | Some(Release::Again | Release::Delivered), _) => Ok(false),
    }
}

/// Whatever it waits for, it may be leased now.
fn hurry(tx: &mut Tx<'_>, row: &Turning, handling: &Handling) -> Result<bool, StoreError> {
    let leaf = keep(tx, row, handling)?;
    let ready = Turn {
        wake: Some(row.due_at),
        leaf: Some(leaf),
        at: handling.at,
        ..Turn::default()
    };
    turn(tx, row.id, (row.state, State::Ready), &ready)?;
    Ok(true)
}

/// Sends it on its way again: back into its lane, with the operation it had. A creation that was sent, and of which nobody
/// says that he looked, begins with a look: the partner may have it.
fn reopen(tx: &mut Tx<'_>, row: &Turning, handling: &Handling) -> Result<bool, StoreError> {
    let made = row.operation == Operation::Progress || is_made(tx, row)?;
    if !made {
        if is_overtaken(tx, row)? {
            return Ok(false);
        }
        tx.conn
            .prepare_cached("INSERT INTO unprepared (filing, exchange) VALUES (?1, ?2)")?
            .execute([row.filing, row.id])?;
        tx.books.unprepared += 1;
    }
    let leaf = keep(tx, row, handling)?;
    let unlooked = handling.release.is_none() && row.operation == Operation::Create && row.sent_at.is_some();
    let held = Turn {
        phase: Some(if unlooked { Phase::Probe } else { Phase::Send }),
        leaf: Some(leaf),
        at: handling.at,
        ..Turn::default()
    };
    turn(tx, row.id, (row.state, State::Held), &held)?;
    lane::settle(tx, row.lane, handling.at)?;
    Ok(true)
}

/// The partner has it, says the operator.
fn deliver(tx: &mut Tx<'_>, row: &Turning, handling: &Handling) -> Result<bool, StoreError> {
    let leaf = keep(tx, row, handling)?;
    let delivered = Turn {
        leaf: Some(leaf),
        at: handling.at,
        ..Turn::default()
    };
    turn(tx, row.id, (row.state, State::Delivered), &delivered)?;
    if row.operation == Operation::Register {
        registration::turned(tx, row.id, State::Delivered, handling.at)?;
    }
    if row.operation != Operation::Progress {
        lane::make_known(tx, row.lane)?;
    }
    lane::settle(tx, row.lane, handling.at)?;
    Ok(true)
}

fn is_made(tx: &Tx<'_>, row: &Turning) -> Result<bool, StoreError> {
    Ok(tx
        .conn
        .prepare_cached("SELECT 1 FROM message WHERE exchange = ?1")?
        .exists([row.id])?)
}

/// Whether a later state of the dossier may have left already: an older one must not follow it.
fn is_overtaken(tx: &Tx<'_>, row: &Turning) -> Result<bool, StoreError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT 1 FROM exchange WHERE lane = ?1 AND id > ?2 AND operation <> 'progress'
         AND state <> 'refused' AND (fence > 0 OR state IN ('ready', 'delivered'))",
    )?;
    Ok(select.exists([row.lane, row.id])?)
}

fn keep(tx: &mut Tx<'_>, row: &Turning, handling: &Handling) -> Result<i64, StoreError> {
    let leaf = row.stage(tx, handling.leaf.clone())?;
    let slot = month::slot(tx, handling.at)?;
    let at = handling.at.to_be_bytes();
    let place = seal::of_reason(&row.uid, &at);
    let reason = tx.sealer.seal(slot, place, handling.reason.as_bytes())?;
    let mut insert = tx.conn.prepare_cached(
        "INSERT INTO handling (exchange, at, release, reason, leaf, account) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    insert.execute(params![
        row.id,
        handling.at,
        handling.release,
        reason,
        leaf,
        handling.account.map(|account| account.0)
    ])?;
    Ok(leaf)
}
