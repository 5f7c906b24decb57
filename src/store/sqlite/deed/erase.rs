//! Erasing: the leaf and the emptied rows in one transaction, then the keys. If the process dies between the two, the next
//! opening destroys them.
//!
//! Whoever asks, all of a dossier's copy here is erased, also where it is about others too: a filing is one signed and
//! committed-to document, which cannot be erased in part, and the copy of a gateway serves nobody once it is delivered. The
//! dossier itself lives on with its system, by the law of archives. What is not delivered yet is not erased.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use super::{About, blinds, dossier, keep};
use crate::evidence::blind::Blind;
use crate::evidence::day::Day;
use crate::model::{Sealer, Slot};
use crate::store::sqlite::tx::Tx;
use crate::store::sqlite::{file, seal};
use crate::store::{Deed, Erasure, StoreError};

/// The dossiers about a subject of which something is left.
pub(in crate::store::sqlite) fn about(conn: &Connection, subject: Blind) -> Result<Vec<String>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT s.subjects, coalesce(d.number, c.number) FROM slot s LEFT JOIN filing f ON f.id = s.filing
         LEFT JOIN dossier d ON d.id = f.dossier LEFT JOIN callback c ON c.id = s.callback
         WHERE s.erased IS NULL AND instr(s.subjects, ?1) > 0",
    )?;
    let mut rows = select.query([subject.0])?;
    let mut numbers = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let subjects: Vec<u8> = row.get(0)?;
        // Two blinds beside each other may look like a third across their border.
        if blinds(&subjects).any(|blind| blind == subject) {
            numbers.extend(row.get::<_, Option<String>>(1)?);
        }
    }
    Ok(numbers.into_iter().collect())
}

/// What keeps a dossier's data here: a message that is not settled, a filing that is not prepared, a callback that is not on it,
/// an event that its system was not told, a tray that was not told that it is kept or what became of it, a register that is to be asked, a payment that may still be paid or asked after.
macro_rules! open {
    () => {
        "EXISTS (SELECT 1 FROM lane l JOIN exchange e ON e.lane = l.id
                 WHERE l.dossier = d.id AND e.state NOT IN ('delivered', 'refused'))
         OR EXISTS (SELECT 1 FROM unprepared u JOIN filing g ON g.id = u.filing WHERE g.dossier = d.id)
         OR EXISTS (SELECT 1 FROM callback c WHERE c.number = ?1 AND c.state IN ('waiting', 'parked'))
         OR EXISTS (SELECT 1 FROM event v WHERE v.number = ?1 AND v.wake IS NOT NULL)
         OR EXISTS (SELECT 1 FROM tray_item t WHERE t.number = ?1 AND (t.acknowledged IS NULL OR t.stale > 0))
         OR EXISTS (SELECT 1 FROM registration r WHERE r.number = ?1
                    AND (r.wake IS NOT NULL OR r.state NOT IN ('idle', 'refused', 'ended')))
         OR EXISTS (SELECT 1 FROM pay_order p WHERE p.number = ?1
                    AND (p.wake IS NOT NULL OR p.state IN ('asked', 'open', 'parked')))"
    };
}

/// Dossiers that are settled and on which nothing has happened since then, the oldest first.
pub(in crate::store::sqlite) fn ended(
    conn: &Connection,
    before: i64,
    limit: usize,
) -> Result<Vec<String>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT d.number FROM slot s JOIN filing f ON f.id = s.filing JOIN dossier d ON d.id = f.dossier AND d.filing = f.id
         WHERE s.erased IS NULL AND f.at < ?1
           AND NOT EXISTS (SELECT 1 FROM lane l JOIN exchange e ON e.lane = l.id WHERE l.dossier = d.id
                           AND (e.state NOT IN ('delivered', 'refused') OR e.changed_at >= ?1))
           AND NOT EXISTS (SELECT 1 FROM callback c WHERE c.number = d.number
                           AND (c.state IN ('waiting', 'parked') OR c.at >= ?1))
           AND NOT EXISTS (SELECT 1 FROM event v WHERE v.number = d.number AND v.wake IS NOT NULL)
           AND NOT EXISTS (SELECT 1 FROM unprepared u JOIN filing g ON g.id = u.filing WHERE g.dossier = d.id)
           AND NOT EXISTS (SELECT 1 FROM tray_item t WHERE t.number = d.number AND (t.acknowledged IS NULL OR t.stale > 0))
           AND NOT EXISTS (SELECT 1 FROM registration r WHERE r.number = d.number
                           AND (r.wake IS NOT NULL OR r.state NOT IN ('idle', 'refused', 'ended')))
           AND NOT EXISTS (SELECT 1 FROM pay_order p WHERE p.number = d.number
                           AND (p.wake IS NOT NULL OR p.state IN ('asked', 'open', 'parked') OR coalesce(p.paid_at, p.at) >= ?1))
         ORDER BY s.id LIMIT ?2",
    )?;
    let rows = select.query_map(params![before, limit as i64], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Which of these dossiers would be erased, and on which work is open.
pub(in crate::store::sqlite) fn erasable(
    conn: &Connection,
    numbers: Vec<String>,
) -> Result<Erasure, StoreError> {
    let mut erasure = Erasure::default();
    for number in numbers {
        if is_open(conn, &number)? {
            erasure.open.push(number);
        } else {
            erasure.erased.push(number);
        }
    }
    Ok(erasure)
}

/// Erases these dossiers, but for those on which work is open. With a subject, the leaves are in that subject's chain.
pub(in crate::store::sqlite) fn erase(
    tx: &mut Tx<'_>,
    numbers: &[String],
    subject: Option<Blind>,
    deed: &Deed,
) -> Result<(Erasure, Vec<Slot>), StoreError> {
    let (mut erasure, mut slots) = (Erasure::default(), Vec::new());
    for number in numbers {
        if is_open(tx.conn, number)? {
            erasure.open.push(number.clone());
            continue;
        }
        let mut about = dossier(tx.conn, number)?;
        if subject.is_some() {
            about.subjects = subject.into_iter().collect();
        }
        let leaf = keep(tx, &about, "dossier", deed)?;
        slots.extend(empty(tx.conn, number, leaf)?);
        erasure.erased.push(number.clone());
    }
    Ok((erasure, slots))
}

fn is_open(conn: &Connection, number: &str) -> Result<bool, StoreError> {
    let select = concat!(
        "SELECT 1 FROM (SELECT ?1 AS number) n LEFT JOIN dossier d ON d.number = n.number WHERE ",
        open!()
    );
    Ok(conn.prepare_cached(select)?.exists([number])?)
}

/// Empties every row of a dossier, and says under which slots it was sealed. What stays is what the log tells of anyway.
fn empty(conn: &Connection, number: &str, leaf: i64) -> Result<Vec<Slot>, StoreError> {
    const FILINGS: &str = "SELECT f.id FROM filing f JOIN dossier d ON d.id = f.dossier WHERE d.number = ?1";
    const CALLBACKS: &str = "SELECT id FROM callback WHERE number = ?1";
    let slots = give_up(conn, number, leaf)?;
    for of in [
        &format!("UPDATE body SET filed = x'', dossier = x'', receipt = x'' WHERE filing IN ({FILINGS})"),
        &format!("UPDATE filing SET digest = zeroblob(32), salt = zeroblob(16) WHERE id IN ({FILINGS})"),
        "UPDATE step SET step = x'' WHERE lane IN
         (SELECT l.id FROM lane l JOIN dossier d ON d.id = l.dossier WHERE d.number = ?1)",
        &format!("UPDATE callback_body SET document = x'', reply = x'' WHERE callback IN ({CALLBACKS})"),
        "DELETE FROM paper WHERE slot IN (SELECT slot FROM callback WHERE number = ?1)",
        // Of one key there may be several: no two may become the same.
        "UPDATE callback SET digest = randomblob(32), salt = zeroblob(16) WHERE number = ?1",
        "DELETE FROM news WHERE number = ?1",
        "UPDATE event SET body = x'' WHERE number = ?1",
        "UPDATE pay_receipt SET bytes = x'' WHERE pay_order IN (SELECT id FROM pay_order WHERE number = ?1)",
        "UPDATE pay_call SET digest = zeroblob(32) WHERE pay_order IN (SELECT id FROM pay_order WHERE number = ?1)",
        "UPDATE pay_order SET payload = x'', page = NULL, salt = zeroblob(16) WHERE number = ?1",
        "UPDATE act SET words = NULL WHERE inquiry IN (SELECT id FROM inquiry WHERE number = ?1)",
        "UPDATE inquiry SET digest = NULL, salt = zeroblob(16) WHERE number = ?1",
    ] {
        conn.prepare_cached(of)?.execute([number])?;
    }
    let mut select = conn.prepare_cached(
        "SELECT e.id FROM exchange e JOIN lane l ON l.id = e.lane JOIN dossier d ON d.id = l.dossier WHERE d.number = ?1",
    )?;
    let exchanges = select.query_map([number], |row| row.get(0))?;
    for exchange in exchanges.collect::<Result<Vec<i64>, _>>()? {
        for of in [
            "UPDATE message SET payload = x'', signature = NULL, salt = zeroblob(16) WHERE exchange = ?1",
            // The attempts of an exchange lie together.
            "UPDATE answer SET bytes = x'' WHERE attempt BETWEEN ?1 << 20 AND (?1 << 20) + 1048575",
            "UPDATE attempt SET digest = zeroblob(32) WHERE id BETWEEN ?1 << 20 AND (?1 << 20) + 1048575",
        ] {
            conn.prepare_cached(of)?.execute([exchange])?;
        }
    }
    Ok(slots)
}

/// Says of the slots of a dossier which leaf tells of their end.
fn give_up(conn: &Connection, number: &str, leaf: i64) -> Result<Vec<Slot>, StoreError> {
    let mut slots = Vec::new();
    for of in [
        "UPDATE slot SET erased = ?2 WHERE erased IS NULL AND id IN
         (SELECT f.slot FROM filing f JOIN dossier d ON d.id = f.dossier WHERE d.number = ?1) RETURNING id",
        "UPDATE slot SET erased = ?2 WHERE erased IS NULL AND id IN
         (SELECT slot FROM callback WHERE number = ?1) RETURNING id",
    ] {
        let mut update = conn.prepare_cached(of)?;
        let rows = update.query_map(params![number, leaf], |row| row.get(0))?;
        slots.extend(rows.collect::<Result<Vec<i64>, _>>()?);
    }
    slots.extend(file::end(conn, number, leaf)?);
    Ok(slots.into_iter().map(seal::slot).collect())
}

/// Erases who asked, acted and looked in the months before that of a moment.
pub(in crate::store::sqlite) fn erase_months(
    tx: &mut Tx<'_>,
    before: i64,
    deed: &Deed,
) -> Result<(usize, Vec<Slot>), StoreError> {
    let mut month = Day::of(before).to_string();
    month.truncate("2026-11".len());
    let mut select = tx
        .conn
        .prepare_cached("SELECT id FROM slot WHERE month < ?1 AND erased IS NULL")?;
    let slots = select.query_map([&month], |row| row.get(0))?;
    let slots: Vec<i64> = slots.collect::<Result<_, _>>()?;
    drop(select);
    if slots.is_empty() {
        return Ok((0, Vec::new()));
    }
    let leaf = keep(tx, &About::default(), "months", deed)?;
    for slot in &slots {
        tx.conn
            .prepare_cached("UPDATE slot SET erased = ?2 WHERE id = ?1")?
            .execute([*slot, leaf])?;
    }
    // A month begins at midnight in Viet Nam, seven hours before that of UTC.
    for of in [
        "UPDATE act SET who = x'', words = NULL WHERE inquiry IN
         (SELECT id FROM inquiry WHERE strftime('%Y-%m', at / 1000 + 25200, 'unixepoch') < ?1)",
        "UPDATE handling SET reason = x'' WHERE strftime('%Y-%m', at / 1000 + 25200, 'unixepoch') < ?1",
        "UPDATE ruling SET reason = x'' WHERE strftime('%Y-%m', at / 1000 + 25200, 'unixepoch') < ?1",
        "UPDATE deed SET says = x'', salt = zeroblob(16) WHERE strftime('%Y-%m', at / 1000 + 25200, 'unixepoch') < ?1",
    ] {
        tx.conn.prepare_cached(of)?.execute([&month])?;
    }
    Ok((slots.len(), slots.into_iter().map(seal::slot).collect()))
}

/// Destroys the keys of what the log says was erased; those whose destruction was seen through are left alone.
pub(in crate::store::sqlite) fn finish(conn: &Connection, sealer: &dyn Sealer) -> Result<(), StoreError> {
    let mut select = conn.prepare("SELECT id FROM slot WHERE erased IS NOT NULL AND destroyed = 0")?;
    let rows = select.query_map([], |row| row.get(0))?;
    let slots: Vec<i64> = rows.collect::<Result<_, _>>()?;
    if slots.is_empty() {
        return Ok(());
    }
    let keys: Vec<Slot> = slots.iter().copied().map(seal::slot).collect();
    sealer.destroy(&keys)?;
    destroyed(conn, &keys)
}

/// Notes that these keys are gone.
pub(in crate::store::sqlite) fn destroyed(conn: &Connection, slots: &[Slot]) -> Result<(), StoreError> {
    let mut update = conn.prepare_cached("UPDATE slot SET destroyed = 1 WHERE id = ?1")?;
    for slot in slots {
        update.execute([seal::row(*slot)])?;
    }
    Ok(())
}
