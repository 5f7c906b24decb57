//! Looking: every question is answered from what is on disk, as of one moment.

use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{ExchangeId, Sealer, State};
use crate::store::sqlite::lease;
use crate::store::sqlite::row::attempt_id;
use crate::store::sqlite::seal;
use crate::store::{AttemptRow, DossierRow, ExchangeRow, Filing, Query, Rendered, StoreError};

/// No list is longer, whatever the caller asks for.
const LONGEST: usize = 10_000;
/// Bytes of dossiers that are read for preparing at once: they may all be large.
const AT_ONCE: usize = 4 << 20;

pub(super) fn bounded(limit: usize) -> i64 {
    limit.min(LONGEST) as i64
}

/// What was made of the dossier's filing before this one.
pub(super) fn filed_before(
    conn: &Connection,
    sealer: &dyn Sealer,
    filing: i64,
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut select = conn.prepare_cached("SELECT previous FROM filing WHERE id = ?1")?;
    let before = select.query_row([filing], |row| row.get(0)).optional()?;
    filed_alone(conn, sealer, before.flatten())
}

/// The dossier of a filing; none where there is no filing, or where it was erased.
pub(super) fn filed(
    conn: &Connection,
    sealer: &dyn Sealer,
    filing: Option<i64>,
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT b.dossier, d.number, f.salt FROM body b JOIN filing f ON f.id = b.filing
         JOIN dossier d ON d.id = f.dossier WHERE b.filing = ?1",
    )?;
    let row = select.query_row([filing], |row| {
        Ok((
            row.get::<_, Vec<u8>>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, [u8; 16]>(2)?,
        ))
    });
    let Some((sealed, number, salt)) = row.optional()? else {
        return Ok(None);
    };
    let place = seal::of_filing(seal::BODY_DOSSIER, &number, &salt);
    seal::open(sealer, place, &sealed)
}

/// The same for work that goes through many: one that does not open stops itself, and nothing beside it.
pub(super) fn filed_alone(
    conn: &Connection,
    sealer: &dyn Sealer,
    filing: Option<i64>,
) -> Result<Option<Vec<u8>>, StoreError> {
    seal::alone(filed(conn, sealer, filing))
}

/// Filings that wait to be prepared, but for those of the dossiers in somebody's hand.
pub(super) fn unprepared(
    conn: &Connection,
    sealer: &dyn Sealer,
    limit: usize,
    held: &[String],
) -> Result<Vec<Filing>, StoreError> {
    let held = serde_json::to_string(held).unwrap_or_default();
    let mut select = conn.prepare_cached(
        "SELECT f.id, d.system, d.number, b.dossier, p.name, f.due_at, f.at, e.uid, f.salt
         FROM unprepared u JOIN filing f ON f.id = u.filing JOIN dossier d ON d.id = f.dossier
         JOIN body b ON b.filing = f.id JOIN partner p ON p.id = f.partner LEFT JOIN exchange e ON e.id = u.exchange
         WHERE d.number NOT IN (SELECT value FROM json_each(?2)) ORDER BY u.filing LIMIT ?1",
    )?;
    let rows = select.query_map(params![bounded(limit), held], |row| {
        Ok(Filing {
            id: row.get(0)?,
            system: row.get(1)?,
            number: row.get(2)?,
            dossier: row.get(3)?,
            partner: row.get(4)?,
            due_at: row.get(5)?,
            at: row.get(6)?,
            exchange: row.get(7)?,
            salt: row.get(8)?,
        })
    })?;
    let (mut filings, mut bytes) = (Vec::new(), 0);
    for filing in rows {
        let mut filing = filing?;
        let place = seal::of_filing(seal::BODY_DOSSIER, &filing.number, &filing.salt);
        filing.dossier = seal::open_alone(sealer, place, &filing.dossier)?;
        bytes += filing.dossier.len();
        filings.push(filing);
        if bytes >= AT_ONCE {
            break;
        }
    }
    Ok(filings)
}

/// When something of a partner may be leased.
pub(super) fn wakes_at(conn: &Connection, partner: &str) -> Result<Option<i64>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM exchange WHERE partner = p.id AND state = 'ready' AND wake IS NOT NULL),
         (SELECT min(wake) FROM exchange WHERE partner = p.id AND state = 'later' AND wake IS NOT NULL),
         (SELECT min(wake) + 1 FROM exchange WHERE partner = p.id AND state = 'leased' AND wake IS NOT NULL)
         FROM partner p WHERE p.name = ?1",
    )?;
    let wakes = select.query_row([partner], |row| {
        let (later, leased) = (row.get::<_, Option<i64>>(1)?, row.get::<_, Option<i64>>(2)?);
        Ok(if row.get(0)? {
            Some(0)
        } else {
            later.into_iter().chain(leased).min()
        })
    });
    Ok(wakes.optional()?.flatten())
}

/// One dossier, and its latest filing.
pub(super) fn dossier(conn: &Connection, number: &str) -> Result<Option<DossierRow>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT d.number, d.system, d.versions, f.at, s.erased IS NOT NULL FROM dossier d
         JOIN filing f ON f.id = d.filing LEFT JOIN slot s ON s.id = f.slot WHERE d.number = ?1",
    )?;
    let row = select.query_row([number], |row| {
        Ok(DossierRow {
            number: row.get(0)?,
            system: row.get(1)?,
            versions: row.get(2)?,
            accepted_at: row.get(3)?,
            erased: row.get(4)?,
        })
    });
    Ok(row.optional()?)
}

/// What a dossier's latest filing says.
pub(super) fn latest(
    conn: &Connection,
    sealer: &dyn Sealer,
    number: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut select = conn.prepare_cached("SELECT filing FROM dossier WHERE number = ?1")?;
    let filing = select.query_row([number], |row| row.get(0)).optional()?;
    filed(conn, sealer, filing)
}

macro_rules! select_exchanges {
    ($rest:literal) => {
        concat!(
            "SELECT e.uid, d.number, d.system, p.name, e.operation, e.state, e.attempts, e.owner, e.action, e.cause,
             e.made_at, e.changed_at, e.wake, e.due_at FROM exchange e JOIN lane l ON l.id = e.lane
             JOIN dossier d ON d.id = l.dossier JOIN partner p ON p.id = e.partner ",
            $rest
        )
    };
}

fn exchange_row(row: &Row<'_>) -> rusqlite::Result<ExchangeRow> {
    let state = row.get(5)?;
    let wake: Option<i64> = row.get(12)?;
    Ok(ExchangeRow {
        exchange: row.get(0)?,
        dossier: row.get(1)?,
        system: row.get(2)?,
        partner: row.get(3)?,
        operation: row.get(4)?,
        state,
        attempts: row.get(6)?,
        owner: row.get(7)?,
        action: row.get(8)?,
        cause: row.get(9)?,
        made_at: row.get(10)?,
        changed_at: row.get(11)?,
        not_before: if state == State::Later {
            wake.unwrap_or(0)
        } else {
            0
        },
    })
}

/// One exchange.
pub(super) fn exchange(conn: &Connection, id: ExchangeId) -> Result<Option<ExchangeRow>, StoreError> {
    let mut select = conn.prepare_cached(select_exchanges!("WHERE e.uid = ?1"))?;
    Ok(select.query_row([id], exchange_row).optional()?)
}

/// Exchanges in order of id.
pub(super) fn exchanges(conn: &Connection, query: &Query) -> Result<Vec<ExchangeRow>, StoreError> {
    let mut sql = select_exchanges!("WHERE 1").to_owned();
    let mut values: Vec<&dyn ToSql> = Vec::new();
    let mut and = |condition: &str, value| {
        sql.push_str(condition);
        values.push(value);
    };
    if let Some(dossier) = &query.dossier {
        and(" AND d.number = ?", dossier);
    }
    if let Some(system) = &query.system {
        and(" AND d.system = ?", system);
    }
    if let Some(agency) = &query.agency {
        and(" AND d.agency = ?", agency);
    }
    if let Some(state) = &query.state {
        and(" AND e.state = ?", state);
    }
    if let Some(since) = &query.since {
        and(" AND e.made_at >= ?", since);
    }
    if let Some(until) = &query.until {
        and(" AND e.made_at < ?", until);
    }
    if let Some(after) = &query.after {
        and(" AND e.uid > ?", after);
    }
    if query.state.is_none() && !query.all {
        sql.push_str(" AND e.state NOT IN ('delivered', 'refused')");
    }
    let limit = bounded(query.limit);
    sql.push_str(" ORDER BY e.uid LIMIT ?");
    values.push(&limit);
    let mut select = conn.prepare_cached(&sql)?;
    let rows = select.query_map(values.as_slice(), exchange_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn row_of(conn: &Connection, id: ExchangeId) -> Result<Option<i64>, StoreError> {
    let mut select = conn.prepare_cached("SELECT id FROM exchange WHERE uid = ?1")?;
    Ok(select.query_row([id], |row| row.get(0)).optional()?)
}

/// The attempts of an exchange, oldest first.
pub(super) fn attempts(conn: &Connection, id: ExchangeId) -> Result<Vec<AttemptRow>, StoreError> {
    let Some(exchange) = row_of(conn, id)? else {
        return Ok(Vec::new());
    };
    let first = attempt_id(exchange, 0);
    let mut select = conn.prepare_cached(
        "SELECT id - ?1, phase, operation, began_at, ended_at, status, verdict, cause, digest FROM attempt
         WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3",
    )?;
    let rows = select.query_map(
        params![first, attempt_id(exchange + 1, 0), bounded(LONGEST)],
        |row| {
            Ok(AttemptRow {
                number: row.get(0)?,
                phase: row.get(1)?,
                operation: row.get(2)?,
                began_at: row.get(3)?,
                ended_at: row.get(4)?,
                status: row.get(5)?,
                verdict: row.get(6)?,
                cause: row.get(7)?,
                digest: data_encoding::HEXLOWER.encode(&row.get::<_, [u8; 32]>(8)?),
            })
        },
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The message of an exchange.
pub(super) fn rendered(
    conn: &Connection,
    sealer: &dyn Sealer,
    id: ExchangeId,
) -> Result<Option<Rendered>, StoreError> {
    match row_of(conn, id)? {
        Some(exchange) => lease::message(conn, sealer, (exchange, id)),
        None => Ok(None),
    }
}

/// The leaf an exchange entered last.
pub(super) fn leaf_of(conn: &Connection, id: ExchangeId) -> Result<Option<u64>, StoreError> {
    let mut select = conn.prepare_cached("SELECT leaf FROM exchange WHERE uid = ?1")?;
    let leaf = select.query_row([id], |row| row.get::<_, i64>(0)).optional()?;
    Ok(leaf.map(|leaf| leaf as u64))
}
