//! Each table that was set aside: a few of its rows are sealed into the new one and deleted.

use rusqlite::{Connection, Row, params};

use super::{ROWS, fresh, sealed};
use crate::model::{ExchangeId, Sealer};
use crate::store::sqlite::seal::{self, place};
use crate::store::sqlite::{inquiry, month};
use crate::store::{Act, StoreError};

/// A few rows of a table, read before anything is written.
fn few<T>(
    conn: &Connection,
    select: &str,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let mut select = conn.prepare_cached(&format!("{select} LIMIT {ROWS}"))?;
    Ok(select.query_map([], read)?.collect::<Result<_, _>>()?)
}

/// A row that stands with an exchange or a callback: its key, the id that names it, a slot or a moment, and its bytes.
type Named = (i64, ExchangeId, i64, Vec<u8>);

fn named(row: &Row<'_>) -> rusqlite::Result<Named> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

/// Puts one row into its new table and takes it from the one that was set aside.
fn turn(
    conn: &Connection,
    insert: &str,
    delete: &str,
    key: i64,
    values: &[&dyn rusqlite::ToSql],
) -> Result<(), StoreError> {
    conn.prepare_cached(insert)?.execute(values)?;
    conn.prepare_cached(delete)?.execute([key])?;
    Ok(())
}

type Filed = (i64, [u8; 16], String, [Vec<u8>; 3], Option<Vec<u8>>, Option<i64>);

pub(super) fn bodies(conn: &Connection, sealer: &dyn Sealer) -> Result<usize, StoreError> {
    let select = "SELECT b.filing, f.salt, d.number, b.filed, b.dossier, b.receipt, d.subject, b.reused FROM clear_body b
         JOIN filing f ON f.id = b.filing JOIN dossier d ON d.id = f.dossier";
    let rows: Vec<Filed> = few(conn, select, |row| {
        let bytes = [row.get(3)?, row.get(4)?, row.get(5)?];
        Ok((
            row.get(0)?,
            row.get(1)?,
            row.get(2)?,
            bytes,
            row.get(6)?,
            row.get(7)?,
        ))
    })?;
    for (filing, salt, number, [filed, dossier, receipt], subject, reused) in &rows {
        let slot = fresh(conn, sealer, (Some(*filing), None), subject.clone())?;
        let seal = |column, bytes: &[u8]| sealer.seal(slot, seal::of_filing(column, number, salt), bytes);
        conn.prepare_cached("UPDATE filing SET slot = ?2 WHERE id = ?1")?
            .execute([*filing, seal::row(slot)])?;
        turn(
            conn,
            "INSERT INTO body (filing, filed, dossier, receipt, reused) VALUES (?1, ?2, ?3, ?4, ?5)",
            "DELETE FROM clear_body WHERE filing = ?1",
            *filing,
            &[
                filing,
                &seal(seal::BODY_FILED, filed)?,
                &seal(seal::BODY_DOSSIER, dossier)?,
                &seal(seal::BODY_RECEIPT, receipt)?,
                reused,
            ],
        )?;
    }
    Ok(rows.len())
}

pub(super) fn messages(conn: &Connection, sealer: &dyn Sealer) -> Result<usize, StoreError> {
    let select = "SELECT m.exchange, e.uid, f.slot, m.payload FROM clear_message m
         JOIN exchange e ON e.id = m.exchange JOIN filing f ON f.id = e.filing";
    let rows = few(conn, select, named)?;
    for (exchange, id, slot, payload) in &rows {
        turn(
            conn,
            "INSERT INTO message (exchange, payload, signature, salt, mapping, leaf)
             SELECT exchange, ?2, signature, salt, mapping, leaf FROM clear_message WHERE exchange = ?1",
            "DELETE FROM clear_message WHERE exchange = ?1",
            *exchange,
            &[
                exchange,
                &sealed(sealer, *slot, (seal::MESSAGE_PAYLOAD, id), payload)?,
            ],
        )?;
    }
    Ok(rows.len())
}

type Stepped = (i64, [u8; 16], i64, Vec<u8>);

pub(super) fn steps(conn: &Connection, sealer: &dyn Sealer) -> Result<usize, StoreError> {
    let select = "SELECT s.lane, s.key, f.slot, s.step FROM clear_step s JOIN exchange e ON e.id = s.exchange
         JOIN filing f ON f.id = e.filing";
    let rows: Vec<Stepped> = few(conn, select, |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    for (lane, key, slot, step) in &rows {
        let step = sealer.seal(seal::slot(*slot), place(seal::STEP_STEP, key), step)?;
        conn.prepare_cached(
            "INSERT INTO step (lane, key, exchange, at, step)
             SELECT lane, key, exchange, at, ?3 FROM clear_step WHERE lane = ?1 AND key = ?2",
        )?
        .execute(params![lane, key, step])?;
        conn.prepare_cached("DELETE FROM clear_step WHERE lane = ?1 AND key = ?2")?
            .execute(params![lane, key])?;
    }
    Ok(rows.len())
}

pub(super) fn answers(conn: &Connection, sealer: &dyn Sealer) -> Result<usize, StoreError> {
    let select = "SELECT a.attempt, e.uid, f.slot, a.bytes FROM clear_answer a
         JOIN exchange e ON e.id = a.attempt >> 20 JOIN filing f ON f.id = e.filing";
    let rows = few(conn, select, named)?;
    for (attempt, id, slot, answer) in &rows {
        let number = ((attempt & 0xf_ffff) as u32).to_be_bytes();
        let answer = sealer.seal(seal::slot(*slot), seal::of_answer(id, &number), answer)?;
        turn(
            conn,
            "INSERT INTO answer (attempt, bytes) VALUES (?1, ?2)",
            "DELETE FROM clear_answer WHERE attempt = ?1",
            *attempt,
            &[attempt, &answer],
        )?;
    }
    Ok(rows.len())
}

pub(super) fn reasons(conn: &Connection, sealer: &dyn Sealer) -> Result<usize, StoreError> {
    let select = "SELECT h.id, e.uid, h.at, CAST(h.reason AS BLOB) FROM clear_handling h
         JOIN exchange e ON e.id = h.exchange";
    let rows = few(conn, select, named)?;
    for (id, exchange, at, reason) in &rows {
        let (slot, moment) = (month::of(conn, sealer, *at)?, at.to_be_bytes());
        let reason = sealer.seal(slot, seal::of_reason(exchange, &moment), reason)?;
        turn(
            conn,
            "INSERT INTO handling (id, exchange, at, release, reason, leaf)
             SELECT id, exchange, at, release, ?2, leaf FROM clear_handling WHERE id = ?1",
            "DELETE FROM clear_handling WHERE id = ?1",
            *id,
            &[id, &reason],
        )?;
    }
    Ok(rows.len())
}

type Acted = (i64, ExchangeId, i64, Act, Option<String>);

pub(super) fn acts(conn: &Connection, sealer: &dyn Sealer) -> Result<usize, StoreError> {
    let select =
        "SELECT a.inquiry, i.uid, i.at, a.officer, a.name, a.account, a.agency, a.client, a.reason, i.words
         FROM clear_act a JOIN inquiry i ON i.id = a.inquiry";
    let rows: Vec<Acted> = few(conn, select, |row| {
        let act = Act {
            officer: row.get(3)?,
            name: row.get(4)?,
            account: row.get(5)?,
            agency: row.get(6)?,
            client: row.get(7)?,
            reason: row.get(8)?,
        };
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, act, row.get(9)?))
    })?;
    for (inquiry, id, at, act, words) in &rows {
        let slot = month::of(conn, sealer, *at)?;
        let who = sealer.seal(slot, place(seal::ACT_WHO, id.as_bytes()), &inquiry::who(act)?)?;
        let words = words
            .as_ref()
            .map(|words| sealer.seal(slot, place(seal::ACT_WORDS, id.as_bytes()), words.as_bytes()));
        turn(
            conn,
            "INSERT INTO act (inquiry, who, words) VALUES (?1, ?2, ?3)",
            "DELETE FROM clear_act WHERE inquiry = ?1",
            *inquiry,
            &[inquiry, &who, &words.transpose()?],
        )?;
    }
    Ok(rows.len())
}

type Came = (i64, ExchangeId, Vec<u8>, Vec<u8>);

pub(super) fn callbacks(conn: &Connection, sealer: &dyn Sealer) -> Result<usize, StoreError> {
    let select = "SELECT b.callback, c.uid, b.document, b.reply FROM clear_callback_body b
         JOIN callback c ON c.id = b.callback";
    let rows: Vec<Came> = few(conn, select, |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    for (callback, id, document, reply) in &rows {
        let slot = seal::row(fresh(conn, sealer, (None, Some(*callback)), None)?);
        conn.prepare_cached("UPDATE callback SET slot = ?2 WHERE id = ?1")?
            .execute([*callback, slot])?;
        let document = sealed(sealer, slot, (seal::CALLBACK_DOCUMENT, id), document)?;
        let reply = sealed(sealer, slot, (seal::CALLBACK_REPLY, id), reply)?;
        turn(
            conn,
            "INSERT INTO callback_body (callback, document, status, media, reply)
             SELECT callback, ?2, status, media, ?3 FROM clear_callback_body WHERE callback = ?1",
            "DELETE FROM clear_callback_body WHERE callback = ?1",
            *callback,
            &[callback, &document, &reply],
        )?;
    }
    Ok(rows.len())
}

/// Which callback brought a paper was not kept: each gets a slot of its own.
pub(super) fn papers(conn: &Connection, sealer: &dyn Sealer) -> Result<usize, StoreError> {
    let rows: Vec<([u8; 32], Vec<u8>)> = few(conn, "SELECT digest, bytes FROM clear_paper", |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    for (digest, bytes) in &rows {
        let slot = fresh(conn, sealer, (None, None), None)?;
        let bytes = sealer.seal(slot, place(seal::PAPER_BYTES, digest), bytes)?;
        conn.prepare_cached("INSERT INTO paper (digest, slot, bytes) VALUES (?1, ?2, ?3)")?
            .execute(params![digest, seal::row(slot), bytes])?;
        conn.prepare_cached("DELETE FROM clear_paper WHERE digest = ?1")?
            .execute([digest])?;
    }
    Ok(rows.len())
}

type Stood = (String, Vec<u8>, Option<i64>);

pub(super) fn news(conn: &Connection, sealer: &dyn Sealer) -> Result<usize, StoreError> {
    let select = "SELECT n.number, n.facts, (SELECT max(slot) FROM callback c WHERE c.number = n.number)
         FROM clear_news n";
    let rows: Vec<Stood> = few(conn, select, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for (number, facts, slot) in &rows {
        let slot = match slot {
            Some(slot) => seal::slot(*slot),
            None => fresh(conn, sealer, (None, None), None)?,
        };
        let facts = sealer.seal(slot, place(seal::NEWS_FACTS, number.as_bytes()), facts)?;
        conn.prepare_cached(
            "INSERT INTO news (number, at, slot, facts) SELECT number, at, ?2, ?3 FROM clear_news WHERE number = ?1",
        )?
        .execute(params![number, seal::row(slot), facts])?;
        conn.prepare_cached("DELETE FROM clear_news WHERE number = ?1")?
            .execute([number])?;
    }
    Ok(rows.len())
}

pub(super) fn events(conn: &Connection, sealer: &dyn Sealer) -> Result<usize, StoreError> {
    let select = "SELECT k.event, e.uid, c.slot, e.body FROM clear_event k JOIN event e ON e.id = k.event
         JOIN callback c ON c.id = e.callback";
    let rows = few(conn, select, named)?;
    for (event, id, slot, body) in &rows {
        turn(
            conn,
            "UPDATE event SET body = ?2 WHERE id = ?1",
            "DELETE FROM clear_event WHERE event = ?1",
            *event,
            &[event, &sealed(sealer, *slot, (seal::EVENT_BODY, id), body)?],
        )?;
    }
    Ok(rows.len())
}

/// What look-ups were told in words stands with who asked, from now on.
pub(super) fn drop_words(conn: &Connection) -> Result<(), StoreError> {
    let stands = conn
        .prepare("SELECT 1 FROM pragma_table_info('inquiry') WHERE name = 'words'")?
        .exists([])?;
    if stands {
        conn.execute_batch("ALTER TABLE inquiry DROP COLUMN words")?;
    }
    Ok(())
}

/// Whether the store was ever used: a fresh one has nothing behind its rows.
pub(super) fn has_leaves(conn: &Connection) -> Result<bool, StoreError> {
    Ok(conn.prepare("SELECT 1 FROM leaf LIMIT 1")?.exists([])?)
}
