//! Callbacks: decided by what came before, kept with their reply and their leaf, put on their dossiers all at once.

mod look;
mod pile;

use rusqlite::{OptionalExtension, params};

pub(super) use look::{books, list, news, one, paper};
pub(super) use pile::piles;

use crate::evidence::hash;
use crate::model::codes::Status;
use crate::model::{ExchangeId, Owner, Slot};
use crate::store::sqlite::payment::{Order, Turning};
use crate::store::sqlite::tx::Tx;
use crate::store::sqlite::{seal, tray};
use crate::store::{Applied, Applying, Heard, Receipt, Received, Reception, Renewal, StoreError};

/// The cause of a callback that waits for its dossier.
pub(super) const NO_DOSSIER: &str = "no-dossier";
/// The cause of a callback that is nobody's.
pub(super) const NO_SYSTEM: &str = "no-system";
/// What a system does about a callback that waits for its dossier.
pub(super) const PUSH_IT: &str = "push the dossier of that number; the callback is put on it then";
/// The cause of a callback that says another amount than we asked for.
const DIFFERS: &str = "amount-differs";
/// The cause of a callback whose order another transaction has paid.
const TWICE: &str = "paid-twice";

/// The causes of a callback that no mapping could read.
const UNREAD: [&str; 2] = ["no-mapping", "unreadable"];

/// Keeps a callback, or finds the reply that it had when it came first.
pub(super) fn receive(tx: &mut Tx<'_>, receipt: &Receipt) -> Result<Reception, StoreError> {
    let key = key_of(receipt);
    if let Some(heard) = heard(tx, &key, &receipt.digest)? {
        return Ok(Reception { heard, end: None });
    }
    if !tx.has_room() {
        return Err(StoreError::Full("the disk has less free room than must stay"));
    }
    let place = Place::of(tx, receipt)?;
    let end = decide(tx, receipt, &key, &place)?;
    let (heard, leaf) = (receipt.telling)(end, place.number.as_deref());
    let leaf = tx.stage(&leaf)?;
    keep(tx, receipt, (&key, &place), (end, &heard, leaf))?;
    if let (Some(order), Some(paying)) = (&place.order, &receipt.order) {
        order.turn(tx, paying, &Turning { receipt, end, leaf })?;
    }
    Ok(Reception {
        heard,
        end: Some(end),
    })
}

/// Sixteen bytes for what makes a callback one and the same, however long it is.
fn key_of(receipt: &Receipt) -> [u8; 16] {
    let parts = [
        receipt.listener.as_bytes(),
        &[0],
        receipt.kind.as_bytes(),
        &[0],
        receipt.key.as_bytes(),
    ];
    let digest = hash::digest(&parts);
    let mut short = [0; 16];
    short.copy_from_slice(&digest[..16]);
    short
}

fn heard(tx: &Tx<'_>, key: &[u8; 16], digest: &[u8; 32]) -> Result<Option<Heard>, StoreError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT b.status, b.media, b.reply, c.uid FROM callback c JOIN callback_body b ON b.callback = c.id
         WHERE c.key = ?1 AND c.digest = ?2",
    )?;
    let heard = select.query_row(params![key, digest], |row| {
        let heard = Heard {
            status: row.get(0)?,
            media: row.get(1)?,
            body: row.get(2)?,
        };
        Ok((heard, row.get::<_, ExchangeId>(3)?))
    });
    let Some((mut heard, id)) = heard.optional()? else {
        return Ok(None);
    };
    let place = seal::place(seal::CALLBACK_REPLY, id.as_bytes());
    heard.body = seal::open_whole(tx.sealer, place, &heard.body)?;
    Ok(Some(heard))
}

/// Where a callback belongs.
struct Place {
    number: Option<String>,
    system: Option<String>,
    /// Where its dossier stands, when that is here.
    status: Option<String>,
    /// What we asked for.
    order: Option<Order>,
    /// What lay in a tray was taken before, and the tray was not told of what came last.
    untold: bool,
}

impl Place {
    /// Our own order and our own dossier say it better than a path or a number's agency.
    fn of(tx: &mut Tx<'_>, receipt: &Receipt) -> Result<Self, StoreError> {
        let taken = tray::taken(tx, receipt)?;
        let untold = taken.as_ref().is_some_and(|taken| !taken.acknowledged);
        let mut number = taken.map(|taken| taken.number).or_else(|| receipt.number.clone());
        let mut order = None;
        if let Some(paying) = &receipt.order {
            order = Order::find(tx, &paying.reference)?;
            number = order.as_ref().map(|order| order.number.clone()).or(number);
        }
        let mut select = tx
            .conn
            .prepare_cached("SELECT system, status FROM dossier WHERE number = ?1")?;
        let known: Option<(String, String)> = match &number {
            Some(number) => select
                .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?,
            None => None,
        };
        let (system, status) = known.unzip();
        Ok(Self {
            number,
            system: system.or_else(|| receipt.system.clone()),
            status,
            order,
            untold,
        })
    }
}

impl Place {
    /// How something ends that says of an order that it is paid, when that is known: by the same transaction it is no news, by
    /// another one it is money too much.
    fn known(&self, receipt: &Receipt) -> Option<Received> {
        let (order, paying) = self.order.as_ref().zip(receipt.order.as_ref())?;
        let again = order.is_paid() && paying.paid && paying.amount == Some(order.amount);
        let same = match (&order.transaction, &paying.transaction) {
            (Some(one), Some(other)) => one == other,
            (None, _) | (_, None) => true,
        };
        again.then_some(if same { Received::Known } else { Received::Twice })
    }

    /// Whether it says another amount than we asked for.
    fn differs(&self, receipt: &Receipt) -> bool {
        let both = self.order.as_ref().zip(receipt.order.as_ref());
        both.is_some_and(|(order, paying)| match paying.amount {
            Some(amount) => amount != order.amount,
            None => paying.paid,
        })
    }
}

fn decide(tx: &Tx<'_>, receipt: &Receipt, key: &[u8; 16], place: &Place) -> Result<Received, StoreError> {
    if let Some(end) = place.known(receipt) {
        return Ok(end);
    }
    let mut select = tx.conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM callback WHERE key = ?1 AND state NOT IN ('refused', 'aside'))",
    )?;
    if select.query_row([key], |row| row.get(0))? {
        let awaited = place.status.as_deref() == Some(Status::SupplementRequested.word());
        match receipt.renewal {
            _ if place.untold => {}
            Renewal::Never => return Ok(Received::Conflict),
            Renewal::Called if !receipt.updating => return Ok(Received::Conflict),
            Renewal::Awaited if !awaited => return Ok(Received::Closed),
            Renewal::Called | Renewal::Awaited => {}
        }
    }
    if place.differs(receipt) {
        return Ok(Received::Differs);
    }
    let fits = place.system.is_some() && (receipt.files || place.status.is_some());
    Ok(if fits { Received::Taken } else { Received::Parked })
}

/// State, owner, action and cause of a callback that ended so.
fn standing(
    end: Received,
    place: &Place,
) -> (
    &'static str,
    Option<Owner>,
    Option<&'static str>,
    Option<&'static str>,
) {
    match end {
        Received::Taken => ("waiting", None, None, None),
        Received::Conflict => ("refused", None, None, Some("conflict")),
        Received::Closed => ("refused", None, None, Some("not-awaited")),
        Received::Known => ("known", None, None, None),
        Received::Twice => (
            "parked",
            Some(Owner::Operator),
            Some("two transactions paid one order: have the platform give the second one back"),
            Some(TWICE),
        ),
        Received::Differs => (
            "parked",
            Some(Owner::Operator),
            Some("compare the order with what the platform says was paid, and settle it with the platform"),
            Some(DIFFERS),
        ),
        Received::Parked if place.system.is_some() => {
            ("parked", Some(Owner::System), Some(PUSH_IT), Some(NO_DOSSIER))
        }
        Received::Parked => (
            "parked",
            Some(Owner::Operator),
            Some(
                "find out whose dossier it is: once its system has pushed it, the callback is put on it; `agencies` tells of the next",
            ),
            Some(NO_SYSTEM),
        ),
    }
}

fn keep(
    tx: &mut Tx<'_>,
    receipt: &Receipt,
    (key, place): (&[u8; 16], &Place),
    (end, heard, leaf): (Received, &Heard, i64),
) -> Result<(), StoreError> {
    let (state, owner, action, cause) = standing(end, place);
    let mut insert = tx.conn.prepare_cached(
        "INSERT INTO callback (uid, listener, kind, key, digest, at, said_at, updating, number, system, end, state, owner,
         action, cause, salt, leaf, slot, sought)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
    )?;
    let slot = tx.sealer.take()?;
    let id = insert.insert(params![
        receipt.id,
        receipt.listener,
        receipt.kind,
        key,
        receipt.digest,
        receipt.at,
        receipt.said_at,
        receipt.updating,
        place.number,
        place.system,
        end.word(),
        state,
        owner,
        action,
        cause,
        receipt.salt,
        leaf,
        seal::row(slot),
        receipt.sought
    ])?;
    tx.conn
        .prepare_cached("INSERT INTO slot (id, callback) VALUES (?1, ?2)")?
        .execute([seal::row(slot), id])?;
    keep_body(tx, (id, slot), receipt, heard)?;
    match (&receipt.series, &place.number) {
        (Some(_), Some(number)) => tray::keep(tx, receipt, number),
        (Some(_), None) | (None, _) => Ok(()),
    }
}

/// What it says, what it brought, and what it was answered, sealed together.
fn keep_body(
    tx: &Tx<'_>,
    (id, slot): (i64, Slot),
    receipt: &Receipt,
    heard: &Heard,
) -> Result<(), StoreError> {
    let sealed = |column, row, bytes: &[u8]| tx.sealer.seal(slot, seal::place(column, row), bytes);
    let document = sealed(seal::CALLBACK_DOCUMENT, receipt.id.as_bytes(), &receipt.document)?;
    let reply = sealed(seal::CALLBACK_REPLY, receipt.id.as_bytes(), &heard.body)?;
    tx.conn
        .prepare_cached(
            "INSERT INTO callback_body (callback, document, status, media, reply) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![id, document, heard.status, heard.media, reply])?;
    let mut paper = tx
        .conn
        .prepare_cached("INSERT OR IGNORE INTO paper (digest, slot, bytes) VALUES (?1, ?2, ?3)")?;
    for (digest, bytes) in &receipt.papers {
        let bytes = sealed(seal::PAPER_BYTES, digest, bytes)?;
        paper.execute(params![digest, seal::row(slot), bytes])?;
    }
    Ok(())
}

/// Puts what was said on its dossier: facts, events and leaves in one transaction.
pub(super) fn apply(tx: &mut Tx<'_>, applied: &Applied) -> Result<(), StoreError> {
    if let Some(slot) = latest(tx, applied)? {
        let place = seal::place(seal::NEWS_FACTS, applied.number.as_bytes());
        let facts = tx.sealer.seal(slot, place, &applied.news)?;
        tx.conn
            .prepare_cached(
                "INSERT INTO news (number, at, slot, facts) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (number) DO UPDATE SET at = ?2, slot = ?3, facts = ?4",
            )?
            .execute(params![applied.number, applied.at, seal::row(slot), facts])?;
    }
    applied.each.iter().try_for_each(|one| put(tx, applied, one))
}

/// The slot of the newest callback that is put on the dossier: what stands of it is sealed with that.
fn latest(tx: &Tx<'_>, applied: &Applied) -> Result<Option<Slot>, StoreError> {
    let mut select = tx
        .conn
        .prepare_cached("SELECT max(slot) FROM callback WHERE uid = ?1")?;
    let slots = applied
        .each
        .iter()
        .map(|one| select.query_row([one.id], |row| row.get::<_, Option<i64>>(0)));
    let newest = slots.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().max();
    Ok(newest.map(seal::slot))
}

fn put(tx: &mut Tx<'_>, applied: &Applied, one: &Applying) -> Result<(), StoreError> {
    let mut select = tx
        .conn
        .prepare_cached("SELECT id, slot FROM callback WHERE uid = ?1 AND state IN ('waiting', 'parked')")?;
    let open: Option<(i64, i64)> = select
        .query_row([one.id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    drop(select);
    let Some((callback, slot)) = open else {
        return Ok(());
    };
    let leaf = tx.stage(&one.leaf)?;
    let (owner, action, cause) = match &one.stopped {
        Some((owner, action, cause)) => (Some(*owner), Some(action), Some(cause)),
        None => (None, None, None),
    };
    let state = if one.stopped.is_some() {
        "parked"
    } else {
        "applied"
    };
    tx.conn
        .prepare_cached(
            "UPDATE callback SET state = ?2, owner = ?3, action = ?4, cause = ?5, applied = ?6, system = ?7 WHERE id = ?1",
        )?
        .execute(params![callback, state, owner, action, cause, leaf, applied.system])?;
    if !applied.subjects.is_empty() {
        let subjects: Vec<u8> = applied.subjects.iter().flat_map(|blind| blind.0).collect();
        tx.conn
            .prepare_cached("UPDATE slot SET subjects = ?2 WHERE id = ?1")?
            .execute(params![slot, subjects])?;
    }
    let Some(event) = &one.event else {
        return Ok(());
    };
    let place = seal::place(seal::EVENT_BODY, event.id.as_bytes());
    let body = tx.sealer.seal(seal::slot(slot), place, &event.body)?;
    tx.conn
        .prepare_cached(
            "INSERT INTO event (uid, system, number, kind, at, callback, body, wake) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            event.id,
            applied.system,
            applied.number,
            event.kind,
            applied.at,
            callback,
            body,
            event.hooked.then_some(applied.at)
        ])?;
    Ok(())
}

/// At the start of the only process: what no mapping could read is read again, since mappings may have been changed.
pub(super) fn reopen(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.conn
        .prepare_cached(
            "UPDATE callback SET state = 'waiting', owner = NULL, action = NULL, cause = NULL
             WHERE state = 'parked' AND cause IN (?1, ?2)",
        )?
        .execute(UNREAD)?;
    Ok(())
}
