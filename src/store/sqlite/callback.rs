//! Callbacks: decided by what came before, kept with their reply and their leaf, put on their dossiers all at once.

mod pile;

use rusqlite::{Connection, OptionalExtension, Row, params};

pub(super) use pile::piles;

use crate::evidence::hash;
use crate::model::codes::Status;
use crate::model::{ExchangeId, Owner};
use crate::store::sqlite::tx::Tx;
use crate::store::{
    Applied, Applying, CallbackBooks, CallbackRow, Heard, Receipt, Received, Reception, Renewal, StoreError,
};

/// The cause of a callback that waits for its dossier.
const NO_DOSSIER: &str = "no-dossier";
/// The cause of a callback that is nobody's.
const NO_SYSTEM: &str = "no-system";
/// The cause of a callback that says another amount than we asked for.
const DIFFERS: &str = "amount-differs";

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
        "SELECT b.status, b.media, b.reply FROM callback c JOIN callback_body b ON b.callback = c.id
         WHERE c.key = ?1 AND c.digest = ?2",
    )?;
    let heard = select.query_row(params![key, digest], |row| {
        Ok(Heard {
            status: row.get(0)?,
            media: row.get(1)?,
            body: row.get(2)?,
        })
    });
    Ok(heard.optional()?)
}

/// Where a callback belongs.
struct Place {
    number: Option<String>,
    system: Option<String>,
    /// Where its dossier stands, when that is here.
    status: Option<String>,
    /// What we asked for.
    asked: Option<i64>,
}

impl Place {
    /// Our own order and our own dossier say it better than a path or a number's agency.
    fn of(tx: &Tx<'_>, receipt: &Receipt) -> Result<Self, StoreError> {
        let mut number = receipt.number.clone();
        let mut asked = None;
        if let Some((reference, _)) = &receipt.order {
            let mut select = tx
                .conn
                .prepare_cached("SELECT number, amount FROM pay_order WHERE reference = ?1")?;
            let order = select.query_row([reference], |row| Ok((row.get(0)?, row.get(1)?)));
            if let Some((of, amount)) = order.optional()? {
                number = Some(of);
                asked = Some(amount);
            }
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
            asked,
        })
    }
}

fn decide(tx: &Tx<'_>, receipt: &Receipt, key: &[u8; 16], place: &Place) -> Result<Received, StoreError> {
    let mut select = tx
        .conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM callback WHERE key = ?1 AND state != 'refused')")?;
    if select.query_row([key], |row| row.get(0))? {
        let awaited = place.status.as_deref() == Some(Status::SupplementRequested.word());
        match receipt.renewal {
            Renewal::Never => return Ok(Received::Conflict),
            Renewal::Called if !receipt.updating => return Ok(Received::Conflict),
            Renewal::Awaited if !awaited => return Ok(Received::Closed),
            Renewal::Called | Renewal::Awaited => {}
        }
    }
    let said = receipt.order.as_ref().and_then(|(_, amount)| *amount);
    if place.asked.is_some() && place.asked != said {
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
        Received::Differs => (
            "parked",
            Some(Owner::Operator),
            Some("compare the order with what the platform says was paid, and settle it with the platform"),
            Some(DIFFERS),
        ),
        Received::Parked if place.system.is_some() => (
            "parked",
            Some(Owner::System),
            Some("push the dossier of that number; the callback is put on it then"),
            Some(NO_DOSSIER),
        ),
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
         action, cause, salt, leaf) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    )?;
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
        leaf
    ])?;
    tx.conn
        .prepare_cached(
            "INSERT INTO callback_body (callback, document, status, media, reply) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![id, receipt.document, heard.status, heard.media, heard.body])?;
    let mut paper = tx
        .conn
        .prepare_cached("INSERT OR IGNORE INTO paper (digest, bytes) VALUES (?1, ?2)")?;
    for (digest, bytes) in &receipt.papers {
        paper.execute(params![digest, bytes])?;
    }
    Ok(())
}

/// Puts what was said on its dossier: facts, events and leaves in one transaction.
pub(super) fn apply(tx: &mut Tx<'_>, applied: &Applied) -> Result<(), StoreError> {
    tx.conn
        .prepare_cached(
            "INSERT INTO news (number, at, facts) VALUES (?1, ?2, ?3)
             ON CONFLICT (number) DO UPDATE SET at = ?2, facts = ?3",
        )?
        .execute(params![applied.number, applied.at, applied.news])?;
    applied.each.iter().try_for_each(|one| put(tx, applied, one))
}

fn put(tx: &mut Tx<'_>, applied: &Applied, one: &Applying) -> Result<(), StoreError> {
    let mut select = tx
        .conn
        .prepare_cached("SELECT id FROM callback WHERE uid = ?1 AND state IN ('waiting', 'parked')")?;
    let open: Option<i64> = select.query_row([one.id], |row| row.get(0)).optional()?;
    drop(select);
    let Some(callback) = open else { return Ok(()) };
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
    let Some(event) = &one.event else {
        return Ok(());
    };
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
            event.body,
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

/// What the national side said of a dossier, JSON.
pub(super) fn news(conn: &Connection, number: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let mut select = conn.prepare_cached("SELECT facts FROM news WHERE number = ?1")?;
    Ok(select.query_row([number], |row| row.get(0)).optional()?)
}

/// The callbacks of a dossier, or all that somebody must act on.
pub(super) fn list(
    conn: &Connection,
    number: Option<&str>,
    limit: usize,
) -> Result<Vec<CallbackRow>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT uid, listener, kind, number, system, at, state, owner, action, cause FROM callback
         WHERE (?1 IS NULL AND state = 'parked') OR number = ?1 ORDER BY id LIMIT ?2",
    )?;
    let rows = select.query_map(params![number, limit as i64], row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn row(row: &Row<'_>) -> rusqlite::Result<CallbackRow> {
    Ok(CallbackRow {
        callback: row.get::<_, ExchangeId>(0)?,
        partner: row.get(1)?,
        kind: row.get(2)?,
        dossier: row.get(3)?,
        system: row.get(4)?,
        at: row.get(5)?,
        state: row.get(6)?,
        owner: row.get(7)?,
        action: row.get(8)?,
        cause: row.get(9)?,
    })
}

/// How many stand where.
pub(super) fn books(conn: &Connection) -> Result<CallbackBooks, StoreError> {
    let mut select = conn.prepare_cached("SELECT state, count(*) FROM callback GROUP BY state")?;
    let mut rows = select.query([])?;
    let mut books = CallbackBooks::default();
    while let Some(row) = rows.next()? {
        let count = row.get::<_, i64>(1)? as u64;
        books.kept += count;
        match row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)? {
            "applied" => books.applied = count,
            "waiting" => books.waiting = count,
            "parked" => books.parked = count,
            _ => books.refused = count,
        }
    }
    Ok(books)
}

/// A paper that came inside a callback.
pub(super) fn paper(conn: &Connection, digest: &[u8; 32]) -> Result<Option<Vec<u8>>, StoreError> {
    let mut select = conn.prepare_cached("SELECT bytes FROM paper WHERE digest = ?1")?;
    Ok(select.query_row([digest], |row| row.get(0)).optional()?)
}

/// The next number of a series.
pub(super) fn reserve(tx: &mut Tx<'_>, begins: &str, day: &str) -> Result<u32, StoreError> {
    let mut upsert = tx.conn.prepare_cached(
        "INSERT INTO reserved (begins, day, last) VALUES (?1, ?2, 1)
         ON CONFLICT (begins, day) DO UPDATE SET last = last + 1 RETURNING last",
    )?;
    Ok(upsert.query_row(params![begins, day], |row| row.get(0))?)
}
