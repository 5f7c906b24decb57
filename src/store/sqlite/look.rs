//! Searching, and what people see of an exchange. A search walks the index that fits what is asked, the newest first, and
//! looks at so many rows and no more: its answer comes in a bounded time whatever is asked, and says where to go on.

use rusqlite::types::ToSql;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};

use crate::evidence::blind::Blind;
use crate::model::{ExchangeId, SealError, Sealer, State};
use crate::store::sqlite::row::attempt_id;
use crate::store::sqlite::{Sqlite, lease, read};
use crate::store::{
    Cursor, FoundRow, HandRow, Looks, Page, QueueRow, Rendered, Reply, Search, Sides, Standing, StoreError,
};

/// Rows that one page looks at.
const LOOKS: usize = if cfg!(test) { 16 } else { 5_000 };
/// The longest page.
const LONGEST: usize = 1_000;
/// Ids are made a moment before or after the time that their rows say, ms.
const SLACK: i64 = 60_000;

impl Looks for Sqlite {
    fn search(&self, wanted: Search) -> Reply<'_, Page> {
        self.readers.ask(move |conn| search(conn, &wanted))
    }

    fn standing(&self) -> Reply<'_, Standing> {
        self.readers.ask(standing)
    }

    fn sides(&self, id: ExchangeId) -> Reply<'_, Option<Sides>> {
        self.opened(move |conn, sealer| sides(conn, sealer, id))
    }

    fn hands(&self, id: ExchangeId) -> Reply<'_, Vec<HandRow>> {
        self.readers.ask(move |conn| hands(conn, id))
    }
}

/// One search under way.
struct Walk<'a> {
    search: &'a Search,
    lookup: CachedStatement<'a>,
    limit: usize,
    left: usize,
    page: Page,
}

/// One page of a search.
fn search(conn: &Connection, search: &Search) -> Result<Page, StoreError> {
    let lookup = conn.prepare_cached(
        "SELECT e.uid, d.number, d.system, d.agency, d.procedure, p.name, e.operation, e.state, e.attempts, e.owner,
         e.cause, e.made_at, e.changed_at, d.subject FROM exchange e JOIN lane l ON l.id = e.lane
         JOIN dossier d ON d.id = l.dossier JOIN partner p ON p.id = e.partner WHERE e.id = ?1",
    )?;
    let mut walk = Walk {
        search,
        lookup,
        limit: search.limit.clamp(1, LONGEST),
        left: LOOKS,
        page: Page {
            rows: Vec::new(),
            next: None,
        },
    };
    match of_dossiers(search) {
        Some(index) if !is_short(conn, search)? => walk.dossiers(conn, index)?,
        Some(_) | None => walk.exchanges(conn)?,
    }
    Ok(walk.page)
}

/// The column of dossiers whose index fits best; none where exchanges are walked.
fn of_dossiers(search: &Search) -> Option<(&'static str, &dyn ToSql)> {
    let stands = search.state.is_some_and(|state| state != State::Delivered);
    if let Some(number) = &search.number {
        Some(("number", number))
    } else if let Some(subject) = &search.subject {
        Some(("subject", &subject.0))
    } else if stands {
        None
    } else if let Some(agency) = &search.agency {
        Some(("agency", agency))
    } else if let Some(procedure) = &search.procedure {
        Some(("procedure", procedure))
    } else {
        None
    }
}

/// Whether the time that is asked for holds so little that it is best walked whole.
fn is_short(conn: &Connection, search: &Search) -> Result<bool, StoreError> {
    // A page goes on as the one before it went, whatever came meanwhile.
    if let Some(after) = search.after {
        return Ok(after.dossier == 0);
    }
    let named = search.number.is_some() || search.subject.is_some();
    if named || (search.since.is_none() && search.until.is_none()) {
        return Ok(false);
    }
    let mut count = conn.prepare_cached(
        "SELECT count(*) FROM (SELECT 1 FROM exchange WHERE uid >= ?1 AND uid < ?2 LIMIT ?3)",
    )?;
    let (from, to) = bounds(search);
    let found: i64 = count.query_row(params![from, to, LOOKS as i64 + 1], |row| row.get(0))?;
    Ok(found <= LOOKS as i64)
}

/// The ids between which the time that is asked for lies.
fn bounds(search: &Search) -> (ExchangeId, ExchangeId) {
    let from = search.since.map_or(0, |at| at.saturating_sub(SLACK));
    let to = search.until.map_or(i64::MAX >> 16, |at| at.saturating_add(SLACK));
    (ExchangeId::new(from, &[0; 10]), ExchangeId::new(to, &[0; 10]))
}

impl Walk<'_> {
    /// Through the exchanges, by the time of their ids, or those in one state.
    fn exchanges(&mut self, conn: &Connection) -> Result<(), StoreError> {
        let (from, mut to) = bounds(self.search);
        if let Some(after) = self.search.after.and_then(|after| after.exchange) {
            to = after;
        }
        let standing = self.search.state.filter(|state| *state != State::Delivered);
        let mut select = conn.prepare_cached(if standing.is_some() {
            "SELECT id, uid FROM exchange WHERE state = ?3 AND state <> 'delivered' AND uid >= ?1 AND uid < ?2
             ORDER BY uid DESC"
        } else {
            "SELECT id, uid FROM exchange WHERE ?3 IS NULL AND uid >= ?1 AND uid < ?2 ORDER BY uid DESC"
        })?;
        let mut rows = select.query(params![from, to, standing])?;
        while let Some(row) = rows.next()? {
            let (id, uid) = (row.get(0)?, row.get(1)?);
            let here = Cursor {
                dossier: 0,
                exchange: Some(uid),
            };
            if !self.look(id, here)? {
                return Ok(());
            }
        }
        self.page.next = None;
        Ok(())
    }

    /// Through the dossiers of an index, and the exchanges of each.
    fn dossiers(
        &mut self,
        conn: &Connection,
        (column, value): (&'static str, &dyn ToSql),
    ) -> Result<(), StoreError> {
        let after = self.search.after;
        let top = match after {
            Some(Cursor {
                dossier,
                exchange: None,
            }) => dossier.saturating_sub(1),
            Some(Cursor { dossier, .. }) => dossier,
            None => i64::MAX,
        };
        let sql = format!("SELECT id FROM dossier WHERE {column} = ?1 AND id <= ?2 ORDER BY id DESC");
        let mut select = conn.prepare_cached(&sql)?;
        let mut rows = select.query(params![value, top])?;
        while let Some(row) = rows.next()? {
            if !self.dossier(conn, row.get(0)?)? {
                return Ok(());
            }
        }
        self.page.next = None;
        Ok(())
    }

    /// Through the exchanges of one dossier; false when the page ends in it.
    fn dossier(&mut self, conn: &Connection, dossier: i64) -> Result<bool, StoreError> {
        let mut select = conn.prepare_cached(
            "SELECT e.id, e.uid FROM lane l JOIN exchange e ON e.lane = l.id WHERE l.dossier = ?1 AND e.uid < ?2
             ORDER BY e.uid DESC",
        )?;
        let cut = self.search.after.filter(|after| after.dossier == dossier);
        let below = cut.and_then(|after| after.exchange);
        let below = below.unwrap_or(ExchangeId::from_bytes([0xff; 16]));
        let mut rows = select.query(params![dossier, below])?;
        while let Some(row) = rows.next()? {
            let (id, uid) = (row.get(0)?, row.get(1)?);
            let here = Cursor {
                dossier,
                exchange: Some(uid),
            };
            if !self.look(id, here)? {
                return Ok(false);
            }
        }
        Ok(self.spend(Cursor {
            dossier,
            exchange: None,
        }))
    }

    /// Looks at one exchange and takes it if it fits; false when the page ends with it.
    fn look(&mut self, id: i64, here: Cursor) -> Result<bool, StoreError> {
        // One more than the page holds was found: there is a next one, after the last that was taken.
        let search = self.search;
        let found = self.lookup.query_row([id], |row| found(row, search)).optional()?;
        if let Some(found) = found.flatten() {
            if self.page.rows.len() == self.limit {
                return Ok(false);
            }
            self.page.rows.push(found);
        }
        Ok(self.spend(here))
    }

    /// Counts one look; false when there were enough.
    fn spend(&mut self, here: Cursor) -> bool {
        self.left -= 1;
        self.page.next = Some(here);
        self.left > 0
    }
}

fn found(row: &Row<'_>, search: &Search) -> rusqlite::Result<Option<FoundRow>> {
    let text = |column: usize| {
        row.get_ref(column)?
            .as_str_or_null()
            .map_err(rusqlite::Error::from)
    };
    let is = |column: usize, wanted: &Option<String>| -> rusqlite::Result<bool> {
        Ok(match wanted {
            None => true,
            Some(wanted) => text(column)? == Some(wanted.as_str()),
        })
    };
    let (state, made_at): (State, i64) = (row.get(7)?, row.get(11)?);
    let subject: Option<[u8; 16]> = row.get(13)?;
    let fits = is(1, &search.number)?
        && is(3, &search.agency)?
        && is(4, &search.procedure)?
        && is(5, &search.partner)?
        && search.state.is_none_or(|wanted| wanted == state)
        && search.subject.is_none_or(|wanted| subject == Some(wanted.0))
        && search.since.is_none_or(|since| made_at >= since)
        && search.until.is_none_or(|until| made_at < until);
    if !fits {
        return Ok(None);
    }
    Ok(Some(FoundRow {
        exchange: row.get(0)?,
        dossier: row.get(1)?,
        system: row.get(2)?,
        agency: row.get(3)?,
        procedure: row.get(4)?,
        partner: row.get(5)?,
        operation: row.get(6)?,
        state,
        attempts: row.get(8)?,
        owner: row.get(9)?,
        cause: row.get(10)?,
        made_at,
        changed_at: row.get(12)?,
    }))
}

/// What stands open: the oldest that moves, and what waits for its owner.
fn standing(conn: &Connection) -> Result<Standing, StoreError> {
    let mut first = conn.prepare_cached(
        "SELECT made_at FROM exchange WHERE state = ?1 AND state <> 'delivered' ORDER BY uid LIMIT 1",
    )?;
    let mut oldest: Option<i64> = conn
        .prepare_cached(
            "SELECT f.at FROM unprepared u JOIN filing f ON f.id = u.filing ORDER BY u.filing LIMIT 1",
        )?
        .query_row([], |row| row.get(0))
        .optional()?;
    for state in [State::Held, State::Ready, State::Later, State::Leased] {
        let at: Option<i64> = first.query_row([state], |row| row.get(0)).optional()?;
        oldest = oldest.into_iter().chain(at).min();
    }
    let mut standing = Standing {
        oldest,
        ..Standing::default()
    };
    for state in [State::Parked, State::Refused] {
        queues(conn, state, &mut standing)?;
    }
    standing.queues.sort_by_key(|queue| queue.since);
    Ok(standing)
}

fn queues(conn: &Connection, state: State, into: &mut Standing) -> Result<(), StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT e.owner, e.action, p.name, e.changed_at, e.uid, e.cause FROM exchange e JOIN partner p ON p.id = e.partner
         WHERE e.state = ?1 AND e.state <> 'delivered' ORDER BY e.uid LIMIT ?2",
    )?;
    let mut rows = select.query(params![state, LOOKS as i64 + 1])?;
    let mut seen = 0;
    while let Some(row) = rows.next()? {
        seen += 1;
        if seen > LOOKS {
            into.more = true;
            break;
        }
        let one = QueueRow {
            owner: row.get(0)?,
            action: row.get(1)?,
            partner: row.get(2)?,
            since: row.get(3)?,
            first: row.get(4)?,
            cause: row.get(5)?,
            state,
            count: 1,
        };
        let same = |queue: &&mut QueueRow| {
            (queue.state, &queue.owner, &queue.action, &queue.partner)
                == (state, &one.owner, &one.action, &one.partner)
        };
        match into.queues.iter_mut().find(same) {
            Some(queue) => {
                queue.count += 1;
                queue.since = queue.since.min(one.since);
                // Its words may be about one dossier: they are said only where all have the same.
                queue.cause = queue
                    .cause
                    .take()
                    .filter(|cause| one.cause.as_ref() == Some(cause));
            }
            None => into.queues.push(one),
        }
    }
    Ok(())
}

/// What came in and what went out of an exchange.
fn sides(conn: &Connection, sealer: &dyn Sealer, id: ExchangeId) -> Result<Option<Sides>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT e.id, f.id, f.at, f.digest, f.leaf FROM exchange e JOIN filing f ON f.id = e.filing WHERE e.uid = ?1",
    )?;
    let row = select.query_row([id], |row| {
        let sides = Sides {
            dossier: None,
            message: None,
            accepted_at: row.get(2)?,
            digest: row.get(3)?,
            leaf: row.get::<_, i64>(4)? as u64,
            is_answered: false,
        };
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, sides))
    });
    let Some((exchange, filing, mut sides)) = row.optional()? else {
        return Ok(None);
    };
    sides.dossier = read::filed(conn, sealer, Some(filing))?;
    sides.message = message(conn, sealer, (exchange, id))?;
    sides.is_answered = conn
        .prepare_cached("SELECT 1 FROM answer WHERE attempt > ?1 AND attempt < ?2")?
        .exists([attempt_id(exchange, 0), attempt_id(exchange + 1, 0)])?;
    Ok(Some(sides))
}

/// The message of an exchange; none where it was erased.
fn message(
    conn: &Connection,
    sealer: &dyn Sealer,
    exchange: (i64, ExchangeId),
) -> Result<Option<Rendered>, StoreError> {
    match lease::message(conn, sealer, exchange) {
        Err(StoreError::Sealed(SealError::Erased)) => Ok(None),
        found => found,
    }
}

/// The hands that were laid on an exchange, oldest first.
fn hands(conn: &Connection, id: ExchangeId) -> Result<Vec<HandRow>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT h.at, h.release, h.account, h.leaf FROM handling h JOIN exchange e ON e.id = h.exchange
         WHERE e.uid = ?1 ORDER BY h.id LIMIT ?2",
    )?;
    let rows = select.query_map(params![id, LONGEST as i64], |row| {
        Ok(HandRow {
            at: row.get(0)?,
            release: row.get(1)?,
            account: row.get::<_, Option<[u8; 16]>>(2)?.map(Blind),
            leaf: row.get::<_, i64>(3)? as u64,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
