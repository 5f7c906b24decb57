//! Payments that began here, held against the log: each order as it was written, each call with the digest of what left, each fee
//! receipt as it came.

use rusqlite::{Connection, OptionalExtension};

use super::shut::Shut;
use super::{MOST, read};
use crate::evidence::blind::commitment;
use crate::evidence::leaf::{Draft, Kind};
use crate::model::ExchangeId;
use crate::store::sqlite::seal;
use crate::store::{PayState, StoreError};

/// The fact of a leaf that names the order it tells of.
const PAYMENT: &str = "payment";

/// What is wrong with a leaf that tells of a payment.
pub(super) fn payment_of(conn: &Connection, index: i64, draft: &Draft) -> Result<Option<String>, StoreError> {
    let Some(name) = draft.facts.get(PAYMENT) else {
        return Ok(None);
    };
    let row: Option<i64> = match name.parse::<ExchangeId>() {
        Ok(id) => conn
            .prepare_cached("SELECT leaf FROM pay_order WHERE uid = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?,
        Err(_) => None,
    };
    Ok(row
        .is_none()
        .then(|| format!("Leaf {index} tells of payment {name}, which the store does not have.")))
}

/// Every order is what the log commits to, and stands where its last leaf left it.
pub(super) fn kept(shut: &Shut<'_>, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = shut.conn.prepare(
        "SELECT o.uid, q.entry, l.entry, o.state, o.salt, o.payload, o.slot FROM pay_order o LEFT JOIN leaf q ON q.id = o.queued
         LEFT JOIN leaf l ON l.id = o.leaf ORDER BY o.id",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let uid = row.get::<_, ExchangeId>(0)?;
        let (id, salt) = (uid.to_string(), row.get(4)?);
        let payload = row.get_ref(5)?.as_blob().map_err(rusqlite::Error::from)?;
        let own = |draft: &Draft| draft.facts.get(PAYMENT) == Some(&id);
        let queued = read(row, 1)?.filter(|draft| draft.kind == Kind::Queued && own(draft));
        let told = queued.and_then(|draft| draft.commit);
        let committed = |payload: &[u8]| told == Some(commitment(&salt, payload));
        let place = seal::place(seal::PAY_PAYLOAD, uid.as_bytes());
        if told.is_none() || !shut.fits(place, payload, row.get(6)?, committed)? {
            found.push(format!("Payment {id} is not what the log commits to."));
        }
        let state = PayState::from_word(&row.get::<_, String>(3)?);
        let stands = read(row, 2)?.is_some_and(|draft| {
            let turned = draft.kind == Kind::Received || own(&draft);
            turned && state.is_some_and(|state| follows(state, &draft))
        });
        if !stands {
            found.push(format!(
                "Payment {id} does not stand where its last leaf left it."
            ));
        }
    }
    Ok(())
}

/// Whether an order may stand so when this is the leaf that turned it last.
fn follows(state: PayState, draft: &Draft) -> bool {
    let fact = |name: &str| draft.facts.get(name).map(String::as_str);
    let may_be = |states: &[PayState]| states.contains(&state);
    match (draft.kind, fact("next"), fact("end")) {
        (Kind::Queued, ..) => state == PayState::Asked,
        (Kind::Settled, Some("open"), _) => state == PayState::Open,
        (Kind::Settled, Some("failed"), _) => state == PayState::Failed,
        (Kind::Settled, Some("parked"), _) => state == PayState::Parked,
        (Kind::Settled, Some("receipt" | "no-receipt"), _) => state == PayState::Paid,
        (Kind::Settled, Some("again" | "stands"), _) => state != PayState::Dropped,
        (Kind::Released, ..) => may_be(&[PayState::Asked, PayState::Open, PayState::Dropped]),
        (Kind::Received, _, Some("differs")) => state == PayState::Parked,
        (Kind::Received, _, Some("taken" | "parked")) => {
            may_be(&[PayState::Paid, PayState::Failed, PayState::Parked])
        }
        _ => false,
    }
}

/// Every call left as the log commits to it, and every fee receipt is the one that came.
pub(super) fn called(shut: &Shut<'_>, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = shut.conn.prepare(
        "SELECT o.uid, c.call, l.entry, o.salt, c.digest, o.slot FROM pay_call c JOIN pay_order o ON o.id = c.pay_order
         LEFT JOIN leaf l ON l.id = c.leaf
         UNION ALL SELECT o.uid, NULL, l.entry, o.salt, r.bytes, o.slot FROM pay_receipt r
         JOIN pay_order o ON o.id = r.pay_order LEFT JOIN leaf l ON l.id = r.leaf",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let uid = row.get::<_, ExchangeId>(0)?;
        let (id, salt, slot) = (uid.to_string(), row.get(3)?, row.get(5)?);
        let call = row.get::<_, Option<i64>>(1)?;
        let bytes = row.get_ref(4)?.as_blob().map_err(rusqlite::Error::from)?;
        let told = read(row, 2)?.filter(|draft| {
            let own = draft.facts.get(PAYMENT) == Some(&id);
            own && call.is_none_or(|call| draft.facts.get("call") == Some(&call.to_string()))
        });
        let committed = |bytes: &[u8]| {
            let commit = told.as_ref().and_then(|draft| draft.commit);
            commit == Some(commitment(&salt, bytes))
        };
        let (fits, what) = match call {
            Some(call) => (
                // What left is not told once the dossier was erased.
                committed(bytes) || shut.erased(slot)?,
                format!("Call {call} of payment {id}"),
            ),
            None => {
                let place = seal::place(seal::PAY_RECEIPT, uid.as_bytes());
                let fits = shut.fits(place, bytes, slot, committed)?;
                (fits, format!("The fee receipt of payment {id}"))
            }
        };
        if told.is_none() || !fits {
            found.push(format!("{what} is not what the log commits to."));
        }
    }
    Ok(())
}
