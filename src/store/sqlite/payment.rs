//! Payments that begin here: kept once a dossier while they may still be paid, handed out to be asked for, turned by what is heard.

mod turn;

use rusqlite::{Connection, OptionalExtension, Row, params};

pub(super) use turn::{Order, Turning};

use crate::model::{ExchangeId, Sealer, Slot};
use crate::store::sqlite::tx::Tx;
use crate::store::sqlite::{Sqlite, seal};
use crate::store::{
    DueOrder, NewOrder, Ordered, PayCall, PayEnd, PayPhase, PayState, PaymentBooks, PaymentRow, Payments,
    Reply, StoreError,
};

/// The columns of a payment as people see it.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT o.reference, o.uid, o.system, o.number, o.partner, o.amount, o.state, o.at, o.page, o.paid_at,
             EXISTS (SELECT 1 FROM pay_receipt r WHERE r.pay_order = o.id), o.calls, o.wake, o.owner, o.action, o.cause
             FROM pay_order o ",
            $rest
        )
    };
}
impl Payments for Sqlite {
    fn order(&self, order: NewOrder) -> Reply<'_, Ordered> {
        self.write(move |tx| keep(tx, &order))
    }

    fn due_orders(&self, partner: &str, now: i64, until: i64, limit: usize) -> Reply<'_, Vec<DueOrder>> {
        let partner = partner.to_owned();
        self.write(move |tx| due(tx, &partner, (now, until), limit))
    }

    fn order_wakes_at(&self, partner: &str) -> Reply<'_, Option<i64>> {
        let partner = partner.to_owned();
        self.readers.ask(move |conn| {
            let mut select = conn
                .prepare_cached("SELECT min(wake) FROM pay_order WHERE partner = ?1 AND wake IS NOT NULL")?;
            Ok(select.query_row([&partner], |row| row.get(0))?)
        })
    }

    fn pay_call(&self, call: PayCall) -> Reply<'_, ()> {
        self.write(move |tx| begin(tx, &call))
    }

    fn pay_end(&self, end: PayEnd) -> Reply<'_, ()> {
        self.write(move |tx| turn::end(tx, &end))
    }

    fn payment(&self, reference: &str) -> Reply<'_, Option<PaymentRow>> {
        let reference = reference.to_owned();
        self.opened(move |conn, sealer| {
            let mut select = conn.prepare_cached(select!("WHERE o.reference = ?1"))?;
            let row = select.query_row([&reference], row).optional()?;
            row.map(|row| paged(sealer, row)).transpose()
        })
    }

    fn payments(&self, number: Option<&str>, limit: usize) -> Reply<'_, Vec<PaymentRow>> {
        let number = number.map(str::to_owned);
        self.opened(move |conn, sealer| {
            let mut select = conn.prepare_cached(select!(
                "WHERE (?1 IS NULL AND o.owner IS NOT NULL) OR o.number = ?1 ORDER BY o.id LIMIT ?2"
            ))?;
            let rows = select.query_map(params![number, limit as i64], row)?;
            rows.map(|row| paged(sealer, row?)).collect()
        })
    }

    fn payment_books(&self) -> Reply<'_, PaymentBooks> {
        self.readers.ask(books)
    }
}

/// A payment, and its page as it is sealed.
type Paged = (PaymentRow, Option<Vec<u8>>);

fn row(row: &Row<'_>) -> rusqlite::Result<Paged> {
    let payment = PaymentRow {
        reference: row.get(0)?,
        payment: row.get(1)?,
        system: row.get(2)?,
        dossier: row.get(3)?,
        partner: row.get(4)?,
        amount: row.get(5)?,
        state: row.get(6)?,
        began_at: row.get(7)?,
        page: None,
        paid_at: row.get(9)?,
        receipt: row.get(10)?,
        calls: row.get(11)?,
        next_at: row.get(12)?,
        owner: row.get(13)?,
        action: row.get(14)?,
        cause: row.get(15)?,
    };
    Ok((payment, row.get(8)?))
}

/// A payment with the page where it may be paid, while it may be.
fn paged(sealer: &dyn Sealer, (mut payment, page): Paged) -> Result<PaymentRow, StoreError> {
    if let Some(page) = page.filter(|_| payment.state == PayState::Open) {
        let place = seal::place(seal::PAY_PAGE, payment.payment.as_bytes());
        let page = seal::open(sealer, place, &page)?;
        payment.page = page.and_then(|page| String::from_utf8(page).ok());
    }
    Ok(payment)
}

/// The slot of the filing that an order is made of: the dossier's latest.
fn slot_of(tx: &Tx<'_>, number: &str) -> Result<Slot, StoreError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT f.slot FROM dossier d JOIN filing f ON f.id = d.filing WHERE d.number = ?1",
    )?;
    Ok(seal::slot(select.query_row([number], |row| row.get(0))?))
}

fn keep(tx: &mut Tx<'_>, order: &NewOrder) -> Result<Ordered, StoreError> {
    let mut select = tx.conn.prepare_cached(select!(
        "WHERE o.number = ?1 AND o.state IN ('asked', 'open', 'parked')"
    ))?;
    if let Some(standing) = select.query_row([&order.number], row).optional()? {
        return Ok(Ordered::Standing(Box::new(paged(tx.sealer, standing)?)));
    }
    let mut paid = tx
        .conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM pay_order WHERE number = ?1 AND state = 'paid')")?;
    if paid.query_row([&order.number], |row| row.get(0))? {
        return Ok(Ordered::Paid);
    }
    drop((select, paid));
    if !tx.has_room() {
        return Err(StoreError::Full("the disk has less free room than must stay"));
    }
    let leaf = tx.stage(&order.leaf)?;
    let slot = slot_of(tx, &order.number)?;
    let place = seal::place(seal::PAY_PAYLOAD, order.id.as_bytes());
    let payload = tx.sealer.seal(slot, place, &order.payload)?;
    tx.conn
        .prepare_cached(
            "INSERT INTO pay_order (uid, reference, system, number, partner, amount, at, mapping, payload, salt, state, phase,
             since, wake, queued, leaf, slot)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?7, ?7, ?13, ?13, ?14)",
        )?
        .execute(params![
            order.id,
            order.reference,
            order.system,
            order.number,
            order.partner,
            order.amount,
            order.at,
            order.mapping,
            payload,
            order.salt,
            PayState::Asked,
            PayPhase::Init,
            leaf,
            seal::row(slot)
        ])?;
    Ok(Ordered::New)
}

/// Gives orders out whose time has come, the longest waiting first.
fn due(
    tx: &mut Tx<'_>,
    partner: &str,
    (now, until): (i64, i64),
    limit: usize,
) -> Result<Vec<DueOrder>, StoreError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT id FROM pay_order WHERE partner = ?1 AND wake <= ?2 ORDER BY wake, id LIMIT ?3",
    )?;
    let rows = select.query_map(params![partner, now, limit as i64], |row| row.get(0))?;
    let ids: Vec<i64> = rows.collect::<Result<_, _>>()?;
    let mut give = tx.conn.prepare_cached(
        "UPDATE pay_order SET wake = ?2, held = 1, fence = fence + 1 WHERE id = ?1
         RETURNING uid, reference, number, since, payload, salt, state, phase, fence, calls, tries, under_way, doubtful",
    )?;
    ids.into_iter()
        .map(|id| {
            let mut due = give.query_row(params![id, until], given)?;
            let place = seal::place(seal::PAY_PAYLOAD, due.id.as_bytes());
            due.payload = seal::open_alone(tx.sealer, place, &due.payload)?;
            Ok(due)
        })
        .collect()
}

fn given(row: &Row<'_>) -> rusqlite::Result<DueOrder> {
    Ok(DueOrder {
        id: row.get(0)?,
        reference: row.get(1)?,
        number: row.get(2)?,
        since: row.get(3)?,
        payload: row.get(4)?,
        salt: row.get(5)?,
        state: row.get(6)?,
        phase: row.get(7)?,
        fence: row.get(8)?,
        calls: row.get(9)?,
        tries: row.get(10)?,
        broken: row.get(11)?,
        doubtful: row.get(12)?,
    })
}

fn begin(tx: &mut Tx<'_>, call: &PayCall) -> Result<(), StoreError> {
    let mut update = tx.conn.prepare_cached(
        "UPDATE pay_order SET calls = ?3, tries = tries + 1, under_way = 1 WHERE uid = ?1 AND fence = ?2 RETURNING id",
    )?;
    let id: Option<i64> = update
        .query_row(params![call.id, call.fence, call.call], |row| row.get(0))
        .optional()?;
    drop(update);
    let id = id.ok_or(StoreError::LostLease)?;
    let leaf = tx.stage(&call.leaf)?;
    tx.conn
        .prepare_cached(
            "INSERT INTO pay_call (pay_order, call, phase, at, digest, leaf) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![id, call.call, call.phase, call.at, call.digest, leaf])?;
    Ok(())
}

/// At the start of the only process: what a worker had in hand that is gone is due at once.
pub(super) fn orphans(tx: &Tx<'_>, now: i64) -> Result<(), StoreError> {
    tx.conn
        .prepare_cached("UPDATE pay_order SET wake = ?1, held = 0 WHERE held = 1")?
        .execute([now])?;
    Ok(())
}

/// The row of an order, and the slot of what is sealed in it.
fn id_of(conn: &Connection, id: ExchangeId) -> Result<Option<(i64, Slot)>, StoreError> {
    let mut select = conn.prepare_cached("SELECT id, slot FROM pay_order WHERE uid = ?1")?;
    let found = select.query_row([id], |row| Ok((row.get(0)?, seal::slot(row.get(1)?))));
    Ok(found.optional()?)
}

fn books(conn: &Connection) -> Result<PaymentBooks, StoreError> {
    let mut books = PaymentBooks::default();
    let mut select =
        conn.prepare_cached("SELECT state, count(*), sum(amount) FROM pay_order GROUP BY state")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let count = row.get::<_, i64>(1)? as u64;
        books.begun += count;
        let place = match row.get(0)? {
            PayState::Asked => &mut books.asked,
            PayState::Open => &mut books.open,
            PayState::Paid => {
                books.amount = row.get(2)?;
                &mut books.paid
            }
            PayState::Failed => &mut books.failed,
            PayState::Parked => &mut books.parked,
            PayState::Dropped => &mut books.dropped,
        };
        *place = count;
    }
    let mut receipts = conn.prepare_cached("SELECT count(*) FROM pay_receipt")?;
    books.receipts = receipts.query_row([], |row| row.get::<_, i64>(0))? as u64;
    Ok(books)
}
