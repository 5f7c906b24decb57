//! Attempt and settle: what is about to leave, what came back, and what comes next.

use data_encoding::HEXLOWER;
use rusqlite::params;

use crate::evidence::blind::commitment;
use crate::model::{Operation, Phase, State};
use crate::store::sqlite::enqueue;
use crate::store::sqlite::lane;
use crate::store::sqlite::registration;
use crate::store::sqlite::row::{Turn, Turning, attempt_id, turn};
use crate::store::sqlite::seal;
use crate::store::sqlite::tx::Tx;
use crate::store::{Attempt, NextMove, Settlement, StoreError};

/// Records that an attempt begins.
pub(super) fn attempt(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<(), StoreError> {
    let row = Turning::held(tx, attempt.exchange, attempt.fence)?;
    if row.under_way {
        return Err(StoreError::Unusable(
            "an attempt of this exchange is under way".to_owned(),
        ));
    }
    let mut draft = attempt.leaf.clone();
    if let Some(rendered) = &attempt.rendered {
        // The leaf commits to all that leaves, envelope and all; what was rendered just now is committed to beside it.
        draft = draft.fact(
            "payload",
            HEXLOWER.encode(&commitment(&rendered.salt, &rendered.payload)),
        );
    }
    let leaf = row.stage(tx, draft)?;
    let sent_at = (attempt.phase == Phase::Send).then_some(attempt.at);
    tx.conn
        .prepare_cached(
            "UPDATE exchange SET attempts = attempts + 1, under_way = 1, sent_at = coalesce(?2, sent_at),
             operation = ?3, phase = ?4, leaf = ?5, changed_at = ?6 WHERE id = ?1",
        )?
        .execute(params![
            row.id,
            sent_at,
            attempt.operation,
            attempt.phase,
            leaf,
            attempt.at
        ])?;
    tx.conn
        .prepare_cached(
            "INSERT INTO attempt (id, phase, operation, began_at, digest) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            attempt_id(row.id, row.attempts + 1),
            attempt.phase,
            attempt.operation,
            attempt.at,
            attempt.digest
        ])?;
    match &attempt.rendered {
        Some(rendered) => enqueue::keep_message(tx, (row.id, row.uid, row.slot(tx)?), rendered, leaf),
        None => Ok(()),
    }
}

/// Records how an attempt ended, and hands the dossier's next message on.
pub(super) fn settle(tx: &mut Tx<'_>, settlement: &Settlement) -> Result<(), StoreError> {
    let row = Turning::held(tx, settlement.exchange, settlement.fence)?;
    if row.under_way {
        end(tx, &row, settlement)?;
    }
    let leaf = row.stage(tx, settlement.leaf.clone())?;
    let (to, next) = next(settlement, leaf);
    turn(tx, row.id, (row.state, to), &next)?;
    if row.operation == Operation::Register {
        registration::turned(tx, row.id, to, settlement.at)?;
    }
    match to {
        // It did not leave, and the partner got to know the dossier while it was in hand.
        State::Later if row.attempts == 0 => lane::ask_for_update(tx, row.lane),
        State::Later => Ok(()),
        State::Delivered if row.operation != Operation::Progress => {
            lane::make_known(tx, row.lane)?;
            lane::settle(tx, row.lane, settlement.at)
        }
        State::Delivered | State::Refused | State::Parked | State::Held | State::Ready | State::Leased => {
            lane::settle(tx, row.lane, settlement.at)
        }
    }
}

fn end(tx: &Tx<'_>, row: &Turning, settlement: &Settlement) -> Result<(), StoreError> {
    let mut update = tx.conn.prepare_cached(
        "UPDATE attempt SET ended_at = ?2, status = ?3, verdict = ?4, cause = ?5 WHERE id = ?1",
    )?;
    update.execute(params![
        row.attempt(),
        settlement.at,
        settlement.status,
        settlement.verdict,
        settlement.cause
    ])?;
    if !settlement.answer.is_empty() {
        let attempt = row.attempts.to_be_bytes();
        let place = seal::of_answer(&row.uid, &attempt);
        let sealed = tx.sealer.seal(row.slot(tx)?, place, &settlement.answer)?;
        tx.conn
            .prepare_cached("INSERT INTO answer (attempt, bytes) VALUES (?1, ?2)")?
            .execute(params![row.attempt(), sealed])?;
    }
    Ok(())
}

fn next(settlement: &Settlement, leaf: i64) -> (State, Turn<'_>) {
    let turn = Turn {
        cause: Some(&settlement.cause),
        leaf: Some(leaf),
        at: settlement.at,
        ..Turn::default()
    };
    match &settlement.next {
        NextMove::Delivered => (State::Delivered, turn),
        NextMove::Refused { owner, action } => (
            State::Refused,
            Turn {
                owner: Some(*owner),
                action: Some(action),
                ..turn
            },
        ),
        NextMove::Park { owner, action } => (
            State::Parked,
            Turn {
                owner: Some(*owner),
                action: Some(action),
                ..turn
            },
        ),
        NextMove::Again { operation, at } => {
            let (operation, phase) = (Some(*operation), Some(Phase::Send));
            (
                State::Later,
                Turn {
                    operation,
                    phase,
                    wake: Some(*at),
                    ..turn
                },
            )
        }
        NextMove::Probe { at } => (
            State::Later,
            Turn {
                phase: Some(Phase::Probe),
                wake: Some(*at),
                ..turn
            },
        ),
    }
}
