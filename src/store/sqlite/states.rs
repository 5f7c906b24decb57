//! States that a tray's national side is told of what lay there.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{ExchangeId, Operation, Sealer};
use crate::store::sqlite::enqueue::{self, Outgoing};
use crate::store::sqlite::lane;
use crate::store::sqlite::read;
use crate::store::sqlite::seal;
use crate::store::sqlite::tx::Tx;
use crate::store::{Stale, StateTelling, StoreError};

/// There may be something to tell of this dossier, if it lay in a tray.
pub(super) fn touch(tx: &Tx<'_>, number: &str) -> Result<(), StoreError> {
    tx.conn
        .prepare_cached("UPDATE tray_item SET stale = stale + 1 WHERE number = ?1")?
        .execute([number])?;
    Ok(())
}

/// The same, by an exchange of it.
pub(super) fn touch_exchange(tx: &Tx<'_>, exchange: i64) -> Result<(), StoreError> {
    tx.conn
        .prepare_cached(
            "UPDATE tray_item SET stale = stale + 1 WHERE number =
             (SELECT d.number FROM exchange e JOIN lane l ON l.id = e.lane JOIN dossier d ON d.id = l.dossier WHERE e.id = ?1)",
        )?
        .execute([exchange])?;
    Ok(())
}

/// What may have something to tell: it is acknowledged there, and its dossier is here. Of one that was erased there is nothing.
pub(super) fn stale(conn: &Connection, sealer: &dyn Sealer, limit: usize) -> Result<Vec<Stale>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT t.tray, t.item, t.number, t.stale, d.filing, f.at, f.due_at,
                r.state IN ('awaited', 'supplement', 'ended'), r.code
         FROM tray_item t JOIN dossier d ON d.number = t.number JOIN filing f ON f.id = d.filing
         LEFT JOIN registration r ON r.number = t.number
         WHERE t.stale > 0 AND t.acknowledged IS NOT NULL ORDER BY t.at LIMIT ?1",
    )?;
    let rows = select.query_map([limit as i64], |row| {
        let registered: Option<bool> = row.get(7)?;
        let code: Option<String> = row.get(8)?;
        Ok(Stale {
            tray: row.get(0)?,
            item: row.get(1)?,
            number: row.get(2)?,
            stale: row.get(3)?,
            filing: row.get(4)?,
            dossier: Vec::new(),
            at: row.get(5)?,
            due_at: row.get(6)?,
            registered: registered.filter(|has| *has).map(|_| code),
            result: None,
            told: Vec::new(),
        })
    })?;
    let mut stale: Vec<Stale> = rows.collect::<Result<_, _>>()?;
    for one in &mut stale {
        one.dossier = read::filed_alone(conn, sealer, Some(one.filing))?.unwrap_or_default();
        one.result = result(conn, sealer, &one.number)?;
        one.told = told(conn, &one.number)?;
    }
    Ok(stale)
}

/// What the register said last.
fn result(conn: &Connection, sealer: &dyn Sealer, number: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT c.uid, b.document FROM registration r JOIN callback c ON c.number = r.number AND c.listener = r.partner
         JOIN callback_body b ON b.callback = c.id
         WHERE r.number = ?1 AND c.state <> 'refused' ORDER BY c.id DESC LIMIT 1",
    )?;
    let row = select.query_row([number], |row| {
        Ok((row.get::<_, ExchangeId>(0)?, row.get::<_, Vec<u8>>(1)?))
    });
    match row.optional()? {
        Some((id, sealed)) => {
            let place = seal::place(seal::CALLBACK_DOCUMENT, id.as_bytes());
            seal::open(sealer, place, &sealed)
        }
        None => Ok(None),
    }
}

/// The states that were told or will be; one that was refused is not among them.
fn told(conn: &Connection, number: &str) -> Result<Vec<u8>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT t.state FROM told_state t JOIN exchange e ON e.id = t.exchange
         WHERE t.number = ?1 AND e.state <> 'refused' ORDER BY t.exchange",
    )?;
    let rows = select.query_map([number], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Puts states into the outbox, in their order, unless something came to tell since they were looked at.
pub(super) fn tell(tx: &mut Tx<'_>, telling: &StateTelling) -> Result<(), StoreError> {
    let mut update = tx
        .conn
        .prepare_cached("UPDATE tray_item SET stale = 0 WHERE number = ?1 AND stale = ?2")?;
    if update.execute(params![telling.number, telling.stale])? == 0 {
        return Ok(());
    }
    drop(update);
    for (state, push) in &telling.states {
        let outgoing = Outgoing {
            filing: telling.filing,
            partner: &push.partner,
            exchange: push.exchange,
            operation: Operation::Status,
            rendered: &push.rendered,
            leaf: &push.leaf,
            at: telling.at,
            due_at: push.due_at,
            give_up_at: push.give_up_at,
        };
        let (exchange, lane) = enqueue::put_out(tx, &outgoing)?;
        tx.conn
            .prepare_cached("INSERT INTO told_state (number, state, exchange) VALUES (?1, ?2, ?3)")?
            .execute(params![telling.number, state, exchange])?;
        lane::settle(tx, lane, telling.at)?;
    }
    Ok(())
}

/// How many states were told and taken.
pub(super) fn count(conn: &Connection) -> Result<u64, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT count(*) FROM told_state t JOIN exchange e ON e.id = t.exchange WHERE e.state = 'delivered'",
    )?;
    Ok(select.query_row([], |row| row.get::<_, i64>(0))? as u64)
}
