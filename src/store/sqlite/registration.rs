//! Registrations: due with a filing, pushed in order of their dossier, awaited until their end is known.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{ExchangeId, Operation, Sealer, State};
use crate::store::sqlite::enqueue::{self, Outgoing};
use crate::store::sqlite::lane;
use crate::store::sqlite::read;
use crate::store::sqlite::seal;
use crate::store::sqlite::states;
use crate::store::sqlite::tx::Tx;
use crate::store::{
    Awaited, Awaiting, Found, Push, Registered, Registering, Registrable, RegistrationRow, StoreError,
};

/// A filing was prepared of a dossier that its procedure registers. What is on its way there, or came to its end, goes on.
pub(super) fn due(tx: &Tx<'_>, number: &str, filing: i64) -> Result<(), StoreError> {
    tx.conn
        .prepare_cached(
            "INSERT INTO registration (number, filing, state, round, tries) VALUES (?1, ?2, 'due', 0, 0)
             ON CONFLICT (number) DO UPDATE SET filing = ?2, state = CASE
             WHEN state IN ('idle', 'stopped', 'supplement', 'refused') THEN 'due' ELSE state END",
        )?
        .execute(params![number, filing])?;
    Ok(())
}

/// Those that may be registered now. One that was erased comes without its dossier: whoever cannot read it stops it.
pub(super) fn registrable(
    conn: &Connection,
    sealer: &dyn Sealer,
    limit: usize,
) -> Result<Vec<Registrable>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT r.number, r.filing, f.at, f.due_at FROM registration r JOIN filing f ON f.id = r.filing
         WHERE r.state = 'due' ORDER BY r.filing LIMIT ?1",
    )?;
    let rows = select.query_map([limit as i64], |row| {
        Ok(Registrable {
            number: row.get(0)?,
            filing: row.get(1)?,
            dossier: Vec::new(),
            at: row.get(2)?,
            due_at: row.get(3)?,
            linked: None,
        })
    })?;
    let mut due: Vec<Registrable> = rows.collect::<Result<_, _>>()?;
    for one in &mut due {
        one.dossier = read::filed_alone(conn, sealer, Some(one.filing))?.unwrap_or_default();
        one.linked = linked(conn, sealer, &one.number)?;
    }
    Ok(due)
}

/// What lay in a tray under this number, as it was read last.
fn linked(
    conn: &Connection,
    sealer: &dyn Sealer,
    number: &str,
) -> Result<Option<(String, String, Vec<u8>)>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT c.listener, c.kind, c.uid, b.document FROM tray_item t
         JOIN callback c ON c.number = t.number AND c.listener = t.tray AND c.state <> 'refused'
         JOIN callback_body b ON b.callback = c.id WHERE t.number = ?1 ORDER BY c.id DESC LIMIT 1",
    )?;
    let row = select.query_row([number], |row| {
        let document: (ExchangeId, Vec<u8>) = (row.get(2)?, row.get(3)?);
        Ok((row.get(0)?, row.get(1)?, document))
    });
    let Some((listener, kind, (id, sealed))) = row.optional()? else {
        return Ok(None);
    };
    let place = seal::place(seal::CALLBACK_DOCUMENT, id.as_bytes());
    let document = seal::open(sealer, place, &sealed)?;
    Ok(document.map(|document| (listener, kind, document)))
}

/// Does what was decided about one that was due. One that is not due any more, or stands at a later filing, is left alone.
pub(super) fn register(tx: &mut Tx<'_>, registered: &Registered) -> Result<(), StoreError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM registration WHERE number = ?1 AND filing = ?2 AND state = 'due')",
    )?;
    let due: bool = select.query_row(params![registered.number, registered.filing], |row| row.get(0))?;
    drop(select);
    if !due {
        return Ok(());
    }
    match &registered.how {
        Registering::Push(push) => put(tx, registered, push),
        Registering::Idle => stand(tx, registered, "idle", (None, None, None)),
        Registering::Stopped(stopped) => {
            let (owner, action, cause) = (stopped.owner, &*stopped.action, &*stopped.cause);
            stand(
                tx,
                registered,
                "stopped",
                (Some(owner), Some(action), Some(cause)),
            )
        }
    }
}

fn stand(
    tx: &Tx<'_>,
    registered: &Registered,
    state: &str,
    (owner, action, cause): (Option<crate::model::Owner>, Option<&str>, Option<&str>),
) -> Result<(), StoreError> {
    tx.conn
        .prepare_cached(
            "UPDATE registration SET state = ?2, owner = ?3, action = ?4, cause = ?5 WHERE number = ?1",
        )?
        .execute(params![registered.number, state, owner, action, cause])?;
    Ok(())
}

fn put(tx: &mut Tx<'_>, registered: &Registered, push: &Push) -> Result<(), StoreError> {
    let outgoing = Outgoing {
        filing: registered.filing,
        partner: &push.partner,
        exchange: push.exchange,
        operation: Operation::Register,
        rendered: &push.rendered,
        leaf: &push.leaf,
        at: registered.at,
        due_at: push.due_at,
        give_up_at: push.give_up_at,
    };
    let (exchange, lane) = enqueue::put_out(tx, &outgoing)?;
    tx.conn
        .prepare_cached(
            "UPDATE registration SET state = 'pushed', round = round + 1, partner = ?2, asked = ?3, exchange = ?4,
             code = NULL, tries = 0, wake = NULL, owner = NULL, action = NULL, cause = NULL WHERE number = ?1",
        )?
        .execute(params![registered.number, push.partner, push.asked, exchange])?;
    lane::settle(tx, lane, registered.at)
}

/// The push came to an end: what the register has is awaited from now on, what it refused waits for the next filing.
pub(super) fn turned(tx: &Tx<'_>, exchange: i64, to: State, at: i64) -> Result<(), StoreError> {
    let (state, wake) = match to {
        State::Delivered => ("awaited", Some(at)),
        State::Refused => ("refused", None),
        State::Held | State::Ready | State::Later | State::Leased | State::Parked => return Ok(()),
    };
    tx.conn
        .prepare_cached(
            "UPDATE registration SET state = ?2, wake = ?3 WHERE exchange = ?1 AND state = 'pushed'",
        )?
        .execute(params![exchange, state, wake])?;
    states::touch_exchange(tx, exchange)
}

/// Those that a register is asked for now.
pub(super) fn awaiting(
    conn: &Connection,
    partner: &str,
    now: i64,
    limit: usize,
) -> Result<Vec<Awaiting>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT number, asked, round, code, tries FROM registration
         WHERE partner = ?1 AND wake <= ?2 AND state = 'awaited' ORDER BY wake, number LIMIT ?3",
    )?;
    let rows = select.query_map(params![partner, now, limit as i64], |row| {
        Ok(Awaiting {
            number: row.get(0)?,
            asked: row.get(1)?,
            round: row.get(2)?,
            code: row.get(3)?,
            tries: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// When a register is asked for something next, ms since 1970.
pub(super) fn awaits_at(conn: &Connection, partner: &str) -> Result<Option<i64>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT min(wake) FROM registration WHERE partner = ?1 AND wake IS NOT NULL AND state = 'awaited'",
    )?;
    Ok(select.query_row([partner], |row| row.get(0))?)
}

/// Keeps what asking came to.
pub(super) fn found(tx: &Tx<'_>, found: &[Found]) -> Result<(), StoreError> {
    let mut update = tx.conn.prepare_cached(
        "UPDATE registration SET state = ?3, code = coalesce(?4, code), tries = ?5, wake = ?6
         WHERE number = ?1 AND round = ?2 AND state = 'awaited'",
    )?;
    for one in found {
        let (state, wake) = match one.stands {
            Awaited::Again(at) => ("awaited", Some(at)),
            Awaited::Supplement => ("supplement", None),
            Awaited::Ended => ("ended", None),
        };
        update.execute(params![one.number, one.round, state, one.code, one.tries, wake])?;
        if one.code.is_some() {
            states::touch(tx, &one.number)?;
        }
    }
    Ok(())
}

/// All registrations, or that of one dossier.
pub(super) fn list(
    conn: &Connection,
    number: Option<&str>,
    limit: usize,
) -> Result<Vec<RegistrationRow>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT number, state, partner, round, code, owner, action, cause FROM registration
         WHERE ?1 IS NULL OR number = ?1 ORDER BY number LIMIT ?2",
    )?;
    let rows = select.query_map(params![number, limit as i64], |row| {
        Ok(RegistrationRow {
            number: row.get(0)?,
            state: row.get(1)?,
            partner: row.get(2)?,
            round: row.get(3)?,
            code: row.get(4)?,
            owner: row.get(5)?,
            action: row.get(6)?,
            cause: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
