//! An exchange's row with what its leaves need, as the commands that turn it read it.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::evidence::blind::Blind;
use crate::evidence::leaf::Draft;
use crate::model::{ExchangeId, Operation, Phase, Slot, State};
use crate::store::sqlite::seal;
use crate::store::sqlite::tx::Tx;
use crate::store::{Leased, StoreError};

/// The cause of an exchange that is parked only because another of its dossier is.
pub(super) const BEHIND: &str = "behind";

/// One exchange, its lane and its dossier.
pub(super) struct Turning {
    pub(super) id: i64,
    pub(super) uid: ExchangeId,
    pub(super) lane: i64,
    pub(super) operation: Operation,
    pub(super) state: State,
    pub(super) phase: Phase,
    pub(super) fence: i64,
    pub(super) attempts: u32,
    pub(super) under_way: bool,
    pub(super) sent_at: Option<i64>,
    pub(super) due_at: i64,
    pub(super) give_up_at: i64,
    pub(super) filing: i64,
    pub(super) cause: Option<String>,
    pub(super) dossier: Option<Blind>,
    pub(super) subject: Option<Blind>,
    pub(super) number: String,
    pub(super) system: String,
    pub(super) partner: String,
}

macro_rules! select {
    ($where:literal) => {
        concat!(
            "SELECT e.id, e.uid, e.lane, e.operation, e.state, e.phase, e.fence, e.attempts, e.under_way, e.sent_at,
             e.due_at, e.give_up_at, e.filing, e.cause, d.blind, d.subject, d.number, d.system, p.name
             FROM exchange e JOIN lane l ON l.id = e.lane JOIN dossier d ON d.id = l.dossier
             JOIN partner p ON p.id = e.partner WHERE ",
            $where
        )
    };
}

impl Turning {
    /// The exchange of an id.
    pub(super) fn find(conn: &Connection, uid: ExchangeId) -> Result<Option<Self>, StoreError> {
        let mut select = conn.prepare_cached(select!("e.uid = ?1"))?;
        Ok(select.query_row([uid], Self::read).optional()?)
    }

    /// The exchange of a row.
    pub(super) fn of(conn: &Connection, id: i64) -> Result<Self, StoreError> {
        Ok(conn
            .prepare_cached(select!("e.id = ?1"))?
            .query_row([id], Self::read)?)
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            uid: row.get(1)?,
            lane: row.get(2)?,
            operation: row.get(3)?,
            state: row.get(4)?,
            phase: row.get(5)?,
            fence: row.get(6)?,
            attempts: row.get(7)?,
            under_way: row.get(8)?,
            sent_at: row.get(9)?,
            due_at: row.get(10)?,
            give_up_at: row.get(11)?,
            filing: row.get(12)?,
            cause: row.get(13)?,
            dossier: row.get::<_, Option<_>>(14)?.map(Blind),
            subject: row.get::<_, Option<_>>(15)?.map(Blind),
            number: row.get(16)?,
            system: row.get(17)?,
            partner: row.get(18)?,
        })
    }

    /// The exchange, if the worker with this fence still holds it.
    pub(super) fn held(tx: &Tx<'_>, uid: ExchangeId, fence: i64) -> Result<Self, StoreError> {
        match Self::find(tx.conn, uid)? {
            Some(row) if row.state == State::Leased && row.fence == fence => Ok(row),
            Some(_) | None => Err(StoreError::LostLease),
        }
    }

    /// Whether it stands only because another of its dossier does.
    pub(super) fn is_behind(&self) -> bool {
        self.state == State::Parked && self.cause.as_deref() == Some(BEHIND)
    }

    /// Stages a leaf about this exchange, filling in what the draft leaves open, and says its index.
    pub(super) fn stage(&self, tx: &mut Tx<'_>, mut draft: Draft) -> Result<i64, StoreError> {
        draft.dossier = draft.dossier.or(self.dossier);
        draft.subject = draft.subject.or(self.subject);
        draft.partner.get_or_insert_with(|| self.partner.clone());
        draft.exchange.get_or_insert_with(|| self.uid.to_string());
        tx.stage(&draft)
    }

    /// The slot under which everything of its filing is sealed.
    pub(super) fn slot(&self, tx: &Tx<'_>) -> Result<Slot, StoreError> {
        let mut select = tx.conn.prepare_cached("SELECT slot FROM filing WHERE id = ?1")?;
        Ok(seal::slot(select.query_row([self.filing], |row| row.get(0))?))
    }

    /// The row of its present attempt.
    pub(super) fn attempt(&self) -> i64 {
        attempt_id(self.id, self.attempts)
    }

    /// As a worker gets it, without message and steps.
    pub(super) fn leased(self) -> Leased {
        Leased {
            id: self.uid,
            fence: self.fence,
            number: self.number,
            system: self.system,
            subject: self.subject,
            operation: self.operation,
            phase: self.phase,
            attempts: self.attempts,
            sent_at: self.sent_at,
            give_up_at: self.give_up_at,
            rendered: None,
            steps: Vec::new(),
        }
    }
}

/// Attempts of one exchange lie together, in order; more than a million of them do not happen.
pub(super) fn attempt_id(exchange: i64, number: u32) -> i64 {
    (exchange << 20) + i64::from(number)
}

/// Where an exchange goes next, and what people then see of it.
#[derive(Default)]
pub(super) struct Turn<'a> {
    pub(super) operation: Option<Operation>,
    pub(super) phase: Option<Phase>,
    pub(super) wake: Option<i64>,
    pub(super) owner: Option<crate::model::Owner>,
    pub(super) action: Option<&'a str>,
    pub(super) cause: Option<&'a str>,
    /// The leaf that tells of it, if it has one.
    pub(super) leaf: Option<i64>,
    pub(super) at: i64,
}

/// Writes an exchange's new state, which ends whatever was under way, and counts it.
pub(super) fn turn(
    tx: &mut Tx<'_>,
    id: i64,
    (from, to): (State, State),
    turn: &Turn<'_>,
) -> Result<(), StoreError> {
    tx.conn
        .prepare_cached(
            "UPDATE exchange SET state = ?2, operation = coalesce(?3, operation), phase = coalesce(?4, phase),
             wake = ?5, owner = ?6, action = ?7, cause = ?8, leaf = coalesce(?9, leaf), changed_at = ?10, under_way = 0
             WHERE id = ?1",
        )?
        .execute(params![
            id,
            to,
            turn.operation,
            turn.phase,
            turn.wake,
            turn.owner,
            turn.action,
            turn.cause,
            turn.leaf,
            turn.at
        ])?;
    tx.count(Some(from), to);
    Ok(())
}
