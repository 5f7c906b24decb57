//! Prepare: what was translated goes into the outbox, in the order it came.

use std::collections::HashSet;

use rusqlite::{OptionalExtension, params};

use crate::evidence::leaf::Draft;
use crate::model::{ExchangeId, Operation, Phase, Slot, State};
use crate::store::sqlite::lane;
use crate::store::sqlite::registration;
use crate::store::sqlite::row::{Turn, Turning, turn};
use crate::store::sqlite::seal;
use crate::store::sqlite::states;
use crate::store::sqlite::tx::Tx;
use crate::store::{NewStep, Prepared, Rendered, Stopped, StoreError};

/// A filing on its way into the outbox.
struct Bound {
    dossier: i64,
    partner: i64,
    lane: i64,
    slot: Slot,
}

/// Puts one prepared filing into the outbox. One that was prepared already is left alone: a worker that died after its
/// commit may prepare it twice.
pub(super) fn enqueue(tx: &mut Tx<'_>, prepared: &Prepared) -> Result<(), StoreError> {
    let Some(stands) = take(tx, prepared.filing)? else {
        return Ok(());
    };
    let mut select = tx
        .conn
        .prepare_cached("SELECT dossier, slot FROM filing WHERE id = ?1")?;
    let (dossier, slot) = select.query_row([prepared.filing], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let partner = tx.partner(&prepared.partner)?;
    let bound = Bound {
        dossier,
        partner,
        lane: lane::find(tx, dossier, partner)?,
        slot: seal::slot(slot),
    };
    match (stands, &prepared.message) {
        (None, Ok((id, rendered))) => put_message(tx, &bound, prepared, *id, rendered)?,
        (None, Err(stopped)) => put_stopped(tx, &bound, prepared, stopped)?,
        (Some(row), Ok((_, rendered))) => make_message(tx, row, prepared, rendered)?,
        (Some(row), Err(stopped)) => stop_again(tx, row, prepared, stopped)?,
    }
    put_steps(tx, &bound, prepared)?;
    put_reused(tx, &bound, prepared)?;
    if prepared.registers {
        registration::due(tx, &prepared.number, prepared.filing)?;
    }
    states::touch(tx, &prepared.number)?;
    lane::settle(tx, bound.lane, prepared.at)
}

/// Keeps the dossier as it stands with what the state holds, under a leaf that commits to it.
fn put_reused(tx: &mut Tx<'_>, bound: &Bound, prepared: &Prepared) -> Result<(), StoreError> {
    let Some((dossier, leaf)) = &prepared.reused else {
        return Ok(());
    };
    let leaf = tx.stage(&filled(tx, bound.dossier, leaf)?)?;
    let mut select = tx.conn.prepare_cached("SELECT salt FROM filing WHERE id = ?1")?;
    let salt = select.query_row([prepared.filing], |row| row.get(0))?;
    let place = seal::of_filing(seal::BODY_DOSSIER, &prepared.number, &salt);
    let sealed = tx.sealer.seal(bound.slot, place, dossier)?;
    tx.conn
        .prepare_cached("UPDATE body SET dossier = ?2, reused = ?3 WHERE filing = ?1")?
        .execute(params![prepared.filing, sealed, leaf])?;
    Ok(())
}

/// A draft with the dossier's own blinds where it left them open.
fn filled(tx: &Tx<'_>, dossier: i64, draft: &Draft) -> Result<Draft, StoreError> {
    let mut draft = draft.clone();
    if draft.dossier.is_none() || draft.subject.is_none() {
        let mut select = tx
            .conn
            .prepare_cached("SELECT blind, subject FROM dossier WHERE id = ?1")?;
        let (blind, subject) = select.query_row([dossier], |row| {
            Ok((row.get::<_, Option<_>>(0)?, row.get::<_, Option<_>>(1)?))
        })?;
        draft.dossier = draft.dossier.or(blind.map(crate::evidence::blind::Blind));
        draft.subject = draft.subject.or(subject.map(crate::evidence::blind::Blind));
    }
    Ok(draft)
}

/// Takes a filing from those that wait. The inner value is the stopped exchange that it is prepared for again.
fn take(tx: &mut Tx<'_>, filing: i64) -> Result<Option<Option<i64>>, StoreError> {
    let mut delete = tx
        .conn
        .prepare_cached("DELETE FROM unprepared WHERE filing = ?1 RETURNING exchange")?;
    let taken = delete.query_row([filing], |row| row.get(0)).optional()?;
    tx.books.unprepared -= u64::from(taken.is_some());
    Ok(taken)
}

/// A row that is about to be made, with its leaf.
struct Fresh<'a> {
    id: ExchangeId,
    operation: Operation,
    leaf: &'a Draft,
}

/// When a row was made, and until when it is to be delivered.
struct When {
    filing: i64,
    at: i64,
    due_at: i64,
    give_up_at: i64,
}

impl When {
    const fn of(prepared: &Prepared) -> Self {
        Self {
            filing: prepared.filing,
            at: prepared.at,
            due_at: prepared.due_at,
            give_up_at: prepared.give_up_at,
        }
    }
}

/// A message that is made apart from a filing's own.
pub(super) struct Outgoing<'a> {
    pub(super) filing: i64,
    pub(super) partner: &'a str,
    pub(super) exchange: ExchangeId,
    pub(super) operation: Operation,
    pub(super) rendered: &'a Rendered,
    pub(super) leaf: &'a Draft,
    pub(super) at: i64,
    pub(super) due_at: i64,
    pub(super) give_up_at: i64,
}

/// Puts such a message into the outbox: its row, and its lane, which is to be settled.
pub(super) fn put_out(tx: &mut Tx<'_>, outgoing: &Outgoing<'_>) -> Result<(i64, i64), StoreError> {
    let mut select = tx
        .conn
        .prepare_cached("SELECT dossier, slot FROM filing WHERE id = ?1")?;
    let (dossier, slot) = select.query_row([outgoing.filing], |row| Ok((row.get(0)?, row.get(1)?)))?;
    drop(select);
    let partner = tx.partner(outgoing.partner)?;
    let bound = Bound {
        dossier,
        partner,
        lane: lane::find(tx, dossier, partner)?,
        slot: seal::slot(slot),
    };
    let when = When {
        filing: outgoing.filing,
        at: outgoing.at,
        due_at: outgoing.due_at,
        give_up_at: outgoing.give_up_at,
    };
    let fresh = Fresh {
        id: outgoing.exchange,
        operation: outgoing.operation,
        leaf: outgoing.leaf,
    };
    let (row, leaf) = put(tx, &bound, (&when, outgoing.partner), &fresh, None)?;
    let kept = (row, outgoing.exchange, bound.slot);
    keep_message(tx, kept, outgoing.rendered, leaf)?;
    Ok((row, bound.lane))
}

fn put(
    tx: &mut Tx<'_>,
    bound: &Bound,
    (when, partner): (&When, &str),
    fresh: &Fresh<'_>,
    stopped: Option<&Stopped>,
) -> Result<(i64, i64), StoreError> {
    let leaf = stage(tx, bound, partner, fresh)?;
    let state = if stopped.is_some() {
        State::Parked
    } else {
        State::Held
    };
    let mut insert = tx.conn.prepare_cached(
        "INSERT INTO exchange (uid, lane, partner, operation, state, phase, fence, attempts, under_way, due_at,
         give_up_at, made_at, changed_at, leaf, filing, owner, action, cause)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, 0, ?7, ?8, ?9, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?;
    let id = insert.insert(params![
        fresh.id,
        bound.lane,
        bound.partner,
        fresh.operation,
        state,
        Phase::Send,
        when.due_at,
        when.give_up_at,
        when.at,
        leaf,
        when.filing,
        stopped.map(|stopped| stopped.owner),
        stopped.map(|stopped| &stopped.action),
        stopped.map(|stopped| &stopped.cause)
    ])?;
    drop(insert);
    tx.count(None, state);
    Ok((id, leaf))
}

/// Stages the leaf of a new row, filling in what the draft leaves open.
fn stage(tx: &mut Tx<'_>, bound: &Bound, partner: &str, fresh: &Fresh<'_>) -> Result<i64, StoreError> {
    let mut draft = filled(tx, bound.dossier, fresh.leaf)?;
    draft.partner.get_or_insert_with(|| partner.to_owned());
    draft.exchange.get_or_insert_with(|| fresh.id.to_string());
    tx.stage(&draft)
}

/// What the message asks, by what the partner knows now; it changes when the partner gets to know the dossier.
fn asks(tx: &Tx<'_>, lane: i64) -> Result<Operation, StoreError> {
    let mut select = tx.conn.prepare_cached("SELECT known FROM lane WHERE id = ?1")?;
    let known = select.query_row([lane], |row| row.get(0))?;
    Ok(if known {
        Operation::Update
    } else {
        Operation::Create
    })
}

fn put_message(
    tx: &mut Tx<'_>,
    bound: &Bound,
    prepared: &Prepared,
    id: ExchangeId,
    rendered: &Rendered,
) -> Result<(), StoreError> {
    let operation = asks(tx, bound.lane)?;
    let fresh = Fresh {
        id,
        operation,
        leaf: &prepared.leaf,
    };
    let when = (&When::of(prepared), prepared.partner.as_str());
    let (row, leaf) = put(tx, bound, when, &fresh, None)?;
    keep_message(tx, (row, id, bound.slot), rendered, leaf)
}

fn put_stopped(
    tx: &mut Tx<'_>,
    bound: &Bound,
    prepared: &Prepared,
    stopped: &Stopped,
) -> Result<(), StoreError> {
    let operation = asks(tx, bound.lane)?;
    let fresh = Fresh {
        id: stopped.exchange,
        operation,
        leaf: &prepared.leaf,
    };
    let when = (&When::of(prepared), prepared.partner.as_str());
    put(tx, bound, when, &fresh, Some(stopped)).map(drop)
}

/// Gives a stopped exchange, which an operator sent on its way again, the message that it lacked.
fn make_message(
    tx: &mut Tx<'_>,
    row: i64,
    prepared: &Prepared,
    rendered: &Rendered,
) -> Result<(), StoreError> {
    let row = Turning::of(tx.conn, row)?;
    let leaf = row.stage(tx, renamed(prepared, &row))?;
    keep_message(tx, (row.id, row.uid, row.slot(tx)?), rendered, leaf)?;
    let held = Turn {
        leaf: Some(leaf),
        at: prepared.at,
        ..Turn::default()
    };
    turn(tx, row.id, (row.state, State::Held), &held)
}

fn stop_again(tx: &mut Tx<'_>, row: i64, prepared: &Prepared, stopped: &Stopped) -> Result<(), StoreError> {
    let row = Turning::of(tx.conn, row)?;
    let parked = Turn {
        owner: Some(stopped.owner),
        action: Some(&stopped.action),
        cause: Some(&stopped.cause),
        leaf: Some(row.stage(tx, renamed(prepared, &row))?),
        at: prepared.at,
        ..Turn::default()
    };
    turn(tx, row.id, (row.state, State::Parked), &parked)
}

/// The exchange keeps the id it was known by, whichever id the filing was prepared under this time.
fn renamed(prepared: &Prepared, row: &Turning) -> Draft {
    let mut draft = prepared.leaf.clone();
    draft.exchange = Some(row.uid.to_string());
    draft
}

/// Keeps what was rendered, once.
pub(super) fn keep_message(
    tx: &Tx<'_>,
    (exchange, id, slot): (i64, ExchangeId, Slot),
    rendered: &Rendered,
    leaf: i64,
) -> Result<(), StoreError> {
    let place = seal::place(seal::MESSAGE_PAYLOAD, id.as_bytes());
    let sealed = tx.sealer.seal(slot, place, &rendered.payload)?;
    let mut insert = tx.conn.prepare_cached(
        "INSERT INTO message (exchange, payload, signature, salt, mapping, leaf) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let Rendered {
        payload: _,
        signature,
        salt,
        mapping,
    } = rendered;
    insert.execute(params![exchange, sealed, signature, salt, mapping, leaf])?;
    Ok(())
}

/// New steps fill up the newest message of steps that no worker has had in hand; the rest begins new ones.
fn put_steps(tx: &mut Tx<'_>, bound: &Bound, prepared: &Prepared) -> Result<(), StoreError> {
    let steps = new_steps(tx, bound.lane, &prepared.steps)?;
    let mut rest = steps.as_slice();
    if rest.is_empty() {
        return Ok(());
    }
    let most = prepared.chunk.max(1);
    if let Some((exchange, held)) = open_message(tx, bound.lane)? {
        let room = most.saturating_sub(held);
        let (joining, others) = rest.split_at(room.min(rest.len()));
        keep_steps(tx, bound, exchange, joining)?;
        rest = others;
    }
    let mut ids = prepared.step_ids.iter().zip(&prepared.step_leaves);
    for chunk in rest.chunks(most) {
        let Some((id, leaf)) = ids.next() else {
            return Err(StoreError::Unusable("fewer ids than the steps need".to_owned()));
        };
        let fresh = Fresh {
            id: *id,
            operation: Operation::Progress,
            leaf,
        };
        let when = (&When::of(prepared), prepared.partner.as_str());
        let (exchange, _) = put(tx, bound, when, &fresh, None)?;
        keep_steps(tx, bound, exchange, chunk)?;
    }
    Ok(())
}

/// The steps that the lane does not have, each once, oldest first.
fn new_steps<'a>(tx: &Tx<'_>, lane: i64, steps: &'a [NewStep]) -> Result<Vec<&'a NewStep>, StoreError> {
    let mut select = tx
        .conn
        .prepare_cached("SELECT 1 FROM step WHERE lane = ?1 AND key = ?2")?;
    let mut seen = HashSet::new();
    let mut new = Vec::new();
    for step in steps {
        if seen.insert(step.key) && !select.exists(params![lane, step.key])? {
            new.push(step);
        }
    }
    new.sort_by_key(|step| step.at);
    Ok(new)
}

/// The newest message of steps that was never leased, and how many steps it holds.
fn open_message(tx: &Tx<'_>, lane: i64) -> Result<Option<(i64, usize)>, StoreError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT id, (SELECT count(*) FROM step WHERE step.lane = ?1 AND step.exchange = exchange.id) FROM exchange
         WHERE lane = ?1 AND state IN ('held', 'ready', 'parked') AND operation = 'progress' AND fence = 0
         ORDER BY id DESC LIMIT 1",
    )?;
    let open = select.query_row([lane], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as usize)));
    Ok(open.optional()?)
}

fn keep_steps(tx: &Tx<'_>, bound: &Bound, exchange: i64, steps: &[&NewStep]) -> Result<(), StoreError> {
    let mut insert = tx
        .conn
        .prepare_cached("INSERT INTO step (lane, key, exchange, at, step) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for step in steps {
        let place = seal::place(seal::STEP_STEP, &step.key);
        let sealed = tx.sealer.seal(bound.slot, place, &step.step)?;
        insert.execute(params![bound.lane, step.key, exchange, step.at, sealed])?;
    }
    Ok(())
}
