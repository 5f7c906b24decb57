//! The order within a lane, that is among the messages of one dossier to one partner: at most one is under way, steps go
//! only to a partner that knows the dossier, and what is parked holds back what depends on it.

use rusqlite::{OptionalExtension, Row, params};

use crate::model::{Operation, Owner, State};
use crate::store::StoreError;
use crate::store::sqlite::row::{BEHIND, Turn, turn};
use crate::store::sqlite::tx::Tx;

/// One unsettled or parked exchange of a lane.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) id: i64,
    pub(super) operation: Operation,
    pub(super) state: State,
    /// Parked only because of another.
    pub(super) behind: bool,
    /// Steps, or a message that was rendered; what is not made yet cannot go.
    pub(super) made: bool,
    pub(super) due_at: i64,
    pub(super) blame: Blame,
}

/// Who must act so that it goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Blame {
    pub(super) owner: Option<Owner>,
    pub(super) action: Option<String>,
}

/// What becomes of an exchange of the lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// May be leased from now on.
    Go,
    /// Waits in its lane.
    Hold,
    /// Is parked because of another.
    Behind(Blame),
}

/// What changes in a lane, by place in `lane` (oldest first). `refused` is who must act where the partner refused to know
/// the dossier. The whole rule, pure: the rest of this file only reads and writes.
pub(super) fn arrange(known: bool, refused: Option<&Blame>, lane: &[Standing]) -> Vec<(usize, Move)> {
    let taken = lane.iter().any(|one| is_active(one.state));
    let mut walk = Walk {
        known,
        taken,
        holder: None,
        stopped: refused,
        coming: false,
    };
    let moves = lane
        .iter()
        .enumerate()
        .map(|(place, one)| Some((place, walk.meet(one)?)));
    moves.flatten().collect()
}

/// A walk along a lane, from its oldest exchange on.
struct Walk<'a> {
    known: bool,
    /// One is under way, or will be.
    taken: bool,
    /// A parked message that holds all behind it.
    holder: Option<&'a Blame>,
    /// A message that did not make the dossier known, and who must act on it.
    stopped: Option<&'a Blame>,
    /// A message went by that may yet make the dossier known.
    coming: bool,
}

impl<'a> Walk<'a> {
    fn meet(&mut self, one: &'a Standing) -> Option<Move> {
        let steps = one.operation == Operation::Progress;
        if one.state == State::Parked && !one.behind {
            match (steps, one.made) {
                (true, _) => {}
                (false, true) => self.holder = self.holder.or(Some(&one.blame)),
                (false, false) => self.stopped = self.stopped.or(Some(&one.blame)),
            }
            return None;
        }
        let unknown = steps && !self.known;
        let blame = self.holder.or(if unknown && !self.coming {
            self.stopped
        } else {
            None
        });
        match blame {
            Some(_) if is_active(one.state) || one.behind => None,
            Some(blame) => Some(Move::Behind(blame.clone())),
            None => {
                self.coming |= !steps;
                self.pass(one, unknown)
            }
        }
    }

    /// Nothing holds it: it goes if it is the first, and if it can.
    fn pass(&mut self, one: &Standing, unknown: bool) -> Option<Move> {
        let first = !self.taken && !unknown;
        self.taken |= first;
        if first && one.made {
            Some(Move::Go)
        } else {
            one.behind.then_some(Move::Hold)
        }
    }
}

fn is_active(state: State) -> bool {
    match state {
        State::Ready | State::Later | State::Leased => true,
        State::Held | State::Delivered | State::Refused | State::Parked => false,
    }
}

/// Puts a lane in order after something in it changed.
pub(super) fn settle(tx: &mut Tx<'_>, lane: i64, at: i64) -> Result<(), StoreError> {
    if !holds(tx, lane, "parked")? {
        if holds(tx, lane, "ready")? || holds(tx, lane, "later")? || holds(tx, lane, "leased")? {
            return Ok(());
        }
        if !holds(tx, lane, "held")? {
            return Ok(());
        }
    }
    let known = tx.conn.prepare_cached("SELECT known FROM lane WHERE id = ?1")?;
    let known = { known }.query_row([lane], |row| row.get::<_, bool>(0))?;
    let standing = standing(tx, lane)?;
    let refused = if known { None } else { refused(tx, lane)? };
    for (place, to) in arrange(known, refused.as_ref(), &standing) {
        make(tx, &standing[place], &to, at)?;
    }
    Ok(())
}

fn holds(tx: &Tx<'_>, lane: i64, state: &str) -> Result<bool, StoreError> {
    let mut select = tx
        .conn
        .prepare_cached("SELECT 1 FROM exchange WHERE lane = ?1 AND state = ?2")?;
    Ok(select.exists(params![lane, state])?)
}

fn standing(tx: &Tx<'_>, lane: i64) -> Result<Vec<Standing>, StoreError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT id, operation, state, cause, due_at, owner, action,
         EXISTS (SELECT 1 FROM message WHERE message.exchange = exchange.id)
         FROM exchange WHERE lane = ?1 AND state IN ('held', 'ready', 'later', 'leased', 'parked') ORDER BY id",
    )?;
    Ok(select.query_map([lane], stand)?.collect::<Result<_, _>>()?)
}

fn stand(row: &Row<'_>) -> rusqlite::Result<Standing> {
    let operation = row.get(1)?;
    let state = row.get(2)?;
    Ok(Standing {
        id: row.get(0)?,
        operation,
        state,
        behind: state == State::Parked && row.get_ref(3)?.as_str_or_null()? == Some(BEHIND),
        made: operation == Operation::Progress || row.get(7)?,
        due_at: row.get(4)?,
        blame: Blame {
            owner: row.get(5)?,
            action: row.get(6)?,
        },
    })
}

/// Who must act on the latest refusal of a message that would have made the dossier known.
fn refused(tx: &Tx<'_>, lane: i64) -> Result<Option<Blame>, StoreError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT owner, action FROM exchange WHERE lane = ?1 AND state = 'refused' AND operation <> 'progress'
         ORDER BY id DESC LIMIT 1",
    )?;
    let blame = select.query_row([lane], |row| {
        Ok(Blame {
            owner: row.get(0)?,
            action: row.get(1)?,
        })
    });
    Ok(blame.optional()?)
}

fn make(tx: &mut Tx<'_>, one: &Standing, to: &Move, at: i64) -> Result<(), StoreError> {
    match to {
        Move::Go => {
            let go = Turn {
                wake: Some(one.due_at),
                at,
                ..Turn::default()
            };
            turn(tx, one.id, (one.state, State::Ready), &go)
        }
        Move::Hold => turn(
            tx,
            one.id,
            (one.state, State::Held),
            &Turn {
                at,
                ..Turn::default()
            },
        ),
        Move::Behind(blame) => {
            let action = blame.action.as_deref();
            let behind = Turn {
                owner: blame.owner,
                action,
                cause: Some(BEHIND),
                at,
                ..Turn::default()
            };
            turn(tx, one.id, (one.state, State::Parked), &behind)
        }
    }
}

/// The partner knows the dossier from now on: what was never attempted asks for an update.
pub(super) fn make_known(tx: &Tx<'_>, lane: i64) -> Result<(), StoreError> {
    tx.conn
        .prepare_cached("UPDATE lane SET known = 1 WHERE id = ?1")?
        .execute([lane])?;
    ask_for_update(tx, lane)
}

/// Where the partner knows the dossier, what was never attempted asks for an update, whatever it was when a worker took it.
pub(super) fn ask_for_update(tx: &Tx<'_>, lane: i64) -> Result<(), StoreError> {
    tx.conn
        .prepare_cached(
            "UPDATE exchange SET operation = 'update' WHERE lane = ?1 AND operation = 'create' AND attempts = 0
             AND state IN ('held', 'ready', 'later', 'leased', 'parked') AND (SELECT known FROM lane WHERE id = ?1)",
        )?
        .execute([lane])?;
    Ok(())
}

/// The lane of a dossier to a partner, made when it is needed first.
pub(super) fn find(tx: &Tx<'_>, dossier: i64, partner: i64) -> Result<i64, StoreError> {
    let mut select = tx
        .conn
        .prepare_cached("SELECT id FROM lane WHERE dossier = ?1 AND partner = ?2")?;
    if let Some(id) = select
        .query_row([dossier, partner], |row| row.get(0))
        .optional()?
    {
        return Ok(id);
    }
    let mut insert = tx
        .conn
        .prepare_cached("INSERT INTO lane (dossier, partner, known) VALUES (?1, ?2, 0)")?;
    Ok(insert.insert([dossier, partner])?)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn standing() -> impl Strategy<Value = Standing> {
        let operation = prop_oneof![Just(Operation::Create), Just(Operation::Progress)];
        let state = prop_oneof![4 => Just(State::Held), 2 => Just(State::Parked), 1 => Just(State::Later)];
        (operation, state, any::<bool>(), any::<bool>()).prop_map(|(operation, state, behind, made)| {
            Standing {
                id: 0,
                operation,
                state,
                behind: behind && state == State::Parked,
                made: made || operation == Operation::Progress || is_active(state),
                due_at: 0,
                blame: Blame::default(),
            }
        })
    }

    proptest! {
        #[test]
        fn arranged_once_is_arranged(
            known: bool,
            refused: bool,
            mut lane in vec(standing(), 0..8),
        ) {
            let refused = refused.then(Blame::default);
            let already = lane.iter().filter(|one| is_active(one.state)).count();
            for (place, to) in arrange(known, refused.as_ref(), &lane) {
                let one = &mut lane[place];
                prop_assert!(!is_active(one.state), "what is under way is left alone");
                (one.state, one.behind) = match to {
                    Move::Go => (State::Ready, false),
                    Move::Hold => (State::Held, false),
                    Move::Behind(_) => (State::Parked, true),
                };
            }
            prop_assert_eq!(arrange(known, refused.as_ref(), &lane), vec![]);
            let active = lane.iter().filter(|one| is_active(one.state)).count();
            prop_assert!(active <= already.max(1));
            let holder = lane.iter().position(|one| {
                one.state == State::Parked && !one.behind && one.made && one.operation != Operation::Progress
            });
            if let Some(holder) = holder {
                prop_assert!(lane[holder..].iter().all(|one| one.state != State::Held && one.state != State::Ready));
            }
            let first = lane.iter().find(|one| one.state == State::Held);
            if let Some(first) = first && active == 0 {
                let unknown = first.operation == Operation::Progress && !known;
                prop_assert!(!first.made || unknown, "nothing is under way, and yet {:?} waits", first);
            }
        }
    }
}
