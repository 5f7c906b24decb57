//! Lease: exchanges in workers' hands, and what becomes of those whose worker is gone.

use rusqlite::{Connection, OptionalExtension, params};

use crate::evidence::leaf::{Draft, Kind};
use crate::model::{ExchangeId, Operation, Owner, Phase, Sealer, State};
use crate::store::sqlite::lane;
use crate::store::sqlite::row::{Turn, Turning, turn};
use crate::store::sqlite::seal;
use crate::store::sqlite::tx::Tx;
use crate::store::{Leased, Rendered, StoreError};

/// How many rows one call turns at most, besides those it gives out.
const SWEEP: i64 = 512;
/// The cause of steps whose attempt nobody saw end.
pub(super) const FATE: &str = "fate-unknown";
/// What the operator does then.
const LOOK: &str = "look at the portal, then `outbox release --as delivered|again`";

/// Which exchanges a worker wants.
pub(super) struct Wanted<'a> {
    pub(super) partner: &'a str,
    pub(super) now: i64,
    pub(super) until: i64,
    pub(super) limit: usize,
}

/// Gives ready exchanges out, the earliest deadline first.
pub(super) fn lease(tx: &mut Tx<'_>, wanted: &Wanted<'_>) -> Result<Vec<Leased>, StoreError> {
    let mut select = tx.conn.prepare_cached("SELECT id FROM partner WHERE name = ?1")?;
    let Some(partner) = select
        .query_row([wanted.partner], |row| row.get::<_, i64>(0))
        .optional()?
    else {
        return Ok(Vec::new());
    };
    drop(select);
    for id in awake(tx, partner, State::Leased, wanted.now - 1, SWEEP)? {
        free(tx, id, wanted.now)?;
    }
    for id in awake(tx, partner, State::Later, wanted.now, SWEEP)? {
        ready(tx, id)?;
    }
    let limit = i64::try_from(wanted.limit).unwrap_or(i64::MAX);
    let ready = awake(tx, partner, State::Ready, i64::MAX, limit)?;
    ready.into_iter().map(|id| hand_out(tx, id, wanted)).collect()
}

/// Exchanges of a partner in one state whose time is `until` or before, earliest first.
fn awake(tx: &Tx<'_>, partner: i64, state: State, until: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT id FROM exchange WHERE partner = ?1 AND state = ?2 AND wake <= ?3 ORDER BY wake, id LIMIT ?4",
    )?;
    let rows = select.query_map(params![partner, state, until, limit], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Its waiting time has passed: from now on its deadline counts.
fn ready(tx: &Tx<'_>, id: i64) -> Result<(), StoreError> {
    let mut update = tx
        .conn
        .prepare_cached("UPDATE exchange SET state = 'ready', wake = due_at WHERE id = ?1")?;
    update.execute([id])?;
    Ok(())
}

fn hand_out(tx: &mut Tx<'_>, id: i64, wanted: &Wanted<'_>) -> Result<Leased, StoreError> {
    let mut update = tx.conn.prepare_cached(
        "UPDATE exchange SET state = 'leased', wake = ?2, fence = fence + 1, changed_at = ?3 WHERE id = ?1",
    )?;
    update.execute([id, wanted.until, wanted.now])?;
    let row = Turning::of(tx.conn, id)?;
    let lane = row.lane;
    let steps = row.operation == Operation::Progress;
    let mut leased = row.leased();
    if let Some(mut message) = shut_message(tx.conn, id)? {
        let place = seal::place(seal::MESSAGE_PAYLOAD, leased.id.as_bytes());
        message.payload = seal::open_alone(tx.sealer, place, &message.payload)?;
        leased.rendered = Some(message);
    }
    if steps && leased.rendered.is_none() {
        leased.steps = steps_of(tx, lane, id)?;
    }
    Ok(leased)
}

/// The message of an exchange, if it was rendered.
pub(super) fn message(
    conn: &Connection,
    sealer: &dyn Sealer,
    (exchange, id): (i64, ExchangeId),
) -> Result<Option<Rendered>, StoreError> {
    let Some(mut message) = shut_message(conn, exchange)? else {
        return Ok(None);
    };
    let place = seal::place(seal::MESSAGE_PAYLOAD, id.as_bytes());
    message.payload = seal::open_whole(sealer, place, &message.payload)?;
    Ok(Some(message))
}

/// The message of an exchange as it is sealed.
fn shut_message(conn: &Connection, exchange: i64) -> Result<Option<Rendered>, StoreError> {
    let mut select =
        conn.prepare_cached("SELECT payload, signature, salt, mapping FROM message WHERE exchange = ?1")?;
    let message = select.query_row([exchange], |row| {
        Ok(Rendered {
            payload: row.get(0)?,
            signature: row.get(1)?,
            salt: row.get(2)?,
            mapping: row.get(3)?,
        })
    });
    Ok(message.optional()?)
}

fn steps_of(tx: &Tx<'_>, lane: i64, exchange: i64) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut select = tx
        .conn
        .prepare_cached("SELECT key, step FROM step WHERE lane = ?1 AND exchange = ?2 ORDER BY at, key")?;
    let mut rows = select.query([lane, exchange])?;
    let mut steps = Vec::new();
    while let Some(row) = rows.next()? {
        let (key, sealed) = (row.get::<_, [u8; 16]>(0)?, row.get_ref(1)?);
        let sealed = sealed.as_blob().map_err(rusqlite::Error::from)?;
        let place = seal::place(seal::STEP_STEP, &key);
        steps.push(seal::open_alone(tx.sealer, place, sealed)?);
    }
    Ok(steps)
}

/// Gives a lease back of which nothing was sent.
pub(super) fn unlease(tx: &mut Tx<'_>, uid: ExchangeId, fence: i64) -> Result<(), StoreError> {
    let row = Turning::held(tx, uid, fence)?;
    if row.under_way {
        return Err(StoreError::Unusable(
            "an attempt is under way: it is settled, not given back".to_owned(),
        ));
    }
    ready(tx, row.id)
}

/// Brings back what was written by a clock that ran ahead: nothing waits longer than it was meant to, and a send of the
/// future was a send of now.
fn set_back(tx: &Tx<'_>, now: i64) -> Result<(), StoreError> {
    let mut update = tx.conn.prepare_cached(
        "UPDATE exchange SET wake = CASE state WHEN 'later' THEN ?1 + (wake - changed_at) ELSE wake END,
         sent_at = min(sent_at, ?1), changed_at = ?1
         WHERE state IN ('held', 'ready', 'later', 'leased', 'parked') AND changed_at > ?1",
    )?;
    update.execute([now])?;
    Ok(())
}

/// At the start of the only process: no lease has a worker any more. Gives back those with an attempt under way.
pub(super) fn orphans(tx: &mut Tx<'_>, now: i64) -> Result<Vec<Leased>, StoreError> {
    set_back(tx, now)?;
    let mut select = tx.conn.prepare_cached(
        "SELECT e.id FROM partner p JOIN exchange e ON e.partner = p.id WHERE e.state = 'leased' AND e.wake IS NOT NULL",
    )?;
    let leased = select
        .query_map([], |row| row.get(0))?
        .collect::<Result<Vec<i64>, _>>()?;
    drop(select);
    let mut under_way = Vec::new();
    for id in leased {
        under_way.extend(free(tx, id, now)?);
    }
    Ok(under_way)
}

/// Takes a lease from a worker that is gone. With an attempt under way nobody knows what the partner has: a create is
/// probed, an update may be sent again, steps may not, so they wait for somebody who looks.
fn free(tx: &mut Tx<'_>, id: i64, now: i64) -> Result<Option<Leased>, StoreError> {
    let row = Turning::of(tx.conn, id)?;
    if !row.under_way {
        ready(tx, id)?;
        return Ok(None);
    }
    match row.operation {
        Operation::Create => go_on(tx, &row, Phase::Probe, now)?,
        Operation::Update | Operation::Register | Operation::Status => {
            go_on(tx, &row, Phase::Send, now)?;
        }
        Operation::Progress => park(tx, &row, now)?,
    }
    Ok(Some(row.leased()))
}

fn go_on(tx: &mut Tx<'_>, row: &Turning, phase: Phase, now: i64) -> Result<(), StoreError> {
    let ready = Turn {
        phase: Some(phase),
        wake: Some(row.due_at),
        cause: Some(FATE),
        at: now,
        ..Turn::default()
    };
    turn(tx, row.id, (row.state, State::Ready), &ready)
}

fn park(tx: &mut Tx<'_>, row: &Turning, now: i64) -> Result<(), StoreError> {
    let draft = Draft::new(Kind::Parked, now)
        .fact("operation", row.operation.word())
        .fact("attempt", row.attempts.to_string())
        .fact("cause", FATE)
        .fact("owner", Owner::Operator.word());
    let parked = Turn {
        owner: Some(Owner::Operator),
        action: Some(LOOK),
        cause: Some(FATE),
        leaf: Some(row.stage(tx, draft)?),
        at: now,
        ..Turn::default()
    };
    turn(tx, row.id, (row.state, State::Parked), &parked)?;
    lane::settle(tx, row.lane, now)
}
