//! One transaction, in which many callers' commands are carried out one after another.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use crate::evidence::leaf::{Draft, Staged};
use crate::evidence::tile::LONGEST_ENTRY;
use crate::model::{Sealer, State};
use crate::store::sqlite::accept::Statements;
use crate::store::{Books, Settings, StoreError};

/// Links, index and frame of an entry take less than this; a body that leaves it room can be entered.
const LINKS: usize = 1024;

/// What commands work on: the open transaction, the leaves staged in it, and the books as they will be.
pub(super) struct Tx<'a> {
    /// The writer's connection, inside a transaction.
    pub(super) conn: &'a Connection,
    /// Who seals.
    pub(super) sealer: &'a dyn Sealer,
    /// How the store is set.
    pub(super) settings: &'a Settings,
    /// The books as they will be after this transaction.
    pub(super) books: Books,
    /// Leaves under the log before this transaction.
    pub(super) base: u64,
    /// Leaves of this transaction, in order.
    pub(super) staged: Vec<Arc<Staged>>,
    /// The partners that were asked for, and their rows.
    pub(super) partners: Vec<(String, i64)>,
    /// The statements of acceptances, once there is one.
    pub(super) accepting: Option<Statements<'a>>,
    /// Whether the disk has room, once that was asked.
    pub(super) room: Option<bool>,
}

/// How a command's failure is kept from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// Not at all: few fail, and fewer after they wrote something.
    Hope,
    /// Each begins with a savepoint.
    Savepoints,
}

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// All that it did, or nothing.
    Whole,
    /// It failed and left something: the transaction is to be made anew, with care.
    Half,
}

impl Tx<'_> {
    /// Carries one command out so that, if it fails, the others do not notice. What it says is whether it was kept.
    pub(super) fn alone(
        &mut self,
        care: Care,
        command: impl FnOnce(&mut Self) -> bool,
    ) -> Result<Left, StoreError> {
        let (books, staged, before) = (self.books, self.staged.len(), self.conn.total_changes());
        if care == Care::Savepoints {
            self.conn.prepare_cached("SAVEPOINT command")?.execute([])?;
        }
        let kept = command(self);
        if !kept {
            self.books = books;
            self.staged.truncate(staged);
            // One of them may have been made by this command.
            self.partners.clear();
            // A full disk may have ended the whole transaction; the savepoint is gone with it.
            if self.conn.is_autocommit() {
                return Err(StoreError::Full("the disk is full"));
            }
        }
        match care {
            Care::Hope if !kept && self.conn.total_changes() != before => return Ok(Left::Half),
            Care::Hope => {}
            Care::Savepoints => self.release(kept)?,
        }
        Ok(Left::Whole)
    }

    fn release(&self, kept: bool) -> Result<(), StoreError> {
        if !kept {
            self.conn.prepare_cached("ROLLBACK TO command")?.execute([])?;
        }
        self.conn.prepare_cached("RELEASE command")?.execute([])?;
        Ok(())
    }

    /// Whether the disk has the room that must stay free, as it was when this transaction asked first. A disk that cannot
    /// be asked says itself when it is full.
    pub(super) fn has_room(&mut self) -> bool {
        let asked = || {
            let disk = self.conn.path().and_then(|path| rustix::fs::statvfs(path).ok());
            disk.is_none_or(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) >= self.settings.room)
        };
        let has = self.room.unwrap_or_else(asked);
        self.room = Some(has);
        has
    }

    /// Stages a leaf and says which index it will have.
    pub(super) fn stage(&mut self, draft: &Draft) -> Result<i64, StoreError> {
        self.enter(Arc::new(draft.stage()))
    }

    /// Takes in a leaf that is staged already and says which index it will have.
    pub(super) fn enter(&mut self, staged: Arc<Staged>) -> Result<i64, StoreError> {
        if staged.body.len() + LINKS > LONGEST_ENTRY {
            return Err(StoreError::Unusable(format!(
                "a leaf of {} bytes is too long",
                staged.body.len()
            )));
        }
        self.staged.push(staged);
        Ok((self.base + self.staged.len() as u64 - 1) as i64)
    }

    /// Says in the books that an exchange came to be (`from` none) or went from one state to another.
    pub(super) fn count(&mut self, from: Option<State>, to: State) {
        if let Some(from) = from {
            *column(&mut self.books, from) -= 1;
        }
        *column(&mut self.books, to) += 1;
    }

    /// The row of a partner, made when it is met for the first time.
    pub(super) fn partner(&mut self, name: &str) -> Result<i64, StoreError> {
        if let Some((_, id)) = self.partners.iter().find(|(known, _)| known == name) {
            return Ok(*id);
        }
        let mut select = self
            .conn
            .prepare_cached("SELECT id FROM partner WHERE name = ?1")?;
        let id = match select.query_row([name], |row| row.get(0)).optional()? {
            Some(id) => id,
            None => self
                .conn
                .prepare_cached("INSERT INTO partner (name) VALUES (?1)")?
                .insert([name])?,
        };
        self.partners.push((name.to_owned(), id));
        Ok(id)
    }
}

/// The column of the books in which an exchange of this state stands.
pub(super) fn column(books: &mut Books, state: State) -> &mut u64 {
    match state {
        State::Held | State::Ready | State::Later | State::Leased => &mut books.waiting,
        State::Delivered => &mut books.delivered,
        State::Refused => &mut books.refused,
        State::Parked => &mut books.parked,
    }
}

/// The books as the store keeps them.
pub(super) fn books(conn: &Connection) -> Result<Books, StoreError> {
    let mut books = Books::default();
    let mut select = conn.prepare_cached("SELECT name, count FROM tally")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let count = row.get::<_, i64>(1)? as u64;
        for (name, column) in columns(&mut books) {
            if row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)? == name {
                *column = count;
            }
        }
    }
    Ok(books)
}

/// Writes those books that changed.
pub(super) fn write_books(conn: &Connection, mut was: Books, mut is: Books) -> Result<(), StoreError> {
    let mut update = conn.prepare_cached("UPDATE tally SET count = ?2 WHERE name = ?1")?;
    for ((name, new), (_, old)) in columns(&mut is).into_iter().zip(columns(&mut was)) {
        if new != old {
            update.execute(rusqlite::params![name, *new as i64])?;
        }
    }
    Ok(())
}

fn columns(books: &mut Books) -> [(&'static str, &mut u64); 6] {
    [
        ("dossiers", &mut books.dossiers),
        ("unprepared", &mut books.unprepared),
        ("delivered", &mut books.delivered),
        ("refused", &mut books.refused),
        ("parked", &mut books.parked),
        ("waiting", &mut books.waiting),
    ]
}
