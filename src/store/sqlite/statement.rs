//! The books stated: the rows counted, and the statements that were made of that.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::read::bounded;
use super::row::BEHIND;
use super::tx::Tx;
use super::{Sqlite, log};
use crate::evidence::statement::{Column, Count};
use crate::model::{ExchangeId, State};
use crate::store::{Counted, NewStatement, Reply, StatementRow, Statements, StoreError};

const COLUMNS: &str = "SELECT number, partner, at, leaves, agrees, leaf, note FROM statement";

impl Statements for Sqlite {
    fn count(&self) -> Reply<'_, Counted> {
        self.readers.ask(count)
    }

    fn reckoned(&self) -> Reply<'_, Vec<u8>> {
        self.readers
            .ask(|conn| Ok(conn.query_row("SELECT state FROM reckoned", [], |row| row.get(0))?))
    }

    fn state(&self, statements: Vec<NewStatement>, leaves: u64, reckoned: Vec<u8>) -> Reply<'_, ()> {
        self.write(move |tx| {
            statements.iter().try_for_each(|statement| keep(tx, statement))?;
            let mut update = tx
                .conn
                .prepare_cached("UPDATE reckoned SET leaves = ?1, state = ?2")?;
            update.execute(params![leaves as i64, reckoned])?;
            Ok(())
        })
    }

    fn statement(&self, number: u64) -> Reply<'_, Option<StatementRow>> {
        self.readers.ask(move |conn| {
            let mut select = conn.prepare_cached(&format!("{COLUMNS} WHERE number = ?1"))?;
            Ok(select.query_row([number as i64], row).optional()?)
        })
    }

    fn statements(
        &self,
        before: Option<u64>,
        partner: Option<String>,
        limit: usize,
    ) -> Reply<'_, Vec<StatementRow>> {
        let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
        self.readers.ask(move |conn| {
            let whose = if partner.is_some() {
                "partner = ?3"
            } else {
                "?3 IS NULL"
            };
            let mut select = conn.prepare_cached(&format!(
                "{COLUMNS} WHERE {whose} AND number < ?1 ORDER BY number DESC LIMIT ?2"
            ))?;
            let rows = select.query_map(params![before, bounded(limit), partner], row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn stated(&self) -> Reply<'_, Vec<StatementRow>> {
        self.readers.ask(stated)
    }
}

/// The newest statement of each partner.
pub(super) fn stated(conn: &Connection) -> Result<Vec<StatementRow>, StoreError> {
    let mut select = conn.prepare_cached(&format!(
        "{COLUMNS} WHERE number IN (SELECT max(number) FROM statement GROUP BY partner) ORDER BY partner"
    ))?;
    let rows = select.query_map([], row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn keep(tx: &mut Tx<'_>, statement: &NewStatement) -> Result<(), StoreError> {
    let leaf = tx.stage(&statement.leaf)?;
    let mut insert = tx.conn.prepare_cached(
        "INSERT INTO statement (number, partner, at, leaves, agrees, leaf, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    insert.execute(params![
        statement.number as i64,
        statement.partner,
        statement.at,
        statement.leaves as i64,
        statement.agrees,
        leaf,
        statement.note
    ])?;
    Ok(())
}

fn row(row: &Row<'_>) -> rusqlite::Result<StatementRow> {
    Ok(StatementRow {
        number: row.get::<_, i64>(0)? as u64,
        partner: row.get(1)?,
        at: row.get(2)?,
        leaves: row.get::<_, i64>(3)? as u64,
        agrees: row.get(4)?,
        leaf: row.get::<_, i64>(5)? as u64,
        note: row.get(6)?,
    })
}

/// Everything is read in the reader's one moment.
fn count(conn: &Connection) -> Result<Counted, StoreError> {
    let mut counted = Counted {
        leaves: log::size(conn)?,
        ..Counted::default()
    };
    let statements: i64 = conn.query_row("SELECT count(*) FROM statement", [], |row| row.get(0))?;
    counted.statements = statements as u64;
    filings(conn, &mut counted.counts)?;
    dropped(conn, &mut counted.counts)?;
    exchanges(conn, &mut counted)?;
    Ok(counted)
}

/// Each filing owes its partner one message; what was not prepared yet waits.
fn filings(conn: &Connection, counts: &mut BTreeMap<String, Count>) -> Result<(), StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT p.name, count(*), 0 FROM filing f JOIN partner p ON p.id = f.partner GROUP BY p.id UNION ALL
         SELECT p.name, -sum(f.leaf < r.since), sum(f.leaf >= r.since) FROM unprepared u JOIN filing f ON f.id = u.filing
         JOIN partner p ON p.id = f.partner, reckoned r WHERE u.exchange IS NULL GROUP BY p.id",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let count = counts.entry(row.get(0)?).or_default();
        count.accepted = count.accepted.saturating_add_signed(row.get(1)?);
        count.waiting = count.waiting.saturating_add_signed(row.get(2)?);
    }
    Ok(())
}

/// What served its time was counted when it went.
fn dropped(conn: &Connection, counts: &mut BTreeMap<String, Count>) -> Result<(), StoreError> {
    let mut select =
        conn.prepare_cached("SELECT partner, accepted, delivered, refused FROM dropped_count")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let count = counts.entry(row.get(0)?).or_default();
        count.accepted = count.accepted.saturating_add_signed(row.get(1)?);
        count.delivered = count.delivered.saturating_add_signed(row.get(2)?);
        count.refused = count.refused.saturating_add_signed(row.get(3)?);
    }
    Ok(())
}

/// Each exchange where it stands. What is parked only behind another waits: no leaf tells of that.
fn exchanges(conn: &Connection, counted: &mut Counted) -> Result<(), StoreError> {
    let mut names = conn.prepare_cached("SELECT id, name FROM partner")?;
    let names: HashMap<i64, String> = names
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut select = conn.prepare_cached("SELECT uid, partner, operation, state, cause FROM exchange")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let Some(partner) = names.get(&row.get(1)?) else {
            continue;
        };
        let column = column(row)?;
        if !counted.counts.contains_key(partner) {
            counted.counts.insert(partner.clone(), Count::default());
        }
        if let Some(count) = counted.counts.get_mut(partner) {
            let operation = row.get_ref(2)?.as_str().unwrap_or_default();
            count.accepted += u64::from(!matches!(operation, "create" | "update"));
            column.into_iter().for_each(|column| *count.column(column) += 1);
        }
        if let Some(column @ (Column::Parked | Column::Waiting)) = column {
            let id: ExchangeId = row.get(0)?;
            counted
                .open
                .entry(partner.clone())
                .or_default()
                .insert(id, column);
        }
    }
    Ok(())
}

/// None for a state that there is not.
fn column(row: &Row<'_>) -> rusqlite::Result<Option<Column>> {
    let state = State::from_word(row.get_ref(3)?.as_str().unwrap_or_default());
    let behind = row.get_ref(4)?.as_str_or_null()? == Some(BEHIND);
    Ok(state.map(|state| match state {
        State::Held | State::Ready | State::Later | State::Leased => Column::Waiting,
        State::Parked if behind => Column::Waiting,
        State::Parked => Column::Parked,
        State::Delivered => Column::Delivered,
        State::Refused => Column::Refused,
    }))
}
