//! What turns an order: how a call for it ended, and what a callback says of it.

use rusqlite::{OptionalExtension, params};

use super::id_of;
use crate::model::Owner;
use crate::store::sqlite::seal;
use crate::store::sqlite::tx::Tx;
use crate::store::{PayEnd, PayMove, PayPhase, PayState, Paying, Receipt, Received, StoreError};

/// The cause of an order whose callback said another amount.
const DIFFERS: &str = "amount-differs";
/// The cause of an order whose dossier was paid by another one.
const OTHERWISE: &str = "paid-otherwise";
/// The cause of an order that the platform said is not paid.
const DECLINED: &str = "declined";

/// How a call ended. What was turned meanwhile stays as it is; that the call ended is kept all the same.
pub(super) fn end(tx: &mut Tx<'_>, end: &PayEnd) -> Result<(), StoreError> {
    let Some((id, slot)) = id_of(tx.conn, end.id)? else {
        return Ok(());
    };
    let leaf = tx.stage(&end.leaf)?;
    end_call(tx, id, end)?;
    let Next {
        state,
        phase,
        wake,
        page,
        owner,
        action,
    } = Next::of(&end.next);
    let stops = owner.is_some();
    let sealed = |column, bytes: &[u8]| {
        let place = seal::place(column, end.id.as_bytes());
        tx.sealer.seal(slot, place, bytes)
    };
    let page = page
        .map(|page| sealed(seal::PAY_PAGE, page.as_bytes()))
        .transpose()?;
    let mut update = tx.conn.prepare_cached(
        "UPDATE pay_order SET state = coalesce(?3, state), phase = coalesce(?4, phase), wake = ?5,
         tries = CASE WHEN ?4 IS NOT NULL AND ?4 != phase THEN 0 ELSE tries END, under_way = 0, held = 0,
         doubtful = max(doubtful, ?6), page = coalesce(?7, page), owner = ?8, action = ?9, cause = ?10, leaf = ?11
         WHERE id = ?1 AND fence = ?2",
    )?;
    let turned = update.execute(params![
        id,
        end.fence,
        state,
        phase,
        wake,
        end.doubtful,
        page,
        owner,
        action,
        stops.then_some(&end.cause),
        leaf
    ])?;
    drop(update);
    if turned == 0 {
        // It was turned while the call was under way; where to pay is known from now on, whatever became of it.
        let mut update = tx
            .conn
            .prepare_cached("UPDATE pay_order SET page = coalesce(?2, page) WHERE id = ?1")?;
        update.execute(params![id, page])?;
        return Ok(());
    }
    if let PayMove::Receipt { media, bytes } = &end.next {
        tx.conn
            .prepare_cached(
                "INSERT OR IGNORE INTO pay_receipt (pay_order, media, bytes, leaf) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![id, media, sealed(seal::PAY_RECEIPT, bytes)?, leaf])?;
    }
    Ok(())
}

fn end_call(tx: &Tx<'_>, id: i64, end: &PayEnd) -> Result<(), StoreError> {
    tx.conn
        .prepare_cached(
            "UPDATE pay_call SET ended_at = ?3, status = ?4, cause = ?5 WHERE pay_order = ?1 AND call = ?2",
        )?
        .execute(params![id, end.call, end.at, end.status, end.cause])?;
    Ok(())
}

/// A move as columns.
#[derive(Default)]
struct Next<'a> {
    state: Option<PayState>,
    phase: Option<PayPhase>,
    wake: Option<i64>,
    page: Option<&'a str>,
    owner: Option<Owner>,
    action: Option<&'a str>,
}

impl<'a> Next<'a> {
    fn of(next: &'a PayMove) -> Self {
        let stopped = |state, owner: &Owner, action: &'a str| Self {
            state,
            owner: Some(*owner),
            action: Some(action),
            ..Self::default()
        };
        match next {
            PayMove::Open { page, at } => Self {
                state: Some(PayState::Open),
                phase: Some(PayPhase::Query),
                wake: Some(*at),
                page: Some(page),
                ..Self::default()
            },
            PayMove::Again { phase, at } => Self {
                phase: Some(*phase),
                wake: Some(*at),
                ..Self::default()
            },
            PayMove::Failed { owner, action } => stopped(Some(PayState::Failed), owner, action),
            PayMove::Park { owner, action } => stopped(Some(PayState::Parked), owner, action),
            PayMove::NoReceipt { owner, action } => stopped(None, owner, action),
            PayMove::Receipt { .. } | PayMove::Stands => Self::default(),
        }
    }
}

/// An order, as far as a callback is held against it.
pub(in crate::store::sqlite) struct Order {
    id: i64,
    state: PayState,
    /// The dossier's number.
    pub(in crate::store::sqlite) number: String,
    /// Whole đồng.
    pub(in crate::store::sqlite) amount: i64,
    /// The transaction that paid it.
    pub(in crate::store::sqlite) transaction: Option<String>,
}

/// A callback that was just kept: how it ended, and its leaf.
pub(in crate::store::sqlite) struct Turning<'a> {
    pub(in crate::store::sqlite) receipt: &'a Receipt,
    pub(in crate::store::sqlite) end: Received,
    pub(in crate::store::sqlite) leaf: i64,
}

impl Order {
    /// The order of a reference.
    pub(in crate::store::sqlite) fn find(tx: &Tx<'_>, reference: &str) -> Result<Option<Self>, StoreError> {
        let mut select = tx.conn.prepare_cached(
            "SELECT id, state, number, amount, transaction_id FROM pay_order WHERE reference = ?1",
        )?;
        let order = select.query_row([reference], |row| {
            Ok(Self {
                id: row.get(0)?,
                state: row.get(1)?,
                number: row.get(2)?,
                amount: row.get(3)?,
                transaction: row.get(4)?,
            })
        });
        Ok(order.optional()?)
    }

    /// Whether it is paid.
    pub(in crate::store::sqlite) fn is_paid(&self) -> bool {
        self.state == PayState::Paid
    }

    /// What a callback makes of it, in the callback's own transaction. One that says that it is paid counts, however late it comes.
    pub(in crate::store::sqlite) fn turn(
        &self,
        tx: &Tx<'_>,
        paying: &Paying,
        turning: &Turning<'_>,
    ) -> Result<(), StoreError> {
        match turning.end {
            Received::Taken | Received::Parked if paying.paid => self.paid(tx, paying, turning),
            Received::Taken if turning.receipt.sought && !self.is_paid() => self.stop(
                tx,
                turning,
                &Stop {
                    state: PayState::Failed,
                    owner: Owner::System,
                    action: "it was not paid: where it is still due, begin another payment",
                    cause: DECLINED,
                },
            ),
            Received::Differs if !self.is_paid() => self.stop(
                tx,
                turning,
                &Stop {
                    state: PayState::Parked,
                    owner: Owner::Operator,
                    action: "compare the order with what the platform says was paid, and settle it with the platform",
                    cause: DIFFERS,
                },
            ),
            Received::Taken
            | Received::Parked
            | Received::Conflict
            | Received::Closed
            | Received::Differs
            | Received::Known
            | Received::Twice => Ok(()),
        }
    }

    fn paid(&self, tx: &Tx<'_>, paying: &Paying, turning: &Turning<'_>) -> Result<(), StoreError> {
        let receipt = turning.receipt;
        tx.conn
            .prepare_cached(
                "UPDATE pay_order SET state = 'paid', phase = 'bill', since = ?2, wake = ?2, tries = 0, under_way = 0, held = 0, fence = fence + 1,
                 transaction_id = ?3, paid_at = ?4, owner = NULL, action = NULL, cause = NULL, leaf = ?5 WHERE id = ?1",
            )?
            .execute(params![
                self.id,
                receipt.at,
                paying.transaction,
                receipt.said_at,
                turning.leaf
            ])?;
        // Nobody may pay the same dossier a second time unseen.
        tx.conn
            .prepare_cached(
                "UPDATE pay_order SET state = 'parked', wake = NULL, under_way = 0, held = 0, fence = fence + 1, owner = ?3, action = ?4,
                 cause = ?5, leaf = ?6 WHERE number = ?1 AND id != ?2 AND state IN ('asked', 'open')",
            )?
            .execute(params![
                self.number,
                self.id,
                Owner::Operator,
                "its dossier was paid by another order: have the platform close this one",
                OTHERWISE,
                turning.leaf
            ])?;
        Ok(())
    }

    fn stop(&self, tx: &Tx<'_>, turning: &Turning<'_>, stop: &Stop) -> Result<(), StoreError> {
        tx.conn
            .prepare_cached(
                "UPDATE pay_order SET state = ?2, wake = NULL, under_way = 0, held = 0, fence = fence + 1, owner = ?3, action = ?4,
                 cause = ?5, leaf = ?6 WHERE id = ?1",
            )?
            .execute(params![
                self.id,
                stop.state,
                stop.owner,
                stop.action,
                stop.cause,
                turning.leaf
            ])?;
        Ok(())
    }
}

/// Where an order stops, and who must act.
struct Stop {
    state: PayState,
    owner: Owner,
    action: &'static str,
    cause: &'static str,
}
